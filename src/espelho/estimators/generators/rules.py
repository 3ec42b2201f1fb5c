"""The rules of a game between networks: made of settings, and checked."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from espelho.data.images.shapes import channel_axis
from espelho.errors import SettingError
from espelho.estimators.generators.networks import is_convolutional
from espelho.losses.adversarial.games import GAMES
from espelho.losses.adversarial.gradient_penalties import GRADIENT_PENALTIES, GradientPenalty
from espelho.models.generators.augmentation import AdaptiveAugmentation, Augmentation
from espelho.models.generators.contest import Contest
from espelho.models.generators.past_fakes import PastFakes

__all__ = ["build_augmentation", "build_contest", "build_pool", "check_rules", "check_sequences"]

_FLAT = 0.02
"""Weight of penalties on squared slopes where the data's variance is 1."""

_FLAT_IN_IMAGES = 10.0
"""That of images: samples of digits and clothes are nearest to the data from 1 to 20. Not beside
labels, which a flat discriminator heeds less: 96.1 instead of 98.7 % of MNIST's were obeyed."""

_FLAT_OVER_TIME = 1.0
"""That of sequences, whose steps together give away what is made far more easily."""

_STEEP = 10.0
"""The usual weight of penalties on how far slopes are off one (Gulrajani et al. 2017)."""


def build_contest(estimator: Any) -> Contest:
    """Return the rules that an estimator's settings make.

    Parameters
    ----------
    estimator
        Whose settings are read, and what it has learned of the data.
    """
    return Contest(
        game=GAMES[estimator.game].smoothed(float(estimator.label_smoothing)),
        penalties=_penalties(estimator),
        penalty_every=int(estimator.penalty_every),
        instance_noise=float(estimator.instance_noise),
        discriminator_updates=int(estimator.discriminator_updates),
        generator_updates=int(estimator.generator_updates),
        alternate=estimator.alternate,
        learning_rates=(estimator.discriminator_learning_rate, None),
        packing=int(estimator.packing),
    )


def build_augmentation(estimator: Any) -> Augmentation | None:
    """Return what changes all images that a discriminator sees, if anything.

    Parameters
    ----------
    estimator
        Whose settings are read, and what it has learned of the data.

    Raises
    ------
    SettingError
        If samples are no images, or have their channels last.
    """
    kind, shape = estimator.augmentation, estimator.sample_shape_
    if kind == "none":
        return None
    if len(shape) < len(("height", "width")):
        raise SettingError(
            f"augmentation={kind!r} needs images, and a sample has the shape {shape}. Say their "
            "shape by sample_shape, or leave augmentation out."
        )
    if channel_axis(shape) == len(shape) - 1:
        raise SettingError(
            f"augmentation={kind!r} needs images whose channels come first, and a sample has the "
            f"shape {shape}. Move the last axis before the others, or leave augmentation out."
        )
    names, spread = estimator.augmentation_kinds, _variance(estimator) ** 0.5
    if kind == "always":
        return Augmentation(names, shape, spread=spread)
    target, samples = float(estimator.augmentation_target), float(estimator.augmentation_ramp)
    return AdaptiveAugmentation(names, shape, spread=spread, target=target, samples=samples)


def build_pool(estimator: Any, *beside: Tensor) -> PastFakes | None:
    """Return the pool of past samples that an estimator's settings make, if any.

    Parameters
    ----------
    estimator
        Whose settings are read.
    *beside
        What stands beside one sample, its label say: an example for shape and type.
    """
    if not estimator.pool:
        return None
    sample, weight = torch.empty(estimator._network_shape()), torch.ones(())
    return PastFakes(int(estimator.pool), sample, weight, *beside)


