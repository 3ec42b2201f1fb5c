"""``espelho resume RUN``: go on with a training that was interrupted."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from espelho.cli.job import Job
from espelho.cli.processes import together
from espelho.cli.training import complete, labels_to_learn, only_interruptions_said_once
from espelho.cli.translation.finish import is_translation

if TYPE_CHECKING:
    from espelho.data.dataset import Dataset

__all__ = ["resume"]


@click.command()
@click.argument("run")
@click.option(
    "--max-epochs", type=click.IntRange(1), help="Another number of epochs than the run's."
)
@click.option("--verbose", type=click.Choice(["0", "1", "2"]), default="1", help="As in fit.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def resume(run: str, max_epochs: int | None, verbose: str, *, as_json: bool) -> None:
    """Go on with the training of RUN from its newest checkpoint.

    The weights end up as if it had never stopped. The data is read again from where it
    was; a training that has ended goes on if --max-epochs is raised.
    """
    from espelho.estimators.runs.facts import read_facts

    folder = Path(run)
    if is_translation(folder):
        from espelho.cli.translation.resume import resume_translation

        resume_translation(folder, max_epochs, int(verbose), as_json=as_json)
        return
    parallel = read_facts(folder)["settings"].get("parallel", "replicate")
    with together(parallel) as processes:
        job = Job.of(folder)
        split = job.read()
        only_interruptions_said_once()
        estimator = _resumed(folder, split.train, int(verbose), max_epochs)
    leads = processes is None or processes.leads
    complete(estimator, folder, job, split, as_json=as_json, leads=leads)


def _resumed(folder: Path, data: "Dataset", verbose: int, max_epochs: int | None) -> Any:
    from espelho.estimators.registry import class_of
    from espelho.estimators.runs.facts import read_facts
    from espelho.estimators.runs.loading import resume as go_on

    changes = {} if max_epochs is None else {"max_epochs": max_epochs}
    y = labels_to_learn(class_of(read_facts(folder)["class"])(), data)
    return go_on(folder, data.X, y, verbose=verbose, **changes)
