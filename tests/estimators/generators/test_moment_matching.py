"""The moment matching network as an estimator: samples, scores and settings."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import GridSearchCV

from espelho import Autoencoder, MomentMatchingNetwork
from espelho.errors import DataError, SettingError
from espelho.losses.discrepancy.kernels import FACTORS, Gaussian
from espelho.losses.discrepancy.median_distance import median_distance
from espelho.losses.discrepancy.mmd import mmd
from espelho.random_variables import Sampler

TINY = {"hidden_sizes": (16,), "max_epochs": 3, "random_state": 0}


@pytest.fixture(scope="module")
def digits():
    return load_digits().data[:400]


def fitted(X, **settings):
    return MomentMatchingNetwork(**{**TINY, **settings}).fit(X)


def same(a, b):
    a, b = a.model_.state_dict(), b.model_.state_dict()
    return all(torch.allclose(a[name], b[name], rtol=0, atol=1e-12) for name in a)


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int64"])
def test_samples_have_the_units_and_type_of_the_data(digits, dtype):
    X = (digits * 10 + 50).astype(dtype)
    model = fitted(X, max_epochs=20, batch_size=50, learning_rate=0.01)

    drawn = model.sample(500, random_state=0)

    assert drawn.dtype == dtype
    assert drawn.shape == (500, 64)
    assert drawn.mean() == pytest.approx(X.mean(), rel=0.1)
    assert isinstance(model, Sampler)


def test_the_same_random_state_gives_the_same_samples(digits):
    model = fitted(digits)
    first = model.sample(4, random_state=7)

    np.testing.assert_array_equal(first, model.sample(4, random_state=7))
    assert not np.array_equal(first, model.sample(4, random_state=8))
    assert not np.array_equal(model.sample(4), model.sample(4))
    generator = np.random.default_rng(0)
    assert not np.array_equal(*(model.sample(4, random_state=generator) for _ in range(2)))


def test_the_same_seed_gives_the_same_weights(digits):
    assert same(fitted(digits), fitted(digits))
    assert not same(fitted(digits), fitted(digits, random_state=1))


@pytest.mark.parametrize("n", [0, -1, 2.5, True])
def test_a_number_of_samples_is_a_whole_one_of_at_least_one(digits, n):
    with pytest.raises(SettingError, match="n must be a whole number of at least 1"):
        fitted(digits, max_epochs=1).sample(n)


@pytest.mark.parametrize("flat", [True, False])
def test_images_come_out_as_they_came_in(digits, flat):
    X = digits.astype("uint8") if flat else digits.reshape(-1, 8, 8).astype("uint8")
    model = fitted(X, sample_shape=(1, 8, 8), shifts=1, scaling="minmax")

    drawn = model.sample(3)

    assert model.sample_shape_ == (1, 8, 8)
    assert drawn.shape == (3, *X.shape[1:])
    assert drawn.dtype == "uint8"
    assert drawn.max() <= 16


@pytest.mark.parametrize(
    "of",
    [lambda X: pd.DataFrame(X).add_prefix("pixel"), sparse.csr_array, torch.from_numpy, list],
)
def test_it_learns_the_same_from_any_container(digits, of):
    model = fitted(of(digits))

    assert same(model, fitted(digits))
    assert isinstance(model.sample(2), np.ndarray)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "linear"),
        ({"scaling": "minmax"}, "logistic"),
        ({"scaling": "minmax", "output_activation": "tanh"}, "tanh"),
    ],
)
def test_the_output_suits_the_scaling(digits, settings, expected):
    model = fitted(digits, max_epochs=1, **settings)
    last = type(model.model_.generator[-1]).__name__

    assert last == {"linear": "Linear", "logistic": "Sigmoid", "tanh": "Tanh"}[expected]


def test_bandwidths_are_the_median_distance_times_powers_of_two(digits):
    model = fitted(digits, max_epochs=1)
    scaled = torch.from_numpy(model.scaling_.forward(digits))

    assert model.median_distance_ == pytest.approx(median_distance(scaled))
    assert model.bandwidths_ == tuple(f * model.median_distance_ for f in FACTORS)
    assert fitted(digits, max_epochs=1, bandwidths=(2, 3.5)).bandwidths_ == (2.0, 3.5)


def test_the_score_is_minus_the_unbiased_discrepancy(digits):
    model = fitted(digits)
    noise = model._latent_sampler().sample(len(digits), random_state=0)
    drawn = model.model_.generate(torch.from_numpy(noise)).detach()
    scaled = torch.from_numpy(model.scaling_.forward(digits))
    kernel = Gaussian([f * model.median_distance_ for f in FACTORS])

    assert model.score(digits) == pytest.approx(-float(mmd(drawn, scaled, kernel, unbiased=True)))
    assert model.score(digits) == model.score(digits)


def test_training_raises_the_score(digits):
    scores = [fitted(digits, max_epochs=n, learning_rate=0.01).score(digits) for n in (1, 60)]

    assert scores[0] < 5 * scores[1] < 0.1


def test_kernels_are_chosen_by_a_grid_search(digits):
    grid = {"kernel": ["gaussian", "rational_quadratic"], "bandwidths": [None, (1.0, 8.0)]}

    search = GridSearchCV(MomentMatchingNetwork(**TINY), grid, cv=2).fit(digits)

    assert search.best_score_ < 0.1


@pytest.mark.parametrize(
    ("settings", "term"),
    [
        ({}, "mmd"),
        ({"root": False}, "squared_mmd"),
        ({"method": "linear"}, "squared_mmd"),
        ({"method": "random_features", "n_random_features": 20}, "mmd"),
        ({"noise": "gaussian", "normalization": "batch"}, "mmd"),
    ],
)
def test_what_is_minimised_is_recorded(digits, settings, term):
    model = fitted(digits, validation_fraction=0.2, **settings)

    assert f"match/{term}" in model.history_.records[-1]
    assert f"validation/match/{term}" in model.history_.records[-1]


def test_weights_say_what_is_drawn_more_often():
    X = np.repeat([[0.0], [10.0]], 200, axis=0) + np.random.default_rng(0).normal(size=(400, 1))
    weight = np.repeat([1.0, 9.0], 200)
    settings = {"scaling": "minmax", "bandwidths": (0.5,), "learning_rate": 0.01}

    model = MomentMatchingNetwork(**{**TINY, "max_epochs": 100}, latent_dim=2, **settings)
    model.fit(X, sample_weight=weight)

    assert float(np.mean(model.sample(1000, random_state=0) > 5)) == pytest.approx(0.9, abs=0.06)


def test_partial_fit_and_warm_start_go_on(digits):
    model = MomentMatchingNetwork(**TINY).partial_fit(digits)
    before = {name: value.clone() for name, value in model.model_.state_dict().items()}
    model.partial_fit(digits)

    assert model.n_epochs_ == 2
    assert not torch.equal(before["generator.0.weight"], model.model_.generator[0].weight)
    model.set_params(warm_start=True).fit(digits)
    with pytest.raises(SettingError, match="whose noise is 'uniform', not 'gaussian'"):
        model.set_params(noise="gaussian").fit(digits)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"bandwidths": (1.0, 0.0)}, "bandwidths (item 1) of MomentMatchingNetwork must be"),
        (
            {"bandwidths": (-1.0,)},
            "(item 0) of MomentMatchingNetwork must be greater than 0, got (-1.0,)",
        ),
        (
            {"bandwidths": ()},
            "bandwidths of a kernel must be one or more positive numbers, got ()",
        ),
        ({"method": "linear", "root": True}, "root=True and method='linear' cannot work together"),
        ({"batch_size": 1}, "batch_size of MomentMatchingNetwork must be at least 2, got 1"),
        ({"shifts": 1}, "shifts=1 needs images"),
        ({"autoencoder": 3}, "must be a fitted autoencoder inside scikit-learn's FrozenEstimator"),
        ({"autoencoder": Autoencoder()}, "is not fitted: Autoencoder(). Fit it first"),
        ({"autoencoder": FrozenEstimator(Autoencoder())}, "and put it inside FrozenEstimator"),
    ],
)
def test_a_setting_that_cannot_work_is_named(digits, settings, said):
    with pytest.raises(SettingError) as raised:
        fitted(digits, **settings)
    assert said in str(raised.value)


@pytest.mark.parametrize("call", ["fit", "score", "partial_fit"])
def test_one_row_is_too_few(digits, call):
    model = fitted(digits, max_epochs=1)
    with pytest.raises(DataError, match=r"X has 1 sample, and .* at least 2"):
        getattr(model, call)(digits[:1])


def test_one_row_that_has_a_weight_is_too_few(digits):
    with pytest.raises(DataError, match="X has 1 sample"):
        MomentMatchingNetwork(**TINY).fit(digits[:3], sample_weight=[0, 1, 0])
