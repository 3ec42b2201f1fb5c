"""Samples of any sampler that pass a filter."""

from dataclasses import dataclass, field
from math import ceil, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.errors import SamplingError, SettingError, ShapeError
from espelho.random_variables.sampler import (
    Function,
    RandomState,
    Sampler,
    as_generator,
    check_count,
    one_each,
)

__all__ = ["Filtered"]

LEAST_LIMIT, LIMIT_PER_SAMPLE = 100_000, 1_000
SURPLUS, SPARE = 1.1, 16


@dataclass(eq=False)
class Filtered:
    """Samples of a sampler, of which some are accepted and the others thrown away.

    With acceptance probabilities a(x), what is accepted of samples from p(x) is distributed
    as a(x) p(x), up to a constant. So the probability that a classifier gives to a class
    turns a generator of all classes into one of that class, if both are right.

    Proposals are drawn in batches, and each batch is as large as the acceptance rate so far
    asks for; of what the last one has too many, the first are taken.

    Parameters
    ----------
    base
        What samples are drawn from: a random variable, or a fitted estimator that samples.
    accept
        Takes samples ``(n, *sample)`` and says of each whether to accept it, True or False,
        or with what probability, between 0 and 1.
    max_proposals
        How many samples of ``base`` to draw at most; by default 1,000 for each sample asked
        for, and at least 100,000.
    batch_size
        How many of them to draw at once, at most.

    Attributes
    ----------
    acceptance_rate_
        Share of the proposals of the latest call that were accepted, not a number before.

    Examples
    --------
    >>> from espelho.random_variables import Filtered, Normal
    >>> positive = Filtered(Normal(), lambda x: x > 0)
    >>> bool(positive.sample(1000, random_state=0).min() > 0)
    True
    >>> round(positive.acceptance_rate_, 1)
    0.5
    """

    base: Sampler
    accept: Function
    max_proposals: int | None = None
    batch_size: int = 10_000

    acceptance_rate_: float = field(default=nan, init=False, repr=False)

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[Any]:
        """Return accepted samples ``(n, *sample)``, exactly n.

        Raises
        ------
        SamplingError
            If ``max_proposals`` do not yield so many.
        SettingError
            If ``accept`` returns anything else than truths or probabilities.
        ShapeError
            If it does not say one thing of each sample.
        """
        n, generator = check_count(n), as_generator(random_state)
        limit = self._limit(n)
        kept: list[NDArray[Any]] = []
        accepted = proposed = 0
        while accepted < n and proposed < limit:
            size = self._next_size(n - accepted, (accepted + 1) / (proposed + 1))
            drawn = self._propose(min(size, limit - proposed), generator)
            kept.append(drawn[self._accepted(drawn, generator)])
            accepted, proposed = accepted + len(kept[-1]), proposed + len(drawn)
        self.acceptance_rate_ = accepted / proposed
        if accepted < n:
            raise SamplingError(
                f"Of {proposed:,} proposals {accepted:,} were accepted, a rate of "
                f"{accepted / proposed:.3g}, and n={n:,} were asked for. Propose what is "
                "accepted more often, or raise max_proposals."
            )
        return np.concatenate(kept)[:n]

    def _limit(self, n: int) -> int:
        check_count(self.batch_size, "batch_size", "how many proposals to draw at once")
        if self.max_proposals is None:
            return max(LEAST_LIMIT, LIMIT_PER_SAMPLE * n)
        return check_count(self.max_proposals, "max_proposals", "how many proposals to draw")

    def _next_size(self, missing: int, rate: float) -> int:
        return min(self.batch_size, ceil(SURPLUS * missing / rate) + SPARE)

    def _propose(self, size: int, generator: np.random.Generator) -> NDArray[Any]:
        drawn = np.asarray(self.base.sample(size, random_state=generator))
        if drawn.shape[:1] != (size,):
            raise ShapeError(
                f"{type(self.base).__name__}.sample({size}) must return {size} samples, got "
                f"an array of shape {drawn.shape}."
            )
        return drawn

    def _accepted(self, drawn: NDArray[Any], generator: np.random.Generator) -> NDArray[np.bool_]:
        chance = one_each(self.accept(drawn), drawn, "accept")
        if chance.dtype == np.bool_:
            return chance
        wrong = ~((chance >= 0) & (chance <= 1))
        if wrong.any():
            raise SettingError(
                "accept must return truths, or probabilities between 0 and 1, got "
                f"{chance[wrong][0]}."
            )
        return np.asarray(generator.random(len(chance)) < chance)
