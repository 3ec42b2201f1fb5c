"""Regularity: whether codes lie as they are drawn, and whether there are holes between them."""

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils import check_random_state

from espelho.errors import DataError
from espelho.evaluation.result import Row, readable
from espelho.evaluation.samples import Floats, Seed, as_data, as_floats, as_rows, draw, take
from espelho.random_variables.sampler import as_generator

__all__ = ["Regularity", "latent_regularity", "regularity_rows"]

MAX_SAMPLES = 1000
TINY = float(np.finfo(np.float64).tiny)


class Regularity(NamedTuple):
    """How regular a latent space is.

    Attributes
    ----------
    distance : float
        Energy coefficient between codes and those that are drawn: about 0 where they are
        alike, at most 1.
    normal_distance : float
        The same between codes and normal vectors of their mean and covariance.
    round_trip : float
        What codes of samples lose when they are decoded and encoded again, as a share of
        the variance of codes.
    round_trip_between : float
        What points halfway between two codes lose.
    round_trip_drawn : float
        What drawn codes lose.
    n_codes : int
        How many codes of each kind were compared.
    """

    distance: float
    normal_distance: float
    round_trip: float
    round_trip_between: float
    round_trip_drawn: float
    n_codes: int


def latent_regularity(
    estimator: Any, X: Any, *, max_samples: int = MAX_SAMPLES, random_state: Seed = 0
) -> Regularity:
    r"""Return how regular the latent space of an autoencoder is.

    The energy coefficient of codes :math:`z` and drawn codes :math:`w`, each unit divided by
    the standard deviation of its codes,

    .. math::
        H = \frac{2 E \lVert z - w \rVert - E \lVert z - z' \rVert - E \lVert w - w' \rVert}
                 {2 E \lVert z - w \rVert},

    is 0 if and only if both have one distribution [1]_; estimated without bias, it may come
    out a little below. The round trip of codes :math:`w` through the decoder g and the
    encoder f loses

    .. math::
        \frac{E \lVert f(g(w)) - w \rVert^2}{E \lVert z - E z \rVert^2} .

    Where no sample has its code, what the decoder makes of it need not come back [2]_: a
    large loss of points halfway between two codes, or of drawn codes, beside that of codes
    themselves is the sign of a hole.

    Parameters
    ----------
    estimator : fitted autoencoder
        Read through `transform`, `inverse_transform` and, where it can sample,
        `sample_codes`; else codes are drawn from a normal distribution of the mean and
        covariance of codes.
    X : array-like of shape (n_samples, ...)
        Samples, at best such that training has not seen.
    max_samples : int, default=1000
        Of more samples than these, so many are drawn.
    random_state : int, RandomState or None, default=0
        Decides what is drawn.

    Returns
    -------
    Regularity

    Raises
    ------
    DataError
        If there are fewer than three samples.

    References
    ----------
    .. [1] G. J. Székely and M. L. Rizzo, "Energy statistics: a class of statistics based on
       distances", Journal of Statistical Planning and Inference 143, 2013.
    .. [2] A. T. Cemgil, S. Ghaisas, K. Dvijotham, S. Gowal and P. Kohli, "The autoencoding
       variational autoencoder", NeurIPS 2020.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import Autoencoder
    >>> X = load_iris().data
    >>> model = Autoencoder(latent_dim=2, max_epochs=2, random_state=0).fit(X)
    >>> latent_regularity(model, X).n_codes
    150
    """
    from espelho.evaluation.comparison.sets import gaussian_like
    from espelho.evaluation.generation.two_sample import energy_coefficient

    data, drawn = as_data(X), check_random_state(random_state)
    index = draw(int(data.shape[0]), max_samples, drawn)
    if len(index) < 3:
        raise DataError(f"A latent space needs at least 3 samples to be seen, got {len(index)}.")
    codes = as_floats(as_rows(estimator.transform(take(data, index)), "the codes"))
    normal = gaussian_like(codes, len(codes), as_generator(drawn))
    able = hasattr(estimator, "sample_codes")
    new = as_floats(estimator.sample_codes(len(codes), random_state=drawn)) if able else normal
    between = (codes + codes[drawn.permutation(len(codes))]) / 2
    spread = codes.std(axis=0)
    scale, variance = np.where(spread > 0, spread, 1.0), max(TINY, np.square(spread).sum())
    distance, of_normal = (energy_coefficient(codes / scale, w / scale) for w in (new, normal))
    own, halfway, of_new = (float(_lost(estimator, w) / variance) for w in (codes, between, new))
    return Regularity(distance, of_normal, own, halfway, of_new, len(codes))


def _lost(estimator: Any, codes: Floats) -> float:
    """Return the mean squared distance of codes from what comes back for them."""
    with warnings.catch_warnings():
        # Decoded samples are arrays, also where the data were a table.
        warnings.filterwarnings("ignore", "X does not have valid feature names", UserWarning)
        back = as_floats(estimator.transform(estimator.inverse_transform(codes)))
    return float(np.square(back - codes).sum(axis=1).mean())


def regularity_rows(
    estimator: Any, X: Any, random_state: Seed = 0, most: int = MAX_SAMPLES
) -> Iterator[Row]:
    """Yield the rows about the latent space of an autoencoder that can sample.

    Parameters
    ----------
    estimator
        A fitted autoencoder.
    X, random_state
        As `evaluate` takes them.
    most
        Samples to measure on, if these are fewer than by default.
    """
    if not (hasattr(estimator, "sample_codes") and hasattr(estimator, "inverse_transform")):
        return
    fewer = min(MAX_SAMPLES, most)
    found = latent_regularity(estimator, X, max_samples=fewer, random_state=random_state)
    yield Row(
        "code_distance",
        "codes against drawn codes",
        "energy coefficient, at most 1",
        found.distance,
        note=f"about 0 where they are alike; against a normal distribution of the codes' mean "
        f"and covariance {readable(found.normal_distance)}; {found.n_codes:,} of each",
        n_samples=found.n_codes,
    )
    for name, what, value in (
        ("round_trip_between", "between codes", found.round_trip_between),
        ("round_trip_drawn", "of drawn codes", found.round_trip_drawn),
    ):
        yield Row(
            name,
            f"loss of a round trip {what}",
            "share of the codes' variance",
            value,
            note=f"decoded and encoded again; codes of samples lose {readable(found.round_trip)}",
            n_samples=found.n_codes,
        )
