"""OP: what studies of Optuna save by giving trials up, on scikit-learn's digits.

Four pruners try the same 24 random settings of an autoencoder 64-w-8 to at most 30 epochs, three
times with other settings. There is no figure to reach: the row says what was found, and is met
where a pruner needs fewer epochs than all.
"""

from collections.abc import Callable, Iterator, Mapping
from time import process_time
from typing import Any

import numpy as np
import optuna
import torch

import espelho
from benchmarks.published.result import Result

__all__ = ["op"]

SEEDS, TRIALS, EPOCHS = (0, 1, 2), 24, 30
ALL = "none"
PRUNERS: Mapping[str, Callable[[], Any]] = {
    ALL: optuna.pruners.NopPruner,
    "median": lambda: optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=3),
    "successive halving": lambda: optuna.pruners.SuccessiveHalvingPruner(
        min_resource=4, reduction_factor=2
    ),
    "Hyperband": lambda: optuna.pruners.HyperbandPruner(min_resource=3, max_resource=EPOCHS),
}


def op() -> Iterator[Result]:
    """Search with each pruner, and count epochs, CPU seconds, and the best loss."""
    torch.set_num_threads(1)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    X = espelho.load_data("digits").X
    whole = float(TRIALS * EPOCHS)
    for name in PRUNERS:
        found = [_searched(X, name, seed) for seed in SEEDS]
        epochs, seconds, _ = np.mean(found, axis=0)
        best = ", ".join(f"{loss:.2f}" for *_, loss in found)
        yield Result(
            f"epochs of {TRIALS} trials, pruner: {name}",
            f"digits, 64-w-8; {seconds:.1f} CPU seconds; best validation loss by seed {best}",
            "all" if name == ALL else f"less than {whole:.0f} [all]",
            float(epochs),
            bool(epochs == whole if name == ALL else epochs < whole),
            SEEDS[0],
        )


def _searched(X: Any, pruner: str, seed: int) -> tuple[float, float, float]:
    study = optuna.create_study(
        # Hyperband's brackets go by the study's name.
        study_name=f"digits-{seed}",
        sampler=optuna.samplers.RandomSampler(seed=seed),
        pruner=PRUNERS[pruner](),
    )
    started = process_time()
    study.optimize(lambda trial: _loss(X, trial), n_trials=TRIALS)
    seconds = process_time() - started
    epochs = sum(len(trial.intermediate_values) for trial in study.trials)
    return epochs, seconds, study.best_value


def _loss(X: Any, trial: Any) -> float:
    model = espelho.Autoencoder(
        latent_dim=8,
        hidden_sizes=(trial.suggest_int("width", 16, 256, log=True),),
        learning_rate=trial.suggest_float("learning_rate", 1e-4, 3e-2, log=True),
        batch_size=trial.suggest_categorical("batch_size", [32, 128]),
        activation=trial.suggest_categorical("activation", ["relu", "tanh", "silu"]),
        max_epochs=EPOCHS,
        validation_fraction=0.2,
        random_state=0,
        callbacks=[espelho.OptunaPruning(trial)],
    )
    return float(model.fit(X).history_["validation/reconstruct"][-1])
