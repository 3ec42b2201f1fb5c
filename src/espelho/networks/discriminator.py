"""Discriminators: networks that score how real a sample looks, alone or beside a label."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from espelho.networks.activations import initialise

__all__ = [
    "ConcatenatingDiscriminator",
    "Discriminator",
    "LabelledGenerator",
    "MinibatchDeviation",
    "ProjectionDiscriminator",
    "beside",
    "beside_steps",
    "one_hot",
]

_EPSILON = 1e-8


class MinibatchDeviation(nn.Module):
    """Append to every sample how much the samples of the batch differ (Karras et al. 2018).

    The standard deviation of every feature over the batch, averaged to one number: samples that
    are all alike give themselves away. Processes that share a batch each see their own part.
    """

    def forward(self, h: Float[Tensor, "n features"]) -> Float[Tensor, "n more"]:
        """Return the features ``(n, d)`` and the number beside them, ``(n, d + 1)``."""
        deviation = (h.var(0, correction=0) + _EPSILON).sqrt().mean()
        return torch.cat([h, deviation.expand(len(h), 1)], dim=1)


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
    """Score samples beside their labels, which the features see too (Mirza and Osindero 2014).

    Parameters
    ----------
    features, width, minibatch_deviation
        As of `Discriminator`; the features are of what `beside` gives.
    n_labels
        Number of labels. Where several samples are judged at once, each has its own.
    joined
        What puts labels beside samples: `beside`, or for sequences `beside_steps`.
    """

    def __init__(
        self,
        features: nn.Module,
        width: int,
        *,
        n_labels: int,
        joined: "Callable[[Tensor, Tensor, int], Tensor] | None" = None,
        minibatch_deviation: bool = False,
    ) -> None:
        super().__init__(features, width, minibatch_deviation=minibatch_deviation)
        self._n_labels = n_labels
        self._joined = joined or beside

    def forward(
        self,
        x: Float[Tensor, "n *sample"],
        y: Int[Tensor, "n *pack"],
        *lengths: Int[Tensor, "n *pack"],
    ) -> Float[Tensor, "n"]:
        """Return the score of each sample beside its label, or labels, a logit."""
        return self._scored(self.features(self._joined(x, y, self._n_labels), *lengths))


class ProjectionDiscriminator(_Scorer):
    """Score samples, and how well their features agree with their labels.

    ``a(x) + e_y . f(x)`` with features f and a learned vector e for each label (Miyato and
    Koyama 2018).

    Parameters
    ----------
    features, width, minibatch_deviation
        As of `Discriminator`.
    n_labels
        Number of labels.
    packing
        How many samples are judged at once, each with a vector of its own for each label: the
        features must agree with whose label is which.
    """

    def __init__(
        self,
        features: nn.Module,
        width: int,
        *,
        n_labels: int,
        packing: int = 1,
        minibatch_deviation: bool = False,
    ) -> None:
        super().__init__(features, width, minibatch_deviation=minibatch_deviation)
        self._n_labels = n_labels
        # A layer rather than an embedding: its gradient is dense, and its spectrum a layer's.
        self.labels = nn.Linear(packing * n_labels, width, bias=False)
        initialise(self.labels, "linear")

    def forward(
        self,
        x: Float[Tensor, "n *sample"],
        y: Int[Tensor, "n *pack"],
        *lengths: Int[Tensor, "n *pack"],
    ) -> Float[Tensor, "n"]:
        """Return the score of each sample with its label, or labels, a logit."""
        h: Tensor = self.features(x, *lengths)
        label: Tensor = self.labels(one_hot(y, self._n_labels, h))
        return self._scored(h) + (label * h).sum(1)


class LabelledGenerator(nn.Module):
    """Make samples of noise beside labels.

    Parameters
    ----------
    network
        From ``(n, latent_dim + n_labels)`` to samples; of sequences also from their lengths.
    n_labels
        Number of labels.
    """

    def __init__(self, network: nn.Module, n_labels: int) -> None:
        super().__init__()
        self.network = network
        self._n_labels = n_labels

    def forward(
        self,
        z: Float[Tensor, "n width"],
        y: Int[Tensor, "n"],
        *lengths: Int[Tensor, "n"],
        **size: int,
    ) -> Tensor:
        """Return a sample of each label.

        Parameters
        ----------
        z, y
            Noise, and numbers of labels.
        *lengths, **size
            What a network of sequences is told of theirs.
        """
        found: Tensor = self.network(beside(z, y, self._n_labels), *lengths, **size)
        return found


def beside(
    x: Float[Tensor, "n *sample"], y: Int[Tensor, "n *pack"], n_labels: int
) -> Float[Tensor, "n *more"]:
    """Return samples with their labels beside them, zeros with a one.

    Parameters
    ----------
    x
        Vectors ``(n, d)``, or images ``(n, channels, height, width)``, which get a constant
        channel for each label.
    y
        Numbers of the labels ``(n,)``, or of several each ``(n, size)``.
    n_labels
        Number of labels.
    """
    places = one_hot(y, n_labels, x).reshape(len(x), -1, *[1] * (x.ndim - 2))
    return torch.cat([x, places.expand(-1, -1, *x.shape[2:])], dim=1)


def beside_steps(
    x: Float[Tensor, "n steps features"], y: Int[Tensor, "n *pack"], n_labels: int
) -> Float[Tensor, "n steps more"]:
    """Return sequences with their labels beside every step, zeros with a one.

    Parameters
    ----------
    x
        Sequences; of packs one after the other, ``(n, size * time, features)``.
    y
        Numbers of the labels ``(n,)``, or of all of a pack ``(n, size)``.
    n_labels
        Number of labels.
    """
    labels = F.one_hot(y.reshape(len(x), -1), n_labels).to(x)
    each = labels.repeat_interleave(x.shape[1] // labels.shape[1], dim=1)
    return torch.cat([x, each], dim=2)


def one_hot(y: Int[Tensor, "n *pack"], n_labels: int, like: Tensor) -> Float[Tensor, "n labels"]:
    """Return labels as rows of zeros with a one; several of a row go side by side."""
    return F.one_hot(y, n_labels).flatten(1).to(like)
