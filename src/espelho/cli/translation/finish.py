"""The end of a translator's training: figures, and the report."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from espelho.cli.options.flags import setting_names
from espelho.cli.training import (
    FEWEST,
    REPORT,
    Told,
    end_if_interrupted,
    say_too_few,
    summarise,
)
from espelho.cli.translation.job import TranslationJob, TwoSplit
from espelho.cli.uses import flag_words

if TYPE_CHECKING:
    from espelho.evaluation.result import Evaluation

__all__ = ["complete", "evaluated_again", "is_translation", "report_again"]


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
    if min(len(X) for X in split.measured()) < FEWEST:
        say_too_few(run, "these samples are")
        return
    evaluation = evaluated(estimator, split)
    write_report(estimator, run, job, split, evaluation)
    samples = f"{len(split.train.A)} samples of A, {len(split.train.B)} of B"
    told = Told(job.model, job.sets.told, samples)
    summarise(estimator, run, told, evaluation, as_json=as_json)


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
