"""Data as it was found: samples, labels kept aside, names, and where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from espelho.data.fingerprint import fingerprint
from espelho.data.series.sequences import Sequences
from espelho.data.series.table import Series
from espelho.data.stored.base import Stored
from espelho.data.tables.table import Table

__all__ = ["Dataset"]


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Dataset:
    """Samples with the names and labels that came with them.

    Parameters
    ----------
    name : str
        A short name: that of a bundled set, or the file's without its suffixes.
    X : ndarray of shape (n, *sample_shape), Stored, Sequences or Table
        The samples, one a row; ``(n, d)`` for tables. Of the same shape where they stay on
        disk; ``Sequences`` where they differ in length; ``Table`` where
        columns hold categories.
    y : ndarray of shape (n,) or (n, columns), or None
        Labels, kept aside. Strings stay strings, integers integers, floats floats; those of
        several columns are objects.
    feature_names : tuple of str or None
        The names of the columns of a table.
    target_name : str, tuple of str, or None
        The name of the column or array that became ``y``, or of each of several.
    sample_shape : tuple of int or None
        The shape of one sample where ``X`` holds it as a flat row, as in ``(1, 8, 8)``.
    source : str
        What finds the data again: the name of a bundled set, or an absolute path.
    series : Series or None
        Where the rows of a table were read as points of series, these: ``X`` holds windows of
        them, or the points in the order of time.

    Examples
    --------
    >>> import numpy as np
    >>> from espelho.data.dataset import Dataset
    >>> pair = Dataset(name="pair", X=np.eye(2), source="memory")
    >>> pair.take([1]).X
    array([[0., 1.]])
    """

    name: str
    X: np.ndarray | Stored | Sequences | Table
    y: np.ndarray | None = None
    feature_names: tuple[str, ...] | None = None
    target_name: str | tuple[str, ...] | None = None
    sample_shape: tuple[int, ...] | None = None
    source: str
    series: Series | None = None

    def take(self, rows: slice | Sequence[int] | np.ndarray) -> "Dataset":
        """Keep some rows of the samples and of the labels.

        Parameters
        ----------
        rows : slice, sequence of int, or ndarray of int or bool
            The rows to keep, in this order, or a mask of them. Samples on disk are read
            by a slice; of rows that grow, or a mask, they give a view that reads nothing.

        Returns
        -------
        Dataset
            The same data set with those rows only.
        """
        y = None if self.y is None else self.y[rows]
        return replace(self, X=self.X[rows], y=y, series=None)

    def of_series(self, series: Series) -> "Dataset":
        """Return data of the same source that holds points of series.

        Parameters
        ----------
        series : Series
            The series: ``X`` becomes their windows where they have any, or else their points.

        Returns
        -------
        Dataset
            The data. Labels are of rows, so that windows have none.
        """
        if series.window is not None:
            return replace(self, X=series.windows(), y=None, series=series)
        y = None if self.y is None else self.y[series.rows]
        return replace(self, X=series.sequences, y=y, series=series)

    @property
    def n_rows(self) -> int:
        """How many rows there are; of several series, how many points."""
        return len(self.X if self.series is None else self.series)

    def fingerprint(self) -> str:
        """Hash the samples, to recognise them later; see `fingerprint`.

        Returns
        -------
        str
            The SHA-256 digest as 64 hexadecimal digits.

        Examples
        --------
        >>> import numpy as np
        >>> from espelho.data.dataset import Dataset
        >>> zeros = Dataset(name="zeros", X=np.zeros((2, 3)), source="memory")
        >>> zeros.fingerprint()[:8] == zeros.take([0]).fingerprint()[:8]
        False
        """
        return fingerprint(self.X)
