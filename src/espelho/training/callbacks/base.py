"""What a callback may do, and when it is asked."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.training.divergence import Trouble
    from espelho.training.trainer import Trainer

__all__ = ["Callback", "hooks"]


class Callback:
    """Something that watches a training and may stop it or act on its weights.

    A subclass overrides the moments it needs; those it leaves alone cost nothing. What
    it must remember over an interruption goes through `state` and `load`.
    """

    def on_train_start(self, trainer: "Trainer") -> None:
        """Before the first stage, also of a resumed run: forget earlier runs."""

    def on_stage_start(self, trainer: "Trainer") -> None:
        """When a stage is entered or, in a resumed run, entered again."""

    def on_step(self, trainer: "Trainer") -> None:
        """After every batch. Reading a tensor's value here makes training wait."""

    def on_record(self, trainer: "Trainer") -> dict[str, float]:
        """Return figures that the record of the epoch which has just ended is to hold besides.

        A figure need not be there after every epoch, but after the first one of a stage.
        """
        return {}

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """After the epoch's record was added to the history."""

    def on_stage_end(self, trainer: "Trainer") -> None:
        """After a stage that came to its end."""

    def on_stop(self, trainer: "Trainer") -> None:
        """When training has ended or was interrupted, with the weights as they are."""

    def on_divergence(self, trainer: "Trainer", trouble: "Trouble") -> None:
        """When something was not finite, with the weights from before the epoch put back.

        Better ones may take their place; then ``trouble.back`` says which.
        """

    def on_exit(self, trainer: "Trainer") -> None:
        """However training came to its end, errors included: close what was opened."""

    def on_finish(self, trainer: "Trainer") -> None:
        """Last of all: better weights (an average, say) may take the place of the last."""

    def on_return(self) -> None:
        """When `fit` is about to return, with everything learned: raise what it is to raise."""

    def state(self) -> tuple[dict[str, Any], "dict[str, Tensor]"]:
        """Return what a checkpoint must keep, as JSON values and as tensors."""
        return {}, {}

    def load(self, values: "dict[str, Any]", tensors: "dict[str, Tensor]") -> None:
        """Take over what `state` returned, after `on_stage_start`."""


def hooks(callbacks: Sequence[Callback], moment: str) -> "list[Callable[[Trainer], None]]":
    """Return what is to be called at a moment, without what does nothing."""
    found = [getattr(callback, moment) for callback in callbacks]
    return [hook for hook in found if hook.__func__ is not getattr(Callback, moment)]
