"""Reconstruction error against the width of the code."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator
from numpy.typing import ArrayLike, NDArray

from espelho.errors import DataError, ShapeError
from espelho.plots.canvas import ACCENT, QUIET, REFERENCE, canvas, legend

TICKS = 12


def plot_error_by_dimension(
    widths: ArrayLike,
    errors: ArrayLike,
    *,
    pca_errors: ArrayLike | None = None,
    mean_error: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the reconstruction error against the width of the code.

    Parameters
    ----------
    widths : array-like of shape (n_widths,)
        Values of `latent_dim`, at least 1, in any order.
    errors : array-like of shape (n_widths,)
        Reconstruction errors of the model with codes of that width.
    pca_errors : array-like of shape (n_widths,), optional
        Errors of principal components of that width, as from
        :func:`espelho.evaluation.pca_error`.
    mean_error : float, optional
        Error of the constant mean, as from :func:`espelho.evaluation.mean_error`.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.

    Returns
    -------
    matplotlib Axes
        Widths on a logarithmic axis of base 2.

    Raises
    ------
    DataError
        If there is no width, or one below 1.
    ShapeError
        If widths and errors differ in number.
    """
    wide = np.asarray(widths, dtype=np.float64).reshape(-1)
    if not len(wide) or wide.min() < 1:
        raise DataError("There must be at least one width, and none below 1.")
    order = np.argsort(wide)
    ax = canvas(ax)
    if mean_error is not None:
        ax.axhline(mean_error, color=QUIET, lw=1.4, ls=":", label="constant mean")
    for values, colour, style, label in (
        (pca_errors, REFERENCE, "s--", "PCA of the same width"),
        (errors, ACCENT, "o-", "model"),
    ):
        if values is not None:
            ax.plot(wide[order], _errors(values, wide)[order], style, color=colour, label=label)
    _label(ax, wide[order])
    return ax


def _errors(values: ArrayLike, wide: NDArray[np.float64]) -> NDArray[np.float64]:
    errors = np.asarray(values, dtype=np.float64).reshape(-1)
    if len(errors) != len(wide):
        raise ShapeError(f"There are {len(wide)} widths but {len(errors)} errors.")
    return errors


def _label(ax: Axes, wide: NDArray[np.float64]) -> None:
    ax.set_xscale("log", base=2)
    ticks = np.unique(wide)
    ticks = ticks[:: -(-len(ticks) // TICKS)]
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_ylim(bottom=0)
    ax.set_xlabel("width of the code, latent_dim (numbers, log scale)")
    ax.set_ylabel("reconstruction error (squared units per sample)")
    legend(ax)
