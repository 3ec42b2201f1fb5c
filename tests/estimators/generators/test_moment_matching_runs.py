"""Runs of a moment matching network: with the autoencoder inside, and resumed to the last bit."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from torch import nn

from espelho import Autoencoder, Checkpoint, MomentMatchingNetwork, load, resume
from espelho.errors import EspelhoWarning, RunError
from espelho.training.callbacks.base import Callback

TINY = {"hidden_sizes": (16,), "max_epochs": 3, "batch_size": 50, "random_state": 0}


@pytest.fixture(scope="module")
def digits():
    return load_digits().data[:200].astype("uint8")


@pytest.fixture(scope="module")
def autoencoder(digits):
    made = Autoencoder(hidden_sizes=(16,), latent_dim=5, max_epochs=3, random_state=0)
    return made.fit(digits)


def assert_same(a, b, X):
    np.testing.assert_array_equal(a.sample(9, random_state=3), b.sample(9, random_state=3))
    assert a.score(X) == b.score(X)
    assert a.bandwidths_ == b.bandwidths_
    assert a.history_.records == b.history_.records
    assert repr(a) == repr(b)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"kernel": "rational_quadratic", "bandwidths": (1.0, 2.5), "noise": "gaussian"},
        {"method": "linear", "sample_shape": (1, 8, 8)},
        {"method": "random_features", "scaling": "minmax", "normalization": "batch"},
    ],
)
def test_saved_is_loaded(digits, tmp_path, settings):
    model = MomentMatchingNetwork(**TINY, **settings).fit(digits)

    again = load(model.save(tmp_path / "run"))

    assert_same(again, model, digits)
    assert_same(pickle.loads(pickle.dumps(model)), model, digits)
    again.partial_fit(digits)
    assert again.n_epochs_ == 4


@pytest.mark.parametrize("frozen", [True, False])
def test_the_autoencoder_is_in_the_run(digits, autoencoder, tmp_path, frozen):
    held = FrozenEstimator(autoencoder) if frozen else autoencoder
    model = MomentMatchingNetwork(autoencoder=held, **TINY).fit(digits)

    again = load(model.save(tmp_path / "run"))

    np.testing.assert_array_equal(again.sample(9, random_state=3), model.sample(9, random_state=3))
    assert again.score(digits) == model.score(digits)
    assert isinstance(again.autoencoder, FrozenEstimator)
    inner = load(tmp_path / "run" / "autoencoder")
    np.testing.assert_array_equal(inner.transform(digits), autoencoder.transform(digits))
    assert_same(again.fit(digits), load(again.save(tmp_path / "again")), digits)


def test_networks_of_ones_own_inside_are_given_again(digits, tmp_path):
    encoder = nn.Sequential(nn.Linear(64, 4), nn.Tanh())
    inner = Autoencoder(encoder=encoder, hidden_sizes=(8,), max_epochs=1).fit(digits)
    model = MomentMatchingNetwork(autoencoder=FrozenEstimator(inner), **TINY).fit(digits)
    model.save(tmp_path / "run")

    with pytest.raises(RunError, match="parts of your own"):
        load(tmp_path / "run")
    again = load(tmp_path / "run", encoder=encoder)
    np.testing.assert_array_equal(again.sample(2, random_state=0), model.sample(2, random_state=0))


class Stop(Callback):
    """Interrupts training, as Ctrl-C does, at a step."""

    def on_step(self, trainer):
        if trainer.position.step == 6:
            trainer._interruption.requested = True


@pytest.mark.parametrize("in_code_space", [False, True])
def test_resumed_is_uninterrupted(digits, autoencoder, tmp_path, in_code_space):
    settings = {"autoencoder": FrozenEstimator(autoencoder)} if in_code_space else {}
    whole = MomentMatchingNetwork(**TINY, **settings).fit(digits)
    with pytest.warns(EspelhoWarning, match="interrupted"):
        MomentMatchingNetwork(
            **TINY, **settings, callbacks=(Checkpoint(tmp_path / "run"), Stop())
        ).fit(digits)

    again = resume(tmp_path / "run", digits)

    state = whole.model_.state_dict()
    assert all(torch.equal(state[n], v) for n, v in again.model_.state_dict().items())
    assert load(tmp_path / "run").score(digits) == whole.score(digits)
