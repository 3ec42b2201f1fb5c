"""Losses over the epochs."""

from collections.abc import Iterable
from typing import Any, Literal, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from espelho.errors import DataError
from espelho.plots.canvas import COLOURS, QUIET, canvas, legend, note, readable

VALIDATION = "validation/"
MEASURED = "two_sample/"
LOGARITHMIC = 30
FEW = 20
BAD = "#b3261e"


class Losses(Protocol):
    """What is read of the history of a training."""

    records: list[dict[str, Any]]

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of all figures, ``phase/term`` or ``validation/phase/term``."""

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """Return a figure over the epochs, NaN where it was not recorded."""


class Mark(Protocol):
    """What is read of a verdict of the doctor."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def epoch(self) -> int:
        """Since when."""


def plot_losses(history: Losses, ax: Axes | None = None, *, verdicts: Iterable[Mark] = ()) -> Axes:
    """Draw every loss term over the epochs.

    Training is drawn solid, validation dashed, in one colour for each term; the lowest
    validation loss is marked where there is a single term. The axis of losses is
    logarithmic if all are positive and the largest is more than 30 times the smallest;
    the beginning of each further stage is marked.

    Parameters
    ----------
    history : History
        As a fitted estimator's `history_`.
    ax : matplotlib Axes, optional
        Where to draw; new axes by default.
    verdicts : Diagnosis, optional
        As :func:`espelho.doctor` returns it; each is marked at its epoch.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    DataError
        If no loss was recorded.
    """
    curves = {name: history[name] for name in losses(history)}
    if not curves or not history.records:
        raise DataError("The history holds no losses: nothing was trained for an epoch.")
    ax = canvas(ax)
    terms = list(dict.fromkeys(name.removeprefix(VALIDATION) for name in curves))
    epochs = np.arange(1, len(history.records) + 1)
    for name, values in curves.items():
        _draw(ax, epochs, values, name, COLOURS[terms.index(_term(name)) % len(COLOURS)])
    if _spans(curves.values()):
        ax.set_yscale("log")
    _mark_stages(ax, [str(record.get("stage", "")) for record in history.records])
    _mark_verdicts(ax, verdicts, len(epochs))
    _label(ax, terms, validated=any(name.startswith(VALIDATION) for name in curves))
    if len(terms) == 1 and VALIDATION + terms[0] in curves:
        _mark_best(ax, epochs, curves[VALIDATION + terms[0]])
    return ax


def losses(history: Losses) -> list[str]:
    """Return the names of what was minimised, not of what was measured besides."""
    return [n for n in history.figures if "/" in n and not n.startswith(MEASURED)]


def _term(name: str) -> str:
    return name.removeprefix(VALIDATION)


def _draw(ax: Axes, epochs: Any, values: NDArray[np.float64], name: str, colour: str) -> None:
    known = np.isfinite(values)
    style = "--" if name.startswith(VALIDATION) else "-"
    marker = "o" if known.sum() <= FEW else ""
    ax.plot(
        epochs[known], values[known], style, color=colour, linewidth=1.8, marker=marker, ms=3.5
    )


def _spans(curves: Iterable[NDArray[np.float64]]) -> bool:
    values = np.concatenate(list(curves))
    values = values[np.isfinite(values)]
    return bool(len(values) and values.min() > 0 and values.max() > LOGARITHMIC * values.min())


def _mark_stages(ax: Axes, stages: list[str]) -> None:
    starts = [i for i in range(1, len(stages)) if stages[i] != stages[i - 1]]
    for i in (0, *starts) if starts else ():
        if i:
            ax.axvline(i + 0.5, color=QUIET, linewidth=1, linestyle=":")
        ax.annotate(
            stages[i],
            (i + 0.5 if i else 1, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, 3),
            textcoords="offset points",
            fontsize=8.5,
            color=QUIET,
        )


def _mark_verdicts(ax: Axes, verdicts: Iterable[Mark], n_epochs: int) -> None:
    by_epoch: dict[int, list[str]] = {}
    for verdict in verdicts:
        by_epoch.setdefault(verdict.epoch, []).append(verdict.name)
    for epoch, names in by_epoch.items():
        ax.axvline(epoch, color=BAD, linewidth=1.2, linestyle="--")
        late = 2 * epoch > n_epochs
        ax.annotate(
            "\n".join(names),
            (epoch, 0.97),
            xycoords=("data", "axes fraction"),
            xytext=(-3 if late else 3, 0),
            textcoords="offset points",
            fontsize=8,
            color=BAD,
            ha="right" if late else "left",
            va="top",
        )


def _label(ax: Axes, terms: list[str], *, validated: bool) -> None:
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    single = len(terms) == 1
    ax.set_ylabel(f"{_words(terms[0]) if single else 'loss'}\n(mean over the epoch)")
    colours = {term: COLOURS[i % len(COLOURS)] for i, term in enumerate(terms)}
    handles = [] if single else [_key(_words(term), colours[term]) for term in terms]
    if validated:
        colour = colours[terms[0]] if single else QUIET
        handles += [_key("training", colour), _key("validation", colour, "--")]
    if handles:
        legend(ax, handles, outside=len(handles) > 5)


def _words(term: str) -> str:
    phase, _, name = term.rpartition("/")
    return f"{phase}: {name}".replace("_", " ")


def _key(label: str, colour: str, style: Literal["-", "--"] = "-") -> Line2D:
    return Line2D([], [], color=colour, linestyle=style, linewidth=1.8, label=label)


def _mark_best(ax: Axes, epochs: Any, values: NDArray[np.float64]) -> None:
    if not np.isfinite(values).any():
        return
    best = int(np.nanargmin(values))
    ax.plot(epochs[best], values[best], "o", color=COLOURS[0], markeredgecolor="white", ms=8)
    note(ax, f"lowest validation loss {readable(values[best])}, in epoch {epochs[best]}")
