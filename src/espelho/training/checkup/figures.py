"""Figures of what a model shows: numbers the doctor judges by, from tensors by name."""

from collections.abc import Mapping

import torch
from torch import Tensor

from espelho.losses.masking import counted
from espelho.networks.sequences.steps import clear_padding, valid_steps
from espelho.training.batches import Batch
from espelho.training.checkup.units import dead_share

__all__ = [
    "code_figures",
    "error_share",
    "game_figures",
    "label_figures",
    "range_figures",
    "separation",
    "shuffled",
    "typical_share",
]

_SILENT = 0.01
"""Nats of divergence below which a unit says nothing about a sample."""

_MARGIN = 0.1
"""How far outputs may lie beyond the data, as a share of the data's range."""

_REACH = 0.15
"""How many standard deviations data may lie beyond outputs: a bounded activation comes near the
ends of its range and does not reach them."""

_EDGE = 0.01
"""Distance to the end of their range, as a share of it, of outputs that pile up there."""


def error_share(batch: Batch, answers: Tensor) -> float:
    """Return the squared error of answers as a share of the variance of samples.

    Of padded sequences, over their own steps.
    """
    return float(_errors(batch, answers).sum() / _deviations(batch).sum())


def typical_share(batch: Batch, answers: Tensor, seen: Batch) -> float:
    """Return the same share for the median sample, beside the variance of samples seen.

    A few samples far off change it little.
    """
    return float(_errors(batch, answers).median() / _deviations(seen).mean())


def _errors(batch: Batch, answers: Tensor) -> Tensor:
    """Return the squared error of each sample ``(n,)``."""
    return _own((batch.x - answers).square(), batch).flatten(1).sum(1)


def _deviations(batch: Batch) -> Tensor:
    """Return the squared distance of each sample from the mean ``(n,)``."""
    x = batch.x
    if batch.lengths is None:
        return _own((x - x.mean(0)).square(), batch).flatten(1).sum(1)
    own = valid_steps(batch.lengths, x.shape[1])
    return _own((x - x[own].mean(0)).square(), batch).flatten(1).sum(1)


def _own(elements: Tensor, batch: Batch) -> Tensor:
    """Return elements of samples, 0 at the padding of sequences and where they are missing."""
    own = counted(elements, batch.observed)
    return own if batch.lengths is None else clear_padding(own, batch.lengths)


def shuffled(batch: Batch) -> Batch:
    """Return samples whose elements are each from another sample.

    Every element has the values that it had, and nothing else is left of the data: who still
    gives them back copies whatever comes.
    """
    n = len(batch.x)
    flat = batch.x.flatten(1)
    random = torch.rand(flat.shape, generator=torch.Generator().manual_seed(0))
    rows = random.argsort(0).to(flat.device)
    return batch._replace(x=flat.gather(0, rows).view(n, *batch.x.shape[1:]), observed=None)


def code_figures(shown: Mapping[str, Tensor]) -> dict[str, float]:
    """Return the shares of dead units, and of those whose distribution is the prior."""
    found = {}
    if "codes" in shown:
        found["units/dead"] = dead_share(shown["codes"])
    if "unit_kl" in shown:
        by_unit = shown["unit_kl"].mean(0)
        found["units/silent"] = float((by_unit < _SILENT).to(by_unit.dtype).mean())
        found["units/loudest"] = float(by_unit.amax())
    return found


def range_figures(x: Tensor, output: Tensor) -> dict[str, float]:
    """Return how much of the data lies beyond all outputs, and of outputs far beyond the data.

    ``output/piled`` is the share of outputs at the ends of their own range, as those of a bounded
    activation are that would have to go further.

    Parameters
    ----------
    x, output
        Data, and what a model answers or makes, of any shape.
    """
    low, high, least, most = x.amin(), x.amax(), output.amin(), output.amax()
    near, far = _REACH * x.std(), _MARGIN * (high - low)
    outside = (x < least - near) | (x > most + near)
    beyond = (output < low - far) | (output > high + far)
    edge = _EDGE * (most - least)
    piled = (output <= least + edge) | (output >= most - edge)
    shares = {"unreached": outside, "beyond": beyond, "piled": piled}
    return {f"output/{name}": float(share.to(x.dtype).mean()) for name, share in shares.items()}


def game_figures(shown: Mapping[str, Tensor], held_out: Mapping[str, Tensor]) -> dict[str, float]:
    """Return how a discriminator's scores tell what is real from what is made, and from new data.

    ``scores/separation`` is the chance that a real sample is scored above a made one, and
    ``scores/gap`` the difference of their means; ``scores/known`` the chance that a sample that
    was learned from is scored above one that was held out, and ``scores/overfitting`` the
    difference of their means over the gap (r_v of Karras et al. 2020,
    https://arxiv.org/abs/2006.06676).
    """
    real, made = shown["scores_real"], shown["scores_made"]
    gap = float(real.mean() - made.mean())
    found = {"scores/separation": separation(real, made), "scores/gap": gap}
    if "scores_real" in held_out:
        new = held_out["scores_real"]
        found["scores/known"] = separation(real, new)
        found["scores/overfitting"] = float(real.mean() - new.mean()) / gap if gap else 0.0
    return found


def separation(above: Tensor, below: Tensor) -> float:
    """Return the chance that a number of the first is larger than one of the second."""
    difference = above.unsqueeze(1) - below.unsqueeze(0)
    return float((difference.sign().mean() + 1) / 2)


def label_figures(real: Tensor, made: Tensor, labels: Tensor) -> dict[str, list[float]]:
    """Return, by class, how often the nearest real sample of one is of its own class.

    Parameters
    ----------
    real, made
        Samples ``(n, d)`` of the same labels.
    labels
        Their classes ``(n,)``, numbers from 0; -1 for none.
    """
    apart = torch.cdist(real, real).fill_diagonal_(torch.inf)
    found = {}
    for name, distances in (("real", apart), ("made", torch.cdist(made, real))):
        right = (labels[distances.argmin(1)] == labels).to(real.dtype)
        shares = [right[labels == c].mean().nan_to_num() for c in range(int(labels.max()) + 1)]
        found[f"classes/{name}"] = torch.stack(shares).tolist()
    return found
