"""The progressive generative adversarial network: both players grow, and so do the images."""

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from torch import Tensor

from espelho.models.generators.contest import Contest
from espelho.models.generators.gan import GANModel
from espelho.networks.growing.players import GrowingDiscriminator, GrowingGenerator
from espelho.networks.growing.resolutions import Size, averaged_to, enlarged_to, halved
from espelho.training.batches import Batch, Data, mapped
from espelho.training.plan import Plan, Stage

__all__ = ["Level", "ProgressiveGANModel"]


class Level(NamedTuple):
    """How the networks are trained at one resolution.

    Attributes
    ----------
    size
        The resolution ``(height, width)``.
    contest
        The rules, learning rates among them.
    fade_epochs, settle_epochs
        Epochs in which its layers fade in, and in which they are trained then; ``None`` for the
        trainer's ``max_epochs``. The first has none to fade in.
    batch_size
        Samples per batch; ``None`` for the trainer's.
    """

    size: Size
    contest: Contest
    fade_epochs: int | None = None
    settle_epochs: int | None = None
    batch_size: int | None = None


class ProgressiveGANModel(GANModel):
    """Let generator and discriminator play over small images first (Karras et al. 2018).

    The phases are those of `GANModel`. Stages ``4x4``, ``8x8 fade-in``, ``8x8``, ...: at each
    resolution but the first, new layers fade into both networks with a weight a that rises from 0
    to 1 with the share of the stage that is done; then all layers are trained as they are.
    Optimisers start anew with each stage. Data is averaged down to the resolution, and while
    layers fade in, an image x of it is ``(1 - a) up(down(x)) + a x``, as made ones are.

    What `generate` returns is as large as the data at all times, pixels repeated.

    Parameters
    ----------
    generator, discriminator
        Networks that grow, grown in full.
    latent_dim
        Width of the noise.
    levels
        The resolutions, the smallest first.
    growing
        Whether they grow; otherwise the networks are trained in full from the start, by the last
        level.
    **ways
        noise, past, augmentation, as of `GANModel`.
    """

    generator: GrowingGenerator
    discriminator: GrowingDiscriminator

    def __init__(
        self,
        generator: GrowingGenerator,
        discriminator: GrowingDiscriminator,
        latent_dim: int,
        levels: Sequence[Level],
        *,
        growing: bool = True,
        **ways: Any,
    ) -> None:
        contest = levels[-1].contest
        super().__init__(generator, discriminator, latent_dim, contest=contest, **ways)
        self._levels = tuple(levels)
        self._sizes = tuple(level.size for level in levels)
        self._first = 0 if growing else len(levels) - 1

    @property
    def level(self) -> int:
        """Which resolution the networks have grown to, from 0."""
        return self.generator.level

    @property
    def grown(self) -> bool:
        """Whether they have grown in full."""
        return self.level == len(self._levels) - 1 and not self.generator.fading

    @property
    def trained_sizes(self) -> tuple[Size, ...]:
        """The resolutions that they have been trained at, the smallest first."""
        return self._sizes[self._first : self.level + 1]

    def plan(self) -> Plan:
        """Return the stages: the first resolution, then a fade-in and another for each."""
        stages = [self._stage(self._first, fading=False)]
        for level in range(self._first + 1, len(self._levels)):
            stages += [self._stage(level, fading=fading) for fading in (True, False)]
        return tuple(stages)

    def continued(self) -> Plan:
        """Return the stages that are left, of grown networks the last one at any length."""
        if not self.grown:
            return self.plan()[max(0, 2 * (self.level - self._first) - self.generator.fading) :]
        (last,) = self.plan()[-1:]
        last.epochs = None
        return (last,)

    def _stage(self, level: int, *, fading: bool) -> Stage:
        (height, width), contest, fade_epochs, settle_epochs, batch_size = self._levels[level]
        return Stage(
            *self._phases(contest),
            name=f"{height}x{width}{' fade-in' * fading}",
            epochs=fade_epochs if fading else settle_epochs,
            alternate=contest.alternate,
            grow=partial(self.stand_at, level, fading=fading),
            on_entry=partial(self._fade, 0.0 if fading else 1.0),
            data=partial(self._small, level),
            batch_size=batch_size,
            progress=self._fade if fading else None,
        )

    def stand_at(self, level: int, *, fading: bool = False) -> None:
        """Have the layers of the resolutions up to one, and train by its rules.

        Parameters
        ----------
        level
            Which resolution, from 0.
        fading
            Whether it fades in.
        """
        for network in (self.generator, self.discriminator):
            network.stand_at(level, fading=fading)
        self.contest = self._levels[level].contest

    def _fade(self, share: float) -> None:
        for network in (self.generator, self.discriminator):
            network.fade.fill_(share)

    def _small(self, level: int, data: Data) -> Data:
        if level == len(self._levels) - 1:
            return data
        return mapped(data, partial(averaged_to, size=self._sizes[level]))

    def generate(self, z: Tensor, *told: Tensor, **size: int) -> Tensor:
        """Return the images that noise stands for, as large as the data."""
        return self._enlarged(super().generate(z, *told, **size))

    def scores(self, x: Tensor, *told: Tensor) -> Tensor:
        """Return the discriminator's score of each image ``(n,)``; larger ones are averaged."""
        return super().scores(averaged_to(x, self._sizes[self.level]), *told)

    def _made(self, batch: Batch) -> Tensor:
        return self.generator(self._noise.like(batch.x, self._latent_dim))  # type: ignore[no-any-return]

    def _data(self, batch: Batch) -> Tensor:
        x = super()._data(batch)
        if not self.generator.fading:
            return x
        before = enlarged_to(halved(x), [self._sizes[self.level]])
        return before.lerp(x, self.generator.fade.to(x))

    def _some_past(self, made: Tensor, batch: Batch) -> Batch:
        if self.past is None:
            return super()._some_past(made, batch)
        shown = super()._some_past(self._enlarged(made), batch)
        return shown._replace(x=averaged_to(shown.x, self._sizes[self.level]))

    def _enlarged(self, x: Tensor) -> Tensor:
        return enlarged_to(x, self._sizes[self.level + 1 :])
