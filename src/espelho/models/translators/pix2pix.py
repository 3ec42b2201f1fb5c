"""Pix2pix: translation that is learned from pairs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Self, cast

import torch
from torch import Tensor, nn

from espelho.losses.adversarial.games import Game, mean_cost
from espelho.models.translators.blocks import in_blocks, scores_of
from espelho.training.batches import Batch
from espelho.training.plan import Phase, Plan, Stage, Terms, Trainable

__all__ = ["Pix2PixModel"]


class Pix2PixModel(Trainable):
    """Translate a into b by a generator g that a discriminator d judges (Isola et al. 2017).

    With pairs ``(a_i, b_i)`` of samples of D values each, and ``d(a, b)`` the scores of a pair,
    one for every patch, the phases move

    - discriminate: d, by ``mean_i real(d(a_i, b_i)) + mean_i fake(d(a_i, g(a_i)))``;
    - generate: g, by ``v mean_i fool(d(a_i, g(a_i))) + w mean_i (1/D) sum_j |b_ij - g(a_i)_j|``,

    where a cost of scores is its mean over patches too. That is as published: means over pixels,
    and v = 1 beside w = 100. Where v is 0 there is no discriminator, and where w is 0 no error.

    Parameters
    ----------
    generator
        From samples of A to samples of B.
    discriminator
        From samples of A and of B, side by side along the first axis of a sample, to scores
        ``(n, *patches)``; ``None`` where v is 0.
    game
        What is paid for scores.
    adversarial_weight, absolute_weight
        v and w.
    augment
        Changes both of each pair alike in training; ``None`` for as they are.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module | None,
        *,
        game: Game,
        adversarial_weight: float = 1.0,
        absolute_weight: float = 100.0,
        augment: Callable[..., Sequence[Tensor]] | None = None,
    ) -> None:
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.augment = augment
        self._game = game
        self._weights = adversarial_weight, absolute_weight
        self._ahead: tuple[Tensor, tuple[Tensor, Tensor, Tensor]] | None = None

    def translate(self, x: Tensor, to: str = "B") -> Tensor:  # noqa: ARG002 as of `CycleGANModel`
        """Return what samples of A are in B."""
        found: Tensor = self.generator(x)
        return found

    def scores(self, a: Tensor, b: Tensor) -> Tensor:
        """Return the discriminator's scores of pairs, one for each patch of each ``(n * m,)``."""
        found: Tensor = self.discriminator(torch.cat([a, b], dim=1))  # type: ignore[misc]
        return found.flatten()

    def shown(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return pairs, what is made of the first of each, and what is said of both."""
        a, b = batch.x, cast(Tensor, batch.y)
        if self.augment is not None:
            a, b = self.augment(a, b)
        made = in_blocks(self.generator, a)
        found = {"source": a, "real": b, "made": made}
        if self.discriminator is not None:
            found["scores_real"] = scores_of(self.scores, a, b)
            found["scores_made"] = scores_of(self.scores, a, made)
        return found

    def plan(self) -> Plan:
        """Return the one stage: two phases, or one where nothing is judged."""
        generate = Phase("generate", owns=(self.generator,), loss=self._generate)
        if self.discriminator is None:
            return (Stage(generate),)
        judge = Phase("discriminate", owns=(self.discriminator,), loss=self._discriminate)
        return (Stage(judge, generate),)

    def _discriminate(self, batch: Batch) -> Terms:
        a, b, made = self._made(batch)
        if self.training:
            self._ahead = batch.x, (a, b, made)
        made = made.detach()
        real = self._game.against(self.scores(a, b), lambda: self.scores(a, made))
        fake = self._game.against(self.scores(a, made), lambda: self.scores(a, b))
        return {"real": mean_cost(self._game.real, real), "fake": mean_cost(self._game.fake, fake)}

    def _generate(self, batch: Batch) -> Terms:
        ahead, self._ahead = self._ahead, None
        # What the discriminator has just judged: the generator has not moved since.
        a, b, made = ahead[1] if ahead and ahead[0] is batch.x else self._made(batch)
        adversarial, absolute = self._weights
        terms = {}
        if self.discriminator is not None:
            score = self._game.against(self.scores(a, made), lambda: self.scores(a, b))
            terms["fool"] = adversarial * mean_cost(self._game.fool, score)
        if absolute:
            terms["absolute_error"] = absolute * (b - made).abs().mean()
        return terms

    def _made(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Return pairs and what the generator makes of the first of each."""
        a, b = batch.x, batch.y
        if self.augment is not None:
            a, b = self.augment(a, b)
        return a, b, self.generator(a)  # type: ignore[return-value]  # batches of pairs have both

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 as torch declares it
        """Set whether the networks are in training, and forget what was made."""
        self._ahead = None
        return super().train(mode)
