"""What a reconstruction has to beat: principal components, and the constant mean."""

import numpy as np
from numpy.typing import ArrayLike
from sklearn.decomposition import PCA

from espelho.errors import SettingError, ShapeError
from espelho.evaluation.samples import Floats, Rows, as_floats, as_rows, blocks

FULL_SVD_ELEMENTS = 1_000_000
COVARIANCE_COLUMNS = 4_000


def pca_error(X_train: ArrayLike, X: ArrayLike, n_components: int) -> float:
    r"""Return the reconstruction error of principal components.

    The mean over samples of the sum of squared errors over a sample's elements,

    .. math:: \frac1n \sum_i \lVert x_i - \mu - V V^T (x_i - \mu) \rVert^2,

    with the mean and the first principal axes of `X_train`. On the training data
    itself no linear autoencoder of that width does better [1]_.

    Parameters
    ----------
    X_train : array-like of shape (n_train, ...)
        What the components are learned from; samples are flattened.
    X : array-like of shape (n_samples, ...)
        What is reconstructed.
    n_components : int
        Width of the code. More than ``min(n_train, d)`` means all of them.

    Returns
    -------
    float
        In squared units of the data. The components are exact, not sampled: a full
        SVD for small data, the eigenvectors of the covariance for many rows, Lanczos
        iterations to machine precision for very wide samples.

    Raises
    ------
    SettingError
        If `n_components` is less than one.
    ShapeError
        If the samples of `X` and `X_train` differ in size.

    References
    ----------
    .. [1] P. Baldi and K. Hornik, "Neural networks and principal component analysis:
       learning from examples without local minima", Neural Networks 2, 1989.

    Examples
    --------
    >>> line = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]
    >>> round(pca_error(line, [[0.0, 2.0]], n_components=1), 6)
    2.0
    """
    rows = _like(as_rows(X), as_rows(X_train, "X_train"))
    pca = principal_components(as_floats(X_train, "X_train"), n_components)
    return _mean_of_squares(rows, pca)


def mean_error(X_train: ArrayLike, X: ArrayLike) -> float:
    r"""Return the reconstruction error of answering the training mean, whatever comes in.

    .. math:: \frac1n \sum_i \lVert x_i - \mu \rVert^2

    which is the total variance when `X` is `X_train`.

    Parameters
    ----------
    X_train : array-like of shape (n_train, ...)
        What the mean is taken over; samples are flattened.
    X : array-like of shape (n_samples, ...)
        What is reconstructed.

    Returns
    -------
    float
        In squared units of the data.

    Raises
    ------
    ShapeError
        If the samples of `X` and `X_train` differ in size.

    Examples
    --------
    >>> mean_error([[0.0, 0.0], [2.0, 4.0]], [[1.0, 2.0], [2.0, 4.0]])
    2.5
    """
    train = as_rows(X_train, "X_train")
    rows = _like(as_rows(X), train)
    mean = train.mean(axis=0, dtype=np.float64)
    total = sum(float(np.square(rows[at] - mean).sum()) for at in blocks(*rows.shape))
    return total / len(rows)


def principal_components(rows: Floats, n_components: int) -> PCA:
    """Return scikit-learn's PCA fitted on float64 `rows`, which it may overwrite.

    The same data always give the same components: the solvers used here draw no
    random numbers, or draw them from a fixed seed.
    """
    if n_components < 1:
        raise SettingError(f"n_components must be at least 1, got {n_components}.")
    n_rows, n_columns = rows.shape
    width = min(n_components, n_rows, n_columns)
    solver = _solver(n_rows, n_columns, width)
    with np.errstate(invalid="ignore"):  # constant data: no share of no variance
        return PCA(width, svd_solver=solver, copy=False, random_state=0).fit(rows)


def _solver(n_rows: int, n_columns: int, width: int) -> str:
    if n_rows * n_columns <= FULL_SVD_ELEMENTS:
        return "full"
    if n_columns <= min(COVARIANCE_COLUMNS, n_rows):
        return "covariance_eigh"
    return "arpack" if width < min(n_rows, n_columns) else "full"


def _mean_of_squares(rows: Rows, pca: PCA) -> float:
    total = 0.0
    for at in blocks(*rows.shape):
        values = rows[at].astype(np.float64)
        total += float(np.square(values - pca.inverse_transform(pca.transform(values))).sum())
    return total / len(rows)


def _like(rows: Rows, train: Rows) -> Rows:
    if rows.shape[1] != train.shape[1]:
        raise ShapeError(
            f"X and X_train must hold samples of one size, got {rows.shape[1]} elements in X "
            f"and {train.shape[1]} in X_train."
        )
    return rows
