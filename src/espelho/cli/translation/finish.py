"""The end of a translator's training: figures, and the report."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from espelho.cli.options.flags import setting_names
from espelho.cli.training import FIGURES, REPORT, end_if_interrupted
from espelho.cli.translation.job import TranslationJob, TwoSplit
from espelho.cli.uses import flag_words

if TYPE_CHECKING:
    from espelho.evaluation.result import Evaluation

__all__ = ["complete", "evaluated_again", "is_translation", "report_again"]

_FEWEST = 3
"""Samples that can be measured on."""


def is_translation(run: Path) -> bool:
    """Return whether a run folder is that of a translator."""
    from espelho.estimators.registry import MODELS
    from espelho.estimators.runs.facts import read_facts

    entry = MODELS.get(read_facts(run)["class"])
    return entry is not None and entry.group == "translation"


def complete(
    estimator: Any,
    run: Path,
    job: TranslationJob,
    split: TwoSplit,
    *,
    as_json: bool,
    leads: bool = True,
) -> None:
    """Print and write what there is to say about a training that has come to its end.

    Parameters
    ----------
    estimator
        The fitted translator.
    run
        Its folder.
    job, split
        What it was trained on.
    as_json
        Print JSON instead of a table.
    leads
        Whether this process says and writes anything, of several that trained together.
    """
    end_if_interrupted(estimator, run, leads=leads)
    if not leads:
        return
    if min(len(X) for X in split.measured()) < _FEWEST:
        click.echo("espelho: too few samples to measure on; no report was written.", err=True)
        click.echo(f"run      {run}")
        return
    evaluation = evaluated(estimator, split)
    write_report(estimator, run, job, split, evaluation)
    (run / FIGURES).write_text(json.dumps(evaluation.to_dict(), indent=2), encoding="utf-8")
    if as_json:
        summary = {
            "run": str(run), "model": job.model, "data": job.sets.told,
            "epochs": estimator.n_epochs_, "stopped": estimator.stop_reason_,
            "evaluation": evaluation.to_dict(),
        }  # fmt: skip
        click.echo(json.dumps(summary))
        return
    n_a, n_b = len(split.train.A), len(split.train.B)
    click.echo(
        f"{job.model} on {job.sets.told}: {n_a} samples of A, {n_b} of B, {estimator.n_epochs_} "
        f"epochs in {estimator.fit_seconds_:.1f} s ({estimator.stop_reason_})\n"
    )
    click.echo(str(evaluation))
    click.echo(f"\nrun      {run}\nreport   {run / REPORT}")


def evaluated(estimator: Any, split: TwoSplit) -> "Evaluation":
    """Return the figures of a translator on what was set aside, or else on its own data."""
    from dataclasses import replace

    from espelho.evaluation import evaluate_translations

    found = evaluate_translations(estimator, *split.measured())
    return replace(found, held_out=split.test is not None)


def evaluated_again(estimator: Any, run: Path) -> "Evaluation":
    """Return the figures of a translator on what was set aside when it was trained."""
    return evaluated(estimator, TranslationJob.of(run).read())


def report_again(estimator: Any, run: Path) -> Path:
    """Write the report of a translator's run again."""
    job = TranslationJob.of(run)
    split = job.read()
    return write_report(estimator, run, job, split, evaluated(estimator, split))


def write_report(
    estimator: Any, run: Path, job: TranslationJob, split: TwoSplit, evaluation: "Evaluation"
) -> Path:
    """Write the report of a run into its folder."""
    from espelho.report.translation import write_translation_report

    return write_translation_report(
        run / REPORT,
        estimator,
        *split.measured(),
        evaluation=evaluation,
        data_name=job.sets.name,
        commands=_commands(estimator, run, job),
        pictures=run / "pictures",
        progress=run / "pictures",
    )


def _commands(estimator: Any, run: Path, job: TranslationJob) -> dict[str, str]:
    """Return the commands that make a run again and that use it, by a heading for each."""
    folder = shlex.quote(str(run))
    shell = [f"espelho translate {folder} images/ -o translated/"]
    python = [
        "import espelho",
        "",
        f"model = espelho.load({str(run)!r})",
        "B = model.translate(A)",
    ]
    if "A" in estimator.goes_to:
        shell.append(f"espelho translate {folder} images/ -o translated/ --to A")
        python.append('A = model.translate(B, to="A")')
    return {
        "Train it again": _reproduce(estimator, job),
        "Use it from the command line": "\n".join(shell),
        "Use it from Python": "\n".join(python),
    }


def _reproduce(estimator: Any, job: TranslationJob) -> str:
    words = ["espelho", "fit", job.model, *job.sets.words()]
    if job.test is not None:
        for name in ("a", "b", "pairs"):
            if (place := getattr(job.test, name)) is not None:
                words += [f"--test-{name}", place]
    else:
        words += ["--test-fraction", f"{job.test_fraction:g}"]
    for name in setting_names(type(estimator)):
        words += flag_words(name, getattr(estimator, name), getattr(type(estimator), name))
    return shlex.join(words)
