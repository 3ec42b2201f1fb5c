"""Discriminators: networks that score how real a sample looks, alone or beside a label."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from espelho.networks.activations import initialise
from espelho.networks.condition import beside

__all__ = [
    "AuxiliaryDiscriminator",
    "ConcatenatingDiscriminator",
    "Discriminator",
    "LabelledGenerator",
    "MinibatchDeviation",
    "ProjectionDiscriminator",
]

_EPSILON = 1e-8


class MinibatchDeviation(nn.Module):
    """Append to every sample how much the samples of the batch differ (Karras et al. 2018).

    The standard deviation of every feature over the batch, averaged to one number: samples that
    are all alike give themselves away. Processes that share a batch each see their own part.
    """

    def forward(self, h: Float[Tensor, "n features *places"]) -> Float[Tensor, "n more *places"]:
        """Return the features and the number beside them, ``(n, features + 1, *places)``.

        Of images, as one more channel.
        """
        deviation = (h.var(0, correction=0) + _EPSILON).sqrt().mean()
        return torch.cat([h, deviation.expand(len(h), 1, *h.shape[2:])], dim=1)


class _Scorer(nn.Module):
    """Features of samples, and a linear score of them.

    Parameters
    ----------
    features
        From samples ``(n, *sample)`` to features ``(n, width)``.
    width
        Number of features.
    minibatch_deviation
        Whether the score also sees how much the samples of a batch differ.
    """

    def __init__(
        self, features: nn.Module, width: int, *, minibatch_deviation: bool = False
    ) -> None:
        super().__init__()
        self.features = features
        last = nn.Linear(width + minibatch_deviation, 1)
        initialise(last, "linear", last=True)
        self.score = nn.Sequential(MinibatchDeviation(), last) if minibatch_deviation else last

    def _scored(self, h: Float[Tensor, "n features"]) -> Float[Tensor, "n"]:
        found: Tensor = self.score(h)
        return found.squeeze(1)


class Discriminator(_Scorer):
    """Score samples: features, then a linear score of them.

    Parameters
    ----------
    features
        From samples ``(n, *sample)`` to features ``(n, width)``.
    width
        Number of features.
    minibatch_deviation
        Whether the score also sees how much the samples of a batch differ.
    """

    def forward(
        self, x: Float[Tensor, "n *sample"], *lengths: Int[Tensor, "n *pack"]
    ) -> Float[Tensor, "n"]:
        """Return the score of each sample, a logit.

        Parameters
        ----------
        x
            Samples.
        *lengths
            How long each is, for features that are of sequences.
        """
        return self._scored(self.features(x, *lengths))


class ConcatenatingDiscriminator(_Scorer):
    """Score samples beside what is told of them, which the features see too.

    The form of Mirza and Osindero (2014).

    Parameters
    ----------
    features, width, minibatch_deviation
        As of `Discriminator`; the features are of what `joined` gives.
    joined
        What puts rows beside samples: `beside`, or for sequences `beside_steps`.
    """

    def __init__(
        self,
        features: nn.Module,
        width: int,
        *,
        joined: Callable[[Tensor, Tensor], Tensor] = beside,
        minibatch_deviation: bool = False,
    ) -> None:
        super().__init__(features, width, minibatch_deviation=minibatch_deviation)
        self._joined = joined

    def forward(
        self,
        x: Float[Tensor, "n *sample"],
        rows: Float[Tensor, "n told"],
        *lengths: Int[Tensor, "n *pack"],
    ) -> Float[Tensor, "n"]:
        """Return the score of each sample beside what is told of it, a logit."""
        return self._scored(self.features(self._joined(x, rows), *lengths))


class ProjectionDiscriminator(_Scorer):
    """Score samples, and how well their features agree with what is told of them.

    ``a(f(x)) + (V c) . f(x)`` with features f, what is told c, and a matrix V: of a single
    label, a learned vector for each (Miyato and Koyama 2018).

    Parameters
    ----------
    features, width, minibatch_deviation
        As of `Discriminator`.
    told
        How many numbers are told of a sample.
    """

    def __init__(
        self,
        features: nn.Module,
        width: int,
        *,
        told: int,
        minibatch_deviation: bool = False,
    ) -> None:
        super().__init__(features, width, minibatch_deviation=minibatch_deviation)
        # A layer rather than an embedding: its gradient is dense, and its spectrum a layer's.
        self.labels = nn.Linear(told, width, bias=False)
        initialise(self.labels, "linear")

    def forward(
        self,
        x: Float[Tensor, "n *sample"],
        rows: Float[Tensor, "n told"],
        *lengths: Int[Tensor, "n *pack"],
    ) -> Float[Tensor, "n"]:
        """Return the score of each sample with what is told of it, a logit."""
        h: Tensor = self.features(x, *lengths)
        label: Tensor = self.labels(rows)
        return self._scored(h) + (label * h).sum(1)


class AuxiliaryDiscriminator(_Scorer):
    """Score samples, and guess what they were told to be.

    Two linear heads on the same features (Odena, Olah and Shlens 2017).

    Parameters
    ----------
    features, width, minibatch_deviation
        As of `Discriminator`.
    told
        How many numbers there are to guess.
    """

    def __init__(
        self,
        features: nn.Module,
        width: int,
        *,
        told: int,
        minibatch_deviation: bool = False,
    ) -> None:
        super().__init__(features, width, minibatch_deviation=minibatch_deviation)
        self.labels = nn.Linear(width, told)
        initialise(self.labels, "linear", last=True)

    def forward(
        self, x: Float[Tensor, "n *sample"], *lengths: Int[Tensor, "n *pack"]
    ) -> tuple[Float[Tensor, "n"], Float[Tensor, "n told"]]:
        """Return the score of each sample, a logit, and the guess of what it was told."""
        h: Tensor = self.features(x, *lengths)
        return self._scored(h), self.labels(h)


class LabelledGenerator(nn.Module):
    """Make samples of noise beside what they are to be.

    Parameters
    ----------
    network
        From ``(n, latent_dim + told)`` to samples; of sequences also from their lengths.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(
        self,
        z: Float[Tensor, "n width"],
        rows: Float[Tensor, "n told"],
        *lengths: Int[Tensor, "n"],
        **size: int,
    ) -> Tensor:
        """Return a sample of each row.

        Parameters
        ----------
        z, rows
            Noise, and what is told beside it.
        *lengths, **size
            What a network of sequences is told of theirs.
        """
        found: Tensor = self.network(beside(z, rows), *lengths, **size)
        return found
