"""Early stopping: end a stage that no longer gets better."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from espelho.errors import SettingError
from espelho.training.callbacks.base import Callback
from espelho.training.history import followed

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.training.trainer import Trainer

__all__ = ["EarlyStopping"]


@dataclass(eq=False)
class EarlyStopping(Callback):
    """End a stage when a figure has not improved for some epochs.

    A stage over which something fades in (`Stage.progress`) goes on to its end.

    Parameters
    ----------
    patience
        Epochs without improvement that are waited for; of a figure that is not recorded
        after each, those where it is.
    monitor
        The figure, a term or a validation figure; ``None`` for the trainer's: the first
        phase's loss, on validation data where there is any. Lower is better.
    min_delta
        What counts as an improvement: at least so much lower.
    restore_best
        Whether to end with the weights of the best epoch instead of the last.

    Raises
    ------
    SettingError
        If the figure is not recorded, or a parameter is out of bounds.
    """

    patience: int = 10
    monitor: str | None = None
    min_delta: float = 0.0
    restore_best: bool = True

    def __post_init__(self) -> None:
        if self.patience < 1 or self.min_delta < 0:
            raise SettingError(
                "EarlyStopping needs patience of at least 1 and min_delta of at least 0, "
                f"got {self.patience} and {self.min_delta}."
            )

    def on_train_start(self, trainer: "Trainer") -> None:
        """Forget the best of an earlier training."""
        self._forget()

    def on_stage_start(self, trainer: "Trainer") -> None:
        """Start anew: every stage has figures of its own."""
        self._forget()

    def _forget(self) -> None:
        self._best = math.inf
        self._waited = 0
        self._weights: dict[str, Tensor] = {}

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Compare the epoch with the best so far; end the stage when patience is over."""
        if trainer.stage.progress is not None:
            return
        monitor = self.monitor or trainer.monitor
        value = followed(trainer.stage_records, monitor, "EarlyStopping")[-1]
        if value is None:
            return
        self._waited += 1
        if value < self._best - self.min_delta or self._best == math.inf:
            self._best, self._waited = value, 0
            if self.restore_best:
                self._weights = trainer.model_state()
        if self._waited >= self.patience:
            trainer.end_stage("early stopping")

    def on_stage_end(self, trainer: "Trainer") -> None:
        """Put the best weights back."""
        if self._waited and self._weights:
            trainer.load_model_state(self._weights)

    def state(self) -> "tuple[dict[str, Any], dict[str, Tensor]]":
        """Return the best figure, the epochs since, and the best weights."""
        return {"best": self._best, "waited": self._waited}, self._weights

    def load(self, values: "dict[str, Any]", tensors: "dict[str, Tensor]") -> None:
        """Take over what `state` returned."""
        self._best, self._waited = values["best"], values["waited"]
        self._weights = tensors
