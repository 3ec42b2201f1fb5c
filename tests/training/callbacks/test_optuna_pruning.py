"""Pruning: a study is told a figure after each epoch, and a hopeless training ends."""

import builtins
import copy

import numpy as np
import optuna
import pytest
from sklearn.model_selection import cross_val_score

from espelho import (
    GAN,
    Autoencoder,
    Callback,
    Checkpoint,
    ConditionalGAN,
    OptunaPruning,
    StackedAutoencoder,
    load,
    resume,
)
from espelho.errors import MissingDependencyError, SettingError
from espelho.training.callbacks.base import hooks

X = np.random.default_rng(0).normal(size=(60, 5))
TINY = {"hidden_sizes": (6,), "max_epochs": 6, "validation_fraction": 0.25, "random_state": 0}


class AtEpoch(optuna.pruners.BasePruner):
    """A pruner that gives every trial up at one step."""

    def __init__(self, step):
        self.step = step

    def prune(self, study, trial):
        return trial.last_step == self.step


@pytest.fixture(autouse=True)
def quiet():
    optuna.logging.set_verbosity(optuna.logging.WARNING)


def asked(step=None, direction="minimize"):
    """Return a trial that is pruned at a step, or never, and its study."""
    study = optuna.create_study(pruner=AtEpoch(step), direction=direction)
    return study.ask(), study


def told(study):
    return study.trials[0].intermediate_values


def test_every_epoch_is_told_and_the_training_is_not_changed():
    trial, study = asked()
    model = Autoencoder(**TINY, callbacks=[OptunaPruning(trial)]).fit(X)
    expected = model.history_["validation/reconstruct"]
    assert told(study) == dict(enumerate(expected, start=1))
    plain = Autoencoder(**TINY).fit(X)
    np.testing.assert_array_equal(model.transform(X), plain.transform(X))


def test_a_pruned_training_ends_with_a_fitted_estimator(tmp_path):
    trial, study = asked(step=3)
    ended = []

    class Watch(Callback):
        def on_exit(self, trainer):
            ended.append("exit")

        def on_finish(self, trainer):
            ended.append("finish")

    model = Autoencoder(**TINY, averaging=20.0, callbacks=[OptunaPruning(trial), Watch()])
    with pytest.raises(optuna.TrialPruned, match="after epoch 3"):
        model.fit(X)
    assert (len(model.history_), model.n_epochs_, model.stop_reason_) == (3, 3, "pruned")
    assert sorted(told(study)) == [1, 2, 3]
    assert ended == ["exit", "finish"]
    again = load(model.save(tmp_path / "pruned"))
    np.testing.assert_array_equal(again.transform(X), model.transform(X))
    assert model.set_params(callbacks=()).fit(X).stop_reason_ == "finished"


def test_the_weights_are_those_of_the_epoch_in_which_it_was_pruned():
    with pytest.raises(optuna.TrialPruned):
        (pruned := Autoencoder(**TINY, callbacks=[OptunaPruning(asked(step=3)[0])])).fit(X)
    short = Autoencoder(**{**TINY, "max_epochs": 3}).fit(X)
    np.testing.assert_array_equal(pruned.transform(X), short.transform(X))


def test_steps_go_on_from_stage_to_stage_and_pruning_ends_them_all():
    trial, study = asked()
    settings = {**TINY, "hidden_sizes": (6, 4), "max_epochs": 2}
    StackedAutoencoder(**settings, callbacks=[OptunaPruning(trial)]).fit(X)
    assert sorted(told(study)) == list(range(1, 9))
    trial, study = asked(step=3)
    model = StackedAutoencoder(**settings, callbacks=[OptunaPruning(trial)])
    with pytest.raises(optuna.TrialPruned):
        model.fit(X)
    assert [record["stage"] for record in model.history_] == ["layer 1", "layer 1", "layer 2"]


def test_a_resumed_training_tells_the_epochs_that_are_new(tmp_path):
    trial, study = asked()
    pruning, folder = OptunaPruning(trial), tmp_path / "run"
    settings = {**TINY, "max_epochs": 3}
    Autoencoder(**settings, callbacks=[pruning, Checkpoint(folder)]).fit(X)
    resume(folder, X, max_epochs=5, callbacks=(pruning, Checkpoint(folder)))
    assert sorted(told(study)) == [1, 2, 3, 4, 5]
    assert resume(folder, X, max_epochs=6).n_epochs_ == 6


def test_epochs_that_are_trained_again_are_not_told_again(tmp_path):
    trial, study = asked()
    pruning, folder = OptunaPruning(trial), tmp_path / "run"
    Autoencoder(**TINY, callbacks=[pruning, Checkpoint(folder, every_steps=1)]).fit(X)
    before = told(study)
    newest = sorted((folder / "checkpoints").glob("*.json"))[-1]
    for part in newest.parent.glob(f"{newest.stem}.*"):
        part.unlink()
    again = resume(folder, X, max_epochs=7, callbacks=(pruning, Checkpoint(folder)))
    assert again.n_epochs_ == 7
    assert told(study).items() > before.items()
    assert sorted(told(study)) == [1, 2, 3, 4, 5, 6, 7]


