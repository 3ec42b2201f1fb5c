"""Fading noise: what the discriminator sees is noisy at first, and clean in the end."""

from typing import TYPE_CHECKING, Any

from espelho.training.callbacks.base import Callback

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.training.trainer import Trainer

__all__ = ["FadingNoise"]


class FadingNoise(Callback):
    """Let the instance noise of a `GANModel` fall to 0, with the square of the epochs left.

    Two distributions that do not overlap do so once noise is added to both, and the generator
    has a slope to follow (Sonderby et al. 2017, https://arxiv.org/abs/1610.04490).
    """

    def on_train_start(self, trainer: "Trainer") -> None:
        """Set the noise of the first epoch."""
        self._model: Any = trainer.model
        self._set(trainer)

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Set the noise of the next epoch."""
        self._set(trainer)

    def _set(self, trainer: "Trainer") -> None:
        left = 1 - trainer.position.stage_epoch / trainer.epochs(trainer.stage)
        self._model.noise_level = self._model.contest.instance_noise * max(0.0, left) ** 2

    def state(self) -> "tuple[dict[str, Any], dict[str, Tensor]]":
        """Return the noise."""
        return {"level": self._model.noise_level}, {}

    def load(self, values: dict[str, Any], _tensors: "dict[str, Tensor]") -> None:
        """Take the noise over."""
        self._model.noise_level = values["level"]
