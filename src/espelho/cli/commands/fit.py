"""``espelho fit MODEL DATA``: train a model and write a run folder."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from espelho.cli.job import Job
from espelho.cli.options.detector import (
    DETECTOR,
    Detector,
    detector_class,
    detector_flags,
    fitted_detector,
    named_autoencoder,
)
from espelho.cli.options.flags import flags, setting_names
from espelho.cli.options.settings import chosen_settings
from espelho.cli.options.source import (
    Source,
    check_windows,
    make_source,
    series_options,
    source_options,
)
from espelho.cli.output import check_kind
from espelho.cli.pictures import picture_callbacks, picture_options
from espelho.cli.processes import together
from espelho.cli.run_folder import checkpoint, claimed, run_folder
from espelho.cli.training import complete, labels_to_learn, only_interruptions_said_once
from espelho.estimators import registry
from espelho.estimators.presets import PRESETS

__all__ = ["fit"]


class _Models(click.Group):
    """A group with one command for each model, made from the estimator's fields."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [registry.command_name(name) for name in registry.COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == DETECTOR:
            return _detector_command(None)
        cls = registry.find(cmd_name)
        if registry.MODELS[cls.__name__].group == "translation":
            from espelho.cli.translation.fit import command_for

            return command_for(cmd_name, cls)
        return _command(cmd_name, cls, [*_preset_option(cls), *picture_options(cls), *flags(cls)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] == DETECTOR:  # its options depend on the autoencoder that is named
            return DETECTOR, _detector_command(named_autoencoder(args)), args[1:]
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Models"):
            entries = registry.COMMANDS.items()
            formatter.write_dl([(registry.command_name(n), e.purpose) for n, e in entries])


@click.group(cls=_Models, subcommand_metavar="MODEL DATA [OPTIONS]")
def fit() -> None:
    """Train a model on a file, or on a bundled set, and write a run folder.

    'espelho fit MODEL --help' lists the settings of a model.
    """


def _detector_command(autoencoder: str | None) -> click.Command:
    return _command(DETECTOR, detector_class(), detector_flags(autoencoder))


def _command(name: str, cls: type, own_options: Sequence[click.Option]) -> click.Command:
    @click.argument("data")
    @click.option("--run", help="The run folder to make.  [default: runs/MODEL-DATA-N]")
    @click.option("--force", is_flag=True, help="Replace a run that is there already.")
    @click.option(
        "--settings",
        help="A TOML file with settings; they win over a preset, and flags over both.",
    )
    @click.option("--test", help="Other data to measure on.")
    @click.option("--test-labels", help="A file with the labels of --test, one a row.")
    @click.option(
        "--test-fraction",
        type=click.FloatRange(0, 1, max_open=True),
        default=0.2,
        help="Share of the rows kept aside to measure on, without --test; figures are of all rows "
        "where that is fewer than ten.  [default: 0.2]",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
    @source_options
    @series_options
    def command(data: str, **options: Any) -> None:
        _fit(name, cls, data, options)

    command.__doc__ = (
        f"Train {cls.__name__}: {registry.COMMANDS[cls.__name__].purpose}.\n\n"
        "DATA is a file (.csv, .parquet, .npy, .npz, .ts, idx), a folder of .parquet files or a "
        "pattern for them ('parts/*.parquet'), a folder or .zip of images, or the name of a "
        "bundled set."
    )
    made = click.command(name)(command)
    taken = {word for option in own_options for word in option.opts}
    made.params = [param for param in made.params if not taken.intersection(param.opts)]
    made.params += own_options
    return made


def _preset_option(cls: type) -> list[click.Option]:
    """Return the option that names a preset, of a model that has any."""
    presets = {name: p.purpose for name, p in PRESETS.items() if p.model == cls.__name__}
    listed = "; ".join(f"{name}: {purpose}" for name, purpose in presets.items())
    about = f"Settings that were found to work well together: {listed}."
    option = click.Option(["--preset"], type=click.Choice(list(presets)), help=about)
    return [option] if presets else []


def _fit(name: str, cls: type, data: str, options: dict[str, Any]) -> None:
    as_json, force, folder = options.pop("as_json"), options.pop("force"), options.pop("run")
    file, test = options.pop("settings"), options.pop("test")
    test_labels, fraction = options.pop("test_labels"), options.pop("test_fraction")
    pictures = picture_callbacks(cls, options)
    source = make_source(data, options, setting_names(cls))
    settings = chosen_settings(cls, options.pop("preset", None), file, options)
    check_windows(source, settings.get("window"))
    source = replace(source, gaps=settings.get("missing") == "mask")
    # Of a series no rows can be set aside: they are points, in order.
    fraction = 0.0 if test or settings.get("window") else fraction
    job = Job(name, source, _test_source(source, test, test_labels), fraction)
    with together(settings.get("parallel")) as processes:
        leads = processes is None or processes.leads
        split = job.read()
        job = replace(job, feature_names=split.train.feature_names)
        if name != DETECTOR:
            check_kind(split.train.X, numbers_only=not cls(**settings)._takes_tables)
        if split.train.sample_shape is not None:
            settings.setdefault("sample_shape", split.train.sample_shape)
        run = run_folder(folder, name, split.train.name, force=force) if leads else Path()
        run = run if processes is None else processes.first(run)
        only_interruptions_said_once()
        with claimed(run, job) if leads else nullcontext():
            callbacks = (checkpoint(run), *pictures)
            if name == DETECTOR:
                made = Detector.of(settings).make(split.train.n_rows, callbacks)
                estimator = fitted_detector(made, split.train.X, run, leads=leads)
            else:
                estimator = cls(**settings, callbacks=callbacks)
                estimator.fit(split.train.X, labels_to_learn(estimator, split.train))
    complete(estimator, run, job, split, as_json=as_json, leads=leads)


def _test_source(source: Source, data: str | None, labels: str | None) -> Source | None:
    """Return other data of which the same part is taken."""
    return None if data is None else replace(source, data=data, labels=labels)
