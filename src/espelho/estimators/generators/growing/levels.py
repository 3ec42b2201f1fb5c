"""Levels: what a generator that grows makes of its settings at each resolution."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any, TypeVar

from espelho.errors import SettingError
from espelho.estimators.generators.rules import build_contest
from espelho.models.generators.contest import Contest
from espelho.models.generators.progressive_gan import Level, ProgressiveGANModel
from espelho.networks.growing.players import GrowingDiscriminator, GrowingGenerator
from espelho.networks.growing.resolutions import Size, resolutions

__all__ = ["build_growing", "find_size", "named_sizes"]

Value = TypeVar("Value")

_MOST_CHANNELS, _FEWEST_CHANNELS, _CHANNELS_TIMES_SIDE = 64, 16, 512
"""At a resolution, where they are not given: fewer where there are more pixels."""

_SQUARES = ("r1", "r2")
"""Penalties that are sums of squares over pixels."""

_SHARE = 0.03
"""Of the usual weight for images that squares have here, unless it is given: 0.3 where the data's
variance is 1. A twentieth of it is too little: while layers fade in, the discriminator soon knows
all of the data then, by details that are new to the generator."""


def build_growing(estimator: Any, **ways: Any) -> ProgressiveGANModel:
    """Return the networks of an estimator, and how they are trained at each resolution.

    Parameters
    ----------
    estimator
        Whose settings are read, and what it has learned of the data.
    **ways
        As of `GANModel`, but for the contest.

    Raises
    ------
    SettingError
        If a setting names more resolutions than there are.
    """
    colours, *size = estimator._network_shape()
    sizes = resolutions(*size)
    channels = _channels(estimator, sizes)
    generator = GrowingGenerator(
        estimator.latent_dim_,
        sizes,
        channels,
        colours,
        activation=estimator.activation,
        output_activation=estimator._output_activation(),
        normalization=estimator.normalization,
    )
    discriminator = GrowingDiscriminator(
        sizes,
        channels,
        int(estimator.packing) * colours,
        activation=estimator.discriminator_activation,
        minibatch_deviation=bool(estimator.minibatch_deviation),
    )
    return ProgressiveGANModel(
        generator,
        discriminator,
        estimator.latent_dim_,
        _levels(estimator, sizes),
        growing=bool(estimator.growing),
        **ways,
    )


def _channels(estimator: Any, sizes: Sequence[Size]) -> list[int]:
    if estimator.channels is not None:
        return [int(n) for n in _at_each("channels", estimator.channels, sizes)]
    wanted = (_CHANNELS_TIMES_SIDE // min(size) for size in sizes)
    return [max(_FEWEST_CHANNELS, min(_MOST_CHANNELS, n)) for n in wanted]


def _levels(estimator: Any, sizes: Sequence[Size]) -> list[Level]:
    names = ("fade_epochs", "settle_epochs", "batch_sizes", "learning_rates")
    given = {name: getattr(estimator, name) for name in names}
    each = {
        n: [None] * len(sizes) if v is None else _at_each(n, v, sizes) for n, v in given.items()
    }
    contest, usual = build_contest(estimator), estimator.penalty_weight is None
    times = [prod(size) / prod(sizes[-1]) * (_SHARE if usual else 1) for size in sizes]
    pairs = zip(times, each.pop("learning_rates"), strict=True)
    rules = [_contest_at(contest, *pair) for pair in pairs]
    return [
        Level(size, rule, fade, settle, batch)
        for size, rule, fade, settle, batch in zip(sizes, rules, *each.values(), strict=True)
    ]


def _contest_at(contest: Contest, times: float, learning_rate: float | None) -> Contest:
    """Return the rules at a resolution, where squares of slopes weigh so many times as much.

    At one with a share of the pixels slopes are steeper by one over the share, for a pixel stands
    for so many: a sum of squares is to weigh as much less (as in Karras et al. 2020).
    """
    penalties = {
        name: (penalty, weight * times if name in _SQUARES else weight)
        for name, (penalty, weight) in contest.penalties.items()
    }
    discriminating, _ = contest.learning_rates
    own = learning_rate if discriminating is None else discriminating
    return replace(contest, penalties=penalties, learning_rates=(own, learning_rate))


def _at_each(name: str, values: Sequence[Value], sizes: Sequence[Size]) -> list[Value]:
    """Return a value for each resolution, the last one for all that are left."""
    if not 1 <= len(values) <= len(sizes):
        raise SettingError(
            f"{name} must name a number for each resolution, or for the first ones (the last "
            f"number is that of all others): from 1 to {len(sizes)} numbers for "
            f"{named_sizes(sizes)}, got {len(values)}: {tuple(values)}."
        )
    return [*values, *[values[-1]] * (len(sizes) - len(values))]


def find_size(resolution: Any, sizes: Sequence[Size]) -> Size:
    """Return the size that a resolution stands for.

    Parameters
    ----------
    resolution
        A height, or a height and a width.
    sizes
        Those there are.

    Raises
    ------
    SettingError
        If it is none of them.
    """
    wanted = tuple(resolution) if isinstance(resolution, list | tuple) else resolution
    for size in sizes:
        if wanted in (size, size[0]) and not isinstance(wanted, bool):
            return size
    raise SettingError(
        f"resolution={resolution!r} was never trained. Those that were: {named_sizes(sizes)}; "
        "name one by its height, or by (height, width)."
    )


def named_sizes(sizes: Sequence[Size]) -> str:
    """Return sizes in words.

    Examples
    --------
    >>> named_sizes([(4, 4), (8, 8)])
    '4x4, 8x8'
    """
    return ", ".join(f"{height}x{width}" for height, width in sizes)
