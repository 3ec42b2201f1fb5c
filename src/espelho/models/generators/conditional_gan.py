"""The conditional generative adversarial network: both players know the label."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from espelho.losses.recognition import recognition
from espelho.models.generators.gan import GANModel, Judgement
from espelho.models.generators.packs import completed, opened, packed, spread
from espelho.networks.condition import condition_rows
from espelho.training.batches import Batch

__all__ = ["AuxiliaryGANModel", "ConditionalGANModel"]


class ConditionalGANModel(GANModel):
    """Let generator and discriminator play over samples of each label (Mirza and Osindero 2014).

    The phases are those of `GANModel`, with ``g(z_i, y_i)`` and ``d(x, y_i)``: made samples have
    the labels of the batch, so that each is judged beside the label it was made for. Labels are
    numbers ``(n, columns)``; the networks are told them as `condition_rows`, and after them the
    lengths of sequences.

    Parameters
    ----------
    generator
        From noise ``(n, latent_dim)`` and rows ``(n, told)`` to samples ``(n, *sample)``.
    discriminator
        From samples and rows to scores ``(n,)``.
    latent_dim
        Width of the noise.
    sizes
        The number of classes of each column of labels, 0 for a continuous one.
    **ways
        noise, contest, augment, past, sequences, augmentation, settle, as of `GANModel`.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        latent_dim: int,
        *,
        sizes: Sequence[int],
        **ways: Any,
    ) -> None:
        super().__init__(generator, discriminator, latent_dim, **ways)
        self._sizes = tuple(sizes)

    def generate(self, z: Tensor, *told: Tensor, **size: int) -> Tensor:
        """Return the samples ``(n, *sample)`` that noise stands for, of labels."""
        return super().generate(z, *self._rows(told), **size)

    def scores(self, x: Tensor, *told: Tensor) -> Tensor:
        """Return the discriminator's score of each sample ``(n,)``, beside its labels."""
        return super().scores(x, *self._rows(told))

    def shown(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return what a `GANModel` shows, and the first of the columns that are classes."""
        found = super().shown(batch)
        classes = [column for column, size in enumerate(self._sizes) if size]
        if batch.y is None or not classes:
            return found
        return {**found, "labels": batch.y[:, classes[0]].long()}

    def _rows(self, told: Sequence[Tensor]) -> list[Tensor]:
        """Return what networks are told, its first part, labels, as rows."""
        return [condition_rows(y, self._sizes) for y in told[:1]] + list(told[1:])

    def _labels(self, batch: Batch) -> tuple[Tensor, ...]:
        return () if batch.y is None else (batch.y,)


class AuxiliaryGANModel(ConditionalGANModel):
    """Let the discriminator guess labels instead of seeing them (Odena, Olah and Shlens 2017).

    It scores samples without their labels, and says which label each has. Both players pay for
    wrong guesses, by `recognition`: the discriminator those of data and of made samples, the
    generator those of what it made.

    Parameters
    ----------
    generator, latent_dim, sizes
        As of `ConditionalGANModel`.
    discriminator
        From samples to scores ``(n,)`` and guesses ``(n, told)``; from packs of samples to a score
        and the guesses of all in it. Of sequences it is told their lengths.
    weight
        What the cost of guesses is multiplied with.
    **ways
        noise, contest, augment, past, sequences, augmentation, settle, as of `GANModel`.
    """

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        latent_dim: int,
        *,
        sizes: Sequence[int],
        weight: float,
        **ways: Any,
    ) -> None:
        super().__init__(generator, discriminator, latent_dim, sizes=sizes, **ways)
        self._weight = weight

    def scores(self, x: Tensor, *told: Tensor) -> Tensor:
        """Return the discriminator's score of each sample ``(n,)``, whatever its labels."""
        return self._said(x, *told[1:]).score

    def guesses(self, x: Tensor, *lengths: Tensor) -> Tensor:
        """Return what the discriminator guesses of each sample, ``(n, told)``.

        Of a column of classes that is a block of logits, of a continuous one a number.
        """
        found: Any = self._said(x, *lengths).guess
        return found  # type: ignore[no-any-return]

    def _said(self, x: Tensor, *lengths: Tensor) -> Judgement:
        size = self.contest.packing
        packs = (packed(completed(part, size), size) for part in (x, *lengths))
        score, guess = self.discriminator(*packs)
        return Judgement(spread(score, size)[: len(x)], opened(guess, size)[: len(x)])

    def _judgement(self, x: Tensor, batch: Batch) -> Judgement:
        return self._said(x, *self._lengths(batch))

    def _cost_of_guesses(self, **judged: tuple[Judgement, Batch]) -> dict[str, Tensor]:
        return {
            f"labels_of_{name}": self._weight
            * recognition(said.guess, of.y, self._sizes, of.weight)  # type: ignore[arg-type]
            for name, (said, of) in judged.items()
        }
