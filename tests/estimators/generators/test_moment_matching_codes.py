"""A moment matching network in the code space of a fitted autoencoder."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator

from espelho import Autoencoder, LSTMAutoencoder, MomentMatchingNetwork
from espelho.errors import DataError, SettingError

TINY = {"hidden_sizes": (16,), "max_epochs": 3, "random_state": 0}


@pytest.fixture(scope="module")
def digits():
    return load_digits().data[:400]


@pytest.fixture(scope="module")
def autoencoder(digits):
    made = Autoencoder(hidden_sizes=(16,), latent_dim=5, max_epochs=3, random_state=0)
    return made.fit(digits)


def fitted(X, **settings):
    return MomentMatchingNetwork(**{**TINY, **settings}).fit(X)


def test_in_code_space_samples_are_decoded(digits, autoencoder):
    model = fitted(
        digits,
        autoencoder=FrozenEstimator(autoencoder),
        max_epochs=20,
        batch_size=50,
        learning_rate=0.01,
    )

    drawn = model.sample(200, random_state=0)

    codes = autoencoder.transform(digits)
    assert model.model_.generator[-1].out_features == codes.shape[1]
    assert drawn.shape == (200, 64)
    np.testing.assert_allclose(
        drawn,
        autoencoder.inverse_transform(
            model.scaling_.inverse(
                model._outputs(model._latent_sampler().sample(200, random_state=0))
            )
        ),
    )
    assert drawn.mean() == pytest.approx(digits.mean(), rel=0.1)
    assert -0.1 < model.score(digits) < 0.01
    assert model.n_features_in_ == 64
    assert model.sample_shape_ == (64,)


@pytest.mark.parametrize("scaling", ["none", "minmax", "standard"])
def test_codes_are_scaled_as_it_says(digits, autoencoder, scaling):
    model = fitted(digits, autoencoder=autoencoder, scaling=scaling)

    assert model.scaling_.kind == scaling
    assert model.scaling_.shift.shape == (5,)


def test_a_clone_keeps_a_frozen_autoencoder(digits, autoencoder):
    model = fitted(digits, autoencoder=FrozenEstimator(autoencoder))

    again = clone(model).fit(digits)

    state = again.model_.state_dict()
    assert all(torch.equal(state[n], v) for n, v in model.model_.state_dict().items())
    assert again.autoencoder.estimator is autoencoder


def test_names_of_columns_are_the_autoencoders():
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 3)), columns=["a", "b", "c"])
    autoencoder = Autoencoder(latent_dim=2, max_epochs=1).fit(table)

    assert list(fitted(table, autoencoder=autoencoder).feature_names_in_) == ["a", "b", "c"]


def test_data_is_what_the_autoencoder_was_fitted_with(digits, autoencoder):
    with pytest.raises(DataError, match="Autoencoder is expecting 64 features"):
        fitted(digits[:, :60], autoencoder=FrozenEstimator(autoencoder))


@pytest.mark.parametrize(("setting", "value"), [("shifts", 1), ("sample_shape", (1, 8, 8))])
def test_what_the_autoencoder_decides_is_not_set_again(digits, autoencoder, setting, value):
    with pytest.raises(SettingError, match=f"{setting} and autoencoder cannot work together"):
        fitted(digits, autoencoder=FrozenEstimator(autoencoder), **{setting: value})


def test_sequences_are_drawn_through_an_autoencoder_of_sequences():
    X = [np.sin(np.arange(n) / 3)[:, None] for n in range(6, 26)]
    autoencoder = LSTMAutoencoder(latent_dim=3, hidden_sizes=(4,), max_epochs=1).fit(X)

    drawn = fitted(X, autoencoder=autoencoder, max_epochs=1).sample(3)

    assert drawn.shape == (3, 25, 1)
