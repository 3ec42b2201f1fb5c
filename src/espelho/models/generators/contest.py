"""The contest: by which rules a generator and a discriminator play."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from espelho.losses.adversarial.games import Game
from espelho.losses.adversarial.gradient_penalties import GradientPenalty

__all__ = ["Contest"]


@dataclass(frozen=True, kw_only=True)
class Contest:
    """By which rules generator and discriminator play.

    Attributes
    ----------
    game
        What is paid for scores.
    penalties
        Gradient penalties of the discriminator by name, each with its weight.
    penalty_every
        Updates of the discriminator from one penalty to the next, which weighs as much more
        (Karras et al. 2020).
    instance_noise
        Standard deviation of what is added to all that the discriminator sees in the first
        epoch (Sonderby et al. 2017).
    discriminator_updates, generator_updates
        Updates per turn.
    alternate
        Whether turns are batches or epochs.
    learning_rates
        Of the phases discriminate and generate, where they are not the trainer's.
    packing
        How many samples the discriminator judges at once, with one score.
    """

    game: Game
    penalties: Mapping[str, tuple[GradientPenalty, float]] = field(default_factory=dict)
    penalty_every: int = 1
    instance_noise: float = 0.0
    discriminator_updates: int = 1
    generator_updates: int = 1
    alternate: Literal["step", "epoch"] = "step"
    learning_rates: tuple[float | None, float | None] = (None, None)
    packing: int = 1
