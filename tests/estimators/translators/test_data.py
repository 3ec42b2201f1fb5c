"""Data of translators: on disk as in memory, part by part, and scikit-learn's own checks."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.utils import estimator_checks as checks

from espelho import CycleGAN, Pix2Pix, load_data
from espelho.errors import DataError, SettingError
from espelho.estimators.data.parts import Part
from espelho.estimators.data.samples import Samples
from espelho.estimators.translators.domain import Domain
from espelho.estimators.translators.parts import TwoParts
from espelho.training.callbacks.base import Callback

TINY = {"channels": (4, 8), "discriminator_channels": 4, "max_epochs": 2, "random_state": 0}
DIGITS = load_digits().images[:48].astype(np.uint8) * 15

both = pytest.mark.parametrize("cls", [Pix2Pix, CycleGAN])


@pytest.fixture
def on_disk(tmp_path):
    def store(name, X):
        np.save(tmp_path / f"{name}.npy", X)
        return load_data(tmp_path / f"{name}.npy", memory_limit=1).X

    return store


@both
def test_sets_on_disk_are_learned_from_as_those_in_memory(cls, on_disk):
    B = np.stack([255 - DIGITS] * 2, axis=1)
    stored = on_disk("a", DIGITS), on_disk("b", B)
    more = {"identity_weight": 0, "blocks": 1} if cls is CycleGAN else {}
    settings = {**TINY, **more, "batch_size": 48, "normalization": "none"}

    # One batch of all rows has the same gradient in any order.
    model = cls(**settings).fit(*stored)
    expected = cls(**settings).fit(DIGITS, B)

    found = model.translate(DIGITS).astype(int), model.translate(stored[0]).astype(int)
    np.testing.assert_array_equal(*found)
    if cls is Pix2Pix:
        assert np.abs(found[0] - expected.translate(DIGITS)).max() <= 1


def test_pairs_are_both_on_disk_or_both_in_memory(on_disk):
    with pytest.raises(DataError, match="A is on disk"):
        Pix2Pix(**TINY).fit(on_disk("a", DIGITS), DIGITS)
    with pytest.raises(DataError, match="B is on disk"):
        Pix2Pix(**TINY).fit(DIGITS, on_disk("b", DIGITS))
    CycleGAN(**TINY, blocks=1).fit(on_disk("a", DIGITS), DIGITS)


def numbered(n):
    return Part(Samples(np.arange(n)[:, None], None, (1,)), None)


def test_of_pairs_the_same_rows_are_taken_and_else_rows_as_far_along_each():
    rows = np.array([0, 10, 20, 39])
    a, b = (part.samples.values[:, 0] for part in taken(numbered(40), numbered(40), True, rows))
    np.testing.assert_array_equal(a, rows)
    np.testing.assert_array_equal(b, rows)
    a, b = (part.samples.values[:, 0] for part in taken(numbered(4), numbered(40), False, rows))
    np.testing.assert_array_equal(a, [0, 1, 2, 3])
    np.testing.assert_array_equal(b, rows)


def taken(a, b, paired, rows):
    found = TwoParts(a, b, paired, Domain("B")).take(rows)
    assert found.paired == paired
    return found.a, found.b


def test_too_few_samples_of_a_set_are_not_looked_at():
    settings = {"hidden_sizes": (4,), "discriminator_sizes": (4,), "max_epochs": 1}
    A = load_digits().data[:20, :6]
    assert len(CycleGAN(**settings).fit(A, A[:8]).signals_) > 0
    assert not hasattr(CycleGAN(**settings).fit(A, A[:7]), "signals_")


def test_channels_come_first_on_disk(on_disk):
    last = np.stack([DIGITS] * 3, axis=-1)
    with pytest.raises(DataError, match="must have their channels first"):
        Pix2Pix(**TINY).fit(on_disk("a", last), DIGITS)


@both
def test_part_by_part_it_goes_on_from_the_weights_as_they_are(cls):
    more = {"blocks": 1} if cls is CycleGAN else {}
    model = cls(**TINY, **more)
    for _ in range(3):
        model.partial_fit(DIGITS[:24], DIGITS[24:])
    assert model.n_epochs_ == 3
    before = model.translate(DIGITS)
    assert (model.partial_fit(DIGITS, DIGITS).translate(DIGITS) != before).any()


class Monitors(Callback):
    def on_epoch_end(self, trainer):
        self.monitor = trainer.monitor


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "generate"),
        ({"validation_fraction": 0.25}, "validation/generate"),
        ({"monitor": "discriminate"}, "discriminate"),
    ],
)
def test_what_is_followed_is_what_the_generator_pays(settings, expected):
    watch = Monitors()
    Pix2Pix(**TINY, **settings, callbacks=(watch,)).fit(DIGITS, DIGITS)
    assert watch.monitor == expected


@both
def test_weights_of_samples_are_refused(cls):
    from espelho.estimators.training import fitting

    with pytest.raises(SettingError, match="takes no sample_weight"):
        fitting.fit(cls(**TINY), DIGITS, np.ones(48), y=DIGITS)


CHECKS = [
    checks.check_no_attributes_set_in_init,
    checks.check_parameters_default_constructible,
    checks.check_get_params_invariance,
    checks.check_set_params,
    checks.check_estimator_cloneable,
    checks.check_estimator_repr,
    checks.check_valid_tag_types,
]
"""Those of scikit-learn that need no `fit`: of one set and labels translators learn nothing."""


@both
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_scikit_learns_checks_of_settings_pass(cls, check):
    check(cls.__name__, cls())
