"""A child process that trains on images on disk, or resumes it, until it is killed.

Its globals say what to do: ``run``, the run folder; ``photos``, a folder of pairs; ``model``;
and ``die_at``, the step after which it kills itself, if any.
"""

import os
import signal
from pathlib import Path

import torch

import espelho
from espelho.data.pairing.reading import read_pairs, read_unpaired
from espelho.training.batches import streamed


class Dying(espelho.Callback):
    """Kill the process after a step, in the middle of an epoch."""

    def on_step(self, trainer):
        if trainer.position.step == die_at:  # noqa: F821
            os.kill(os.getpid(), signal.SIGKILL)


def sets():
    places = (photos + "/a", photos + "/b")  # noqa: F821
    read = read_pairs if model == "Pix2Pix" else read_unpaired  # noqa: F821
    return read(*places, memory_limit=0, cut=(8, 8))


if __name__ == "child":
    torch.set_num_threads(1)
    streamed.WINDOW_BYTES = 8 * 8 * 4 * 4 * 8  # several windows an epoch
    pairs = sets()
    if model == "Autoencoder":  # noqa: F821
        made = {"hidden_sizes": (4,), "latent_dim": 2, "batch_size": 4}
        data = (pairs.B,)
    else:
        made = {"channels": (4,), "patch": "pixel", "batch_size": 4, "flips": True}
        made |= {"dropout": 0.5} if model == "Pix2Pix" else {"blocks": 1}  # noqa: F821
        data = (pairs.A, pairs.B)
    if (Path(run) / "estimator.json").exists():  # noqa: F821
        espelho.resume(run, *data)  # noqa: F821
    else:
        checkpoint = espelho.Checkpoint(run, every_steps=3)  # noqa: F821
        cls = getattr(espelho, model)  # noqa: F821
        # The checkpoint is written before the process dies: callbacks come in this order.
        settings = {"max_epochs": 3, "random_state": 0, "precision": "float32", **made}
        cls(**settings, callbacks=(Dying(), checkpoint)).fit(*data)
