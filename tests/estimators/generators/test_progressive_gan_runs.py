"""ProgressiveGAN over time: interrupted, resumed, trained further, and its best weights kept."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from espelho import Checkpoint, ProgressiveGAN, load, resume
from espelho.errors import EspelhoWarning, SettingError
from espelho.estimators.generators.watching import comparison
from espelho.estimators.generators.watching.comparison import FIGURE
from espelho.training.callbacks.base import Callback

TINY = {
    "channels": (4,),
    "latent_dim": 3,
    "max_epochs": 1,
    "batch_size": 16,
    "precision": "float32",
    "random_state": 0,
}
X = load_digits().images[:60]
RANDOM = np.random.default_rng(0)


def fitted(data=X, **settings):
    return ProgressiveGAN(**{**TINY, **settings}).fit(data)


def same(a, b):
    a, b = a.model_.state_dict(), b.model_.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def stages(model):
    return [record["stage"] for record in model.history_]


class Stop(Callback):
    def __init__(self, step):
        self.step = step

    def on_step(self, trainer):
        if trainer.position.step == self.step:
            trainer._interruption.requested = True


DEVICES = {"pool": 9, "augmentation": "adaptive", "packing": 2, "instance_noise": 0.2}


@pytest.mark.parametrize("step", [3, 10, 12, 14, 21], ids="step {}".format)
@pytest.mark.parametrize("settings", [{}, DEVICES], ids=str)
def test_resumed_is_uninterrupted_to_the_last_bit(tmp_path, monkeypatch, settings, step):
    monkeypatch.setattr(comparison, "_SHARE", 10.0)
    settings = {"max_epochs": 2, "validation_fraction": 0.1, "patience": 5, **settings}
    whole = fitted(**settings)
    with pytest.warns(EspelhoWarning, match="interrupted"):
        fitted(**settings, callbacks=(Checkpoint(tmp_path / "run"), Stop(step)))
    again = resume(tmp_path / "run", X)
    assert same(again, whole)
    assert again.history_.figures == whole.history_.figures
    assert again.best_epoch_ == whole.best_epoch_
    again.use_weights("last")
    assert same(again, whole.use_weights("last"))


def test_one_that_was_interrupted_knows_how_far_it_had_grown(tmp_path):
    data = RANDOM.normal(size=(32, 16, 16))
    with pytest.warns(EspelhoWarning, match="interrupted"):
        model = fitted(data, callbacks=(Checkpoint(tmp_path / "run"), Stop(3)))
    for found in (model, load(tmp_path / "run")):
        assert found.resolutions_ == ((4, 4), (8, 8))
        assert 0 < float(found.model_.generator.fade) < 1
        assert found.sample(2).shape == (2, 16, 16)
        assert found.sample(2, resolution=4).shape == (2, 4, 4)
        assert found.discriminate(data).shape == (32,)
        with pytest.raises(SettingError, match=r"never trained\. Those that were: 4x4, 8x8"):
            found.sample(2, resolution=16)
        with pytest.raises(SettingError, match="have grown to 8x8: their training was interr"):
            found.partial_fit(data)
    found.set_params(warm_start=True, callbacks=()).fit(data)
    assert stages(found) == ["8x8 fade-in", "8x8", "16x16 fade-in", "16x16"]
    assert found.resolutions_[-1] == (16, 16)


def test_training_further_is_at_full_size():
    model = fitted()
    model.partial_fit(X)
    assert stages(model)[-1] == "8x8"
    model.set_params(warm_start=True, max_epochs=2).fit(X)
    assert stages(model) == ["8x8"] * 2
    first = ProgressiveGAN(**TINY).partial_fit(X)
    assert stages(first) == ["8x8"]
    with pytest.raises(SettingError, match="whose growing is True, not False"):
        model.set_params(growing=False).fit(X)


def test_the_best_is_chosen_at_full_size_and_figures_are_comparable_throughout(monkeypatch):
    monkeypatch.setattr(comparison, "_SHARE", 10.0)
    model = fitted(max_epochs=3)
    rows = [(r["stage"], r.get(FIGURE)) for r in model.history_]
    assert all(value is not None for _, value in rows)
    full = [(value, epoch) for epoch, (stage, value) in enumerate(rows, 1) if stage == "8x8"]
    assert model.best_epoch_ == min(full)[1]
    assert model.weights_ == "best"


def test_a_fade_goes_on_to_its_end_whatever_patience_says(monkeypatch):
    monkeypatch.setattr(comparison, "_SHARE", 10.0)
    model = fitted(max_epochs=12, patience=1, learning_rate=1e-7)
    counts = {name: stages(model).count(name) for name in dict.fromkeys(stages(model))}
    assert counts["8x8 fade-in"] == 12
    assert counts["4x4"] < 12
    assert model.stop_reason_ == "early stopping"
