"""Runs of a classifier: with the autoencoder inside, and resumed to the last bit."""

import json

import numpy as np
import pytest
import torch
from sklearn.datasets import load_iris
from sklearn.frozen import FrozenEstimator

from espelho import Autoencoder, Checkpoint, PretrainedClassifier, load, resume
from espelho.errors import DataError, EspelhoWarning, RunError
from espelho.training.callbacks.base import Callback

TINY = {"hidden_sizes": (8,), "max_epochs": 3, "latent_dim": 2}


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    return X, np.array(["c", "b", "a"])[y]


def autoencoder(X, *, frozen):
    made = Autoencoder(**TINY, random_state=0)
    return FrozenEstimator(made.fit(X)) if frozen else made


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize(
    "settings",
    [{}, {"train_encoder": False, "hidden_sizes": (4,)}, {"corruption": "salt_and_pepper"}],
)
def test_saved_is_loaded(iris, tmp_path, frozen, settings):
    X, y = iris
    model = PretrainedClassifier(
        autoencoder(X, frozen=frozen), max_epochs=2, random_state=0, **settings
    ).fit(X, y)
    again = load(model.save(tmp_path / "run"))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    np.testing.assert_array_equal(again.estimator_.transform(X), model.estimator_.transform(X))
    assert again.classes_.dtype == model.classes_.dtype
    assert isinstance(again.estimator, FrozenEstimator) == frozen
    assert repr(again) == repr(model)
    assert again.history_.records == model.history_.records
    inner = load(tmp_path / "run" / "autoencoder")
    np.testing.assert_array_equal(inner.transform(X), model.estimator_.transform(X))
    again.fit(X, y)  # its settings are whole
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert load(again.save(tmp_path / "run", overwrite=True)).n_epochs_ == 2


@pytest.mark.parametrize(
    "labels", [np.arange(150) % 3 - 1, np.arange(150) % 2 == 0,
               np.array([3.0, 5.0])[np.arange(150) % 2],
               np.array(["ä", "b"], dtype=object)[np.arange(150) % 2]]
)  # fmt: skip
def test_classes_come_back_as_they_were(iris, tmp_path, labels):
    model = PretrainedClassifier(Autoencoder(**TINY), max_epochs=1).fit(iris[0], labels)
    again = load(model.save(tmp_path / "run"))
    np.testing.assert_array_equal(again.classes_, model.classes_)
    assert again.classes_.dtype == labels.dtype
    assert type(again.classes_[0]) is type(model.classes_[0])


class Stop(Callback):
    """Press Ctrl-C after some batches."""

    def __init__(self, steps):
        self.steps = steps

    def on_step(self, trainer):
        if trainer.position.step == self.steps:
            import signal

            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("steps", [1, 13])
@pytest.mark.parametrize(
    "settings",
    [{}, {"validation_fraction": 0.2, "averaging": 100.0}, {"corruption": "masking"}],
)
def test_stopped_and_resumed_is_never_stopped(iris, tmp_path, frozen, steps, settings):
    X, y = iris
    settings = {"max_epochs": 4, "batch_size": 16, "random_state": 0, **settings}
    whole = PretrainedClassifier(autoencoder(X, frozen=frozen), **settings).fit(X, y)
    callbacks = (Checkpoint(tmp_path / "run", every_steps=4), Stop(steps))
    stopped = PretrainedClassifier(autoencoder(X, frozen=frozen), **settings, callbacks=callbacks)
    with pytest.warns(EspelhoWarning, match="interrupted in epoch"):
        stopped.fit(X, y)
    with pytest.raises(DataError, match="another content"):
        resume(tmp_path / "run", X, y[::-1])
    resumed = resume(tmp_path / "run", X, y)
    np.testing.assert_array_equal(resumed.predict_proba(X), whole.predict_proba(X))
    np.testing.assert_array_equal(load(tmp_path / "run").predict_proba(X), whole.predict_proba(X))


def test_resuming_needs_no_samples_without_labels(iris, tmp_path):
    X, y = iris
    few = slice(None, None, 3)
    settings = {"batch_size": 16, "random_state": 0}
    whole = PretrainedClassifier(Autoencoder(**TINY), max_epochs=4, **settings)
    whole.fit(X[few], y[few], X_unlabelled=X)
    short = PretrainedClassifier(
        Autoencoder(**TINY), max_epochs=2, **settings, callbacks=[Checkpoint(tmp_path / "run")]
    )
    short.fit(X[few], y[few], X_unlabelled=X)
    resumed = resume(tmp_path / "run", X[few], y[few], max_epochs=4)
    np.testing.assert_array_equal(resumed.predict_proba(X), whole.predict_proba(X))


def test_an_interrupted_pretraining_ends_the_whole(iris):
    inner = Autoencoder(**TINY, callbacks=[Stop(1)])
    with (
        pytest.warns(EspelhoWarning, match="interrupted"),
        pytest.raises(KeyboardInterrupt),
    ):
        PretrainedClassifier(inner).fit(*iris)


def test_networks_of_ones_own_are_given_again(iris, tmp_path):
    X, y = iris
    encoder = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh())
    inner = Autoencoder(encoder=encoder, max_epochs=2)
    run = PretrainedClassifier(inner, max_epochs=2).fit(X, y)
    expected = run.predict_proba(X)
    run.save(tmp_path / "run")
    with pytest.raises(RunError, match=r"encoder=\.\.\."):
        load(tmp_path / "run")
    again = load(tmp_path / "run", encoder=encoder)
    np.testing.assert_array_equal(again.predict_proba(X), expected)
    assert again.estimator.encoder is encoder


def test_settings_hold_the_autoencoders(iris, tmp_path):
    model = PretrainedClassifier(Autoencoder(**TINY), max_epochs=1).fit(*iris)
    facts = json.loads((model.save(tmp_path / "run") / "estimator.json").read_text())
    assert facts["settings"]["estimator"]["class"] == "Autoencoder"
    assert facts["settings"]["estimator"]["settings"]["latent_dim"] == 2
    assert facts["classes"]["values"] == ["a", "b", "c"]
