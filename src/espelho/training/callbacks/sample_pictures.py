"""Pictures of samples: what a generator makes of the same noise, while it learns."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from espelho.data.writing import atomic_file
from espelho.errors import SettingError
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.checkpoint import Checkpoint
from espelho.training.callbacks.weight_averaging import averaged

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.training.trainer import Trainer

__all__ = ["SamplePictures", "is_round"]

_DIGITS = 5
_LEADING_BITS = 3


@dataclass(eq=False)
class SamplePictures(Callback):
    """Draw samples of the same noise now and then, as ``epoch-00010.png``.

    The weights are the averaged ones where there is an average. Images stand in rows, with a
    row for each label where labels are learned from; two columns of a table are a map, over
    the data; of other data nothing is drawn. Of a translator: images, below them their
    translations, and what belongs to them or what they are when they come back.

    Parameters
    ----------
    folder
        Where pictures go; ``None`` for ``pictures`` in the run folder of the `Checkpoint` among
        the callbacks.
    every
        Epochs from one picture to the next; ``None`` for more and more, so that from epoch 4 on
        four are drawn while the number of epochs doubles. The last epoch has one always.

    Raises
    ------
    SettingError
        If ``every`` is below 1, there is no folder, or what is trained makes no samples.
    """

    folder: str | Path | None = None
    every: int | None = None

    def __post_init__(self) -> None:
        self._draw: Callable[[dict[str, Tensor]], bytes | None] | None = None
        if self.every is not None and self.every < 1:
            raise SettingError(f"SamplePictures needs every of at least 1, got {self.every}.")

    def draw_by(self, draw: "Callable[[dict[str, Tensor]], bytes | None]") -> None:
        """Take over how the next training is drawn.

        Parameters
        ----------
        draw
            From all weights and buffers by name to a PNG file; nothing where samples are of no
            kind that can be drawn.
        """
        self._draw = draw

    def on_train_start(self, trainer: "Trainer") -> None:
        """Find the folder."""
        if self._draw is None:
            raise SettingError(
                "SamplePictures draws what generators and translators make, such as GAN and "
                "Pix2Pix, and what is trained here is none. Leave it out."
            )
        runs = [Path(c.run) for c in trainer.callbacks if isinstance(c, Checkpoint)]
        if self.folder is None and not runs:
            raise SettingError(
                "SamplePictures needs a folder, or a Checkpoint beside it, in whose run folder "
                "pictures go."
            )
        self._place = runs[0] / "pictures" if self.folder is None else Path(self.folder)
        self._drawn = 0

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Draw if it is time to."""
        epoch = trainer.position.epoch
        if is_round(epoch) if self.every is None else epoch % self.every == 0:
            self._write(trainer, epoch)

    def on_stop(self, trainer: "Trainer") -> None:
        """Draw what the last epoch came to, unless that is done."""
        position = trainer.position
        if position.epoch and not position.batch and self._drawn != position.epoch:
            self._write(trainer, position.epoch)

    def _write(self, trainer: "Trainer", epoch: int) -> None:
        weights = averaged(trainer)
        self._drawn = epoch
        if self._draw is None or not trainer.processes.leads:
            return
        content = self._draw(weights)
        if content is not None:
            self._place.mkdir(parents=True, exist_ok=True)
            with atomic_file(self._place / f"epoch-{epoch:0{_DIGITS}d}.png") as file:
                file.write(content)

    def on_exit(self, trainer: "Trainer") -> None:
        """Let go of what was drawn."""
        self._draw = None


def is_round(epoch: int) -> bool:
    """Return whether an epoch is one of 1 to 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, ...

    Examples
    --------
    >>> [epoch for epoch in range(1, 50) if is_round(epoch)]
    [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48]
    """
    zeros = (epoch & -epoch).bit_length() - 1
    return epoch.bit_length() - zeros <= _LEADING_BITS
