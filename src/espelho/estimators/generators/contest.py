"""The settings of a contest: by which rules a generator and its discriminator play."""

from dataclasses import dataclass
from typing import Literal

from espelho.estimators import fields as f

__all__ = ["ContestSettings"]


@dataclass(kw_only=True, eq=False, repr=False)
class ContestSettings:
    """What an estimator says of the game between its networks.

    Parameters
    ----------
    game
        What is paid for the discriminator's scores.
    label_smoothing
        Share of the real samples that the discriminator is told are made.
    instance_noise
        Standard deviation, in scaled units, of noise on all that the discriminator sees in the
        first epoch; it falls to 0 with the square of the epochs left.
    penalty
        What limits the discriminator's slope. r1, r2: its square at real, at made samples.
        wasserstein, dragan: how far it is off one, between both, around real samples. auto: r1;
        wasserstein for the game of that name; none beside spectral_norm.
    penalty_weight
        Weight of the penalty; without it 10 for slopes off one, and for squares what suits the
        size of a sample.
    penalty_every
        Updates of the discriminator from one penalty to the next, which weighs as much more.
    packing
        How many samples the discriminator judges at once, with one score: packs that are less
        varied than the data's give a generator away that makes too few kinds of samples.
    pool
        How many past samples of the generator are kept; the discriminator is shown one of them
        in the place of a new one with a chance of one half, so that it does not forget them.
    augmentation
        Whether all images that the discriminator sees, of data and made ones, are changed at
        random, so that it cannot learn a small set of data by heart: none, always, or adaptive,
        each change with a chance that rises while it is too sure of the data.
    augmentation_kinds
        What is changed: color (brightness, contrast, and saturation of 3 channels), translation
        (by up to an eighth of the size), cutout (a half of each side).
    augmentation_target
        The mean sign of scores of the data that the adaptive chance follows: 0 where the
        discriminator cannot tell, 1 where it knows all of them.
    augmentation_ramp
        Samples of the data in which the adaptive chance can rise from 0 to 1.
    discriminator_updates
        Updates of the discriminator per turn.
    generator_updates
        Updates of the generator per turn.
    alternate
        step: each batch gives both their turn. epoch: epochs belong to one of them.
    discriminator_learning_rate
        The discriminator's own learning rate, on which the schedule works too.
    """

    game: f.GameName = "non-saturating"
    label_smoothing: f.Share = 0.0
    instance_noise: f.NonNegative = 0.0
    penalty: f.PenaltyName | Literal["auto", "none"] = "auto"
    penalty_weight: f.NonNegative | None = None
    penalty_every: f.Count = 1
    packing: f.Count = 1
    pool: f.Number = 0
    augmentation: Literal["none", "always", "adaptive"] = "none"
    augmentation_kinds: f.Augmentations = ("color", "translation", "cutout")
    augmentation_target: f.Share = 0.6
    augmentation_ramp: f.Positive = 100_000.0
    discriminator_updates: f.Count = 1
    generator_updates: f.Count = 1
    alternate: Literal["step", "epoch"] = "step"
    discriminator_learning_rate: f.Positive | None = None
