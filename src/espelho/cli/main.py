"""The program ``espelho``: its commands, found when asked for, and its manners in error."""

import errno
import os
import sys
import warnings
from importlib import import_module
from io import StringIO
from typing import Any, NoReturn

import click

from espelho import __version__
from espelho.cli.processes import say
from espelho.data.nearest import did_you_mean
from espelho.errors import DivergenceError, EspelhoError, ExportError, ProcessError

__all__ = ["main", "run"]

USER_ERROR, FAILURE, INTERRUPTED = 2, 1, 130

_COMMANDS = {
    "fit": ("fit", "Train a model on a file and write a run folder."),
    "resume": ("resume", "Go on with a training that was interrupted."),
    "encode": ("encode", "Write the codes of data."),
    "decode": ("decode", "Write the data that codes stand for."),
    "reconstruct": ("reconstruct", "Write data as the model gives it back."),
    "impute": ("impute", "Write data with what is missing filled."),
    "sample": ("sample", "Write new samples of what the model has learned."),
    "translate": ("translate", "Write what samples of one set are in the other."),
    "score": ("score", "Score each row; the lower, the stranger."),
    "evaluate": ("evaluate", "Print figures beside those of PCA."),
    "compare": ("compare", "Train a panel of models, and say who is better than PCA."),
    "report": ("report", "Write the report about a run again."),
    "export": ("export", "Write the model as files that other programs run."),
    "doctor": ("doctor", "Say what went wrong in training, and what to change."),
    "info": ("info", "Say what is in a run folder."),
    "models": ("listings", "List the models."),
    "datasets": ("listings", "List the bundled data sets."),
}

_FAILURES = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.ENOMEM)


class _Commands(click.Group):
    """A group that imports a command only when it is run or explained."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"espelho.cli.commands.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS:
            hint = did_you_mean(args[0], _COMMANDS)
            ctx.fail(f"There is no command {args[0]!r}.{hint} See 'espelho --help'.")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="espelho %(version)s")
def main() -> None:
    """Autoencoders and generative networks: codes, reconstructions, samples.

    Start with 'espelho fit autoencoder digits'. Any command explains itself with --help;
    --debug after it shows the whole traceback of an error.
    """


def run(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 2 the user's mistake, 1 a failure, 130 Ctrl-C."""
    # Threads that wait must not spin where other processes want the core; this has to
    # stand before torch is imported, and the user's own setting wins.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    words = sys.argv[1:] if arguments is None else list(arguments)
    debug = "--debug" in words
    warnings.showwarning = _show_warning
    try:
        plain = [word for word in words if word != "--debug"]
        main.main(plain, prog_name="espelho", standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        usage = StringIO()
        error.show(usage)
        say(usage.getvalue().rstrip())
        sys.exit(USER_ERROR)
    except (KeyboardInterrupt, click.Abort):
        say("Interrupted.")
        sys.exit(INTERRUPTED)
    except Exception as error:
        if debug:
            raise
        sys.exit(_explain(error))
    sys.exit(0)


def _explain(error: Exception) -> int:
    """Say what went wrong in one line, and return the exit status."""
    if isinstance(error, EspelhoError):
        say(f"espelho: {error}")
        return FAILURE if _is_failure(error) else USER_ERROR
    if isinstance(error, MemoryError):
        say(f"espelho: not enough memory: {error}")
        return FAILURE
    name = type(error).__name__
    say(f"espelho: {name}: {error} (--debug shows where)")
    return FAILURE


def _is_failure(error: EspelhoError) -> bool:
    cause = error.__cause__
    number = cause.errno if isinstance(cause, OSError) else None
    return isinstance(error, (DivergenceError, ExportError, ProcessError)) or number in _FAILURES


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    say(f"espelho: {message}")
