"""A child process that trains an autoencoder, or resumes it, until it is killed.

Its globals say what to do: ``run``, the run folder, ``every_steps``, ``max_epochs``, and
``deadly``: which call of ``os.fsync`` or ``Path.replace`` kills the process, if any, and
whether before or after it has done its work. ``die_at_step`` ends it with an exception.
"""

import itertools
import os
import signal
import warnings
from pathlib import Path

import numpy as np
import torch

import espelho
from espelho.errors import EspelhoWarning


def arm(owner, name, number, *, after):
    """Let the process kill itself at one call of a function."""
    original, calls = getattr(owner, name), itertools.count(1)

    def function(*args, **options):
        last = next(calls) == number
        if last and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **options)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, function)


class Dying(espelho.Callback):
    """Raises at a step, and nothing is saved on the way out."""

    def on_step(self, trainer):
        if trainer.position.step == die_at_step:  # noqa: F821
            raise SystemExit(3)


def estimator(callbacks):
    return espelho.Autoencoder(
        latent_dim=2,
        hidden_sizes=(5,),
        max_epochs=max_epochs,  # noqa: F821
        batch_size=16,
        schedule="cosine",
        averaging=100,
        patience=1000,
        validation_fraction=0.25,
        gradient_clip=5.0,
        random_state=0,
        precision="float32",
        callbacks=callbacks,
    )


def data():
    return np.random.default_rng(0).normal(size=(64, 6))


if __name__ == "child":
    torch.set_num_threads(1)
    warnings.simplefilter("error", EspelhoWarning)  # no kill may leave a checkpoint damaged
    if deadly is not None:  # noqa: F821
        name, number, after = deadly  # noqa: F821
        arm(os if name == "fsync" else Path, name, number, after=after)
    if (Path(run) / "estimator.json").exists():  # noqa: F821
        espelho.resume(run, data())  # noqa: F821
    else:
        checkpoint = espelho.Checkpoint(run, every_steps=every_steps)  # noqa: F821
        estimator((Dying(), checkpoint) if die_at_step else (checkpoint,)).fit(data())  # noqa: F821
