"""Labels that samples are asked for: one for all of them, or one for each."""

from typing import Any

import numpy as np

from espelho.errors import ShapeError

__all__ = ["labels_asked"]


def labels_asked(y: Any, n: int, columns: int = 1) -> Any:
    """Return a label for each of n samples, or a row of labels where they have several columns.

    Parameters
    ----------
    y
        One for all, or n of them.
    n
        How many samples.
    columns
        How many columns the labels have.

    Returns
    -------
    array-like of shape (n,) or (n, columns)
        The labels, as `LabelColumns` and `read_labels` take them.

    Raises
    ------
    ShapeError
        If it is neither one nor n.
    """
    shape, single = _shape(y), columns == 1
    if shape == (() if single else (columns,)):
        return [y.item() if hasattr(y, "item") and not shape else y] * n
    if shape != (n, columns) and not (single and shape == (n,)):
        what = (
            f"be one label or have shape ({n},)"
            if single
            else f"be one row of {columns} labels or have shape ({n}, {columns})"
        )
        raise ShapeError(f"y must {what}, one for each of the {n} samples, got {shape}.")
    return y


def _shape(y: Any) -> tuple[int, ...]:
    try:
        return tuple(np.shape(y))
    except ValueError as error:
        raise ShapeError(
            "y must hold as many labels in each row, got rows that differ."
        ) from error
