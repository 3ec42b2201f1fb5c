"""Weight averaging: end with a running average of the weights."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espelho.errors import SettingError
from espelho.training.callbacks.base import Callback

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.training.trainer import Trainer

__all__ = ["WeightAveraging", "averaged"]


@dataclass(eq=False)
class WeightAveraging(Callback):
    """End with the exponential moving average of the weights, buffers included.

    After each batch of n samples, ``average <- b * average + (1 - b) * weights`` with
    ``b = 2^(-n / half_life)`` (Polyak and Juditsky 1992; half-life in samples as in
    Karras et al. 2020). Training itself goes on with the weights as they are.

    Parameters
    ----------
    half_life
        Samples after which a weight's influence has halved.
    ramp_up
        The half-life is at most this share of the samples seen so far, so that the
        average forgets the first random weights; where a stage brings new layers, of the
        samples seen since.
    """

    half_life: float = 10_000.0
    ramp_up: float = 0.1

    def __post_init__(self) -> None:
        if self.half_life <= 0 or self.ramp_up <= 0:
            raise SettingError(
                "WeightAveraging needs half_life and ramp_up above 0, "
                f"got {self.half_life} and {self.ramp_up}."
            )

    def on_train_start(self, trainer: "Trainer") -> None:
        """Start from the first weights."""
        self._values: dict[str, Tensor] = {}
        self._since = 0

    def on_stage_start(self, trainer: "Trainer") -> None:
        """Carry the average over into the storage of the stage."""
        own = dict(trainer.model.named_parameters())
        if self._values and not own.keys() <= self._values.keys():
            self._since = trainer.position.samples
        self._rebuild(trainer, self._values)
        self._trainer = trainer

    def _rebuild(self, trainer: "Trainer", values: "dict[str, Tensor]") -> None:
        from espelho.training.weights import averaged_buffers

        current = trainer.model_state()
        values = {**current, **{n: v for n, v in values.items() if n in current}}
        self._groups = trainer.groups
        self._flats = [group.pack(values) for group in self._groups]
        owned = {name for group in self._groups for name in group.parameters}
        others = {**dict(trainer.model.named_parameters()), **averaged_buffers(trainer.model)}
        self._others = [
            (name, value.detach(), values[name].clone())
            for name, value in others.items()
            if name not in owned and name in current and value.is_floating_point()
        ]

    def on_step(self, trainer: "Trainer") -> None:
        """Move the average towards the weights."""
        seen = trainer.position.samples - self._since
        half_life = min(self.half_life, self.ramp_up * seen)
        share = 1 - 0.5 ** (trainer.last_batch_size / half_life)
        for flat, group in zip(self._flats, self._groups, strict=True):
            flat.lerp_(group.data, share)
        for _, value, average in self._others:
            average.lerp_(value, share)

    def on_stage_end(self, trainer: "Trainer") -> None:
        """Keep the average by name for the next stage."""
        self._values = self.average()

    def on_finish(self, trainer: "Trainer") -> None:
        """Put the average in the place of the weights."""
        trainer.load_model_state(self.average())

    def average(self) -> "dict[str, Tensor]":
        """Return the average as it is now, by name: referred to, not copied."""
        found: dict[str, Tensor] = {}
        for flat, group in zip(self._flats, self._groups, strict=True):
            found |= group.unpack(flat)
        return found | {name: average for name, _, average in self._others}

    def state(self) -> "tuple[dict[str, Any], dict[str, Tensor]]":
        """Return the average, and since when it is of the layers there are."""
        return {"since": self._since}, self.average()

    def load(self, values: "dict[str, Any]", tensors: "dict[str, Tensor]") -> None:
        """Take the average over."""
        self._since = values.get("since", 0)
        self._rebuild(self._trainer, tensors)


def averaged(trainer: "Trainer") -> "dict[str, Tensor]":
    """Return the averaged weights and buffers as they are now, or the last if none are averaged.

    Parameters
    ----------
    trainer
        A trainer between two batches.

    Returns
    -------
    dict
        Copies by name, whole, and the same in every process; every process must ask.
    """
    from espelho.training.weights import averaged_buffers, full

    found = trainer.model_state()
    for callback in trainer.callbacks:
        if isinstance(callback, WeightAveraging):
            found |= {n: full(v.detach()).clone() for n, v in callback.average().items()}
    for name in averaged_buffers(trainer.model):
        if name in found:
            trainer.processes.mean(found[name])
    return found
