"""A generator has the weights of its best epoch, and its last ones beside them."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator

from espelho import (
    GAN,
    Autoencoder,
    Checkpoint,
    ConditionalGAN,
    MomentMatchingNetwork,
    load,
    resume,
)
from espelho.errors import DivergenceError, EspelhoWarning, SettingError
from espelho.estimators.generators.watching import comparison
from espelho.estimators.generators.watching.comparison import FIGURE
from espelho.losses.discrepancy.kernels import FACTORS, Gaussian
from espelho.losses.discrepancy.mmd import mmd
from espelho.training.callbacks.base import Callback

TINY = {
    "hidden_sizes": (16,),
    "discriminator_sizes": (16,),
    "channels": (4,),
    "learning_rate": 0.02,
    "max_epochs": 6,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:120], y[:120]


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    """Small data would be compared so rarely that there is nothing to choose from."""
    monkeypatch.setattr(comparison, "_SHARE", 10.0)


def fitted(X, y=None, kind=GAN, **settings):
    return kind(**{**TINY, **settings}).fit(X, y)


def samples(model, which=None):
    return (model if which is None else model.use_weights(which)).sample(4, random_state=3)


def distance(model, X, y, rows):
    """Return the figure of the weights as they are, by another way than training takes."""
    X = X[np.linspace(0, len(X) - 1, rows).astype(int)]
    z = model._latent_sampler().sample(len(X), random_state=comparison._SEED)
    with torch.no_grad():
        told = () if y is None else (torch.from_numpy(y),)
        drawn = model.model_.generate(torch.from_numpy(z), *told).flatten(1)
    data = torch.from_numpy(model.scaling_.forward(X))
    kernel = Gaussian([f * model.median_distance_ for f in FACTORS])
    return float(mmd(drawn.double(), data, kernel, unbiased=True))


def test_the_weights_are_those_of_the_lowest_figure_in_the_history(digits):
    X, _ = digits
    model = fitted(X)
    figures = model.history_[FIGURE]

    assert np.isfinite(figures).all()
    assert model.best_epoch_ == 1 + figures.argmin()
    assert model.best_epoch_ < len(figures)  # or there is nothing to tell apart
    assert model.weights_ == "best"
    assert distance(model, X, None, 120) == pytest.approx(figures.min(), abs=1e-9)
    last = distance(model.use_weights("last"), X, None, 120)
    assert last == pytest.approx(figures[-1], abs=1e-9)


def test_the_best_epoch_is_where_a_training_of_that_length_ends(digits):
    X, _ = digits
    model = fitted(X)
    shorter = fitted(X, keep="last", max_epochs=model.best_epoch_)
    np.testing.assert_array_equal(samples(shorter), samples(model))
    np.testing.assert_array_equal(samples(fitted(X, keep="last")), samples(model, "last"))


def test_held_out_rows_are_compared_with_where_there_are_any(digits):
    X, _ = digits
    model = fitted(X, validation_fraction=0.25, max_epochs=2)
    held_out = np.random.default_rng(model.seed_).permutation(len(X))[:30]
    found = distance(model, X[np.sort(held_out)], None, 30)
    assert found == pytest.approx(model.history_[FIGURE].min(), abs=1e-9)


def test_a_single_row_held_out_cannot_be_compared_with(digits):
    X, _ = digits
    model = fitted(X, validation_fraction=0.001, max_epochs=1)
    assert np.isfinite(model.history_[FIGURE]).all()


def test_of_many_rows_some_are_compared(digits, monkeypatch):
    X, _ = digits
    monkeypatch.setattr(comparison, "_MOST", 50)
    model = fitted(X, max_epochs=1)
    assert distance(model, X, None, 50) == pytest.approx(model.history_[FIGURE][0], abs=1e-9)


def test_samples_of_the_labels_of_the_rows_are_compared_with_them(digits):
    X, y = digits
    model = fitted(X, y, ConditionalGAN, max_epochs=1)
    assert distance(model, X, y[:, None].astype(float), 120) == pytest.approx(
        model.history_[FIGURE][0], abs=1e-9
    )


def test_weighted_rows_count_by_their_weight(digits):
    X, _ = digits
    twice = np.concatenate([X[:60], X[:60], X[60:]])
    weight = np.where(np.arange(120) < 60, 2.0, 1.0)
    compared = {}
    for name, rows, weights in (("twice", twice, None), ("weighted", X, weight)):
        model = GAN(**TINY).set_params(scaling="none", max_epochs=1, averaging=None)
        model.fit(rows, sample_weight=weights)
        part = comparison.Part(model._check_samples(rows, reset=False), weights)
        found = comparison.Comparison.of(model, part, None)
        zero, kernel = torch.zeros_like(found.data), Gaussian([30.0])
        compared[name] = float(mmd(zero, found.data, kernel, weight=found.weight))
    assert compared["twice"] == pytest.approx(compared["weighted"], rel=1e-9)


def test_samples_have_the_labels_of_weighted_rows_as_often_as_these_weigh():
    X, y = np.repeat([[-3.0], [3.0]], 40, axis=0), np.repeat([0, 1], 40)
    weight = np.where(y == 1, 9.0, 1.0)
    model = ConditionalGAN(**{**TINY, "max_epochs": 1}).fit(X, y, sample_weight=weight)
    part = comparison.Part(model._check_samples(X, reset=False), weight, y[:, None].astype(float))

    found = comparison.Comparison.of(model, part, None)
    perfect = torch.where(found.inputs[1] == 1, found.data[-1], found.data[0])

    assert found.inputs[1].mean() == 0.9
    assert float(mmd(perfect, found.data, found.kernel, weight=found.weight)) < 1e-12


def test_a_comparison_that_costs_more_is_made_more_rarely(digits, monkeypatch):
    monkeypatch.setattr(comparison, "_SHARE", 0.05)
    X, _ = digits
    model = fitted(X, max_epochs=1)
    part = comparison.Part(model._check_samples(X, reset=False), None)
    compared = comparison.Comparison.of(model, part, None)

    every = [compared.epochs_between(n, 64) for n in (100, 1000, 10_000, 10**7)]
    assert every == sorted(every, reverse=True)
    assert every[0] > 10
    assert every[-1] == 1


def test_counting_what_a_comparison_costs_leaves_the_model_as_it_is(digits):
    X, _ = digits
    model = fitted(X, sample_shape=(1, 8, 8), max_epochs=1)
    before = {n: v.clone() for n, v in model.model_.state_dict().items()}
    part = comparison.Part(model._check_samples(X, reset=False), None)
    model.model_.train()
    comparison.Comparison.of(model, part, None).epochs_between(100, 10)
    after = model.model_.state_dict()
    assert all(torch.equal(before[n], after[n]) for n in before)
    assert model.model_.training


def test_saved_is_loaded_with_both(digits, tmp_path):
    X, _ = digits
    model = fitted(X, sample_shape=(1, 8, 8), learning_rate=2e-4)
    best = samples(model)
    last = samples(model, "last")
    assert not np.array_equal(best, last)

    for again in (load(model.save(tmp_path / "run")), pickle.loads(pickle.dumps(model))):
        assert (again.weights_, again.best_epoch_) == ("last", model.best_epoch_)
        np.testing.assert_array_equal(samples(again), last)
        np.testing.assert_array_equal(samples(again, "best"), best)
        np.testing.assert_array_equal(samples(again, "last"), last)
        again.discriminate(X)


def test_without_the_best_there_are_the_last_only(digits, tmp_path):
    X, _ = digits
    model = fitted(X, keep="last", max_epochs=1)
    assert model.weights_ == "last"
    assert FIGURE not in model.history_.figures
    assert not hasattr(model, "best_epoch_")
    assert model.use_weights("last") is model
    with pytest.raises(SettingError, match="has its last weights only"):
        model.use_weights("best")
    with pytest.raises(SettingError, match="takes 'best' or 'last', got 'first'"):
        model.use_weights("first")


def test_what_was_kept_is_forgotten_by_another_training(digits):
    X, _ = digits
    model = fitted(X, max_epochs=2)
    for again in (lambda: model.partial_fit(X), lambda: model.set_params(keep="last").fit(X)):
        model.set_params(keep="best").fit(X)
        again()
        assert model.weights_ == "last"
        assert not hasattr(model, "best_epoch_")
    assert not hasattr(clone(model), "weights_")


def test_what_was_kept_is_forgotten_where_another_training_diverges(digits):
    X, _ = digits
    model = fitted(X, max_epochs=1).set_params(learning_rate=1e30, optimizer="sgd")
    with pytest.raises(DivergenceError):
        model.fit(X)
    assert model.weights_ == "last"
    with pytest.raises(SettingError, match="last weights only"):
        model.use_weights("best")


def test_patience_follows_it_unless_another_figure_is_named(digits):
    X, _ = digits
    model = fitted(X, patience=2, max_epochs=50)
    figures = model.history_[FIGURE]
    assert model.stop_reason_ == "early stopping"
    assert len(figures) - 1 - figures.argmin() == 2
    named = fitted(X, patience=1, max_epochs=50, monitor="generate", averaging=None)
    assert np.diff(named.history_["generate"])[-1] >= 0


class Stop(Callback):
    def __init__(self, step):
        self.step = step

    def on_step(self, trainer):
        if trainer.position.step == self.step:
            raise KeyboardInterrupt


@pytest.mark.parametrize("shape", [None, (1, 8, 8)])
def test_a_training_that_stopped_in_an_epoch_ends_with_the_same_bits(digits, tmp_path, shape):
    X, _ = digits
    expected = fitted(X, sample_shape=shape, batch_size=32)
    checkpoint = Checkpoint(tmp_path / "run", every_steps=1)
    with pytest.raises(KeyboardInterrupt):
        fitted(X, sample_shape=shape, batch_size=32, callbacks=[checkpoint, Stop(18)])

    found = resume(tmp_path / "run", X)

    assert found.best_epoch_ == expected.best_epoch_
    np.testing.assert_array_equal(found.history_[FIGURE], expected.history_[FIGURE])
    for which in ("best", "last"):
        np.testing.assert_array_equal(samples(found, which), samples(expected, which))
        np.testing.assert_array_equal(samples(load(tmp_path / "run"), which), samples(found))


def test_ctrl_c_leaves_the_best_so_far(digits):
    X, _ = digits

    class CtrlC(Callback):
        def on_epoch_end(self, trainer):
            trainer._interruption.requested = trainer.position.epoch == 3

    with pytest.warns(EspelhoWarning, match="interrupted"):
        model = fitted(X, callbacks=[CtrlC()])
    assert model.best_epoch_ == 1 + model.history_[FIGURE].argmin()


def test_moment_matching_can_keep_its_best_too(digits):
    X, _ = digits
    settings = {"hidden_sizes": (16,), "max_epochs": 3, "random_state": 0, "keep": "best"}
    autoencoder = Autoencoder(latent_dim=3, max_epochs=2, random_state=0).fit(X)
    for more in ({}, {"autoencoder": FrozenEstimator(autoencoder)}):
        model = MomentMatchingNetwork(**settings, **more).fit(X)
        assert model.best_epoch_ == 1 + np.nanargmin(model.history_[FIGURE])
        assert samples(model, "last").shape == (4, 64)


def test_epochs_in_which_the_generator_stands_still_are_not_compared(digits, monkeypatch):
    monkeypatch.setattr(comparison, "_SHARE", 1e9)
    X, _ = digits
    model = fitted(X, alternate="epoch", discriminator_updates=2, max_epochs=9)
    compared = np.flatnonzero(np.isfinite(model.history_[FIGURE]))
    assert compared.tolist() == [0, 2, 5, 8]
