"""What two processes find when they train together: run by test_processes in each of them."""

import json
import os
import signal
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits

import espelho
from espelho.errors import EspelhoError, EspelhoWarning
from espelho.losses.discrepancy.kernels import Gaussian
from espelho.losses.discrepancy.mmd import mmd
from espelho.testing import check_plan
from espelho.training.batches import Batch
from espelho.training.callbacks.base import Callback
from espelho.training.environment.gathering import gathered, gathered_weights
from espelho.training.environment.processes import joined

warnings.simplefilter("ignore", EspelhoWarning)
X = load_digits().data[:301]
RANK = int(os.environ.get("RANK", "0"))
SETTINGS = {
    "hidden_sizes": (16,), "latent_dim": 4, "max_epochs": 3, "batch_size": 50, "random_state": 0,
    "validation_fraction": 0.1, "averaging": 500.0, "gradient_clip": 5.0,
    "schedule": "one-cycle", "patience": 3, "weight_decay": 1e-3,
}  # fmt: skip


def difference(a, b):
    a, b = a.model_.state_dict(), b.model_.state_dict()
    return max(float((a[n] - b[n]).abs().max()) for n in a)


def of_histories(a, b):
    pairs = zip(a.history_, b.history_, strict=True)
    return max(abs(r[n] - s[n]) for r, s in pairs for n in r if n not in ("stage", "seconds"))


def fitted(weight=None, **changes):
    return espelho.Autoencoder(**{**SETTINGS, **changes}).fit(X, sample_weight=weight)


def said(function):
    try:
        function()
    except EspelhoError as error:
        return f"{type(error).__name__}: {error}"
    return ""


class InterruptOne(Callback):
    """Interrupts the second process only, at a step."""

    def __init__(self, step):
        self.step = step

    def on_step(self, trainer):
        if RANK == 1 and trainer.position.step == self.step:
            signal.raise_signal(signal.SIGINT)


class SpoilOne(Callback):
    """Makes a weight of the second process not finite."""

    def on_step(self, trainer):
        if RANK == 1 and trainer.position.step == 3:
            with torch.no_grad():
                next(trainer.model.parameters()).fill_(torch.nan)


def equal_to_one_process(folder):
    found = {}
    alone = fitted(parallel="none")
    for parallel in ("replicate", "shard"):
        several = fitted(parallel=parallel)
        found[parallel] = [difference(alone, several), of_histories(alone, several)]
    for optimizer in ("momentum", "rmsprop"):
        one, two = (fitted(parallel=p, optimizer=optimizer) for p in ("none", "shard"))
        found[optimizer] = [difference(one, two), of_histories(one, two)]
    for parallel in ("replicate", "shard"):
        changes = {"sparsity": 0.5, "weight": np.arange(301.0), "code_activation": "logistic"}
        one, two = (fitted(parallel=p, **changes) for p in ("none", parallel))
        found[f"sparse, {parallel}"] = [difference(one, two), of_histories(one, two)]
    one, two = (fitted(parallel=p, tied=True) for p in ("none", "shard"))
    found["tied, sharded"] = [difference(one, two), of_histories(one, two)]
    plain = {"patience": None, "averaging": None, "schedule": "constant"}
    one, two = (fitted(parallel=p, **plain) for p in ("none", "shard"))
    found["validation after the last step, sharded"] = [difference(one, two), 0.0]
    for batch_size in (2, 3, 100, 1000):
        changes = {"batch_size": batch_size, "max_epochs": 1}
        one, two = fitted(parallel="none", **changes), fitted(**changes)
        found[f"batches of {batch_size}"] = [difference(one, two), of_histories(one, two)]
    changes = {"activation": "gelu", "loss": "absolute_error", "weight": np.arange(301.0)}
    one, two = fitted(parallel="none", **changes), fitted(**changes)
    found["weights, autograd"] = [difference(one, two), of_histories(one, two)]
    return found


def gathers(folder):
    """The gradient of what is no mean over samples, put together from two parts."""
    kernel = Gaussian((1.0, 2.0))
    drawn, data = torch.randn(2, 8, 3, dtype=torch.float64).unbind()
    found = {}
    with joined() as processes:
        processes.align([drawn, data])
        for name, bounds in {"uneven": (0, 5, 8), "a stand-in": (0, 8, 8)}.items():
            for divided in (False, True):
                own = slice(*bounds[RANK : RANK + 2])
                rows = own if own.start < own.stop else slice(2)
                processes.share = (own.stop - own.start) / 8
                processes.divided = divided
                weight = torch.arange(1.0, 9.0, dtype=torch.float64)
                part = weight[rows] * (processes.share * 2 if divided else 1)
                x = drawn[rows].clone().requires_grad_()
                value = mmd(gathered(x), gathered(data[rows]), kernel,
                            weight=gathered_weights(part, x))  # fmt: skip
                (slope,) = torch.autograd.grad(value, x)
                slope = slope * (0.5 if divided else processes.share)
                whole = drawn.clone().requires_grad_()
                expected = mmd(whole, data, kernel, weight=weight)
                (slopes,) = torch.autograd.grad(expected, whole)
                wanted = slopes[rows] if processes.share else torch.zeros_like(slope)
                value = (value - expected).detach().abs()
                apart = max(float((slope - wanted).abs().max()), float(value))
                found[f"{name}, {divided}"] = processes.largest([apart])[0]
        processes.divided = False
        found["no weights"] = gathered_weights(None, drawn) is None
    return found


