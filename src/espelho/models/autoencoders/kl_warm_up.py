"""The warm-up: the weight of the divergence grows while a variational model learns to speak."""

from typing import TYPE_CHECKING, Any

from espelho.training.callbacks.base import Callback

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.training.trainer import Trainer

__all__ = ["KLWarmUp"]


class KLWarmUp(Callback):
    """Let the weight of the divergence grow from 0 to beta, in proportion to batches done.

    As long as it is small codes may say as much as they like, so that no unit is given up
    before the decoder can listen to it (Bowman et al. 2016, https://arxiv.org/abs/1511.06349;
    Sonderby et al. 2016, https://arxiv.org/abs/1602.02282).

    Parameters
    ----------
    epochs
        How long it grows.
    """

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs

    def on_train_start(self, trainer: "Trainer") -> None:
        """Set the weight of the first batch."""
        self._model: Any = trainer.model
        self._set(trainer.position.epoch)

    def on_step(self, trainer: "Trainer") -> None:
        """Set the weight of the next batch."""
        position = trainer.position
        self._set(position.epoch + position.batch / trainer.batches_per_epoch)

    def _set(self, epochs: float) -> None:
        self._model.weighted = True
        self._model.kl_weight = self._model.beta * min(1.0, epochs / self._epochs)

    def state(self) -> "tuple[dict[str, Any], dict[str, Tensor]]":
        """Return the weight."""
        return {"weight": self._model.kl_weight}, {}

    def load(self, values: dict[str, Any], tensors: "dict[str, Tensor]") -> None:  # noqa: ARG002
        """Take the weight over."""
        self._model.kl_weight = values["weight"]
