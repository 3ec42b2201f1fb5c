"""Uses: the commands that make a run again, and those that use it."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from espelho.cli.job import Job
from espelho.cli.options.detector import changeable, is_detector
from espelho.cli.options.labels import example_label, example_words, is_told_labels
from espelho.cli.options.source import SERIES, Source

__all__ = ["commands_for", "flag_words", "reproduce"]


def commands_for(estimator: Any, run: Path, job: Job) -> dict[str, str]:
    """Return the commands that make a run again and that use it, by a heading for each."""
    return {
        "Train it again": reproduce(estimator, job),
        "Use it from the command line": "\n".join(_shell_uses(estimator, run, job)),
        "Use it from Python": "\n".join(
            ("import espelho", "", f"model = espelho.load({str(run)!r})", *_python_uses(estimator))
        ),
    }


def _shell_uses(estimator: Any, run: Path, job: Job) -> Iterator[str]:
    folder, data = shlex.quote(str(run)), shlex.quote(job.source.data)
    # Sequences may differ in length, which a table holds and an array does not.
    tables = job.source.of_series or job.source.data.endswith((".ts", ".ts.gz"))
    suffix = "csv" if tables else "npy"
    if is_detector(estimator):
        yield f"espelho score {folder} {data} -o scores.csv --explain"
        return
    if hasattr(estimator, "reconstruct"):
        yield f"espelho encode {folder} {data} -o codes.npy"
        yield f"espelho reconstruct {folder} {data} -o rebuilt.{suffix}"
        yield f"espelho score {folder} {data} -o scores.csv"
    if hasattr(estimator, "impute"):
        yield f"espelho impute {folder} {data} -o filled.csv"
    if hasattr(estimator, "sample"):
        yield f"espelho sample {folder} -n 1000 -o samples.{suffix}"
        if told := example_words(estimator):
            yield f"espelho sample {folder} -n 1000 {shlex.join(told)} -o samples.{suffix}"


def _python_uses(estimator: Any) -> Iterator[str]:
    if is_detector(estimator):
        yield "outliers = model.predict(X) == -1"
        yield "why = model.explain(X)"
    if hasattr(estimator, "reconstruct"):
        yield "codes = model.transform(X)"
        yield "rebuilt = model.inverse_transform(codes)"
    if hasattr(estimator, "impute"):
        yield "filled = model.impute(X)"
    if hasattr(estimator, "sample"):
        yield "samples = model.sample(1000, random_state=0)"
        if is_told_labels(estimator):
            yield f"samples = model.sample(1000, y={example_label(estimator)!r})"


def reproduce(estimator: Any, job: Job) -> str:
    """Return the command that trains the same model again."""
    words = ["espelho", "fit", job.model, *_source_words(job.source)]
    if job.test is not None:
        words += ["--test", job.test.data]
        words += ["--test-labels", job.test.labels] if job.test.labels else []
    else:
        words += ["--test-fraction", f"{job.test_fraction:g}"]
    for name, value, default in changeable(estimator):
        words += flag_words(name, value, default)
    return shlex.join(words)


def _source_words(source: Source) -> list[str]:
    words = [source.data]
    targets = [source.target] if isinstance(source.target, str) else source.target or ()
    words += [word for target in targets for word in ("--target", target)]
    for name in ("array", "labels", "header", "memory_limit", *SERIES):
        value = getattr(source, name)
        if value != getattr(type(source), name):
            words += [f"--{name.replace('_', '-')}", str(value)]
    for name in ("columns", "drop", "resize", "cut"):
        if values := getattr(source, name):
            words += [f"--{name}", ",".join(map(str, values))]
    return words + ["--skip-damaged"] * source.skip_damaged


def flag_words(name: str, value: Any, default: Any) -> list[str]:
    """Return the flag that gives a setting its value; nothing where that is its default."""
    dashed = name.replace("_", "-")
    if value == default or name == "verbose":
        return []
    if isinstance(value, bool):
        return [f"--{dashed}" if value else f"--no-{dashed}"]
    if isinstance(value, tuple):
        return [f"--{dashed}", ",".join(str(part) for part in value)]
    return [f"--{dashed}", json.dumps(value) if isinstance(value, dict) else str(value)]
