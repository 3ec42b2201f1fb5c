"""Runs tell the doctor what they know: saved, from before, failed, resumed, still going on."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

import espelho
from espelho import GAN, Autoencoder, Callback, Checkpoint
from espelho.errors import DivergenceError, RunError
from espelho.estimators.generators.watching import comparison
from espelho.training.checkup import Checkup

TINY = {"hidden_sizes": (16,), "max_epochs": 12, "random_state": 0}
GAME = {"hidden_sizes": (32,), "discriminator_sizes": (32,), "random_state": 0, "batch_size": 50}


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:200].astype(np.float32), y[:200]


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    """Small data would be looked at so rarely that there is little to see."""
    monkeypatch.setattr(Checkup, "epochs_between", staticmethod(lambda n_updates: 2))


class Spoil(Callback):
    """Makes a weight infinite in an epoch."""

    def __init__(self, epoch):
        self.epoch = epoch

    def on_step(self, trainer):
        if trainer.position.epoch == self.epoch - 1:
            trainer.groups[0].data[0] = np.inf


def test_a_generator_that_diverges_has_its_best_weights_again(digits, tmp_path):
    X, _ = digits
    settings = {**GAME, "max_epochs": 20, "averaging": None, "learning_rate": 0.02}
    callbacks = [Checkpoint(tmp_path / "run"), Spoil(19)]
    model = GAN(**settings, callbacks=callbacks)
    with pytest.raises(DivergenceError, match=r"of epoch \d+, the best so far, were put back"):
        model.fit(X)

    measured = model.history_["two_sample/squared_mmd"]
    assert model.weights_ == "best"
    assert model.best_epoch_ == 1 + np.nanargmin(measured) < 18
    shorter = GAN(**settings | {"max_epochs": model.best_epoch_}, keep="last").fit(X)
    np.testing.assert_array_equal(
        model.sample(5, random_state=0), shorter.sample(5, random_state=0)
    )
    before = GAN(**settings | {"max_epochs": 18}, keep="last").fit(X)
    last = model.use_weights("last").sample(5, random_state=0)
    np.testing.assert_array_equal(last, before.sample(5, random_state=0))
    for found in (espelho.doctor(model), espelho.doctor(tmp_path / "run")):
        assert f"of epoch {model.best_epoch_}, the best so far" in found["divergence"].said


def test_stopping_can_follow_the_two_sample_figure_where_the_last_weights_are_kept(
    digits, monkeypatch
):
    monkeypatch.setattr(comparison, "_SHARE", 10.0)
    figure = "two_sample/squared_mmd"
    settings = {**GAME, "max_epochs": 60, "learning_rate": 0.02, "averaging": None}
    model = GAN(**settings, keep="last", monitor=figure, patience=2).fit(digits[0])
    measured = model.history_[figure]
    measured = measured[np.isfinite(measured)]
    assert model.stop_reason_ == "early stopping"
    assert measured[-2:].min() >= measured.min()
    assert model.weights_ == "last"
    assert not hasattr(model, "best_epoch_")


def test_signals_come_back_with_a_saved_run_and_stale_ones_go(digits, tmp_path):
    X, _ = digits
    model = Autoencoder(**TINY).fit(X)
    path = model.save(tmp_path / "run")
    again = espelho.load(path)
    assert again.signals_.records == model.signals_.records
    assert again.signals_.facts == model.signals_.facts
    assert espelho.doctor(path) == espelho.doctor(again) == espelho.doctor(model)

    few = Autoencoder(**TINY).fit(X[:6])
    assert not hasattr(few, "signals_")
    few.save(path, overwrite=True)
    assert not hasattr(espelho.load(path), "signals_")


def test_a_run_from_before_loads_and_says_what_cannot_be_judged(digits, tmp_path):
    path = Autoencoder(**TINY).fit(digits[0]).save(tmp_path / "run")
    (path / "signals.jsonl").unlink()
    found = espelho.doctor(espelho.load(path))
    assert found.unjudged["identity"] == "for no signals were read in this training"
    assert espelho.doctor(path) == found


def test_signals_of_another_format_are_one_clear_error(digits, tmp_path):
    path = Autoencoder(**TINY).fit(digits[0]).save(tmp_path / "run")
    (path / "signals.jsonl").write_text('{"format": 7, "facts": {}}\n')
    for ask in (espelho.doctor, espelho.load):
        with pytest.raises(RunError, match=r"signals\.jsonl cannot be read.* format 7"):
            ask(path)


def test_what_is_no_run_and_what_is_not_fitted_is_an_error(tmp_path):
    with pytest.raises(RunError, match="is not a run folder"):
        espelho.doctor(tmp_path)
    with pytest.raises(RunError, match="does not exist"):
        espelho.doctor(str(tmp_path / "none"))
    with pytest.raises(NotFittedError):
        espelho.doctor(Autoencoder())


def test_a_damaged_history_is_an_error(digits, tmp_path):
    path = Autoencoder(**TINY).fit(digits[0]).save(tmp_path / "run")
    (path / "history.jsonl").write_text("{")
    with pytest.raises(RunError, match=r"history\.jsonl is damaged"):
        espelho.doctor(path)


class Ask(Callback):
    """Asks the doctor about a run while it is trained."""

    def __init__(self, path):
        self.path, self.said = path, []

    def on_epoch_end(self, trainer):
        try:
            self.said.append(espelho.doctor(self.path))
        except RunError as error:
            self.said.append(error)


def test_a_training_that_goes_on_is_judged_by_its_newest_checkpoint(digits, tmp_path):
    ask = Ask(tmp_path / "run")
    checkpoint = Checkpoint(tmp_path / "run", every_steps=1)
    Autoencoder(**TINY, callbacks=[ask, checkpoint], batch_size=200).fit(digits[0])
    assert "not come to its first checkpoint" not in str(ask.said[-1])
    assert "underfitting" not in ask.said[-1].unjudged
    early = Ask(tmp_path / "early")
    Autoencoder(**TINY, callbacks=[early, Checkpoint(tmp_path / "early")]).fit(digits[0])
    assert "not come to its first checkpoint" in str(early.said[0])


def test_a_failed_run_that_was_resumed_is_judged_by_what_it_is_now(digits, tmp_path):
    X, _ = digits
    path = tmp_path / "run"
    with pytest.raises(DivergenceError):
        Autoencoder(**TINY, callbacks=[Checkpoint(path, every_steps=1), Spoil(6)]).fit(X)
    assert "divergence" in espelho.doctor(path)
    ask = Ask(path)
    espelho.resume(path, X, callbacks=[ask, Checkpoint(path, every_steps=1)])
    assert "divergence" in ask.said[0]
    assert "divergence" not in ask.said[-1]
    assert "divergence" not in espelho.doctor(path)