def check_rules(estimator: Any) -> None:
    """Raise if two rules cannot work together.

    Parameters
    ----------
    estimator
        Whose settings are read.

    Raises
    ------
    SettingError
        If a weight weighs nothing, nothing limits the discriminator, no batch fills a pack, or
        an augmentation changes nothing or has nothing to follow.
    """
    _check_augmentation(estimator)
    if estimator.packing > estimator.batch_size:
        raise SettingError(
            f"packing={estimator.packing} and batch_size={estimator.batch_size} cannot work "
            "together: a batch would not fill one pack. Use larger batches, or smaller packs."
        )
    name, weight = _penalty_name(estimator), estimator.penalty_weight
    if name == "none" and weight is not None:
        raise SettingError(
            f"penalty_weight={weight} weighs no penalty here. Leave it out, or say which one by "
            "penalty."
        )
    limited = estimator.spectral_norm or (name != "none" and weight != 0)
    if not (limited or GAMES[estimator.game].bounded):
        raise SettingError(
            f"game={estimator.game!r} and no penalty cannot work together: nothing limits how "
            "fast the discriminator's scores grow. Use penalty='wasserstein', or "
            "spectral_norm=True."
        )


def check_sequences(estimator: Any, *, differ: bool) -> None:
    """Raise if settings do not go with sequences.

    Parameters
    ----------
    estimator
        Whose settings are read.
    differ
        Whether the sequences differ in length.

    Raises
    ------
    SettingError
        If one does not.
    """
    for name in ("hidden_sizes", "discriminator_sizes"):
        if not getattr(estimator, name):
            raise SettingError(
                f"{name} must name at least one LSTM layer, such as (32,), where samples are "
                "sequences; got ()."
            )
    normalised = estimator.normalization not in ("auto", "none")
    unfit = {
        "spectral_norm": (
            estimator.spectral_norm,
            "it bounds layers that are passed once, and an LSTM's weights work at every step",
        ),
        "normalization": (normalised, "the states of an LSTM are bounded by themselves"),
        "shifts": (estimator.shifts, "it moves images"),
        "augmentation": (estimator.augmentation != "none", "it changes images"),
        "penalty": (
            differ and estimator.penalty == "dragan",
            "dragan looks as far around data as it varies, and padding does not vary",
        ),
    }
    for name, (wrong, reason) in unfit.items():
        if wrong:
            raise SettingError(
                f"{name}={getattr(estimator, name)!r} and sequences"
                f"{' that differ in length' * (name == 'penalty')} cannot work together: "
                f"{reason}. Leave {name} out."
            )


def _check_augmentation(estimator: Any) -> None:
    kind = estimator.augmentation
    if kind == "adaptive" and not GAMES[estimator.game].bounded:
        raise SettingError(
            f"game={estimator.game!r} and augmentation='adaptive' cannot work together: the "
            "chance follows the sign of scores, which says nothing in this game. Use "
            "augmentation='always', or another game."
        )
    if kind != "none" and not estimator.augmentation_kinds:
        raise SettingError(
            f"augmentation={kind!r} needs augmentation_kinds that say what to change, got (). "
            "Name some, such as ('translation', 'cutout'), or leave augmentation out."
        )


def _penalties(estimator: Any) -> Mapping[str, tuple[GradientPenalty, float]]:
    name, weight = _penalty_name(estimator), estimator.penalty_weight
    if name == "none" or weight == 0:
        return {}
    if weight is None:
        weight = _weight_of_squares(estimator) if name in ("r1", "r2") else _STEEP
    return {name: (GRADIENT_PENALTIES[name], float(weight))}


def _penalty_name(estimator: Any) -> str:
    name: str = estimator.penalty
    if name != "auto":
        return name
    if estimator.spectral_norm:
        return "none"
    return "wasserstein" if estimator.game == "wasserstein" else "r1"


def _weight_of_squares(estimator: Any) -> float:
    """Return a weight in the units of slopes: they are per unit of the data."""
    if estimator._recurrent:
        return _FLAT_OVER_TIME * _variance(estimator)
    unlabelled_images = is_convolutional(estimator) and not hasattr(estimator, "conditioning")
    return (_FLAT_IN_IMAGES if unlabelled_images else _FLAT) * _variance(estimator)


def _variance(estimator: Any) -> float:
    """Return about what the variance of a feature is, in scaled units."""
    return float(estimator.median_distance_**2 / (2 * estimator._width))
