"""The data sets that come with scikit-learn, by name."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from espelho.data.dataset import Dataset
from espelho.data.nearest import did_you_mean
from espelho.errors import DataError

__all__ = ["BUNDLED", "Bundled", "load_bundled"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Bundled:
    """What is known of a bundled data set before it is loaded.

    Parameters
    ----------
    description : str
        One line about the samples.
    n_rows, n_columns : int
        The shape of ``X``.
    target_name : str
        What the labels are called.
    target : str
        What kind of labels they are.
    sample_shape : tuple of int or None
        The shape of one sample where the rows are flattened images.
    """

    description: str
    n_rows: int
    n_columns: int
    target_name: str
    target: str
    sample_shape: tuple[int, ...] | None = None


BUNDLED: Mapping[str, Bundled] = {
    "digits": Bundled(
        description="handwritten digits, 8 x 8 pixels from 0 to 16",
        n_rows=1797,
        n_columns=64,
        target_name="digit",
        target="10 classes",
        sample_shape=(1, 8, 8),
    ),
    "iris": Bundled(
        description="sizes of sepals and petals of iris flowers, in cm",
        n_rows=150,
        n_columns=4,
        target_name="species",
        target="3 classes",
    ),
    "wine": Bundled(
        description="chemical analyses of wines of one Italian region",
        n_rows=178,
        n_columns=13,
        target_name="cultivar",
        target="3 classes",
    ),
    "breast_cancer": Bundled(
        description="shapes of cell nuclei in images of breast masses (Wisconsin)",
        n_rows=569,
        n_columns=30,
        target_name="diagnosis",
        target="2 classes",
    ),
    "diabetes": Bundled(
        description="age, sex, body mass and blood of diabetes patients, standardised",
        n_rows=442,
        n_columns=10,
        target_name="progression",
        target="a number",
    ),
}


def load_bundled(name: str) -> Dataset:
    """Load a data set that comes with scikit-learn.

    Parameters
    ----------
    name : str
        One of the keys of ``BUNDLED``.

    Returns
    -------
    Dataset
        Its samples and labels; nothing is downloaded.

    Raises
    ------
    DataError
        If there is no bundled data set of that name.

    Examples
    --------
    >>> from espelho.data.bundled import load_bundled
    >>> load_bundled("iris").X.shape
    (150, 4)
    """
    if name not in BUNDLED:
        raise DataError(
            f"{name!r} is no bundled data set; there are {', '.join(BUNDLED)}."
            + did_you_mean(name, BUNDLED)
        )
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    return Dataset(
        name=name,
        X=np.asarray(bunch.data, dtype=np.float64),
        y=np.asarray(bunch.target),
        feature_names=tuple(map(str, bunch.feature_names)),
        target_name=BUNDLED[name].target_name,
        sample_shape=BUNDLED[name].sample_shape,
        source=name,
    )
