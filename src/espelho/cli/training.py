"""Training from the command line: to the end, then the figures and the report."""

import json
import shlex
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from espelho.cli.anomalies import anomalies_in
from espelho.cli.job import Job, Split
from espelho.cli.options.detector import is_detector, model_of
from espelho.cli.output import say_score
from espelho.cli.series.seen import as_seen
from espelho.cli.uses import commands_for
from espelho.data.tables.table import Table
from espelho.errors import DataError, EspelhoWarning, SettingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from espelho.data.dataset import Dataset
    from espelho.estimators.labels.columns import LabelColumns
    from espelho.evaluation.result import Evaluation

__all__ = [
    "FEWEST",
    "FIGURES",
    "REPORT",
    "Told",
    "complete",
    "end_if_interrupted",
    "evaluated",
    "labels_to_learn",
    "say_too_few",
    "summarise",
]

FIGURES, REPORT = "evaluation.json", "report.html"
FEWEST = 3
"""Rows that neighbours can be found among, and that can be measured on."""


class Told(NamedTuple):
    """What a training was told to be: the model and the data by name, and how many samples."""

    model: str
    data: str
    samples: str


def complete(
    estimator: Any, run: Path, job: Job, split: Split, *, as_json: bool, leads: bool = True
) -> None:
    """Print and write what there is to say about a training that has come to its end.

    Parameters
    ----------
    estimator
        The fitted estimator; of a detector figures are those of its autoencoder.
    run
        Its folder.
    job, split
        What it was trained on.
    as_json
        Print JSON instead of a table.
    leads
        Whether this process says and writes anything, of several that trained together.
    """
    model, n_learned = model_of(estimator), split.train.n_rows
    split = as_seen(estimator, split)
    end_if_interrupted(model, run, leads=leads)
    if not leads:
        return
    told = Told(job.model, job.source.data, f"{n_learned} rows")
    if isinstance(split.measured.X, Table) and isinstance(split.train.X, Table):
        rows = f"{len(split.measured.X)} rows"
        rows += " that were set aside" if job.test is None else f" of {job.test.data}"
        words = {
            "categories": split.measured.X.words,
            "identifiers": split.train.X.identifiers,
            "measured_on": rows if split.test is not None else "all rows, which it learned from",
        }
        facts = _facts(model, run, told) | words | {"score": model.score(split.measured.X)}
        say_score(facts | _threshold(estimator), _headline(model, told), as_json=as_json)
        return
    n = len(split.measured.X)
    if n < FEWEST:
        say_too_few(run, f"{n} rows are")
        return
    sample = split.sampled()
    evaluation = evaluated(model, split, sample)
    write_report(estimator, run, job, sample, evaluation)
    more = _threshold(estimator)
    summarise(model, run, told, evaluation, more, as_json=as_json)
    if not as_json:
        for offset in more.values():
            click.echo(
                f"outliers score less than {offset:.6g}: 'espelho score {run} DATA' finds them"
            )


def say_too_few(run: Path, how_many: str) -> None:
    """Say that there is nothing to measure on, and where the run is."""
    click.echo(f"espelho: {how_many} too few to measure on; no report was written.", err=True)
    click.echo(f"run      {run}")


def summarise(
    model: Any,
    run: Path,
    told: Told,
    evaluation: "Evaluation",
    more: Mapping[str, Any] | None = None,
    *,
    as_json: bool,
) -> None:
    """Keep the figures of a run, and print them with what it was.

    Parameters
    ----------
    model
        What was trained.
    run
        Its folder, which holds its report already.
    told
        What the user told the command.
    evaluation
        The figures.
    more
        What else there is to say in JSON.
    as_json
        Print JSON instead of a table.
    """
    (run / FIGURES).write_text(json.dumps(evaluation.to_dict(), indent=2), encoding="utf-8")
    if as_json:
        summary = {**_facts(model, run, told), "evaluation": evaluation.to_dict(), **(more or {})}
        click.echo(json.dumps(summary))
        return
    headline = _headline(model, told)
    click.echo(f"{headline}\n\n{evaluation}\n\nrun      {run}\nreport   {run / REPORT}")


def _facts(model: Any, run: Path, told: Told) -> dict[str, Any]:
    return {
        "run": str(run), "model": told.model, "data": told.data, "epochs": model.n_epochs_,
        "stopped": model.stop_reason_,
    }  # fmt: skip


def _headline(model: Any, told: Told) -> str:
    return (
        f"{told.model} on {told.data}: {told.samples}, {model.n_epochs_} epochs in "
        f"{model.fit_seconds_:.1f} s ({model.stop_reason_})"
    )


