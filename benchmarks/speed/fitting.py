"""Fitting: what `fit` takes beyond its steps."""

from statistics import median
from time import perf_counter, process_time

import espelho
from benchmarks.speed.page import Section, Table, at_most
from benchmarks.speed.regimes import DIGITS
from espelho.training.callbacks.base import Callback
from espelho.training.trainer import Trainer

__all__ = ["measure"]

EPOCHS, ROUNDS = (1, 10, 100), 5
NOTE = f"""\
`Autoencoder(hidden_sizes=(32,), latent_dim=8, batch_size=32, validation_fraction=0.1)` on the
bundled digits as they come (float64), medians of {ROUNDS} rounds in turn, on one thread. Beyond
its steps are the checks, splitting, scaling, building the networks, and in every epoch shuffling,
validation, the check for divergence and the history."""


class _Clock(Callback):
    """Add up the time of steps, CPU and wall, from the end of an epoch's first to its last."""

    def on_train_start(self, trainer: Trainer) -> None:  # noqa: ARG002
        self.cpu, self.wall = 0.0, 0.0

    def on_step(self, trainer: Trainer) -> None:
        done, steps = trainer.position.batch, trainer.batches_per_epoch
        if done == 1:
            self._cpu, self._wall = process_time(), perf_counter()
        elif done == steps:
            self.cpu += (process_time() - self._cpu) * steps / (steps - 1)
            self.wall += (perf_counter() - self._wall) * steps / (steps - 1)


def measure() -> Section:
    """Return the milliseconds of a fit, of its steps, and of the rest."""
    X = espelho.load_data("digits").X
    rounds = [[_fit(X, epochs) for epochs in EPOCHS] for _ in range(ROUNDS + 1)][1:]
    rows, rest = {}, {}
    for epochs, found in zip(EPOCHS, zip(*rounds, strict=True), strict=True):
        columns = list(zip(*found, strict=True))
        rows[f"{epochs} epoch{'s' * (epochs > 1)}"] = tuple(median(column) for column in columns)
        rest[epochs] = median(columns[2])
    names = (
        "fit, CPU ms",
        "its steps",
        "beyond",
        "fit, wall ms",
        "its steps, wall",
        "beyond, wall",
    )
    bars = (
        at_most("fit on digits beyond its steps, 1 epoch, CPU ms", 50, rest[1]),
        at_most("fit on digits beyond its steps, 100 epochs, CPU ms", 50, rest[100]),
    )
    table = Table("digits", dict.fromkeys(names, ".1f"), rows)
    return Section("What fit takes beyond its steps", NOTE, (table,), bars)


def _fit(X: object, epochs: int) -> tuple[float, ...]:
    clock = _Clock()
    model = espelho.Autoencoder(
        hidden_sizes=DIGITS.sizes[1:2],
        latent_dim=DIGITS.latent_dim,
        batch_size=DIGITS.batch_size,
        max_epochs=epochs,
        validation_fraction=0.1,
        random_state=0,
        callbacks=(clock,),
    )
    cpu, wall = process_time(), perf_counter()
    model.fit(X)
    cpu, wall = process_time() - cpu, perf_counter() - wall
    found = (cpu, clock.cpu, cpu - clock.cpu, wall, clock.wall, wall - clock.wall)
    return tuple(seconds * 1e3 for seconds in found)
