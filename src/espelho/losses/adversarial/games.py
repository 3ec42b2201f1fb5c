"""Games: what each player of an adversarial training pays for the scores of the judge.

A discriminator, the judge, gives every sample a score, a logit: high for real, low for made. The
other player wants its samples to be scored as real ones are. Costs are computed from the logits
by softplus, ``softplus(a) = log(1 + e^a)``, whose slope is exact however sure the judge is.

Most games pay for each score by itself. A relativistic one pays for how much a score is above the
score of a sample of the other side, so what costs are of is said by the game too.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

__all__ = ["GAMES", "Game", "alone", "mean_cost", "paired"]

Cost = Callable[[Tensor], Tensor]
Against = Callable[[Tensor, Callable[[], Tensor]], Tensor]


def alone(score: Float[Tensor, "n"], _other: Callable[[], Tensor]) -> Float[Tensor, "n"]:
    """Return the scores as they are; those of the other side are not even computed."""
    return score


def paired(score: Float[Tensor, "n"], other: Callable[[], Tensor]) -> Float[Tensor, "n"]:
    """Return how much each score is above the score in its place on the other side."""
    return score - other()


class Game(NamedTuple):
    """What is paid for each score.

    Attributes
    ----------
    real
        What the judge pays for the score of a real sample.
    fake
        What the judge pays for the score of a made sample.
    fool
        What the other player pays for the score of a sample that it made.
    bounded
        Whether what the judge pays has a least value. Where it has none, scores grow without end
        unless the judge's slope is limited in another way.
    against
        From scores, and a function that gives those of the other side, to what costs are of.
    """

    real: Cost
    fake: Cost
    fool: Cost
    bounded: bool = True
    against: Against = alone

    def smoothed(self, share: float) -> "Game":
        """Return the game in which the judge is told that a share of the real samples is made.

        It pays ``(1 - s) real(a) + s fake(a)`` for a real one, and so never gains by being
        quite sure (one-sided label smoothing, Salimans et al. 2016).
        """
        real, fake = self.real, self.fake

        def smooth(score: Tensor) -> Tensor:
            return (1 - share) * real(score) + share * fake(score)

        return self._replace(real=smooth) if share else self


def _high(score: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return ``-log s(a)``, what a score costs that should be high."""
    return F.softplus(-score)


def _low(score: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return ``-log(1 - s(a))``, what a score costs that should be low."""
    return F.softplus(score)


def _caught(score: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return ``log(1 - s(a))``, which hardly falls where the judge is sure of a fake."""
    return -F.softplus(score)


def _near_one(score: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return ``(a - 1)^2 / 2``."""
    return (score - 1).square() / 2


def _near_zero(score: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return ``a^2 / 2``."""
    return score.square() / 2


def _above_one(score: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return ``max(0, 1 - a)``."""
    return F.relu(1 - score)


def _below_minus_one(score: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return ``max(0, 1 + a)``."""
    return F.relu(1 + score)


def _score(score: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return ``a``."""
    return score


def _minus_score(score: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return ``-a``."""
    return -score


def _half_high(score: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return ``-log s(a) / 2``, what one of a pair pays for both."""
    return F.softplus(-score) / 2


def _half_low(score: Float[Tensor, "n"]) -> Float[Tensor, "n"]:
    """Return ``-log(1 - s(a)) / 2``."""
    return F.softplus(score) / 2


GAMES: Mapping[str, Game] = {
    "non-saturating": Game(_high, _low, _high),
    "minimax": Game(_high, _low, _caught),
    "least-squares": Game(_near_one, _near_zero, _near_one),
    "hinge": Game(_above_one, _below_minus_one, _minus_score),
    "wasserstein": Game(_minus_score, _score, _minus_score, bounded=False),
    "relativistic": Game(_half_high, _half_low, _high, against=paired),
}
"""Games by name: the two of Goodfellow et al. (2014), Mao et al. (2017), Lim and Ye (2017),
Arjovsky et al. (2017), and in pairs Jolicoeur-Martineau (2018)."""


def mean_cost(
    cost: Cost, score: Float[Tensor, "n"], weight: Float[Tensor, "n"] | None = None
) -> Float[Tensor, ""]:
    """Return ``mean_i w_i cost(a_i)``.

    Parameters
    ----------
    cost
        A cost of a `Game`.
    score
        ``a``, the scores of samples.
    weight
        Weights ``(n,)`` whose mean over the whole data set is 1.

    Examples
    --------
    >>> import torch
    >>> mean_cost(GAMES["non-saturating"].fool, torch.zeros(3)).exp()
    tensor(2.)
    """
    costs = cost(score)
    return costs.mean() if weight is None else weight.dot(costs.to(weight)) / len(costs)
