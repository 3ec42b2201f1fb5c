"""The generative adversarial network: samples that a discriminator cannot tell from data."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn

from espelho.losses.adversarial.games import mean_cost
from espelho.losses.adversarial.gradient_penalties import gradient_penalty
from espelho.models.generators.augmentation import Augmentation
from espelho.models.generators.contest import Contest
from espelho.models.generators.noise import Noise
from espelho.models.generators.packs import completed, opened, packed, spread, weights_of_packs
from espelho.models.generators.past_fakes import PastFakes
from espelho.training.batches import Batch
from espelho.training.plan import Phase, Plan, Stage, Terms, Trainable

__all__ = ["GANModel", "Judgement"]


class Judgement(NamedTuple):
    """What a discriminator says of samples.

    Attributes
    ----------
    score
        How real they look ``(n,)``, logits.
    guess
        What they were told to be, from a discriminator that is asked that too.
    """

    score: Tensor
    guess: Tensor | None = None


class GANModel(Trainable):
    """Let a generator g and a discriminator d play against each other (Goodfellow et al. 2014).

    With noise z, as many as there are samples x in a batch, the phases move

    - discriminate: d, to score data high and made samples low,
      ``mean_i w_i real(d(x_i)) + mean_i w_i fake(d(g(z_i)))`` plus its gradient penalties;
    - generate: g, so that its samples are scored high, ``mean_i w_i fool(d(g(z_i)))``.

    Samples may be sequences ``(n, time, features)`` that are padded at their ends: made ones have
    the lengths of the batch's, and both networks are told them.

    With packing m, ``d(x_i)`` is the one score of x_i and the m - 1 samples, all real or all made,
    that it is packed with (Lin et al. 2018), and a penalty is on its slope by all of them.

    Parameters
    ----------
    generator
        From noise ``(n, latent_dim)`` to samples ``(n, *sample)``; to sequences as `LSTMDecoder`.
    discriminator
        From samples to scores ``(n,)``; from packs of samples, as `packed` makes them, beside
        their labels ``(n, packing)`` if any, where they are judged in packs.
    latent_dim
        Width of the noise.
    noise
        What it is drawn from.
    contest
        The rules.
    augment
        Changes the data of a batch in training; ``None`` for as it is.
    past
        A pool of made samples, each with its weight, its label and its length if any, some of
        which the discriminator is shown in the place of new ones; ``None`` for none. Penalties are
        at what is made now.
    sequences
        Whether samples are sequences, whose lengths both networks take after labels if any.
    augmentation, settle
        Changes all images that the discriminator sees in training; draws categories by their
        probabilities, of samples that are shown; ``None`` for as they are.

    Attributes
    ----------
    noise_level
        Standard deviation of the instance noise as it is now.
    """

    turn: Tensor

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        latent_dim: int,
        *,
        noise: Noise,
        contest: Contest,
        augment: Callable[[Tensor], Tensor] | None = None,
        past: PastFakes | None = None,
        sequences: bool = False,
        augmentation: Augmentation | None = None,
        settle: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.generator = generator
        self.discriminator = discriminator
        self.past = past
        self.augmentation = augmentation
        self.contest = contest
        self.settle = settle
        self.noise_level = contest.instance_noise
        self.divisible = not contest.penalties  # slopes of scores need the weights whole
        self._latent_dim = latent_dim
        self._noise = noise
        self._augment = augment
        self._sequences = sequences
        self._ahead: tuple[Tensor, Tensor] | None = None
        # A buffer, so that a resumed training knows when the next penalty is due.
        self.register_buffer("turn", torch.zeros((), dtype=torch.int64))

    def generate(self, z: Tensor, *told: Tensor, **size: int) -> Tensor:
        """Return the samples ``(n, *sample)`` that noise stands for.

        Parameters
        ----------
        z
            Noise.
        *told
            Labels if any, then lengths of sequences.
        **size
            ``n_steps`` of what is returned, of sequences.
        """
        return self.generator(z, *told, **size)  # type: ignore[no-any-return]

    def scores(self, x: Tensor, *told: Tensor) -> Tensor:
        """Return the discriminator's score of each sample ``(n,)``, beside what it is told of it.

        Where samples are judged in packs, that of the pack; a last one that is not full is
        completed with the first samples.
        """
        size = self.contest.packing
        packs, *beside = (packed(completed(part, size), size) for part in (x, *told))
        found: Tensor = self.discriminator(packs, *beside)
        return spread(found, size)[: len(x)]

    def _labels(self, batch: Batch) -> tuple[Tensor, ...]:  # noqa: ARG002
        """Return the labels of a batch, if there are any that networks are told."""
        return ()

    def _told(self, batch: Batch) -> tuple[Tensor, ...]:
        """Return what both networks are told of a batch's samples."""
        return (*self._labels(batch), *self._lengths(batch))

    def _lengths(self, batch: Batch) -> tuple[Tensor, ...]:
        """Return how long the samples of a batch are, if they are sequences."""
        if not self._sequences:
            return ()
        n, n_steps = batch.x.shape[:2]
        if batch.lengths is None:
            return (torch.full((n,), n_steps, device=batch.x.device),)
        return (batch.lengths,)

    def shown(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return samples and as many made ones, and what the discriminator says of them."""
        told, made = self._told(batch), (self.settle or nn.Identity())(self._made(batch))
        return {
            "real": batch.x,
            "made": made,
            "scores_real": self.scores(batch.x, *told),
            "scores_made": self.scores(made, *told),
        }

    def plan(self) -> Plan:
        """Return the one stage and its two phases."""
        return (Stage(*self._phases(self.contest), alternate=self.contest.alternate),)

    def _phases(self, rules: Contest) -> tuple[Phase, Phase]:
        discriminating, generating = rules.learning_rates
        discriminate = Phase(
            "discriminate",
            owns=(self.discriminator,),
            loss=self._discriminate,
            learning_rate=discriminating,
            repeats=rules.discriminator_updates,
        )
        generate = Phase(
            "generate",
            owns=(self.generator,),
            loss=self._generate,
            learning_rate=generating,
            repeats=rules.generator_updates,
        )
        return discriminate, generate

    def _discriminate(self, batch: Batch) -> Terms:
        data, game = self._data(batch), self.contest.game
        made = self._made_ahead(batch)
        shown = self._some_past(made, batch)
        real, fake = self._judged(data, batch), self._judged(shown.x, shown)
        ahead = game.against(real.score, lambda: fake.score)
        if self.augmentation is not None:
            self.augmentation.follow(game.fake(ahead) - game.real(ahead), batch.weight)
        terms = {
            "real": mean_cost(game.real, ahead, batch.weight),
            "fake": mean_cost(
                game.fake, game.against(fake.score, lambda: real.score), shown.weight
            ),
        }
        terms |= self._cost_of_guesses(real=(real, batch), fake=(fake, shown))
        return terms | self._penalties(data, made, batch)

    def _generate(self, batch: Batch) -> Terms:
        game = self.contest.game
        made = self._judged(self._made_before(batch), batch)
        score = game.against(made.score, lambda: self._judged(self._data(batch), batch).score)
        terms = {"fool": mean_cost(game.fool, score, batch.weight)}
        return terms | self._cost_of_guesses(made=(made, batch))

    def _made(self, batch: Batch) -> Tensor:
        """Return made samples, as many as there are in the batch."""
        size = {"n_steps": batch.x.shape[1]} if self._sequences else {}
        z = self._noise.like(batch.x, self._latent_dim)
        return self.generate(z, *self._told(batch), **size)

    def _made_ahead(self, batch: Batch) -> Tensor:
        """Return made samples, through which nothing goes back: the generator is not moved.

        The generator's own update of the batch, if it comes next, is given the same ones: they
        are as good as others, since it has not moved, and making them is half of its work.
        """
        if not self.training or self.contest.alternate == "epoch":
            with torch.no_grad():
                return self._made(batch)
        self._ahead = batch.x, self._made(batch)
        return self._ahead[1].detach()

    def _made_before(self, batch: Batch) -> Tensor:
        """Return the samples that the discriminator was shown of the batch, once, or new ones."""
        ahead, self._ahead = self._ahead, None
        return ahead[1] if ahead and ahead[0] is batch.x else self._made(batch)

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 as torch declares it
        """Set whether the networks are in training, and forget what was made."""
        self._ahead = None
        return super().train(mode)

    def _some_past(self, made: Tensor, batch: Batch) -> Batch:
        """Return made samples, some of them older ones if there is a pool."""
        if self.past is None:
            return batch._replace(x=made)
        weight = batch.x.new_ones(len(made)) if batch.weight is None else batch.weight
        made = self.past.padded(made) if self._sequences else made
        x, weight, *told = self.past(made, weight, *self._told(batch))
        lengths = told.pop() if self._sequences else None
        return Batch(x, told[0] if told else None, weight, lengths)

    def _data(self, batch: Batch) -> Tensor:
        return batch.x if self._augment is None or not self.training else self._augment(batch.x)

    def _judged(self, x: Tensor, batch: Batch) -> Judgement:
        """Return what is said of samples as the discriminator sees them in training."""
        x = self._changed(x)
        if self.training and self.noise_level:
            x = x + self.noise_level * torch.randn_like(x)
        return self._judgement(x, batch)

    def _judgement(self, x: Tensor, batch: Batch) -> Judgement:
        return Judgement(self.scores(x, *self._told(batch)))

    def _cost_of_guesses(self, **judged: tuple[Judgement, Batch]) -> dict[str, Tensor]:  # noqa: ARG002
        """Return what guesses of samples cost, by a name for them; here nothing is guessed."""
        return {}

    def _changed(self, x: Tensor) -> Tensor:
        return x if self.augmentation is None else self.augmentation(x)

    def _penalties(self, real: Tensor, fake: Tensor, batch: Batch) -> dict[str, Tensor]:
        """Return the weighted penalties; 0 in the turns that leave them out."""
        times = self._times_of_penalties() if self.contest.penalties else 0
        if not times:
            return {name: real.new_zeros(()) for name in self.contest.penalties}
        size = self.contest.packing
        weights = weights_of_packs(batch.weight, size, real)
        real, fake = (packed(completed(self._changed(x), size), size) for x in (real, fake))
        told = [completed(column, size) for column in self._told(batch)]

        def critic(packs: Tensor) -> Tensor:
            return self.scores(opened(packs, size), *told)[::size]

        # cuDNN cannot differentiate an LSTM twice.
        with torch.backends.cudnn.flags(enabled=False) if self._sequences else nullcontext():
            return {
                name: times * weight * gradient_penalty(penalty, critic, real, fake, weights)
                for name, (penalty, weight) in self.contest.penalties.items()
            }

    def _times_of_penalties(self) -> int:
        """Return how many turns the penalties of this one stand for."""
        every = self.contest.penalty_every
        if not self.training or every == 1:
            return 1
        due = int(self.turn) % every == 0
        self.turn += 1
        return every * due
