"""One call that writes a fitted model as files that other programs run."""

import os
import secrets
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args

from sklearn.utils.validation import check_is_fitted

from espelho.data.nearest import did_you_mean
from espelho.errors import EspelhoError, ExportError, FileError, SettingError
from espelho.exporting.files import onnx_file, program_file
from espelho.exporting.parts import Part, Port
from espelho.exporting.result import Export, ExportedPart

__all__ = ["FORMATS", "Format", "Precision", "export"]

Format = Literal["onnx", "torch"]
Precision = Literal["float32", "float64"]
Watch = Callable[[ExportedPart, int, int], None]
"""What is told of each part that is finished: the part, its number, how many there are."""

FORMATS: dict[str, ModuleType] = {"onnx": onnx_file, "torch": program_file}
"""What writes and runs files, by the name of the format."""


def export(
    model: Any,
    path: str | os.PathLike[str],
    *,
    part: str | Sequence[str] | None = None,
    format: Format = "onnx",  # noqa: A002 as the command line has it
    rows: Any = None,
    resolution: int | tuple[int, int] | None = None,
    precision: Precision = "float32",
    watch: Watch | None = None,
) -> Export:
    """Write parts of a fitted model as files that run without espelho.

    Each file takes what the library's method takes, in the units and integer types of the data,
    and gives what it gives: scaling and its way back are inside. Batches may have any number of
    rows, sequences any number of steps, and images any size where the model is a convolutional
    translator. Before a file appears it is run, and compared with the library on rows of data
    (or on drawn ones); beside it stands a program that shows how it is used.

    Parameters
    ----------
    model : estimator or path
        The fitted model, or its run folder.
    path : path
        The folder for the files; files of the same names in it are replaced.
    part : str or sequence of str, optional
        encoder, decoder, reconstruction, generator, translator, predictor or score; by default
        all that the model has.
    format : {"onnx", "torch"}, default="onnx"
        ONNX files, which need ``pip install 'espelho[export]'`` to be made; or programs that
        ``torch.export.load`` reads.
    rows : array-like, optional
        Samples as in `fit` to compare files with the library on, at most 32 of them; of a
        translator those of A, or a tuple of those of A and those of B.
    resolution : int or tuple, optional
        Of the images of a `ProgressiveGAN`: one of its ``resolutions_``.
    precision : {"float32", "float64"}, default="float32"
        Type of the numbers in the graph, whatever the model was trained in; onnxruntime has no
        convolutions and no LSTMs in float64.
    watch : callable, optional
        Told of each part that is finished, its number, and how many there are.

    Returns
    -------
    Export
        The files, their inputs and outputs, and their largest difference from the library.

    Raises
    ------
    ExportError
        If a file would differ from the library by more than 1e-4 of the data's scale, or cannot
        be made; nothing is written then.
    SettingError
        If the model has no such part.
    MissingDependencyError
        If what ONNX files need is not installed.

    Examples
    --------
    >>> import tempfile
    >>> import espelho
    >>> X = espelho.load_data("iris").X
    >>> model = espelho.Autoencoder(latent_dim=2, max_epochs=1, random_state=0).fit(X)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = espelho.export(model, folder, part="encoder", format="torch", rows=X)
    >>> made["encoder"].inputs[0].shape, made.difference < 1e-5
    ('(batch, 4)', True)
    """
    from espelho.exporting.finding import chosen, parts_of

    _check("format", format, Format)
    _check("precision", precision, Precision)
    writer = FORMATS[format]
    writer.check()
    model = _fitted(model)
    with warnings.catch_warnings():
        # Graphs take arrays, which have no names of columns.
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        found, given = parts_of(model, rows, precision=precision, resolution=resolution)
    parts, skipped = chosen(model, found, part)
    folder, made = Path(path), []
    with _aside(folder) as aside:
        for number, one in enumerate(parts, 1):
            made.append(_written(one, writer, aside, folder, _facts(model, one, given=given)))
            if watch is not None:
                watch(made[-1], number, len(parts))
    return Export(folder, tuple(made), given, skipped)


def _written(
    part: Part, writer: ModuleType, aside: Path, folder: Path, facts: dict[str, Any]
) -> ExportedPart:
    """Write a part and its example into a folder for the time being, and compare it."""
    from espelho.exporting.example import example
    from espelho.exporting.parity import largest_difference

    started = time.perf_counter()
    file, page = f"{part.name}{writer.SUFFIX}", f"{part.name}{writer.EXAMPLE}"
    with _explained(part):
        from espelho.exporting.files.tracing import traced

        writer.write(traced(part), part, aside / file, facts)
        difference, n_rows = largest_difference(writer.runner(aside / file), part)
    known = {**facts, "difference": difference, "rows": f"{n_rows} {facts['compared']}"}
    (aside / page).write_text(example(part, file, known), encoding="utf-8")
    return ExportedPart(
        part.name,
        part.method,
        folder / file,
        folder / page,
        part.inputs,
        part.output,
        difference,
        n_rows,
        time.perf_counter() - started,
    )


def _facts(model: Any, part: Part, *, given: bool) -> dict[str, Any]:
    """Return what a file says of itself."""
    from espelho import __version__

    return {
        "espelho": __version__,
        "class": type(model).__name__,
        "part": part.name,
        "method": part.method,
        "inputs": [_port(port) for port in part.inputs],
        "output": _port(part.output),
        "least": dict(part.least),
        "compared": "rows of data" if given else "drawn rows",
    }


def _port(port: Port) -> dict[str, Any]:
    return {
        "name": port.name,
        "dtype": port.dtype,
        "axes": [axis if isinstance(axis, str) else int(axis) for axis in port.axes],
        "about": port.about,
    }


@contextmanager
def _explained(part: Part) -> Iterator[None]:
    """Turn what torch or onnxruntime raise into one line that names the part."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (EspelhoError, OSError, MemoryError):
        raise
    except Exception as error:
        raise ExportError(
            f"The {part.name} cannot be exported: {_innermost(error)} Nothing was written. "
            "Networks of your own must be such as torch.export traces."
        ) from error


def _innermost(error: BaseException) -> str:
    """Return the type and the first line of what an error comes of."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:300] if lines else ''}"


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """Make a folder beside the one to fill, whose files go there when all are right."""
    aside = folder.parent / f".espelho-{secrets.token_hex(8)}.tmp"
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file, and an export needs a folder. Choose another name.")
    try:
        aside.mkdir(parents=True)
        yield aside
        folder.mkdir(exist_ok=True)
        for file in sorted(aside.iterdir()):
            file.replace(folder / file.name)
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{folder} could not be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _fitted(model: Any) -> Any:
    if isinstance(model, (str, os.PathLike)):
        from espelho.estimators.runs.loading import load

        return load(Path(model))
    check_is_fitted(model)
    return model


def _check(name: str, value: str, allowed: Any) -> None:
    known = get_args(allowed)
    if value not in known:
        raise SettingError(
            f"{name} must be {' or '.join(map(repr, known))}, got {value!r}."
            f"{did_you_mean(str(value), known)}"
        )
