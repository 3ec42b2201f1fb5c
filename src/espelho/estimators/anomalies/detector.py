"""The detector of anomalies: rows that an autoencoder does not give back, or finds unlikely."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from annotated_types import Interval
from numpy.typing import NDArray
from sklearn.base import OutlierMixin
from sklearn.utils.validation import check_is_fitted

from espelho.estimators import fields as f
from espelho.estimators.anomalies.explanation import Explanation, explained
from espelho.estimators.anomalies.reading import average_points, cut_points, read_points
from espelho.estimators.anomalies.strangeness import Strangeness, joined, strangeness
from espelho.estimators.data.samples import takes_gaps
from espelho.estimators.runs.settings import unfrozen
from espelho.estimators.saved import SavedEstimator

if TYPE_CHECKING:
    from sklearn.utils import Tags

    from espelho.estimators.data.samples import Samples

__all__ = ["AnomalyDetector"]


@dataclass(kw_only=True, eq=False, repr=False)
class AnomalyDetector(OutlierMixin, SavedEstimator):
    """Detector of anomalies: rows that an autoencoder does not give back, or finds unlikely.

    An autoencoder learns what rows have in common. The strangeness of a row is what it cannot
    rebuild, ``sum_j ((x_j - x_hat_j) / scale_j)^2`` where scale is that of its scaling, or, where
    its codes are distributions, minus the evidence lower bound of ``log p(x)`` in nats (An and
    Cho 2015, Variational Autoencoder based Anomaly Detection using Reconstruction Probability,
    of its first part); the score is minus the strangeness. `explain` takes it apart by features.

    Parameters
    ----------
    estimator
        The autoencoder, of any kind, which fit clones and trains. Without it one for tables: an
        `Autoencoder` of two units with the absolute error, dropout and weight decay that is
        trained for about 500 updates. A fitted one inside scikit-learn's FrozenEstimator is
        taken as it is.
    contamination
        With quantile: share of the rows that are outliers.
    threshold
        How the score is found from which on, downwards, rows are outliers. quantile: the
        `contamination` lies below it. extreme-value: a generalised Pareto distribution is
        fitted to the strangest scores, and an ordinary row lies below it with the probability
        `risk` (Siffer et al. 2017). validation: it tells labelled rows, X_validation of fit,
        apart with the largest F1 of outliers.
    risk
        With extreme-value: the probability that an ordinary row is called an outlier.
    tail
        With extreme-value: share of the scores that the distribution is fitted to.
    validation_fraction
        Share of the rows that the autoencoder does not learn from, and on whose scores the
        threshold is found; without it on those of all rows. Of a series its end.
    window
        Rows are the points of one long series, in order, or of several (a list), which the
        autoencoder sees in windows of so many points; a point's score is the mean over the
        windows that it lies in. Without it each row is for itself.
    step
        Points from the start of one window to that of the next; without it a quarter of a
        window.
    random_state
        Seed of what is drawn, for the autoencoder too where it has none of its own.

    Attributes
    ----------
    estimator_
        The fitted autoencoder.
    offset_
        The threshold: rows that score less are outliers.
    n_features_in_, feature_names_in_
        Number of features of a row, and their names where X had any.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import AnomalyDetector
    >>> X = load_iris().data
    >>> X[7, 2] = 9
    >>> detector = AnomalyDetector(contamination=0.02, random_state=0).fit(X)
    >>> int(detector.predict(X)[7]), int((detector.predict(X) == -1).sum())
    (-1, 3)
    >>> detector.explain(X).largest(7, 1)[0].name
    'x2'
    """

    estimator: Any = field(default=None, kw_only=False)
    contamination: Annotated[float, Interval(gt=0, le=0.5)] = 0.1
    threshold: f.ThresholdName = "quantile"
    risk: f.Inside = 0.001
    tail: f.Inside = 0.1
    validation_fraction: f.Share = 0.0
    window: f.Count | None = None
    step: f.Count | None = None
    random_state: f.RandomState = None

    def fit(
        self,
        X: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        X_validation: Any = None,
        y_validation: Any = None,
    ) -> Self:
        """Train the autoencoder, and find the threshold.

        Parameters
        ----------
        X
            Samples as the autoencoder takes them: rows ``(n, d)``, images, sequences that may
            differ in length; with ``window`` the points of a series ``(n, d)`` or ``(n,)``, or
            a list of several series.
        y
            Not used; there for scikit-learn's pipelines.
        sample_weight
            Weights ``(n,)``, at least 0; a weight of 2 counts like the row given twice.
        X_validation, y_validation
            With ``threshold="validation"``: other rows, and -1 for each that is an outlier, 1
            for the others.

        Returns
        -------
        Self
            The estimator itself.

        Raises
        ------
        SettingError
            If a setting is out of its bounds, or two cannot work together.
        DataError
            If the data holds what cannot be learned from, all rows score alike, or they are too
            few.
        """
        from espelho.estimators.anomalies.learning import fit

        fit(self, X, sample_weight, X_validation, y_validation)
        return self

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Return minus the strangeness of each row: the lower, the stranger.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray of shape (n,)
            Scores; with a variational autoencoder the evidence lower bound, as its own
            `score_samples`. Of sequences per step. Of several series the points of the first,
            then those of the second, and so on.
        """
        check_is_fitted(self)
        return self._scores(X)

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return by how much rows score more than the threshold: outliers are below 0.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray of shape (n,)
            ``score_samples(X) - offset_``.
        """
        found: NDArray[np.float64] = self.score_samples(X) - self.offset_
        return found

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return which rows are outliers.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray of shape (n,)
            -1 for outliers, 1 for the others.
        """
        return np.where(self.decision_function(X) < 0, -1, 1)

    def explain(self, X: Any) -> Explanation:
        """Return what made rows score as they do, by columns, pixels or steps.

        With ``x_hat`` what the autoencoder gives back, a row has the residuals ``x - x_hat`` in
        the data's units, and the contributions ``((x_j - x_hat_j) / scale_j)^2``, which add up
        to minus its score. So do, with an absolute error, ``|x_j - x_hat_j| / scale_j``, and
        with the Bernoulli loss nats.

        With codes that are distributions they are nats, too: ``-log p(x_j | z)`` at the mean z
        of the code and ``1/2 (x_j - x0_j) dKL/dx_j``, where ``KL(q(z | x) || N(0, I))`` is what
        the code adds and x0 the most ordinary sample, what z = 0 stands for. The first part is
        exact; the second is so of encoders that are linear, and what it leaves of the divergence
        is no feature's (``code``).

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        Explanation
            Scores, residuals, contributions.
        """
        check_is_fitted(self)
        samples, lengths = self._read(X)
        found = joined(self._strangeness(samples, lengths, by_feature=True))
        shape = samples.container.row_shape if lengths is None else (self.n_features_in_,)
        return explained(
            self, found, shape, univariate=getattr(samples.values, "univariate", False)
        )

    def windows(self, X: Any) -> NDArray[Any]:
        """Return a series as the autoencoder sees it, ``(n_windows, window, features)``.

        Parameters
        ----------
        X
            The points of the series, as in `fit`.

        Raises
        ------
        SettingError
            If the detector is for rows, or the series shorter than a window.
        """
        check_is_fitted(self)
        return cut_points(self, read_points(self, X, reset=False))

    def _save(self, path: Path, *, overwrite: bool) -> Path:
        """Save the run of its autoencoder, and the threshold beside it."""
        from espelho.estimators.runs import saving

        return saving.save(self.estimator_, path, overwrite=overwrite, detector=self)

    @property
    def is_frozen(self) -> bool:
        """Whether the autoencoder was fitted before, and is taken as it is."""
        return unfrozen(self.estimator) is not self.estimator

    def _scores(self, X: Any) -> NDArray[np.float64]:
        return -np.concatenate([block.totals() for block in self._strangeness(*self._read(X))])

    def _read(self, X: Any) -> "tuple[Samples, NDArray[np.int64] | None]":
        """Return samples as the autoencoder reads them, and of series how long they are."""
        if self.window is None:
            return self.estimator_._check_samples(X, reset=False), None
        points = read_points(self, X, reset=False)
        samples = self.estimator_._check_samples(cut_points(self, points), reset=False)
        return samples, points.lengths

    def _strangeness(
        self,
        samples: "Samples",
        lengths: "NDArray[np.int64] | None",
        *,
        by_feature: bool = False,
    ) -> Iterator[Strangeness]:
        of_series = lengths is not None
        found = strangeness(self.estimator_, samples, windows=of_series, by_feature=by_feature)
        yield from found if lengths is None else [average_points(self, joined(found), lengths)]

    def __sklearn_tags__(self) -> "Tags":
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = self.window is None and takes_gaps(unfrozen(self.estimator))
        return tags

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "offset_")
