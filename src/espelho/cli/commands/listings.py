"""``espelho models`` and ``espelho datasets``: what there is."""

import json

import click

from espelho.data.bundled import BUNDLED
from espelho.estimators.registry import COMMANDS, command_name

__all__ = ["datasets", "models"]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def models(*, as_json: bool) -> None:
    """List the models, by what they are for."""
    if as_json:
        click.echo(json.dumps({command_name(n): entry._asdict() for n, entry in COMMANDS.items()}))
        return
    width = max(len(command_name(name)) for name in COMMANDS) + 2
    for group in dict.fromkeys(entry.group for entry in COMMANDS.values()):
        click.echo(group)
        for name, entry in COMMANDS.items():
            if entry.group == group:
                click.echo(f"  {command_name(name):<{width}}{entry.purpose}")
    click.echo("\n'espelho fit MODEL --help' lists the settings of a model.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def datasets(*, as_json: bool) -> None:
    """List the bundled data sets, which need no download."""
    if as_json:
        rows = {name: [s.n_rows, s.n_columns, s.description] for name, s in BUNDLED.items()}
        click.echo(json.dumps(rows))
        return
    for name, bundled in BUNDLED.items():
        size = f"{bundled.n_rows} x {bundled.n_columns}"
        click.echo(f"  {name:<15}{size:<12}{bundled.description}")
    click.echo("\n'espelho fit autoencoder digits' trains on one of them.")
