"""``espelho doctor RUN``: say what went wrong in training, and what to change."""

import json

import click

__all__ = ["doctor"]


@click.command()
@click.argument("run")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def doctor(run: str, *, as_json: bool) -> None:
    """Say what went wrong in the training of RUN: since when, the evidence, the remedy.

    RUN may also be a training that failed, was interrupted or still goes on; the doctor then
    judges by its newest checkpoint.
    """
    from espelho.estimators.runs.diagnosis import doctor as examine

    found = examine(run)
    click.echo(json.dumps(found.to_dict()) if as_json else str(found))
