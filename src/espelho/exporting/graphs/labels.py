"""Labels as numbers that a graph is told, and what a network makes of them."""

import re
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from espelho.estimators.labels.condition import Classes, Condition, Scale
from espelho.exporting.parts import BATCH, Port

__all__ = ["ToldLabels", "label_arrays", "label_ports"]


class ToldLabels(nn.Module):
    """From labels, an array for each column, to the rows that a network is told.

    A class becomes zeros with a one, by a table that has no row for what is none: a label that
    never came in the data stops the run. Other numbers are brought to mean 0 and variance 1.

    Parameters
    ----------
    condition
        What the columns are.
    precision
        Type of the network.
    """

    def __init__(self, condition: Condition, precision: str) -> None:
        super().__init__()
        self.columns = nn.ModuleList(
            _OneHot(column, precision)
            if isinstance(column, Classes)
            else _Standardised(column, precision)
            for column in condition.columns
        )

    def forward(self, *labels: Tensor) -> Tensor:
        """Return the rows ``(n, width)``."""
        parts = zip(self.columns, labels, strict=True)
        return torch.cat([column(label) for column, label in parts], dim=1)


class _OneHot(nn.Module):
    """From classes to zeros with a one."""

    values: Tensor
    rows: Tensor

    def __init__(self, column: Classes, precision: str) -> None:
        super().__init__()
        self.register_buffer("values", torch.tensor(_whole(column)))
        self.register_buffer("rows", torch.eye(column.size, dtype=getattr(torch, precision)))

    def forward(self, label: Tensor) -> Tensor:
        same = label.unsqueeze(1) == self.values
        none = ~same.any(1)
        place = same.to(torch.int64).argmax(1) + none * self.values.shape[0]
        return self.rows[place]


class _Standardised(nn.Module):
    """From numbers to numbers of mean 0 and variance 1."""

    def __init__(self, column: Scale, precision: str) -> None:
        super().__init__()
        self.mean, self.deviation = column.mean, column.deviation
        self.dtype = getattr(torch, precision)

    def forward(self, label: Tensor) -> Tensor:
        return ((label.to(self.dtype) - self.mean) / self.deviation).unsqueeze(1)


def label_ports(condition: Condition, precision: str) -> tuple[Port, ...]:
    """Return a port for each column: of classes whole numbers, of others real ones."""
    return tuple(
        _port(name, column, precision)
        for name, column in zip(_names(condition), condition.columns, strict=True)
    )


def label_arrays(condition: Condition, labels: Any, precision: str) -> tuple[NDArray[Any], ...]:
    """Return labels of samples as a graph takes them, an array for each column.

    Parameters
    ----------
    condition
        What the columns are.
    labels
        As `sample_labels` returns them.
    precision
        Type of the network.
    """
    table = np.asarray(labels).reshape(len(labels), -1)
    return tuple(
        _whole(column)[np.searchsorted(column.values, part.astype(column.values.dtype))]
        if isinstance(column, Classes)
        else part.astype(precision)
        for column, part in zip(condition.columns, table.T, strict=True)
    )


def _port(name: str, column: Classes | Scale, precision: str) -> Port:
    if isinstance(column, Scale):
        about = f"a number, from {column.low:g} to {column.high:g} in the data"
        example = f"np.full(3, {column.example}, dtype=np.{precision})"
        return Port(name, precision, (BATCH,), about, example)
    values, whole = column.values.tolist(), _whole(column).tolist()
    if values == whole:
        about = f"the label: {', '.join(map(str, whole))}"
    else:
        pairs = zip(whole, values, strict=True)
        about = f"the label: {', '.join(f'{n} for {value!r}' for n, value in pairs)}"
    three = [whole[i % len(whole)] for i in range(3)]
    return Port(name, "int64", (BATCH,), about, f"np.array({three})")


def _whole(column: Classes) -> NDArray[np.int64]:
    """Return classes as whole numbers: their own, or of text their places."""
    kind = column.values.dtype.kind
    return np.arange(column.size) if kind in "US" else column.values.astype(np.int64)


def _names(condition: Condition) -> list[str]:
    n = len(condition.columns)
    if n == 1:
        return ["label"]
    told = condition.names or [str(i) for i in range(n)]
    return [f"label_{re.sub(r'[^A-Za-z0-9]+', '_', str(name)).strip('_')}" for name in told]
