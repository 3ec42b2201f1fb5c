"""The detector's command: its own options, and those of the autoencoder inside it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from espelho.cli.options.flags import flags, setting_names
from espelho.estimators import registry

if TYPE_CHECKING:
    from espelho.training.callbacks.base import Callback

__all__ = [
    "DETECTOR",
    "Detector",
    "changeable",
    "detector_class",
    "detector_flags",
    "fitted_detector",
    "is_detector",
    "model_of",
    "named_autoencoder",
]

DETECTOR = "anomaly-detector"
_INNER = "estimator"
_SHARED = "random_state"
"""The setting that a detector passes on to its autoencoder."""


def detector_class() -> Any:
    """Return the class of detectors."""
    return registry.class_of("AnomalyDetector")


def is_detector(fitted: Any) -> bool:
    """Return whether something that was fitted is a detector."""
    return isinstance(fitted, detector_class())


def model_of(fitted: Any) -> Any:
    """Return what was fitted, or of a detector the autoencoder inside."""
    return fitted.estimator_ if is_detector(fitted) else fitted


def changeable(fitted: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the settings that have a flag: the flag's name, the value, and the default.

    Parameters
    ----------
    fitted
        What was fitted; of a detector the settings of its autoencoder come after its own.
    """
    inside = is_detector(fitted)
    own = [name for name in setting_names(type(fitted)) if not (inside and name == _INNER)]
    for name in own:
        yield name, getattr(fitted, name), getattr(type(fitted), name)
    if not inside:
        return
    inner = fitted.estimator
    yield _INNER, registry.command_name(type(inner).__name__), None
    for name in setting_names(type(inner)):
        if name != _SHARED:
            flag = f"{_INNER}_{name}" if name in own else name
            yield flag, getattr(inner, name), getattr(type(inner), name)


def named_autoencoder(words: Sequence[str]) -> str | None:
    """Return the autoencoder that a command line names by ``--estimator``, if it names one.

    Examples
    --------
    >>> named_autoencoder(["data.csv", "--estimator", "lstm-autoencoder"])
    'lstm-autoencoder'
    """
    flag = f"--{_INNER}"
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word == flag:
            return after
        if word.startswith(f"{flag}="):
            return word.removeprefix(f"{flag}=")
    return None


def autoencoder_class(name: str | None) -> Any:
    """Return the class of the autoencoder inside a detector; that of the default for no name."""
    return registry.find("autoencoder" if name is None else name)


def detector_flags(name: str | None) -> list[click.Option]:
    """Return the options of a detector, and after them those of its autoencoder.

    The autoencoder's are named as in its own command, but for settings that both have, which
    are the detector's, and those of the autoencoder begin with ``--estimator-``.

    Parameters
    ----------
    name
        The autoencoder, as the command line has it; nothing for the default.
    """
    from espelho.estimators.autoencoders.base import BaseAutoencoder

    own = [flag for flag in flags(detector_class()) if flag.name != _INNER]
    taken = {flag.name for flag in own}
    next(flag for flag in own if flag.name == "step").opts.append("--stride")
    inner = flags(autoencoder_class(name))
    for flag in inner:
        if flag.name in taken and flag.name != _SHARED:
            flag.opts = [f"--{_INNER}-{flag.name.replace('_', '-')}"]
            flag.name = f"{_INNER}_{flag.name}"
    known = [
        registry.command_name(model)
        for model in registry.MODELS
        if issubclass(registry.class_of(model), BaseAutoencoder)
    ]
    choice = click.Option(
        [f"--{_INNER}"],
        type=click.Choice(known),
        help="The autoencoder, whose own options follow those of the detector. Without it a "
        "dense one for tables, with settings that were found for them.",
    )
    return [choice, *own, *(flag for flag in inner if flag.name != _SHARED)]


@dataclass(frozen=True)
class Detector:
    """A detector to be made: its own settings, and those of its autoencoder.

    Attributes
    ----------
    name
        The autoencoder, as the command line has it; nothing for the default.
    own, inner
        The settings.
    """

    name: str | None
    own: Mapping[str, Any]
    inner: Mapping[str, Any]

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Detector":
        """Return the detector of settings as the flags name them."""
        mine = {name for name in setting_names(detector_class()) if name != _INNER}
        own = {name: value for name, value in settings.items() if name in mine}
        inner = {
            name.removeprefix(f"{_INNER}_"): value
            for name, value in settings.items()
            if name not in mine and name != _INNER
        }
        return cls(settings.get(_INNER), own, inner)

    def make(self, n_rows: int, callbacks: "Sequence[Callback]") -> Any:
        """Return the detector.

        Parameters
        ----------
        n_rows
            How many rows it will learn from.
        callbacks
            What takes part in the training of the autoencoder.
        """
        settings = {**self.inner, "callbacks": tuple(callbacks)}
        if self.name is None:
            from espelho.estimators.anomalies.default import default_autoencoder

            inner = default_autoencoder(n_rows).set_params(**settings)
        else:
            inner = autoencoder_class(self.name)(**settings)
        return detector_class()(inner, **self.own)


def fitted_detector(detector: Any, X: Any, run: Path, *, leads: bool) -> Any:
    """Return a detector fitted, and described in the run of its autoencoder before and after.

    Parameters
    ----------
    detector
        The detector, whose autoencoder leaves checkpoints in the run.
    X
        What it learns from.
    run
        The run folder.
    leads
        Whether this process writes, of several that train together.
    """
    from espelho.estimators.runs.detectors import write_detector

    if leads:
        write_detector(run, detector)
    detector.fit(X)
    if leads:
        write_detector(run, detector)
    return detector
