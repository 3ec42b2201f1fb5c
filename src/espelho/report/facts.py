"""Tables of facts: settings, data and versions."""

import dataclasses
import inspect
import platform
from importlib import metadata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.series.sequences import Sequences
from espelho.evaluation.result import readable
from espelho.evaluation.samples import as_rows
from espelho.report.subject import Estimator, Mirrored, Subject

PACKAGES = ("espelho", "torch", "numpy", "scikit-learn")
LONGEST = 160


@dataclasses.dataclass(frozen=True)
class Setting:
    """A setting of an estimator, beside its default."""

    name: str
    value: str
    default: str

    @property
    def changed(self) -> bool:
        """Whether it differs from the default."""
        return self.value != self.default


_ABOUT_THE_RUN = ("callbacks", "verbose")
"""Settings that say where and how loudly, not what was trained."""


def settings(estimator: Estimator) -> list[Setting]:
    """Return the settings of an estimator, those that were changed first."""
    defaults = _defaults(type(estimator))
    found = [
        Setting(name, _shown(value), _shown(defaults[name]) if name in defaults else "none")
        for name, value in estimator.get_params(deep=False).items()
        if name not in _ABOUT_THE_RUN
    ]
    return sorted(found, key=lambda setting: (not setting.changed, setting.name))


def data_facts(subject: Subject) -> list[tuple[str, str]]:
    """Return what there is to know about the data, as pairs of name and value."""
    X, shape = subject.X, tuple(subject.estimator.sample_shape_)
    ragged = isinstance(X, Sequences)
    values = X.steps if ragged else as_rows(X)
    size = f"{values.shape[1]:,} numbers{_shaped(shape)}"
    if ragged:
        size = f"{X.lengths.min():,} to {X.lengths.max():,} steps of {values.shape[1]:,} numbers"
    facts = [
        ("samples", f"{len(X):,}" if ragged else f"{len(values):,}"),
        ("size of a sample", size),
        ("type", str(values.dtype)),
        ("range", f"{readable(float(values.min()))} to {readable(float(values.max()))}"),
        (_width_name(subject), f"{subject.estimator.latent_dim_:,} numbers"),
    ]
    facts = [("name", subject.data_name), *facts] if subject.data_name else facts
    return facts if subject.y is None else [*facts, ("labels", _told(subject.y))]


def _width_name(subject: Subject) -> str:
    return "width of a code" if isinstance(subject, Mirrored) else "width of the noise"


def versions() -> list[tuple[str, str]]:
    """Return the versions of Python and of the packages that figures depend on."""
    return [("Python", platform.python_version()), *((name, _version(name)) for name in PACKAGES)]


def _defaults(kind: type) -> dict[str, Any]:
    fields = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    made = {
        field.name: field.default_factory()
        for field in fields
        if field.default_factory is not dataclasses.MISSING
    }
    parameters = inspect.signature(kind).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not p.empty} | made


def _shaped(shape: tuple[int, ...]) -> str:
    return f", {' x '.join(map(str, shape))}" * (len(shape) > 1)


def _shown(value: Any) -> str:
    """Return a value in one short line, without the addresses of functions."""
    named = inspect.isroutine(value) or inspect.isclass(value)
    text = " ".join((value.__qualname__ if named else repr(value)).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _told(y: NDArray[Any]) -> str:
    names, sizes = np.unique(y.astype(str) if y.dtype.kind == "O" else y, return_counts=True)
    if len(names) > 20 and y.dtype.kind == "f":
        return f"numbers, {readable(float(names[0]))} to {readable(float(names[-1]))}"
    return f"{len(names):,} different, on {sizes.min():,} to {sizes.max():,} samples each"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed as a package"
