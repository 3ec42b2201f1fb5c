"""The observation: how data spreads around what a decoder says, and what that costs."""

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from espelho.losses.categories import Groups, categorical
from espelho.losses.divergences import LARGEST_LOG_VARIANCE, clamp_log_variance
from espelho.losses.likelihoods import DRAWS, LIKELIHOODS
from espelho.losses.masking import valid_sum
from espelho.losses.reconstruction import bernoulli

__all__ = ["Observation", "TableObservation", "Variance"]

Variance = float | Literal["learned", "per_feature", "optimal"]

_MEMORY = 0.99
"""Weight of the batches before in the optimal variance, once a model is trained."""

_EXACT = 40.0
"""Logits from which softplus is the logit itself, to the last bit of float64."""

_START = 0.1
"""The variance that learning starts from, in scaled units."""


class Observation(nn.Module):
    """``-log p(x | z)`` in nats, of data x and the decoder's output for z.

    Parameters
    ----------
    loss
        Name of the loss that it belongs to: a name of `LIKELIHOODS`, or ``bernoulli``.
    variance
        Variance of the data around the output: a number; one number that is learned, or one
        for each element of a sample; or ``optimal``: the one under which a batch is most
        probable, its mean squared error (of the Laplace distribution, twice the square of
        its mean absolute error), of each process's own batch (Rybkin, Daniilidis, Levine
        2021, https://arxiv.org/abs/2006.13202). Once trained it is a running mean of those.
    shape
        Shape of one sample, or of a step of a sequence, where each element has its own.

    Examples
    --------
    >>> observation = Observation("squared_error", 0.5)
    >>> round(observation.log_variance().exp().item(), 6)
    0.5
    """

    raw: Tensor
    total: Tensor
    share: Tensor

    def __init__(self, loss: str, variance: Variance = 1.0, shape: tuple[int, ...] = ()) -> None:
        super().__init__()
        self._loss = loss
        self._absolute = loss == "absolute_error"
        self._optimal = variance == "optimal"
        self._learned = variance in ("learned", "per_feature")
        if self._learned:
            start = torch.full(shape if variance == "per_feature" else (), math.log(_START))
            self.raw = nn.Parameter(_unclamped(start))
        elif self._optimal:
            self.register_buffer("total", torch.zeros(()))
            self.register_buffer("share", torch.zeros(()))
        else:
            self._fixed = math.log(variance)  # type: ignore[arg-type]

    def log_variance(self) -> Tensor:
        """Return the logarithm of the variance, in scaled units."""
        if self._learned:
            return clamp_log_variance(self.raw)
        if self._optimal:
            return _bounded(self.total / self.share.clamp(min=1e-9))
        return torch.tensor(self._fixed, dtype=torch.float64)

    def fitted(
        self, x: Tensor, output: Tensor, weight: Tensor | None, valid: Tensor | None = None
    ) -> Tensor:
        """Return the log-variance for a batch: in training the optimal one, if that is asked for.

        Nothing goes back through it: where a loss is least its slope is zero.

        Parameters
        ----------
        x, output, valid
            As in `by_draw`.
        weight
            Weights of the samples ``(n,)``.
        """
        if not (self._optimal and self.training):
            return self.log_variance()
        with torch.no_grad():
            best = self._best(x, output, weight, valid)
            self.total.mul_(_MEMORY).add_(best, alpha=1 - _MEMORY)
            self.share.mul_(_MEMORY).add_(1 - _MEMORY)
            return _bounded(best)

    def _best(
        self, x: Tensor, output: Tensor, weight: Tensor | None, valid: Tensor | None
    ) -> Tensor:
        difference = x.unsqueeze(1) - output
        errors = (difference.abs() if self._absolute else difference.square()).mean(1)
        counted = torch.ones_like(errors)
        if weight is not None:
            counted *= weight.view(-1, *[1] * (x.ndim - 1))
        found, whole = (valid_sum(part, valid).sum() for part in (errors * counted, counted))
        mean = found / whole.clamp(min=1e-9)
        return 2 * mean.square() if self._absolute else mean

    def by_draw(
        self, x: Tensor, output: Tensor, log_variance: Tensor, valid: Tensor | None = None
    ) -> Tensor:
        """Return ``-log p`` of each sample under each of its codes, ``(n, k)``.

        Parameters
        ----------
        x
            Data ``(n, *sample)``.
        output
            The decoder's outputs ``(n, k, *sample)``.
        log_variance
            As `log_variance` or `fitted` returns it.
        valid
            Which elements count, or which steps of sequences; ``None`` for all.
        """
        n, k = output.shape[:2]
        if self._loss == "bernoulli" and valid is None and k > 1:
            # sum softplus(a) - x a: of this the second part is a matrix product.
            a = output.flatten(2)
            outside = (a @ x.flatten(1).unsqueeze(2)).squeeze(2)
            return F.softplus(a, threshold=_EXACT).sum(2) - outside
        repeated = x.unsqueeze(1).expand_as(output).flatten(0, 1)
        elements = self.elements(repeated, output.flatten(0, 1), log_variance)
        valid = None if valid is None else valid.repeat_interleave(k, 0)
        return valid_sum(elements, valid).view(n, k)

    def elements(self, x: Tensor, output: Tensor, log_variance: Tensor) -> Tensor:
        """Return ``-log p`` of each element of samples, of the shape of x.

        Parameters
        ----------
        x, output
            Data and the decoder's outputs, ``(n, *sample)``.
        log_variance
            As in `by_draw`.
        """
        if self._loss == "bernoulli":
            return bernoulli(x, output)
        return LIKELIHOODS[self._loss](x, output, log_variance.to(x))

    def draw(self, mean: Tensor, generator: torch.Generator) -> Tensor:
        """Return data ``(n, *sample)`` as it spreads around what the decoder says of it.

        Parameters
        ----------
        mean
            What codes are decoded to ``(n, *sample)``: probabilities for the Bernoulli loss.
        generator
            What it is drawn from.
        """
        return DRAWS[self._loss](mean, self.log_variance().to(mean), generator)


