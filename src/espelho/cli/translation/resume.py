"""``espelho resume RUN`` for translators."""

from pathlib import Path

from espelho.cli.processes import together
from espelho.cli.training import only_interruptions_said_once
from espelho.cli.translation.finish import complete
from espelho.cli.translation.job import TranslationJob

__all__ = ["resume_translation"]


def resume_translation(run: Path, max_epochs: int | None, verbose: int, *, as_json: bool) -> None:
    """Go on with the training of a translator from its newest checkpoint.

    Parameters
    ----------
    run
        Its folder.
    max_epochs
        Another number of epochs than the run's.
    verbose
        As in fit.
    as_json
        Print JSON for machines.
    """
    from espelho.estimators.runs.facts import read_facts
    from espelho.estimators.runs.loading import resume

    parallel = read_facts(run)["settings"].get("parallel", "replicate")
    changes = {} if max_epochs is None else {"max_epochs": max_epochs}
    with together(parallel) as processes:
        job = TranslationJob.of(run)
        split = job.read()
        only_interruptions_said_once()
        estimator = resume(run, split.train.A, split.train.B, verbose=verbose, **changes)
    leads = processes is None or processes.leads
    complete(estimator, run, job, split, as_json=as_json, leads=leads)
