"""One call that measures a fitted estimator against what it has to beat."""

from typing import Any

from numpy.typing import ArrayLike

from espelho.errors import DataError, ShapeError
from espelho.evaluation.codes import code_figures
from espelho.evaluation.reconstruction import Encoder
from espelho.evaluation.result import Evaluation
from espelho.evaluation.samples import Seed, alike, as_data, as_rows

__all__ = ["evaluate"]


def evaluate(
    estimator: Encoder,
    X: Any,
    y: ArrayLike | None = None,
    *,
    X_train: Any = None,
    y_train: ArrayLike | None = None,
    random_state: Seed = 0,
) -> Evaluation:
    """Measure a fitted autoencoder, and what principal components do in its place.

    Parameters
    ----------
    estimator : fitted autoencoder
        Read through `transform`, `reconstruct`, `scaling_`, `latent_dim_` and
        `fit_seconds_`.
    X : array-like of shape (n_samples, ...)
        What to measure on; at best samples that training has not seen.
    y : array-like of shape (n_samples,), optional
        Labels: classes or continuous targets. Adds how well codes predict them.
    X_train : array-like of shape (n_train, ...), optional
        What the estimator was trained on. Principal components and the constant mean
        are then learned from it and measured on `X`, as the estimator is; without
        it they are fitted on `X` itself.
    y_train : array-like of shape (n_train,), optional
        Labels of the training data: predictors are then trained there and tested on
        `X`, instead of cross-validated.
    random_state : int, RandomState or None, default=0
        Decides which samples are drawn where a figure is measured on some of them.

    Returns
    -------
    Evaluation
        Rows `reconstruction_error` and `reconstruction_error_scaled` (mean over
        samples of the sum of squared errors over a sample's elements),
        `variance_explained`, `trustworthiness`, `continuity`, with labels
        `knn_score` and `probe_score`, of sparse codes `unit_activity` and `dead_units`, of
        contractive ones `saturation`, of those that can sample `code_distance`,
        `round_trip_between` and `round_trip_drawn`, then `fit_seconds`,
        `transform_microseconds` and `code_bytes`; and a verdict in words.

    Raises
    ------
    DataError
        If there are fewer than three samples.
    ShapeError
        If samples of `X` and `X_train`, or labels and samples, differ in number.

    Notes
    -----
    Components are fitted in the units that the network sees and mapped back, so that
    both solve the same problem. What is subsampled says so in its row's note.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import Autoencoder
    >>> X, y = load_iris(return_X_y=True)
    >>> model = Autoencoder(latent_dim=2, max_epochs=2, random_state=0, verbose=0).fit(X)
    >>> evaluation = evaluate(model, X, y)
    >>> evaluation["reconstruction_error"].value > 0
    True
    """
    X, X_train = alike(as_data(X), None if X_train is None else as_data(X_train))
    _check(X, y, X_train, y_train)
    rows, (outcome, text) = code_figures(
        estimator, X, y, X_train=X_train, y_train=y_train, random_state=random_state
    )
    held_out = X_train is not None
    return Evaluation(rows, int(X.shape[0]), held_out, verdict=text, outcome=outcome)


def _check(X: Any, y: Any, X_train: Any, y_train: Any) -> None:
    rows = as_rows(X)
    if len(rows) < 3:
        raise DataError(f"An evaluation needs at least 3 samples, got {len(rows)}.")
    if X_train is not None and as_rows(X_train, "X_train").shape[1] != rows.shape[1]:
        raise ShapeError(
            f"X and X_train must hold samples of one size, got {rows.shape[1]} elements in X "
            f"and {as_rows(X_train, 'X_train').shape[1]} in X_train."
        )
    for name, data, labels in (("y", X, y), ("y_train", X_train, y_train)):
        n = 0 if data is None else data.shape[0]
        if labels is not None and n != len(labels):
            raise ShapeError(
                f"{name} must have a label per sample, got {len(labels)} labels for {n} samples."
            )