class TableObservation(Observation):
    """``-log p(x | z)`` in nats of rows: of their numbers, and of the category of each column.

    Parameters
    ----------
    loss, variance
        As of `Observation`, for numbers.
    groups
        Where the categories are, of whose logits the decoder's output is.
    """

    def __init__(self, loss: str, variance: Variance, groups: Groups) -> None:
        super().__init__(loss, variance, (groups.n_numbers,))
        self._groups = groups

    def fitted(
        self, x: Tensor, output: Tensor, weight: Tensor | None, valid: Tensor | None = None
    ) -> Tensor:
        """Return the log-variance of numbers for a batch; see `Observation.fitted`."""
        n = self._groups.n_numbers
        valid = None if valid is None else valid[:, :n]
        return super().fitted(x[:, :n], output[..., :n], weight, valid)

    def by_draw(
        self, x: Tensor, output: Tensor, log_variance: Tensor, valid: Tensor | None = None
    ) -> Tensor:
        """Return ``-log p`` of each sample under each of its codes, ``(n, k)``."""
        n, k = output.shape[:2]
        repeated = x.unsqueeze(1).expand_as(output).flatten(0, 1)
        elements = self.elements(repeated, output.flatten(0, 1), log_variance)
        valid = None if valid is None else valid.repeat_interleave(k, 0)
        return valid_sum(elements, valid).view(n, k)

    def elements(self, x: Tensor, output: Tensor, log_variance: Tensor) -> Tensor:
        """Return ``-log p`` of each element, ``(n, width)``: 0 of categories that x is not."""
        (number, group), (mean, logits) = self._groups.apart(x), self._groups.apart(output)
        costs = categorical(group, logits, self._groups.sizes)
        return torch.cat([super().elements(number, mean, log_variance), costs], dim=1)

    def draw(self, mean: Tensor, generator: torch.Generator) -> Tensor:
        """Return rows as they spread around what the decoder says of them.

        Parameters
        ----------
        mean
            What codes are decoded to ``(n, width)``, probabilities of categories.
        generator
            What it is drawn from.
        """
        number, p = self._groups.apart(mean)
        found = super().draw(number, generator)
        return self._groups.drawn(torch.cat([found, p], dim=1), generator)


def _bounded(variance: Tensor) -> Tensor:
    return variance.log().clamp(-LARGEST_LOG_VARIANCE, LARGEST_LOG_VARIANCE)


def _unclamped(log_variance: Tensor) -> Tensor:
    return (log_variance / LARGEST_LOG_VARIANCE).atanh() * LARGEST_LOG_VARIANCE
