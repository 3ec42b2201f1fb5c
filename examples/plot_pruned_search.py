"""
A search that gives up early
============================

Most settings that a random search tries are seen to be poor after a few epochs. `OptunaPruning`
tells a study of Optuna the validation loss after every epoch, and ends a training that is worse
than half of the others were at the same epoch. Here the same settings are tried twice, with
pruning and without.
"""

from time import process_time

import optuna

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
        batch_size=trial.suggest_categorical("batch_size", [32, 128]),
        activation=trial.suggest_categorical("activation", ["relu", "tanh", "silu"]),
    )
    return model.fit(X).history_["validation/reconstruct"][-1]


# %%
# The same seed suggests the same settings to both studies; only the pruner differs.


def search(pruner):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0), pruner=pruner)
    started = process_time()
    study.optimize(objective, n_trials=24)
    return study, process_time() - started


pruned, seconds = search(optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=3))
whole, whole_seconds = search(optuna.pruners.NopPruner())
for name, study, spent in (("pruning", pruned, seconds), ("without", whole, whole_seconds)):
    epochs = sum(len(trial.intermediate_values) for trial in study.trials)
    print(f"{name}: {spent:4.1f} CPU seconds, {epochs} epochs, best loss {study.best_value:.3f}")
print(pruned.best_params)

# %%
# Every curve is a trial, and a cross is where one was given up.

plot_study(pruned, figure="validation loss")
