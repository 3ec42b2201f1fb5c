"""What is asked of a file, and what a reader hands back."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from espelho.data.nearest import did_you_mean
from espelho.errors import DataError, ShapeError

if TYPE_CHECKING:
    from espelho.data.series.sequences import Sequences
    from espelho.data.stored.base import Stored
    from espelho.data.tables.table import Table

__all__ = [
    "Choice",
    "Content",
    "Header",
    "as_labels",
    "as_samples",
    "check_samples",
    "choose_columns",
]

Header = Literal["auto", "yes", "no"]

_NAMED_COLUMNS = 30
_NUMERIC_KINDS = "biuf"
_TABLE = 2


class Content(NamedTuple):
    """The samples and labels found in a file, with their names."""

    X: "np.ndarray | Stored | Sequences | Table"
    y: np.ndarray | None = None
    feature_names: tuple[str, ...] | None = None
    target_name: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """Which part of a file becomes X and which y.

    Parameters
    ----------
    array : str or None
        The array of an ``.npz`` file that becomes ``X``.
    columns : tuple of str or None
        The columns of a table that become ``X``; all of them by default.
    drop : tuple of str
        Columns left out of ``X``.
    target : str or None
        The column, or the array of an ``.npz`` file, that becomes ``y``.
    header : {"auto", "yes", "no"}
        Whether the first row of a text file holds names.
    categories : bool
        Whether columns without numbers are taken, as categories; else they are an error.
    """

    array: str | None = None
    columns: tuple[str, ...] | None = None
    drop: tuple[str, ...] = ()
    target: str | None = None
    header: Header = "auto"
    categories: bool = False

    @property
    def names_columns(self) -> bool:
        """Whether any column is asked for by name."""
        return self.columns is not None or bool(self.drop) or self.target is not None

    def features(self, names: Sequence[str], where: str) -> list[str]:
        """List the columns that become X, in order.

        Parameters
        ----------
        names : sequence of str
            The columns that there are.
        where : str
            The file they are in, for messages.

        Returns
        -------
        list of str
            The names of those asked for, less those dropped and the target.

        Raises
        ------
        DataError
            If a name is unknown, exists twice, or no column is left.
        """
        _check_distinct(names, where)
        wanted = names if self.columns is None else self.columns
        target = () if self.target is None else (self.target,)
        _check_known((*(self.columns or ()), *self.drop, *target), names, where)
        left_out = {*self.drop, *target}
        kept = [name for name in dict.fromkeys(wanted) if name not in left_out]
        if not kept:
            raise DataError(
                f"{where}: no column is left to learn from; all are dropped or target."
            )
        return kept

    def features_of_array(self, shape: tuple[int, ...], where: str) -> list[str]:
        """List the columns of an array that become X, named by their index.

        Parameters
        ----------
        shape : tuple of int
            The shape of the array.
        where : str
            The file it is in, for messages.

        Returns
        -------
        list of str
            As `features` returns them.

        Raises
        ------
        DataError
            If a column is unknown, none is left, or the array has no columns.
        """
        if len(shape) != _TABLE:
            raise DataError(
                f"{where}: columns=, drop= and target= choose columns of a table, but its samples "
                f"are an array of shape {shape}."
            )
        return self.features(tuple(map(str, range(shape[1]))), where)


def choose_columns(content: Content, choice: Choice, where: str) -> Content:
    """Choose columns of an array that was read whole.

    Parameters
    ----------
    content : Content
        What was read. Columns without names are named by their index.
    choice : Choice
        Which columns become ``X`` and ``y``.
    where : str
        The file or data set, for messages.

    Returns
    -------
    Content
        The chosen part of it.

    Raises
    ------
    DataError
        If a column is unknown, none is left, or the array has no columns.
    """
    if not choice.names_columns:
        return content
    X = np.asarray(content.X)
    if content.feature_names is None:
        names = tuple(map(str, range(X.shape[-1])))
        features = choice.features_of_array(X.shape, where)
    else:
        names = content.feature_names
        features = choice.features(names, where)
    position = {name: column for column, name in enumerate(names)}
    chosen = content._replace(
        X=X[:, [position[name] for name in features]], feature_names=tuple(features)
    )
    if choice.target is None:
        return chosen
    return chosen._replace(y=X[:, position[choice.target]].copy(), target_name=choice.target)


def as_samples(X: np.ndarray, where: str) -> np.ndarray:
    """Bring an array to the form of samples.

    Parameters
    ----------
    X : ndarray
        What a file holds.
    where : str
        The file, for messages.

    Returns
    -------
    ndarray of shape (n, ...)
        The same numbers: a vector as one column, booleans as 0 and 1 of ``uint8``, in the
        machine's byte order.

    Raises
    ------
    DataError
        If the array is empty or holds no numbers.
    """
    check_samples(X.shape, X.dtype, where)
    dtype = np.dtype(np.uint8) if X.dtype.kind == "b" else X.dtype.newbyteorder("=")
    return (X[:, np.newaxis] if X.ndim == 1 else X).astype(dtype, copy=False)


def check_samples(shape: tuple[int, ...], dtype: np.dtype[Any], where: str) -> None:
    """Refuse arrays that hold no samples.

    Parameters
    ----------
    shape : tuple of int
        The shape of the array.
    dtype : dtype
        Its type.
    where : str
        The file, for messages.

    Raises
    ------
    DataError
        If the array is empty or holds no numbers.
    """
    if dtype.kind not in _NUMERIC_KINDS:
        raise DataError(f"{where}: samples must be numbers, got an array of dtype {dtype}.")
    if not shape:
        raise ShapeError(f"{where}: samples must have shape (n, ...), got a single number.")
    if 0 in shape:
        raise DataError(
            f"{where} has {shape[0]} rows: shape {shape} leaves nothing to learn from."
        )


def as_labels(y: np.ndarray, n_rows: int, *, labels: str, where: str) -> np.ndarray:
    """Bring an array to the form of labels.

    Parameters
    ----------
    y : ndarray of shape (n_rows,) or (n_rows, 1)
        What a file holds.
    n_rows : int
        How many samples there are.
    labels : str
        The labels' file or array, for messages.
    where : str
        The samples' file, for messages.

    Returns
    -------
    ndarray of shape (n_rows,)
        One label a sample.

    Raises
    ------
    ShapeError
        If there are not as many labels as samples.
    """
    shape = y.shape
    if len(shape) == 2 and shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise ShapeError(f"{labels} must hold one label a row, got shape {shape}.")
    if len(y) != n_rows:
        raise ShapeError(f"{labels} has {len(y)} labels, but {where} has {n_rows} rows.")
    return y.astype(y.dtype.newbyteorder("="), copy=False)


def _check_distinct(names: Sequence[str], where: str) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"{where}: the names of columns must differ, but {twice[0]!r} comes twice."
        )


def _check_known(asked: Sequence[str], names: Sequence[str], where: str) -> None:
    known = set(names)
    for name in asked:
        if name not in known:
            more = f" and {len(names) - _NAMED_COLUMNS} more" * (len(names) > _NAMED_COLUMNS)
            others = [other for other in names if other not in asked]
            raise DataError(
                f"{where} has no column {name!r}. Its columns are "
                f"{', '.join(names[:_NAMED_COLUMNS])}{more}." + did_you_mean(name, others or names)
            )
