"""One call that measures a fitted estimator against what it has to beat."""

from collections.abc import Iterator, Mapping
from typing import Any

from numpy.typing import ArrayLike

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation.codes.figures import code_figures
from espelho.evaluation.cost import sampling_row, training_row
from espelho.evaluation.imputation import filled, imputation_rows
from espelho.evaluation.result import Evaluation, Row
from espelho.evaluation.samples import Seed, alike, as_data, as_rows
from espelho.evaluation.verdict import Verdict

__all__ = ["evaluate"]

FEWEST, UNBOUNDED = 40, 1_000_000
"""Samples below which a bound is none, and a bound that is above those of all figures."""

_Figures = tuple[tuple[Row, ...], Verdict]


def evaluate(
    estimator: Any,
    X: Any,
    y: ArrayLike | None = None,
    *,
    X_train: Any = None,
    y_train: ArrayLike | None = None,
    features: Any = None,
    max_samples: int | None = None,
    max_drawn: int | None = None,
    random_state: Seed = 0,
) -> Evaluation:
    """Measure a fitted estimator, and what simple methods do in its place.

    Of an autoencoder: codes and reconstructions, beside those of principal components (of what
    only makes codes, the codes). Of what can `sample`: samples, beside real data and draws from a
    Gaussian. Of what can do both, both.

    Parameters
    ----------
    estimator : fitted estimator
        Read through `transform` and `reconstruct`, or `sample`, or all of them, and through
        `scaling_`, `latent_dim_` and `fit_seconds_`.
    X : array-like of shape (n_samples, ...)
        What to measure on; at best samples that training has not seen.
    y : array-like of shape (n_samples,), optional
        Labels: classes or continuous targets. Adds how well codes predict them; samples of images
        are seen through a classifier of these classes; and of what samples by label, in the
        columns it was fitted with, it adds how many samples have the label asked for.
    X_train : array-like of shape (n_train, ...), optional
        What the estimator was trained on. Principal components and the constant mean
        are then learned from it and measured on `X`, as the estimator is; without
        it they are fitted on `X` itself. It also shows whether samples are copies.
    y_train : array-like of shape (n_train,), optional
        Labels of the training data: predictors are then trained there and tested on
        `X`, instead of cross-validated.
    features : {"classifier", "random", "none"} or callable, optional
        What samples are seen through, as in :func:`espelho.evaluation.compare_samples`; a
        function gets samples in floating point, in the shape and the units of the data.
    max_samples : int, optional
        Figures about codes that cost more than a pass over `X` (neighbourhoods, predictions)
        are measured on at most so many of its samples; by default on 2,000 and on 5,000. Fewer
        are faster and less sure.
    max_drawn : int, optional
        Samples that are drawn of what can sample, and rows of data that they are compared
        with, at most; by default 2,000.
    random_state : int, RandomState or None, default=0
        Decides which samples are drawn where a figure is measured on some of them.

    Returns
    -------
    Evaluation
        Of codes: rows `reconstruction_error` and `reconstruction_error_scaled` (mean over
        samples of the sum of squared errors over a sample's elements),
        `variance_explained`, `trustworthiness`, `continuity`, with labels
        `knn_score` and `probe_score`, of sparse codes `unit_activity` and `dead_units`, of
        contractive ones `saturation`, of distributions `evidence_bound`, `kl` and
        `active_units`, of those that can sample `code_distance`, `round_trip_between` and
        `round_trip_drawn`, then `fit_seconds`, `transform_microseconds` and `code_bytes`. Of
        samples: those of `espelho.evaluation.compare_samples`, in the units that the network sees,
        and `sample_microseconds`; of what samples by label `recognised`, of several columns
        one row each; where there is too little to compare with, one row `samples` that says so.
        Of what fills gaps `imputation_error` before all others, which are of data whose gaps it
        has filled. And a verdict in words.

    Raises
    ------
    DataError
        If there are fewer than three samples, or with `features` too few to compare.
    ShapeError
        If samples of `X` and `X_train`, or labels and samples, differ in number.
    SettingError
        If the estimator has neither codes nor samples or was fitted with categories, or either
        limit is below 40.

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
    _check_measurable(estimator)
    X, X_train = alike(as_data(X), None if X_train is None else as_data(X_train))
    _check(X, y, X_train, y_train)
    most = _most("max_samples", max_samples), _most("max_drawn", max_drawn)
    hidden = imputation_rows(estimator, X, random_state)
    X, X_train = filled(estimator, X), filled(estimator, X_train)
    given = {"X_train": X_train, "y": y, "y_train": y_train, "random_state": random_state}
    parts = tuple(_figures(estimator, X, given, features, most))
    if not parts:
        raise SettingError(
            f"{type(estimator).__name__} has neither codes nor samples to measure: evaluate() "
            "takes a fitted autoencoder or generator, and evaluate_translations() a translator."
        )
    rows = hidden + tuple(row for found, _ in parts for row in found)
    verdicts = [verdict for _, verdict in parts]
    return Evaluation(
        rows,
        int(X.shape[0]),
        X_train is not None,
        verdict=" ".join(verdict.text for verdict in verdicts if verdict.text),
        outcome=verdicts[0].outcome,
    )


def _figures(
    estimator: Any, X: Any, given: Mapping[str, Any], features: Any, most: tuple[int, int]
) -> Iterator[_Figures]:
    encodes, generates = (hasattr(estimator, name) for name in ("transform", "sample"))
    if encodes:
        yield code_figures(estimator, X, most=most[0], **given)
    if generates:
        from espelho.evaluation.conditional.rows import recognition_rows
        from espelho.evaluation.drawn import sample_figures  # which loads torch

        try:
            drawn = {"features": features, "most": most[1], **given}
            rows, verdict = sample_figures(estimator, X, **drawn)
        except DataError as error:
            if features is not None:
                raise
            rows = (Row("samples", "samples", "", float("nan"), note=str(error)),)
            verdict = Verdict("", "" if encodes else f"Samples were not compared: {error}")
        told = recognition_rows(estimator, X, most=most[1], **given)
        own = () if encodes else (training_row(estimator),)
        yield (*rows, *told, *own, sampling_row(estimator)), verdict


def _check_measurable(estimator: Any) -> None:
    if hasattr(estimator, "layout_"):
        raise SettingError(
            f"Figures are of tables of numbers, and this {type(estimator).__name__} was fitted "
            "with categories or booleans. Use its score(), compare what it samples with the data, "
            "or fit it with columns of zeros and ones in their place."
        )


def _most(name: str, limit: int | None) -> int:
    if limit is not None and limit < FEWEST:
        raise SettingError(f"{name} must be at least {FEWEST}, got {limit}.")
    return limit or UNBOUNDED


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