def _threshold(estimator: Any) -> dict[str, float]:
    return {"threshold": estimator.offset_} if is_detector(estimator) else {}


def end_if_interrupted(estimator: Any, run: Path, *, leads: bool) -> None:
    """End the command where training was interrupted, and say how it goes on."""
    if estimator.stop_reason_ == "interrupted":
        if leads:
            again = f"espelho resume {shlex.quote(str(run))}"
            click.echo(f"Interrupted. Go on with: {again}", err=True)
        raise SystemExit(130)


def evaluated(
    estimator: Any, split: Split, sample: Split, features: str | None = None
) -> "Evaluation":
    """Return the figures of an estimator on what was set aside, or else on its own data.

    Parameters
    ----------
    estimator
        The fitted estimator.
    split
        The data.
    sample
        The rows of it that figures take, in memory.
    features
        What samples are seen through, as `evaluate` takes it.
    """
    from espelho.evaluation import evaluate

    data = sample.measured
    if sample.test is None or _mostly_seen(split.train, sample.test):
        return evaluate(estimator, data.X, data.y, features=features)
    train = sample.train
    return evaluate(estimator, data.X, data.y, X_train=train.X, y_train=train.y, features=features)


def _filled(estimator: Any, data: "Dataset") -> "Dataset":
    """Return data whose gaps the model has filled, as pictures need it whole; and say so."""
    from espelho.data.gaps.marks import missing
    from espelho.evaluation.imputation import filled

    marks = missing(data.X) if hasattr(estimator, "impute") else None
    if marks is None:
        return data
    click.echo(
        f"espelho: {int(marks.sum())} of {marks.size} values are missing; the model fills them "
        "for figures and pictures.",
        err=True,
    )
    return replace(data, X=filled(estimator, data.X))


def _mostly_seen(train: "Dataset", test: "Dataset") -> bool:
    """Return whether more than half of the rows to measure on were learned from."""
    from espelho.data.scaling import blocks

    rows = [row.tobytes() for block in blocks(test.X) for row in block]
    wanted, seen = set(rows), set()
    for block in blocks(train.X):
        seen |= wanted.intersection(row.tobytes() for row in block)
    return 2 * sum(row in seen for row in rows) > len(rows)


def write_report(
    estimator: Any,
    run: Path,
    job: Job,
    sample: Split,
    evaluation: "Evaluation",
) -> Path:
    """Write the report of a run into its folder.

    Parameters
    ----------
    estimator, run, job
        The fitted estimator, its folder, and what it was trained on.
    sample
        Data in memory, as the model sees it.
    evaluation
        The figures.
    """
    from espelho.report import write_report as write

    data, anomalies = _filled(model_of(estimator), sample.measured), None
    if is_detector(estimator):  # of all data, so that rows have the numbers that the file has
        anomalies = anomalies_in(estimator, job.source.read(categories=True))
    return write(
        run / REPORT,
        model_of(estimator),
        data.X,
        data.y,
        evaluation=evaluation,
        feature_names=data.feature_names,
        data_name=sample.train.name,
        commands=commands_for(estimator, run, job),
        pictures=run / "pictures",
        progress=run / "pictures",
        anomalies=anomalies,
    )


def labels_to_learn(estimator: Any, data: "Dataset") -> "NDArray[Any] | LabelColumns | None":
    """Return the labels of data where an estimator learns from them, or else nothing.

    Raises
    ------
    DataError
        If it does, and there are none.
    SettingError
        If there are several columns of them, and it takes one.
    """
    tags = estimator.__sklearn_tags__().target_tags
    if data.y is not None and data.y.ndim > 1 and not tags.multi_output:
        raise SettingError(
            f"--target names {data.y.shape[1]} columns, and {type(estimator).__name__} takes one "
            "column of labels at most. Name one; conditional-gan learns from several."
        )
    if not tags.required:
        return None
    if data.y is None:
        raise DataError(
            f"{type(estimator).__name__} learns from labels, and {data.name} has none. Name "
            "their column by --target, or a file with them by --labels."
        )
    if data.y.ndim == 1:
        return data.y
    from espelho.estimators.labels.columns import LabelColumns

    names = data.target_name if isinstance(data.target_name, tuple) else None
    return LabelColumns.of(data.y, len(data.y), type(estimator).__name__, names)


def only_interruptions_said_once() -> None:
    """Leave it to the command to say that training was interrupted."""
    warnings.filterwarnings("ignore", "Training was interrupted", EspelhoWarning)
