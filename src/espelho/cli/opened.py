"""Opened runs: a fitted estimator from its folder, and data for it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espelho.cli.job import Job
from espelho.cli.options.detector import model_of
from espelho.cli.options.source import SERIES, Source, check_windows, make_source
from espelho.cli.series.seen import as_windows
from espelho.errors import RunError, SettingError
from espelho.estimators.registry import WRAPPERS

if TYPE_CHECKING:
    from espelho.data.dataset import Dataset

__all__ = ["Opened"]


_OTHERWISE = {
    "translate": "does not translate; pix2pix and cycle-gan do.",
    "impute": "was not fitted to fill what is missing. Fit an autoencoder of dense networks with "
    "--missing mask, such as 'espelho fit autoencoder DATA --missing mask'.",
}
"""What is said of a model that lacks a method which others have."""


class Opened:
    """A run and what it can be used on.

    Parameters
    ----------
    run
        The run folder.
    method
        What the estimator must be able to do; without it nothing in particular.
    anything
        Whether it may be what other commands do not use: a classifier.

    Attributes
    ----------
    fitted
        What was fitted.
    estimator
        That, or of a detector its autoencoder.
    """

    def __init__(self, run: str, method: str | None = None, *, anything: bool = False) -> None:
        from espelho.estimators.runs.loading import load

        self.path = Path(run)
        self.fitted: Any = load(self.path)
        self.estimator: Any = model_of(self.fitted)
        if not anything:
            self._check_it_is_a_model()
        if method is not None and not hasattr(self.estimator, method):
            raise SettingError(self._cannot(method))

    def _check_it_is_a_model(self) -> None:
        name = type(self.estimator).__name__
        if name in WRAPPERS:
            raise SettingError(
                f"{self.path} holds a {name}, which the commands do not use. Use it in Python, by "
                f"espelho.load({str(self.path)!r}); the commands do take the run inside, "
                f"{self.path / 'autoencoder'}."
            )

    def _cannot(self, method: str) -> str:
        name = type(self.estimator).__name__
        if method in _OTHERWISE:
            return f"{self.path} holds a {name}, which {_OTHERWISE[method]}"
        if hasattr(self.estimator, "translate"):
            return (
                f"{self.path} holds a {name}, which translates and has no {method}(). Use "
                f"'espelho translate {self.path} DATA -o OUT'."
            )
        if method == "sample":
            return f"{self.path} cannot be sampled from: {_reason(self.estimator)}"
        return (
            f"{self.path} holds a {name}, which makes new samples and knows no codes of data, so "
            f"there is no {method}() of it. Use 'espelho sample {self.path} -o samples.npy'."
        )

    @property
    def takes_gaps(self) -> bool:
        """Whether the model takes data of which some is missing."""
        from espelho.estimators.data.samples import takes_gaps

        return takes_gaps(self.estimator)

    @property
    def job(self) -> Job:
        """What the run was trained on."""
        return Job.of(self.path)

    @property
    def names(self) -> tuple[str, ...] | None:
        """The names of the model's columns, if they are known."""
        try:
            return self.job.feature_names
        except RunError:
            names = getattr(self.estimator, "feature_names_in_", None)
            return None if names is None else tuple(names)

    def source(self, data: str | None, options: dict[str, Any]) -> Source:
        """Return the source of data for the model: its own columns unless others are named.

        Parameters
        ----------
        data
            A file, a bundled set, or nothing for the data of the run.
        options
            What `source_options` collected, emptied of it.
        """
        if data is None:
            own, limit = self.job.source, options["memory_limit"]
            return own if limit is None else replace(own, memory_limit=limit)
        given = replace(make_source(data, options), gaps=self.takes_gaps)
        names = self.names
        if names is not None and (given.columns or given.drop):
            raise SettingError(
                "The columns are those that the model was trained on, by their names: "
                f"{', '.join(names)}. Leave --columns and --drop out."
            )
        try:
            own = self.job.source_of(data)
        except RunError:
            return given if names is None else replace(given, columns=names)
        kept = ("array", "columns", "resize", "cut", *SERIES)
        return replace(given, **{n: getattr(given, n) or getattr(own, n) for n in kept})

    def read(self, data: str | None, options: dict[str, Any]) -> "Dataset":
        """Read data for the model."""
        window = getattr(self.fitted, "window", None)
        if window is not None and (options.get("window") or options.get("stride")):
            raise SettingError(
                f"The windows are those of the detector, of {window} points. Leave --window and "
                "--stride out."
            )
        source = self.source(data, options)
        check_windows(source, window)
        return source.read(categories=True)

    def read_seen(self, data: str | None, options: dict[str, Any]) -> "Dataset":
        """Read data as the model sees it: of series their windows."""
        return as_windows(self.fitted, self.read(data, options))


def _reason(estimator: Any) -> str:
    """Return why an estimator cannot sample, in its own words."""
    try:
        estimator.sample  # noqa: B018
    except AttributeError as error:
        return str(error.__cause__ or error)
    return ""
