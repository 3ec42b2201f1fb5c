"""Neighbourhoods: how far near and far in the data stay near and far in the codes."""

from numpy.typing import ArrayLike
from sklearn import manifold

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation.samples import Floats, Seed, as_floats, as_rows, draw


def trustworthiness(
    X: ArrayLike,
    Z: ArrayLike,
    n_neighbors: int = 5,
    max_samples: int = 2000,
    random_state: Seed = 0,
) -> float:
    r"""Return how far neighbours among the codes were neighbours in the data.

    .. math::
        1 - \frac{2}{n k (2n - 3k - 1)}
        \sum_i \sum_{j \in U_k(i)} \bigl( r(i, j) - k \bigr)

    where :math:`U_k(i)` are the `k` nearest codes of `i` that are not among its `k`
    nearest samples and `r(i, j)` is the rank of `j` by distance from `i` in the data
    [1]_. Computed by :func:`sklearn.manifold.trustworthiness`.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Data; samples are flattened, distances are Euclidean.
    Z : array-like of shape (n_samples, latent_dim)
        Codes of the same samples.
    n_neighbors : int, default=5
        Size `k` of a neighbourhood. Must be less than half of the samples; for
        smaller sets the largest size that is.
    max_samples : int, default=2000
        The cost grows with the square of the samples: of more than these, so many
        are drawn.
    random_state : int, RandomState or None, default=0
        Decides which are drawn.

    Returns
    -------
    float
        From 0 to 1: 1 if no false neighbour appeared.

    Raises
    ------
    DataError
        If there are fewer than three samples.
    ShapeError
        If `X` and `Z` differ in length.
    SettingError
        If `n_neighbors` is less than 1 or `max_samples` less than 3.

    References
    ----------
    .. [1] J. Venna and S. Kaski, "Neighborhood preservation in nonlinear projection
       methods: an experimental study", ICANN 2001.

    Examples
    --------
    >>> X = [[0.0, 0.0], [1.0, 0.1], [2.0, 0.0], [3.0, 0.1], [4.0, 0.0]]
    >>> trustworthiness(X, [[0.0], [1.0], [2.0], [3.0], [4.0]], n_neighbors=2)
    1.0
    """
    data, codes, near = _drawn(X, Z, n_neighbors, max_samples, random_state)
    return float(manifold.trustworthiness(data, codes, n_neighbors=near))


def continuity(
    X: ArrayLike,
    Z: ArrayLike,
    n_neighbors: int = 5,
    max_samples: int = 2000,
    random_state: Seed = 0,
) -> float:
    """Return how far neighbours in the data are still neighbours among the codes.

    The trustworthiness with data and codes in each other's place: it counts the
    neighbours that were torn away, as trustworthiness counts the false ones that
    appeared [1]_.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...)
        Data; samples are flattened, distances are Euclidean.
    Z : array-like of shape (n_samples, latent_dim)
        Codes of the same samples.
    n_neighbors : int, default=5
        Size of a neighbourhood, as in :func:`trustworthiness`.
    max_samples : int, default=2000
        Of more samples than these, so many are drawn.
    random_state : int, RandomState or None, default=0
        Decides which are drawn.

    Returns
    -------
    float
        From 0 to 1: 1 if no neighbour was lost.

    Raises
    ------
    DataError
        If there are fewer than three samples.
    ShapeError
        If `X` and `Z` differ in length.
    SettingError
        If `n_neighbors` is less than 1 or `max_samples` less than 3.

    References
    ----------
    .. [1] J. Venna and S. Kaski, "Neighborhood preservation in nonlinear projection
       methods: an experimental study", ICANN 2001.

    Examples
    --------
    >>> square = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [5.0, 5.0]]
    >>> continuity(square, square, n_neighbors=2)
    1.0
    """
    data, codes, near = _drawn(X, Z, n_neighbors, max_samples, random_state)
    return float(manifold.trustworthiness(codes, data, n_neighbors=near))


def _drawn(
    X: ArrayLike, Z: ArrayLike, n_neighbors: int, max_samples: int, random_state: Seed
) -> tuple[Floats, Floats, int]:
    """Return data and codes of the drawn samples, and the size of a neighbourhood."""
    if n_neighbors < 1 or max_samples < 3:
        raise SettingError(
            "n_neighbors must be at least 1 and max_samples at least 3, "
            f"got {n_neighbors} and {max_samples}."
        )
    data, codes = as_rows(X), as_rows(Z, "Z")
    if len(data) != len(codes):
        raise ShapeError(f"X and Z must have a row per sample, got {len(data)} and {len(codes)}.")
    if len(data) < 3:
        raise DataError(
            f"Neighbourhoods need at least 3 samples, got {len(data)}. Evaluate on more rows."
        )
    index = draw(len(data), max_samples, random_state)
    near = min(n_neighbors, (len(index) - 1) // 2)
    return as_floats(data[index]), as_floats(codes[index]), near