def moment_matching(folder):
    """Divided weights end where whole ones do: noise is drawn alike by both."""
    found = {}
    weight = np.arange(1.0, 302.0)
    for method, weights in (("exact", None), ("random_features", weight)):
        one, two = (
            espelho.MomentMatchingNetwork(
                hidden_sizes=(16,), max_epochs=3, batch_size=50, random_state=0, method=method,
                parallel=parallel, validation_fraction=0.1,
            ).fit(X, sample_weight=weights)
            for parallel in ("replicate", "shard")
        )  # fmt: skip
        found[method] = [difference(one, two), of_histories(one, two)]
    return found


def the_same_in_both(folder):
    """Batch norm and a random state that each process would draw for itself."""
    model = fitted(normalization="batch", random_state=None)
    state = {n: v.tolist() for n, v in model.model_.state_dict().items()}
    with joined() as processes:
        states = processes.gather(state)
    return states[0] == states[1]


def resumed(folder):
    found = {}
    whole = fitted()
    for parallel in ("replicate", "shard"):
        run = Path(folder, parallel)
        callbacks = (espelho.Checkpoint(run, every_steps=7), InterruptOne(9))
        stopped = fitted(parallel=parallel, callbacks=callbacks)
        checkpoints = len(list((run / "checkpoints").glob("*.json")))
        again = espelho.resume(run, X)
        found[parallel] = [stopped.stop_reason_, checkpoints, difference(whole, again)]
        found[f"{parallel} history"] = of_histories(whole, again)
    # Left as it was interrupted, for one process to go on with.
    fitted(callbacks=(espelho.Checkpoint(Path(folder, "left")), InterruptOne(9)))
    return found


def sampler(folder):
    """What codes are drawn from is fitted in the first process, and known in both."""
    models = [
        fitted(sampler="gaussian-mixture"),
        fitted(sampler="kernel-density", parallel="shard"),
        fitted(sampler="moment-matching", sampler_updates=3),
        espelho.Autoencoder(sampler="normal", random_state=0).partial_fit(X),
    ]
    drawn = [model.sample(3, random_state=0).tolist() for model in models]
    with joined() as processes:
        return processes.gather(drawn)


def pool(folder):
    """What each process has made lately is its own; weights and what is measured are not."""
    settings = {"max_epochs": 2, "batch_size": 50, "pool": 5, "random_state": 0}
    model = espelho.GAN(hidden_sizes=(8,), discriminator_sizes=(8,), **settings).fit(X)
    state = {n: v.tolist() for n, v in model.model_.state_dict().items()}
    with joined() as processes:
        one, other = processes.gather(state)
    return [name for name in one if one[name] != other[name]]


def mistakes(folder):
    few = espelho.Autoencoder(max_epochs=1)
    other = X[RANK:300]
    return {
        "rows": said(lambda: few.fit(X[:1])),
        "batch": said(lambda: espelho.Autoencoder(batch_size=1).fit(X)),
        "data": said(lambda: few.fit(other[:200])),
        "divergence": said(lambda: fitted(callbacks=(SpoilOne(),))),
        "weights": said(lambda: few.fit(X, sample_weight=np.arange(301.0) + RANK)),
        "settings": said(lambda: espelho.Autoencoder(max_epochs=1 + RANK).fit(X)),
        "callbacks": said(lambda: fitted(callbacks=(InterruptOne(99),) * RANK)),
        "contraction": said(lambda: fitted(parallel="shard", contraction=0.1)),
        "partial_fit": said(lambda: espelho.Autoencoder(parallel="shard").partial_fit(X)),
    }


def one_after_the_other(folder):
    for _ in range(5):
        model = espelho.Autoencoder(max_epochs=1, hidden_sizes=(), random_state=0).fit(X)
    return model.n_epochs_ * 5


def laws(folder):
    """The laws of a plan hold for one process of several too."""
    model = fitted()
    check_plan(model.model_, Batch(torch.rand(6, 64, dtype=torch.float64)))
    return True


if __name__ == "__main__":
    folder, *names = sys.argv[1:]
    outcomes = {name: globals()[name](folder) for name in names}
    Path(folder, f"outcomes-{RANK}.json").write_text(json.dumps(outcomes))
