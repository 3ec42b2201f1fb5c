"""``espelho compare DATA``: train a panel of models, and say who is better than PCA."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from espelho.cli.options.grid import make_grid
from espelho.cli.options.source import make_source, source_options, split_names

if TYPE_CHECKING:
    from espelho.panel import Comparison, Finding

__all__ = ["compare"]

PAGE, TABLE, JSON, MODELS = "compare.html", "compare.csv", "compare.json", "models"


@click.command()
@click.argument("data")
@click.option(
    "--models",
    help="Those to compare beside PCA, with commas between them.  [default: all that suit]",
)
@click.option(
    "--grid",
    "grid",
    multiple=True,
    metavar="MODEL.SETTING=VALUES",
    help="Values to try, such as autoencoder.latent_dim=2,8 (latent_dim=2,8 for all), or a TOML "
    "file with a table for each model. May be given again.",
)
@click.option(
    "--budget",
    default="10m",
    help="Wall-clock time for all: 90s, 10m, 1.5h.  [default: 10m]",
)
@click.option(
    "--latent-dim",
    type=click.IntRange(1),
    help="Width of the codes.  [default: the square root of the number of features]",
)
@click.option(
    "--test-fraction",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.25,
    help="Share of the rows that is only measured on.  [default: 0.25]",
)
@click.option(
    "--kind",
    type=click.Choice(["table", "images", "sequences"]),
    help="What the data are.  [default: told by their shape]",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Models trained side by side, each on one core.  [default: a model for each core]",
)
@click.option("--run", help="The folder to make or to go on with.  [default: runs/compare-DATA]")
@click.option("--force", is_flag=True, help="Do anew what is in the folder.")
@click.option(
    "--random-state", type=int, default=0, help="Seed of all that is drawn.  [default: 0]"
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@source_options
def compare(data: str, **options: Any) -> None:
    """Train models on DATA under one budget, and say which of them is better than PCA.

    All learn from the same rows and are measured on the same others, with codes of one width. An
    interrupted comparison goes on when the same command is given again.
    """
    asked = {name: options.pop(name) for name in _ASKED}
    source = make_source(data, options)
    from espelho.cli.job import Split
    from espelho.panel.compare import run
    from espelho.panel.data import split_data

    dataset = Split(source.read(), None).sampled().train
    folder = Path(asked["run"] or Path("runs", f"compare-{dataset.name}"))
    models, seed = asked["models"], asked["random_state"]
    found = split_data(
        dataset, None, test_fraction=asked["test_fraction"], seed=seed, kind=asked["kind"]
    )
    try:
        comparison = run(
            found,
            folder,
            models=None if models is None else split_names(models),
            grid=make_grid(asked["grid"]),
            latent_dim=asked["latent_dim"],
            budget=asked["budget"],
            test_fraction=asked["test_fraction"],
            seed=seed,
            force=asked["force"],
            n_jobs=asked["jobs"],
            watch=_say,
        )
    except KeyboardInterrupt:
        click.echo(f"Interrupted. Finished rows stay; go on with: {_again()}", err=True)
        raise SystemExit(130) from None
    _write(comparison, folder, as_json=asked["as_json"])


_ASKED = (
    "models",
    "grid",
    "budget",
    "latent_dim",
    "test_fraction",
    "kind",
    "jobs",
    "run",
    "force",
    "random_state",
    "as_json",
)


def _say(finding: "Finding", number: int, total: int) -> None:
    """Say on the standard error stream that a row is finished."""
    seconds = finding.value("fit_seconds")
    said = f"failed: {finding.error}" if finding.failed else f"{seconds:.1f} s of training"
    click.echo(f"{number} of {total}  {finding.name}: {said}", err=True)


def _again() -> str:
    """Return the command that was given, without what would begin anew."""
    return shlex.join(["espelho", *(word for word in sys.argv[1:] if word != "--force")])


def _write(comparison: "Comparison", folder: Path, *, as_json: bool) -> None:
    comparison.write_html(folder / PAGE)
    comparison.to_csv(folder / TABLE)
    text = comparison.to_json(folder / JSON)
    if as_json:
        click.echo(text)
        return
    click.echo(str(comparison))
    places = {"page": PAGE, "table": TABLE, "models": MODELS}
    click.echo(f"\nfolder   {folder}")
    for name, place in places.items():
        click.echo(f"{name:7}  {folder / place}")
