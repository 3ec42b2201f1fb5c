"""``espelho fit pix2pix`` and ``espelho fit cyclegan``: two sets instead of one."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from espelho.cli.options.flags import flags
from espelho.cli.options.settings import chosen_settings
from espelho.cli.pictures import picture_callbacks, picture_options
from espelho.cli.processes import together
from espelho.cli.run_folder import checkpoint, claimed, run_folder
from espelho.cli.training import only_interruptions_said_once
from espelho.cli.translation.finish import complete
from espelho.cli.translation.job import TranslationJob
from espelho.cli.translation.sets import make_sets, sets_options, test_sets
from espelho.estimators import registry

__all__ = ["command_for"]


def command_for(name: str, cls: type) -> click.Command:
    """Return the command that trains a translator.

    Parameters
    ----------
    name
        The model, as the command line has it.
    cls
        Its class.
    """
    from espelho.data.pairing.examples import PAIRED_EXAMPLES

    @click.argument("data", required=False)
    @sets_options
    @click.option("--run", help="The run folder to make.  [default: runs/MODEL-DATA-N]")
    @click.option("--force", is_flag=True, help="Replace a run that is there already.")
    @click.option("--settings", help="A TOML file with settings; flags win over them.")
    @click.option(
        "--test-fraction",
        type=click.FloatRange(0, 1, max_open=True),
        default=0.2,
        help="Share of the samples kept aside to measure on, without other sets for that; figures "
        "are of all samples where that is fewer than ten.  [default: 0.2]",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
    def command(data: str | None, **options: Any) -> None:
        _fit(name, cls, data, options)

    examples = ", ".join(PAIRED_EXAMPLES)
    command.__doc__ = (
        f"Train {cls.__name__}: {registry.MODELS[cls.__name__].purpose}.\n\n"
        "Two folders, archives or arrays are named by --a and --b, images with both side by side "
        f"by --pairs. DATA is the same as --pairs, or a bundled set ({examples})."
    )
    made = click.command(name)(command)
    made.params += [*picture_options(cls), *flags(cls)]
    return made


def _fit(name: str, cls: type, data: str | None, options: dict[str, Any]) -> None:
    as_json, force, folder = options.pop("as_json"), options.pop("force"), options.pop("run")
    file, fraction = options.pop("settings"), options.pop("test_fraction")
    pictures = picture_callbacks(cls, options)
    sets = make_sets(data, options, paired=cls().learns_from_pairs)
    test = test_sets(sets, options)
    settings = chosen_settings(cls, None, file, options)
    job = TranslationJob(name, sets, test, 0.0 if test else fraction)
    with together(settings.get("parallel")) as processes:
        leads = processes is None or processes.leads
        split = job.read()
        run = run_folder(folder, name, sets.name, force=force) if leads else Path()
        run = run if processes is None else processes.first(run)
        only_interruptions_said_once()
        with claimed(run, job) if leads else nullcontext():
            estimator = cls(**settings, callbacks=(checkpoint(run), *pictures))
            estimator.fit(split.train.A, split.train.B)
    complete(estimator, run, job, split, as_json=as_json, leads=leads)