def test_epochs_one_by_one_are_counted_on():
    trial, study = asked(step=3)
    settings = {**TINY, "validation_fraction": 0.0}
    model = Autoencoder(**settings, callbacks=[OptunaPruning(trial, "reconstruct")])
    model.partial_fit(X).partial_fit(X)
    with pytest.raises(optuna.TrialPruned):
        model.partial_fit(X)
    assert sorted(told(study)) == [1, 2, 3]


def test_folds_of_one_trial_are_counted_one_after_the_other():
    trial, study = asked()
    model = Autoencoder(**{**TINY, "max_epochs": 2}, callbacks=[OptunaPruning(trial)])
    assert len(cross_val_score(model, X, cv=3)) == 3
    assert sorted(told(study)) == [1, 2, 3, 4, 5, 6]
    assert copy.deepcopy(model.callbacks[0]) is model.callbacks[0]


def test_a_pruned_fold_does_not_prune_the_next():
    trial, study = asked(step=2)
    model = Autoencoder(**{**TINY, "max_epochs": 3}, callbacks=[OptunaPruning(trial)])
    with pytest.raises(optuna.TrialPruned):
        model.fit(X)
    assert model.fit(X).stop_reason_ == "finished"
    assert sorted(told(study)) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("cls", [GAN, ConditionalGAN])
def test_generators_tell_how_far_samples_are_from_data(cls):
    trial, study = asked()
    settings = {**TINY, "discriminator_sizes": (6,), "keep": "best"}
    model = cls(**settings, callbacks=[OptunaPruning(trial)]).fit(X, np.arange(60) % 2)
    figure = model.history_["two_sample/squared_mmd"]
    known = np.flatnonzero(np.isfinite(figure))[:-1]  # the last was measured after training
    assert told(study) == {int(epoch) + 1: figure[epoch] for epoch in known}
    assert len(known)


def test_a_pruned_generator_has_its_best_and_its_last_weights():
    model = GAN(**TINY, keep="best", callbacks=[OptunaPruning(asked(step=1)[0])])
    with pytest.raises(optuna.TrialPruned):
        model.fit(X)
    best = model.sample(5, random_state=0)
    model.use_weights("last")
    assert (model.best_epoch_, model.n_epochs_) == (1, 1)
    assert model.sample(5, random_state=0).shape == best.shape


def test_a_study_that_maximises_is_told_minus_the_figure():
    trial, study = asked(direction="maximize")
    model = Autoencoder(**TINY, callbacks=[OptunaPruning(trial)]).fit(X)
    assert told(study)[6] == -model.history_["validation/reconstruct"][-1]


def test_a_fixed_trial_is_never_pruned():
    trial = optuna.trial.FixedTrial({})
    assert Autoencoder(**TINY, callbacks=[OptunaPruning(trial)]).fit(X).n_epochs_ == 6


def test_a_study_prunes_what_is_worse_than_others():
    def objective(trial):
        rate = trial.suggest_categorical("learning_rate", [1e-2, 1e-6])
        pruning = OptunaPruning(trial)
        model = Autoencoder(**TINY, learning_rate=rate, callbacks=[pruning]).fit(X)
        return model.history_["validation/reconstruct"][-1]

    study = optuna.create_study(
        sampler=optuna.samplers.GridSampler({"learning_rate": [1e-2, 1e-6]}, seed=1),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=1, n_warmup_steps=1),
    )
    study.enqueue_trial({"learning_rate": 1e-2})
    study.optimize(objective, n_trials=3)
    assert study.best_params == {"learning_rate": 1e-2}
    states = {t.params["learning_rate"]: t.state.name for t in study.trials}
    assert states[1e-6] == "PRUNED"


def failing(cls, figure=None, **settings):
    settings = {**TINY, **settings, "callbacks": [OptunaPruning(asked()[0], figure)]}
    with pytest.raises(SettingError) as error:
        cls(**settings).fit(X)
    return str(error.value)


def test_a_figure_that_is_not_there_is_named_with_those_that_are():
    message = failing(Autoencoder, validation_fraction=0.0)
    assert "validation_fraction is 0" in message
    assert message.endswith("(figure=...): reconstruct/squared_error.")
    message = failing(Autoencoder, figure="validation/elbo")
    assert "'validation/elbo', which is not recorded" in message
    assert "validation/reconstruct/squared_error" in message
    message = failing(GAN, keep="last")
    assert "keep='best'" in message
    assert "validation/generate/fool" in message


def test_without_optuna_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def missing(name, *rest):
        if name == "optuna":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(MissingDependencyError, match=r"espelho\[tune\]"):
        OptunaPruning(None)


def test_other_callbacks_are_asked_nothing_when_fit_returns():
    assert hooks([Checkpoint("run"), Callback()], "on_return") == []
