"""Every error and warning that espelho raises on purpose.

::

    EspelhoError
    ├── DataError (ValueError)              what came in cannot be learned from
    │   └── ShapeError                      ... because its shape is another than expected
    ├── SettingError (ValueError)           a hyper-parameter, or two that cannot work together
    ├── FileError (ValueError, OSError)     a file that cannot be read or written
    │   └── RunError                        ... because it is no run, or a damaged one
    ├── MissingDependencyError (ImportError)   an optional package is not installed
    ├── DeviceError (RuntimeError)          a device that was asked for and is not there
    ├── ProcessError (RuntimeError)         a process that trained along was lost
    ├── DivergenceError (RuntimeError)      training met a value that is not finite
    ├── SamplingError (RuntimeError)        samples that cannot be drawn as they were asked for
    └── ExportError (RuntimeError)          a file that would not do what the model does

    EspelhoWarning (UserWarning)

Each error also is the builtin that a caller expects, so code written for
scikit-learn catches it. A message says what was expected, what came, and what
to do about it.
"""

__all__ = [
    "DataError",
    "DeviceError",
    "DivergenceError",
    "EspelhoError",
    "EspelhoWarning",
    "ExportError",
    "FileError",
    "MissingDependencyError",
    "ProcessError",
    "RunError",
    "SamplingError",
    "SettingError",
    "ShapeError",
]


class EspelhoError(Exception):
    """Base of every error that espelho raises on purpose."""


class DataError(EspelhoError, ValueError):
    """Data that cannot be learned from as it is."""


class ShapeError(DataError):
    """Data whose shape is another than the one expected."""


class SettingError(EspelhoError, ValueError):
    """A hyper-parameter out of its bounds, or two that cannot work together."""


class FileError(EspelhoError, ValueError, OSError):
    """A file that is missing, unreadable, unwritable or not what its name says."""


class RunError(FileError):
    """A folder that is not a run, or a run that is damaged or of another format."""


class MissingDependencyError(EspelhoError, ImportError):
    """An optional package that this call needs and that is not installed."""


class DeviceError(EspelhoError, RuntimeError):
    """A device that was asked for by name and is not there."""


class ProcessError(EspelhoError, RuntimeError):
    """A process that trained along and was lost, or never found."""


class DivergenceError(EspelhoError, RuntimeError):
    """Training that met a loss or a weight that is not a finite number."""


class SamplingError(EspelhoError, RuntimeError):
    """Sampling whose bound was violated, or that accepted too few of its proposals."""


class ExportError(EspelhoError, RuntimeError):
    """An export that cannot be made, or that gives something else than the model."""


class EspelhoWarning(UserWarning):
    """Something worth knowing that did not stop the call."""
