"""``espelho models`` and ``espelho datasets``: what there is."""

import json

import click

from espelho.data.bundled import BUNDLED
from espelho.data.pairing.examples import PAIRED_EXAMPLES
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
    rows = {name: [s.n_rows, s.n_columns, s.description] for name, s in BUNDLED.items()}
    pairs = {name: [s.n_A, s.n_B, s.description] for name, s in PAIRED_EXAMPLES.items()}
    if as_json:
        click.echo(json.dumps(rows | pairs))
        return
    for name, (n_rows, n_columns, description) in rows.items():
        size = f"{n_rows} x {n_columns}"
        click.echo(f"  {name:<18}{size:<12}{description}")
    click.echo("\n'espelho fit autoencoder digits' trains on one of them. For translators:\n")
    for name, (n_a, n_b, description) in pairs.items():
        size = f"{n_a} and {n_b}"
        click.echo(f"  {name:<18}{size:<12}{description}")
    click.echo("\n'espelho fit pix2pix photograph-edges' trains on pairs.")
