"""Figures about translations: exact where the answer is known, and each beside something."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from sklearn.datasets import load_digits, load_iris

from espelho import CycleGAN, Pix2Pix
from espelho.errors import DataError, MissingDependencyError, SettingError, ShapeError
from espelho.evaluation import evaluate_translations, structural_similarity
from espelho.evaluation.translation import similarity
from espelho.evaluation.translation.pairs import interval

DIGITS = load_digits()
X, Y = DIGITS.images[:200].astype(np.uint8) * 15, DIGITS.target[:200]


class Known:
    """A translator whose answers are known."""

    def __init__(self, to_b, to_a=None, *, pairs=True):
        self._to = {"B": to_b, "A": to_a}
        self.learns_from_pairs = pairs
        self.goes_to = ("B",) if to_a is None else ("B", "A")
        self.fitted_ = True

    def translate(self, X, to="B", *, rounded=True):
        made = self._to[to](np.asarray(X, dtype=np.float64))
        return np.rint(made) if rounded else made


def inverted(x):
    return 255 - x


def test_perfect_translations_have_no_error():
    found = evaluate_translations(Known(inverted, inverted), X, 255 - X, y_A=Y, y_B=Y)
    assert found["absolute_error_B"].value == found["squared_error_A"].value == 0
    assert found["psnr_B"].value == np.inf
    assert found["cycle_A"].value == found["cycle_B"].value == 0
    assert found["recognised_B"].value > 0.9
    assert found["absolute_error_B"].baselines["raw"] > found["absolute_error_B"].baselines["mean"]
    assert found.outcome == "translated"
    assert abs(found["kernel_B"].value) < 0.1 * found["kernel_B"].baselines["real"] + 1
    assert "95 % interval" in found["cycle_B"].note


def test_errors_are_what_was_added():
    shifted = Known(lambda x: 255 - x + 3)
    found = evaluate_translations(shifted, X, 255 - X)
    assert found["absolute_error_B"].value == pytest.approx(3)
    assert found["squared_error_B"].value == pytest.approx(9)
    assert found["psnr_B"].value == pytest.approx(10 * np.log10(255**2 / 9))
    assert not any(row.name.startswith("cycle") for row in found.rows)
    assert found["frechet_B"].value > 0


def test_a_signal_that_is_hidden_is_found():
    """The way there hides all of a sample in what rounding takes away."""

    def hide(x):
        return np.full_like(x, 100) + x / 1e4

    def seek(x):
        return (x - 100) * 1e4

    B = np.full_like(X, 100)
    B[:, 0, 0] = np.arange(200)
    found = evaluate_translations(Known(hide, seek, pairs=False), X, B)
    assert found["cycle_A"].value == pytest.approx(0, abs=1e-6)
    assert found["cycle_rounded_A"].value > 10
    assert found["cycle_noisy_A"].value > 10
    assert found.outcome == "hidden"
    assert "signal that nobody sees" in found.verdict


def test_a_generator_that_copies_is_named():
    found = evaluate_translations(Known(lambda x: x), X, 255 - X)
    assert found.outcome == "copied"
    assert "copies" in found.verdict


@pytest.mark.parametrize("features", [None, "random", "none", lambda images: images[:, 0]])
def test_sets_are_compared_through_what_is_asked_for(features):
    near = evaluate_translations(Known(inverted), X, 255 - X, features=features)
    far = evaluate_translations(Known(lambda x: x / 2), X, 255 - X, features=features)
    assert near["kernel_B"].value < far["kernel_B"].value
    assert near["frechet_B"].value < far["frechet_B"].value


def test_the_interval_covers_the_mean_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for seed in range(200):
        low, high = interval(rng.normal(size=40), seed)
        covered += low < 0 < high
    assert stats.binom(200, 0.95).cdf(covered) > 1e-3
    assert covered < 200


def test_fitted_translators_are_measured():
    tiny = {"channels": (4, 8), "discriminator_channels": 4, "max_epochs": 1, "random_state": 0}
    B = np.stack([255 - X] * 3, axis=-1)
    model = CycleGAN(**tiny, blocks=1, identity_weight=0).fit(X[:64], B[:64])
    found = evaluate_translations(model, X, B[:150], y_A=Y, y_B=Y[:150])
    assert found["recognised_A"].value < found["recognised_A"].baselines["real"]
    assert "absolute_error_B" not in found
    assert "cycle_noisy_B" in found

    pairs = evaluate_translations(Pix2Pix(**tiny).fit(X[:64], B[:64]), X, B)
    made = pairs["absolute_error_B"]
    assert made.value > made.baselines["mean"]
    assert "raw" not in made.baselines


def test_tables_are_measured():
    iris = load_iris().data
    model = Pix2Pix(max_epochs=1, random_state=0).fit(iris[:, :2], iris[:, 2:])
    found = evaluate_translations(model, iris[:, :2], iris[:, 2:])
    assert "ssim_B" not in found
    assert found["frechet_B"].value > 0
    few = evaluate_translations(model, iris[:5, :2], iris[:5, 2:])
    assert "frechet_B" not in few
    with pytest.raises(DataError, match="sees images of at least"):
        evaluate_translations(model, iris[:, :2], iris[:, 2:], features="random")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"y_A": Y[:5]}, "y_A must have a label per sample"),
        ({"B": X[:5]}, "got 200 and 5"),
        ({"features": "classifier"}, "features must be"),
        ({"translator": object()}, "does not translate"),
    ],
)
def test_what_cannot_be_measured_is_refused(options, message):
    given = {"translator": Known(inverted), "A": X, "B": X, **options}
    with pytest.raises((ShapeError, SettingError), match=message):
        evaluate_translations(given.pop("translator"), given.pop("A"), given.pop("B"), **given)


def test_without_the_library_similarity_says_what_to_install(monkeypatch):
    monkeypatch.setattr(similarity, "is_installed", lambda: False)
    with pytest.raises(MissingDependencyError, match="scikit-image"):
        structural_similarity(X, X, data_range=255)


def test_similarity_is_asked_of_the_library_image_by_image(monkeypatch):
    asked = []

    def found(a, b, **options):
        asked.append((a.shape, options))
        return float((a == b).all())

    monkeypatch.setattr(similarity, "is_installed", lambda: True)
    monkeypatch.setitem(
        sys.modules, "skimage.metrics", SimpleNamespace(structural_similarity=found)
    )
    monkeypatch.setitem(sys.modules, "skimage", SimpleNamespace())

    assert structural_similarity(X[:3], X[:3], data_range=255).tolist() == [1, 1, 1]
    assert asked[0] == ((8, 8), {"win_size": 7, "data_range": 255, "channel_axis": None})
    coloured = np.stack([X[:2, :6]] * 3, axis=1)
    assert structural_similarity(coloured, coloured + 1, data_range=9).tolist() == [0, 0]
    assert asked[-1] == ((3, 6, 8), {"win_size": 5, "data_range": 9, "channel_axis": 0})
    with pytest.raises(ShapeError, match="of one shape"):
        structural_similarity(X[:3], X[:2], data_range=255)


@pytest.mark.skipif(not similarity.is_installed(), reason="scikit-image is not installed")
def test_similarity_is_one_where_both_are_the_same():
    values = structural_similarity(X[:5], X[:5], data_range=255)
    np.testing.assert_allclose(values, 1)
    assert (structural_similarity(X[:5], X[5:10], data_range=255) < 0.9).all()
    found = evaluate_translations(Known(inverted), X, 255 - X)
    assert found["ssim_B"].value == pytest.approx(1)
