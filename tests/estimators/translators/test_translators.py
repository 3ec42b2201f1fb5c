"""Translators keep the manners of estimators, and give back what belongs to the other set."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import NotFittedError

from espelho import CycleGAN, Pix2Pix
from espelho.errors import DataError, EspelhoWarning, SettingError, ShapeError

TINY = {"channels": (4, 8), "discriminator_channels": 4, "max_epochs": 1, "random_state": 0}
DENSE = {"hidden_sizes": (6,), "discriminator_sizes": (6,), "max_epochs": 2, "random_state": 0}

DIGITS = load_digits().images[:48].astype(np.uint8) * 15
IRIS = load_iris().data

both = pytest.mark.parametrize("cls", [Pix2Pix, CycleGAN])


def fitted(cls, A, B, **settings):
    extra = {"blocks": 1} if cls is CycleGAN else {}
    return cls(**{**TINY, **extra, **settings}).fit(A, B)


@both
def test_settings_are_scikit_learns(cls):
    model = cls(max_epochs=3, crop=4)
    assert clone(model).get_params() == model.get_params()
    assert model.set_params(flips=True) is model
    assert model.flips
    assert "crop=4" in repr(model)
    with pytest.raises(NotFittedError):
        model.translate(DIGITS)
    with pytest.raises(NotFittedError):
        _ = model.reach_
    with pytest.raises(SettingError, match="patch of"):
        cls(patch="71x71").fit(DIGITS, DIGITS)


@both
def test_the_same_seed_gives_the_same_translations_and_a_copy_too(cls):
    model = fitted(cls, DIGITS, 255 - DIGITS)
    made = model.translate(DIGITS)

    state = torch.get_rng_state()
    again = fitted(cls, DIGITS, 255 - DIGITS)

    assert torch.equal(torch.get_rng_state(), state)
    assert model.history_.records[0].keys() == again.history_.records[0].keys()
    for other in (again, pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(other.translate(DIGITS), made)
    np.testing.assert_array_equal(np.concatenate([model.translate(x[None]) for x in DIGITS]), made)
    assert model.n_features_in_ == 64
    assert model.n_epochs_ == 1


LAYOUTS = {
    "rows of (h, w)": (DIGITS, {}),
    "channels first": (np.stack([DIGITS] * 3, axis=1), {}),
    "channels last": (np.stack([DIGITS] * 3, axis=-1), {}),
    "four channels last": (np.stack([DIGITS] * 4, axis=-1), {"shape": (4, 8, 8)}),
    "two channels first": (np.stack([DIGITS] * 2, axis=1), {}),
    "flat rows": (DIGITS.reshape(-1, 64), {"shape": (8, 8)}),
    "flat rows, channels last": (
        np.stack([DIGITS] * 3, -1).reshape(-1, 192),
        {"shape": (8, 8, 3)},
    ),
    "16 bits": (DIGITS.astype(np.uint16) * 257, {}),
    "floats": (DIGITS.astype(np.float32) / 255 - 3, {}),
    "float64": (DIGITS / 7.0, {}),
}


@both
@pytest.mark.parametrize("a", ["rows of (h, w)", "four channels last", "floats"])
@pytest.mark.parametrize("b", LAYOUTS)
def test_what_comes_out_is_as_the_other_set(cls, a, b):
    (A, of_a), (B, of_b) = LAYOUTS[a], LAYOUTS[b]
    shapes = {"sample_shape": of_a.get("shape"), "target_shape": of_b.get("shape")}
    more = {"identity_weight": 0} if cls is CycleGAN else {}
    model = fitted(cls, A, B, **shapes, **more)

    found = model.translate(A[:5])

    assert found.shape == (5, *B.shape[1:])
    assert found.dtype == B.dtype
    spare = 2.0 * np.ptp(B)
    assert found.min() >= B.min() - spare
    assert found.max() <= B.max() + spare
    assert model.score(A, B) < 0
    if cls is CycleGAN:
        back = model.translate(B[:5], to="A")
        assert back.shape == (5, *A.shape[1:])
        assert back.dtype == A.dtype


def test_flat_rows_of_both_sets_have_the_shape_that_is_said():
    rows = DIGITS.reshape(-1, 64)
    model = fitted(Pix2Pix, rows, 255 - rows, sample_shape=(8, 8))
    expected = fitted(Pix2Pix, DIGITS, 255 - DIGITS).translate(DIGITS)

    np.testing.assert_array_equal(model.translate(rows), expected.reshape(-1, 64))
    assert model.translate(rows[:1]).shape == (1, 64)


def test_samples_of_more_axes_are_vectors():
    X = IRIS[:, :, None, None, None]
    model = Pix2Pix(**DENSE).fit(X, X)
    assert model.translate(X[:2]).shape == (2, 4, 1, 1, 1)
    with pytest.raises(ShapeError, match="needs images"):
        Pix2Pix(structure="convolutional").fit(X, X)


def test_a_layout_does_not_change_what_is_learned():
    B = np.stack([DIGITS, 255 - DIGITS, DIGITS // 2], axis=1)
    first = fitted(Pix2Pix, DIGITS, B).translate(DIGITS)
    last = fitted(Pix2Pix, DIGITS, np.moveaxis(B, 1, -1)).translate(DIGITS)
    flat = fitted(Pix2Pix, DIGITS.reshape(-1, 64), B, sample_shape=(8, 8))

    np.testing.assert_array_equal(np.moveaxis(last, -1, 1), first)
    np.testing.assert_array_equal(flat.translate(DIGITS.reshape(-1, 64)), first)


@both
def test_images_may_have_any_size_afterwards(cls):
    B = np.stack([DIGITS] * 3, axis=-1)
    more = {"identity_weight": 0} if cls is CycleGAN else {}
    model = fitted(cls, DIGITS, B, **more)
    larger = np.zeros((2, 13, 21), np.uint8)

    assert model.translate(larger).shape == (2, 13, 21, 3)
    assert model.reach_.multiple == (4 if cls is Pix2Pix else 2)
    with pytest.raises(ShapeError, match=r"^A: .*\(8, 8\)"):
        model.translate(B)
    if cls is CycleGAN:
        assert model.translate(np.zeros((2, 9, 9, 3), np.uint8), to="A").shape == (2, 9, 9)


@both
def test_tables_are_translated_by_dense_networks(cls):
    A, B = IRIS[:, :2], IRIS[:, 1:]
    more = {"identity_weight": 0} if cls is CycleGAN else {}
    model = cls(**DENSE, **more).fit(A, B)
    assert model.translate(A).shape == (150, 3)
    assert model.reach_ is None
    assert model.score(A, B) < 0

    names = ["x", "y"], ["p", "q", "r"]
    a, b = (pd.DataFrame(X, columns=n) for X, n in zip((A, B), names, strict=True))
    model = cls(**DENSE, **more).fit(a, b)
    found = model.translate(a[5:9])
    assert list(found.columns) == ["p", "q", "r"]
    assert list(found.index) == [5, 6, 7, 8]
    assert list(model.feature_names_in_) == ["x", "y"]
    with pytest.raises(DataError, match=r"^A: .*feature names"):
        model.translate(a.rename(columns={"x": "z"}))
    found = model.translate(pl.DataFrame(A, schema=["x", "y"]))
    assert found.columns == ["p", "q", "r"]
    found = cls(**DENSE, **more).fit(a, B).translate(a)
    assert list(found.columns) == ["B0", "B1", "B2"]


def test_tensors_are_given_back_as_tensors():
    A = torch.tensor(DIGITS)
    found = fitted(Pix2Pix, A, A).translate(A)
    assert found.dtype == torch.uint8
    assert found.shape == A.shape


def test_pix2pix_learns_what_is_simple():
    model = Pix2Pix(
        channels=(16, 32), discriminator_channels=8, max_epochs=30, batch_size=8,
        learning_rate=2e-3, random_state=0,
    ).fit(DIGITS, 255 - DIGITS)  # fmt: skip
    assert model.score(DIGITS, 255 - DIGITS) > -25 > -np.abs(255.0 - 2 * DIGITS).mean()


def test_the_score_is_minus_the_mean_absolute_error_in_units_of_b():
    B = DIGITS.astype(np.float64) * 3
    model = fitted(Pix2Pix, DIGITS, B)
    error = np.abs(model.translate(DIGITS) - B).mean()
    assert model.score(DIGITS, B) == pytest.approx(-error)


def test_the_score_without_pairs_is_minus_the_cycle_error():
    A, B = IRIS[:, :2], IRIS[:, 2:]
    model = CycleGAN(**DENSE, scaling="none").fit(A, B)
    back = model.translate(model.translate(A), to="A")
    other = model.translate(model.translate(B, to="A"))

    errors = np.abs(back - A).mean(), np.abs(other - B).mean()

    assert model.score(A) == pytest.approx(-errors[0])
    assert model.score(A, B) == pytest.approx(-np.mean(errors))


def test_sets_without_pairs_may_differ_in_number():
    model = fitted(CycleGAN, DIGITS, 255 - DIGITS[:9], validation_fraction=0.2)
    assert model.translate(DIGITS[:2]).shape == (2, 8, 8)
    assert "validation/generate/cycle_A" in model.history_.records[0]


@pytest.mark.parametrize("generator", ["unet", "residual"])
@pytest.mark.parametrize(
    "settings",
    [
        {"crop": 6, "flips": True},
        {"patch": "pixel"},
        {"normalization": "batch", "upsampling": "transposed"},
        {"adversarial_weight": 0},
        {"absolute_weight": 0, "game": "hinge"},
        {"averaging": 100.0},
        {"patience": 1, "validation_fraction": 0.25},
    ],
)
def test_settings_work_together(generator, settings):
    model = fitted(Pix2Pix, DIGITS, DIGITS, generator=generator, blocks=1, **settings)
    assert model.translate(DIGITS).shape == DIGITS.shape


def test_noise_is_drawn_when_it_is_asked_for():
    model = fitted(Pix2Pix, DIGITS, DIGITS, dropout=0.5, channels=(4, 8, 8))
    still = model.translate(DIGITS)
    np.testing.assert_array_equal(model.translate(DIGITS), still)

    drawn = model.translate(DIGITS, noise=True, random_state=1)

    assert (drawn != still).any()
    np.testing.assert_array_equal(model.translate(DIGITS, noise=True, random_state=1), drawn)
    assert (model.translate(DIGITS, noise=True, random_state=2) != drawn).any()
    np.testing.assert_array_equal(model.translate(DIGITS), still)
    with pytest.raises(SettingError, match="dropout"):
        fitted(Pix2Pix, DIGITS, DIGITS).translate(DIGITS, noise=True)


def test_the_identity_term_is_left_out_and_that_is_said_where_shapes_differ():
    B = np.stack([DIGITS] * 3, axis=1)
    with pytest.warns(EspelhoWarning, match="identity term is left out"):
        model = fitted(CycleGAN, DIGITS, B)
    assert not any("identity" in name for name in model.history_.records[0])
    with pytest.raises(SettingError, match="identity_weight is 5"):
        fitted(CycleGAN, DIGITS, B, identity_weight=5)
    model = fitted(CycleGAN, DIGITS, DIGITS, identity_weight=None, cycle_weight=8)
    assert model.model_._weights.identity == 4


def test_pix2pix_goes_one_way_and_cyclegan_both():
    with pytest.raises(SettingError, match="A to B only, got to='A'"):
        fitted(Pix2Pix, DIGITS, DIGITS).translate(DIGITS, to="A")
    with pytest.raises(SettingError, match="to='C'"):
        fitted(CycleGAN, DIGITS, DIGITS).translate(DIGITS, to="C")


@pytest.mark.parametrize(
    ("A", "B", "settings", "message"),
    [
        (DIGITS, DIGITS[:5], {}, "A has 48 samples, B 5"),
        (DIGITS, None, {}, "two sets"),
        (DIGITS, DIGITS[:0], {}, "^B: .*0 sample"),
        (DIGITS[:, 0, 0], DIGITS, {}, "^A: .*1D array"),
        (DIGITS, DIGITS[:, :6], {}, "A have 8 x 8 pixels, those of B 6 x 8"),
        (DIGITS, DIGITS, {"patch": "16x16"}, "16 x 16 pixels, and the images have 8 x 8"),
        (DIGITS, DIGITS, {"crop": 9}, "crop=9 is larger"),
        (DIGITS, DIGITS, {"crop": 8, "structure": "dense"}, "need images"),
        (DIGITS, DIGITS.reshape(-1, 64), {"structure": "convolutional"}, "needs images"),
        (DIGITS / np.nan, DIGITS, {}, "^A: .*NaN"),
        (DIGITS, DIGITS, {"adversarial_weight": 0, "absolute_weight": 0}, "nothing to learn"),
        (DIGITS, DIGITS, {"target_shape": (9, 9)}, "^B: sample_shape"),
        ([DIGITS[0], DIGITS[1, :6]], DIGITS[:2], {}, "must have one shape"),
        (IRIS, IRIS, {"normalization": "instance"}, "need images"),
    ],
)
def test_what_cannot_be_learned_from_is_refused(A, B, settings, message):
    with pytest.raises((DataError, SettingError), match=message):
        Pix2Pix(**TINY, **settings).fit(A, B)


def test_channels_must_be_those_of_the_fit():
    model = fitted(Pix2Pix, np.stack([DIGITS] * 3, axis=1), DIGITS)
    with pytest.raises(ShapeError, match=r"^A: "):
        model.translate(DIGITS)
    with pytest.raises(ShapeError, match="A has 3 samples, B 2"):
        model.score(np.stack([DIGITS] * 3, axis=1)[:3], DIGITS[:2])
