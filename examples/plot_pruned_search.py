"""
A search that gives up early
============================

Most settings that a random search tries are seen to be poor after a few epochs. `OptunaPruning`
tells a study of Optuna the validation loss after every epoch, and ends a training that its pruner
gives up. Here the same settings are tried three times: with two pruners, and to the end.
"""

from time import process_time

import optuna
from matplotlib import pyplot as plt

from espelho import Autoencoder, OptunaPruning, load_data
from espelho.plots import plot_study

optuna.logging.set_verbosity(optuna.logging.WARNING)
X = load_data("digits").X

# %%
# The objective makes an estimator of the settings that a trial suggests, and returns the last
# validation loss. ``set_params`` knows the names of all settings: one that does not exist is an
# error that names the nearest.


def objective(trial):
    width = trial.suggest_int("width", 16, 256, log=True)
    model = Autoencoder(
        latent_dim=8,
        hidden_sizes=(width,),
        max_epochs=30,
        validation_fraction=0.2,
        random_state=0,
        callbacks=[OptunaPruning(trial)],
    ).set_params(
        learning_rate=trial.suggest_float("learning_rate", 1e-4, 3e-2, log=True),
        batch_size=trial.suggest_categorical("batch_size", [64, 256]),
        activation=trial.suggest_categorical("activation", ["relu", "tanh", "silu"]),
    )
    return model.fit(X).history_["validation/reconstruct"][-1]


# %%
# The same seed suggests the same settings to each study; only the pruner differs. One gives up
# what is worse than half of the others were at the same epoch. The other, Hyperband (Li,
# Jamieson, DeSalvo, Rostamizadeh, Talwalkar 2018), gives some trials more time than others before
# it compares them; which ones goes by the name of the study.


def search(pruner):
    study = optuna.create_study(
        sampler=optuna.samplers.RandomSampler(seed=0), pruner=pruner, study_name="digits"
    )
    started = process_time()
    study.optimize(objective, n_trials=16)
    return study, process_time() - started


pruners = {
    "the worse half": optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=3),
    "Hyperband": optuna.pruners.HyperbandPruner(min_resource=3, max_resource=30),
    "no pruning": optuna.pruners.NopPruner(),
}
studies = {}
for name, pruner in pruners.items():
    studies[name], seconds = search(pruner)
    epochs = sum(len(trial.intermediate_values) for trial in studies[name].trials)
    best = studies[name].best_value
    print(f"{name:>14}: {seconds:4.1f} CPU seconds, {epochs} epochs, best loss {best:.3f}")

# %%
# Every curve is a trial, and a cross is where one was given up. Pruning is a bet: a training that
# starts slowly may have become the best.

figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", sharey=True)
for ax, name in zip(axes, ("the worse half", "Hyperband"), strict=True):
    plot_study(studies[name], ax, figure="validation loss" if ax is axes[0] else "")
    ax.text(0.02, 0.02, name, transform=ax.transAxes)
