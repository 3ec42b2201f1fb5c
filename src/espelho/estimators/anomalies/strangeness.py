"""Strangeness: what each element of a sample adds to how strange an autoencoder finds it."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from espelho.data.gaps.marks import missing
from espelho.data.series.sequences import Sequences
from espelho.estimators.anomalies.attribution import code_by_feature
from espelho.estimators.data.samples import Samples

__all__ = ["Strangeness", "joined", "strangeness"]

Floats = NDArray[np.float64]


class Strangeness(NamedTuple):
    """What a block of samples is made strange by.

    Attributes
    ----------
    values
        The samples, in the data's units: rows ``(n, d)``; of sequences that differ in length
        their steps ``(total, features)``.
    residuals
        ``x - x_hat``, before any rounding, likewise; NaN of categories, which have none.
    contributions
        What each element adds to the strangeness, likewise.
    code
        What the sample's code adds, which is no element's ``(n,)``: its divergence from N(0, I),
        or 0 where codes are points.
    lengths
        Number of rows of the arrays above that each sample has; nothing for one.
    """

    values: Floats
    residuals: Floats
    contributions: Floats
    code: Floats
    lengths: NDArray[np.int64] | None = None

    def totals(self) -> Floats:
        """Return how strange each sample is, ``(n,)``: the sum of what adds to it."""
        by_row = self.contributions.sum(axis=1)
        if self.lengths is not None:
            by_row = np.add.reduceat(by_row, np.cumsum(self.lengths) - self.lengths)
        total: Floats = by_row + self.code
        return total


def joined(blocks: Iterable[Strangeness]) -> Strangeness:
    """Return blocks of samples as one."""
    values, residuals, contributions, code, lengths = zip(*blocks, strict=True)
    return Strangeness(
        np.concatenate(values),
        np.concatenate(residuals),
        np.concatenate(contributions),
        np.concatenate(code),
        None if lengths[0] is None else np.concatenate(lengths),
    )


def strangeness(
    autoencoder: Any, samples: Samples, *, windows: bool = False, by_feature: bool = False
) -> Iterator[Strangeness]:
    """Yield how strange samples are, a block after the other.

    The strangeness of a sample is the sum over its elements of

    - ``((x - x_hat) / scale)^2``, for the squared error and the correntropy, which learns from
      outliers little and, as a score, would tell great ones apart little;
    - ``|x - x_hat| / scale`` for the absolute error;
    - ``-x log x_hat - (1 - x) log (1 - x_hat)`` for the Bernoulli loss, on scaled data;
    - minus the logarithm of its probability, of a category in a table;
    - ``-log p(x_j | z)`` at the mean z of the code where it is a normal distribution, to which
      ``KL(q(z | x) || N(0, I))`` is added: together minus the evidence lower bound;

    where scale is that of the autoencoder's scaling. What is missing adds nothing. Of sequences
    it is divided by the number of steps, as a long one is no stranger than a short one; of
    windows, whose points have a strangeness each, it is not.

    Parameters
    ----------
    autoencoder
        The fitted autoencoder.
    samples
        The samples, as it reads them.
    windows
        Whether they are windows of a series.
    by_feature
        Whether what codes add is passed on to elements, as far as it is known whose it is.
    """
    for values, x, lengths, valid in _blocks(autoencoder, samples):
        known = () if valid is None else (lengths,)
        residuals, elements, code = _apart(autoencoder, values, x, known, valid)
        marks = missing(values)
        if marks is not None:
            residuals[marks] = elements[marks] = 0.0
        if by_feature and autoencoder._variational:
            moved = code_by_feature(autoencoder.model_, x, *known)
            elements = elements + _by_column(autoencoder, _own(moved, valid))
            code = code - moved.double().flatten(1).sum(1).cpu().numpy()
        values = values.astype(np.float64)
        if valid is None:
            n_steps = 1 if windows else _n_steps(autoencoder, values.shape[1])
            yield Strangeness(values, residuals, elements / n_steps, code / n_steps)
            continue
        counts = valid.sum(1).cpu().numpy()
        by_step = np.repeat(counts, counts)[:, np.newaxis]
        yield Strangeness(values, residuals, elements / by_step, code / counts, counts)


def _blocks(autoencoder: Any, samples: Samples) -> Iterator[tuple[Any, ...]]:
    """Yield values, what the network sees of them, lengths, and which steps are their own."""
    if not isinstance(samples.values, Sequences):
        yield from ((block, x, None, None) for _, block, x in autoencoder._blocks(samples))
        return
    for _, block, (x, lengths, valid) in autoencoder._padded(samples.values):
        yield block.steps, x, lengths, valid


def _apart(
    autoencoder: Any,
    values: NDArray[Any],
    x: torch.Tensor,
    known: tuple[torch.Tensor | None, ...],
    valid: torch.Tensor | None,
) -> tuple[Floats, Floats, Floats]:
    """Return the residuals of samples, and what each element and each code adds."""
    model = autoencoder.model_
    longest = {"n_steps": x.shape[1]} if known else {}
    output = _own(model.decode(model.encode(x, *known), *known, **longest), valid)
    residuals = values - autoencoder.scaling_.inverse(output)
    if autoencoder._layout is not None:
        residuals[:, autoencoder._layout.categories] = np.nan
    if autoencoder._variational:
        elements, code = model.evidence_terms(x, *known)
        elements = _by_column(autoencoder, _own(elements, valid))
        return residuals, elements, code.double().cpu().numpy()
    if autoencoder.loss == "bernoulli":
        elements = _by_column(autoencoder, _own(model.errors(x, *known), valid))
        return residuals, elements, np.zeros(len(x))
    errors = _errors(autoencoder, residuals)
    if autoencoder._layout is not None:
        nats = _by_column(autoencoder, _own(model.errors(x), valid))
        errors = np.where(np.isnan(residuals), nats, errors)
    return residuals, errors, np.zeros(len(x))


def _by_column(autoencoder: Any, elements: Floats) -> Floats:
    """Return elements of columns, where categories have several each."""
    layout = autoencoder._layout
    if layout is None:
        return elements
    found: Floats = layout.by_column(elements)
    return found


def _own(elements: torch.Tensor, valid: torch.Tensor | None) -> Floats:
    """Return elements of samples as rows, or those of their own steps."""
    rows = elements.flatten(1) if valid is None else elements[valid]
    found: Floats = rows.double().cpu().numpy()
    return found


def _errors(autoencoder: Any, residuals: Floats) -> Floats:
    scale = autoencoder.scaling_.scale
    scaled = (residuals.reshape(-1, len(scale)) / scale).reshape(residuals.shape)
    found: Floats = np.abs(scaled) if autoencoder.loss == "absolute_error" else np.square(scaled)
    return found


def _n_steps(autoencoder: Any, n_elements: int) -> int:
    return n_elements // getattr(autoencoder, "n_step_features_", n_elements)
