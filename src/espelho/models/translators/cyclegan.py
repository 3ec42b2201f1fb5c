"""CycleGAN: translation both ways that is learned without pairs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self, cast

from torch import Tensor, nn

from espelho.losses.adversarial.games import Game, alone, mean_cost
from espelho.models.generators.past_fakes import PastFakes
from espelho.models.translators.blocks import in_blocks, scores_of
from espelho.training.batches import Batch
from espelho.training.checkup.translation import cycles
from espelho.training.plan import Phase, Plan, Stage, Terms, Trainable

__all__ = ["CycleGANModel", "CycleWeights"]


@dataclass(frozen=True, kw_only=True)
class CycleWeights:
    """How much the parts of what the generators pay weigh.

    Attributes
    ----------
    adversarial
        What it costs to be found out.
    cycle
        That samples come back.
    identity
        That samples of the set that is translated to stay as they are; 0 for nothing.
    """

    adversarial: float = 2.0
    cycle: float = 10.0
    identity: float = 5.0


class _Step(NamedTuple):
    """What a batch is, and what is made of it."""

    a: Tensor
    b: Tensor
    made_a: Tensor
    made_b: Tensor


class CycleGANModel(Trainable):
    """Translate both ways, so that what is translated there and back is what it was.

    With generators g from A to B and f from B to A, and a discriminator d of each set (Zhu et
    al. 2017), the phases move

    - discriminate: both d, by ``mean_i real(d_B(b_i)) + mean_i fake(d_B(g(a_i)))`` and the same of
      A, with some of what was made in the steps before in the place of what is made now;
    - generate: g and f, by ``v mean_i fool(d_B(g(a_i))) + w mean_i |f(g(a_i)) - a_i| +
      u mean_i |g(b_i) - b_i|`` and the same the other way round,

    where ``|.|`` is the mean absolute difference over the values of a sample, and a cost of
    scores its mean over patches too. Published are the costs ``(s - 1)^2`` with w = 10 and u = 5
    beside v = 1; the game of least squares here pays half of that, hence v = 2.

    Parameters
    ----------
    to_B, to_A
        The generators.
    discriminator_A, discriminator_B
        From samples of a set to scores ``(n, *patches)``.
    game
        What is paid for scores.
    weights
        v, w and u.
    past_A, past_B
        Pools of made samples of each set; ``None`` for what is made now only.
    augment
        Changes samples of a set in training; ``None`` for as they are.
    """

    def __init__(
        self,
        to_B: nn.Module,
        to_A: nn.Module,
        discriminator_A: nn.Module,
        discriminator_B: nn.Module,
        *,
        game: Game,
        weights: CycleWeights,
        past_A: PastFakes | None = None,
        past_B: PastFakes | None = None,
        augment: Callable[..., Sequence[Tensor]] | None = None,
    ) -> None:
        super().__init__()
        self.to_B, self.to_A = to_B, to_A
        self.discriminator_A, self.discriminator_B = discriminator_A, discriminator_B
        self.past_A, self.past_B = past_A, past_B
        self.augment = augment
        self._game = game
        self._weights = weights
        self._ahead: tuple[Tensor, _Step] | None = None

    def translate(self, x: Tensor, to: str = "B") -> Tensor:
        """Return what samples of the other set are in the set that is named."""
        found: Tensor = self.to_B(x) if to == "B" else self.to_A(x)
        return found

    def shown(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return both sets, what is made and comes back of each, and what is said of both."""
        a, b = batch.x, cast(Tensor, batch.y)
        if self.augment is not None:
            (a,), (b,) = self.augment(a), self.augment(b)
        made_a, made_b = in_blocks(self.to_A, b), in_blocks(self.to_B, a)
        found = {
            "real_A": a,
            "made_A": made_a,
            "source_A": b,
            "cycle_A": cycles(a, made_b, b, lambda x: in_blocks(self.to_A, x)),
            "real_B": b,
            "made_B": made_b,
            "source_B": a,
            "cycle_B": cycles(b, made_a, a, lambda x: in_blocks(self.to_B, x)),
        }
        for name, judge in (("A", self.discriminator_A), ("B", self.discriminator_B)):
            for kind in ("real", "made"):
                found[f"scores_{kind}_{name}"] = scores_of(judge, found[f"{kind}_{name}"])
        return found

    def plan(self) -> Plan:
        """Return the one stage and its two phases."""
        judges = (self.discriminator_A, self.discriminator_B)
        discriminate = Phase("discriminate", owns=judges, loss=self._discriminate)
        generate = Phase("generate", owns=(self.to_B, self.to_A), loss=self._generate)
        return (Stage(discriminate, generate),)

    def _discriminate(self, batch: Batch) -> Terms:
        step = self._made(batch)
        if self.training:
            self._ahead = batch.x, step
        of_a = self._judged(self.discriminator_A, step.a, step.made_a.detach(), self.past_A)
        of_b = self._judged(self.discriminator_B, step.b, step.made_b.detach(), self.past_B)
        return {"real_A": of_a[0], "fake_A": of_a[1], "real_B": of_b[0], "fake_B": of_b[1]}

    def _judged(
        self, judge: nn.Module, real: Tensor, made: Tensor, past: PastFakes | None
    ) -> tuple[Tensor, Tensor]:
        """Return what a discriminator pays for samples of a set, and for made ones."""
        if past is not None:
            (made,) = past(made)
        game = self._game
        high, low = judge(real).flatten(), judge(made).flatten()
        return (
            mean_cost(game.real, _against(game, high, lambda: low)),
            mean_cost(game.fake, _against(game, low, lambda: high)),
        )

    def _generate(self, batch: Batch) -> Terms:
        ahead, self._ahead = self._ahead, None
        # What the discriminators have just judged: the generators have not moved since.
        a, b, made_a, made_b = ahead[1] if ahead and ahead[0] is batch.x else self._made(batch)
        weights = self._weights
        terms = {
            "fool_A": weights.adversarial * self._fooled(self.discriminator_A, made_a, a),
            "fool_B": weights.adversarial * self._fooled(self.discriminator_B, made_b, b),
            "cycle_A": weights.cycle * _difference(self.to_A(made_b), a),
            "cycle_B": weights.cycle * _difference(self.to_B(made_a), b),
        }
        if weights.identity:
            terms["identity_A"] = weights.identity * _difference(self.to_A(a), a)
            terms["identity_B"] = weights.identity * _difference(self.to_B(b), b)
        return terms

    def _fooled(self, judge: nn.Module, made: Tensor, real: Tensor) -> Tensor:
        game = self._game
        score = _against(game, judge(made).flatten(), lambda: judge(real).flatten())
        return mean_cost(game.fool, score)

    def _made(self, batch: Batch) -> _Step:
        """Return samples of both sets and what the generators make of them."""
        a, b = batch.x, batch.y
        if self.augment is not None:
            (a,), (b,) = self.augment(a), self.augment(b)
        return _Step(a, b, self.to_A(b), self.to_B(a))  # type: ignore[arg-type]  # both are there

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 as torch declares it
        """Set whether the networks are in training, and forget what was made."""
        self._ahead = None
        return super().train(mode)


def _against(game: Game, score: Tensor, other: Callable[[], Tensor]) -> Tensor:
    """Return what costs are of; the sets may have given batches that differ in size."""
    if game.against is alone:
        return score
    opposite = other()
    n = min(len(score), len(opposite))
    return game.against(score[:n], lambda: opposite[:n])


def _difference(one: Tensor, other: Tensor) -> Tensor:
    return (one - other).abs().mean()
