"""The program as a whole: help, mistakes, failures, exit statuses, what it imports."""

import errno
import os
import subprocess
import sys

import pytest

from espelho.cli import main as program
from espelho.errors import DivergenceError, FileError

COMMANDS = tuple(program._COMMANDS)


def test_help_lists_every_command(call):
    result = call("--help")
    assert result.status == 0
    assert all(name in result.out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(call, name):
    result = call(name, "--help")
    assert result.status == 0
    assert "Usage: espelho" in result.out


def test_the_version_is_the_packages(call):
    assert call("--version").out.strip() == "espelho 0.1.0"


def test_an_unknown_command_names_the_nearest(call):
    result = call("recostruct")
    assert result.status == 2
    assert "Did you mean 'reconstruct'?" in result.err


def test_threads_that_wait_do_not_spin_unless_the_user_says_so(call, monkeypatch):
    call("models")
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    call("models")
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (DivergenceError("it diverged"), 1, "espelho: it diverged"),
        (FileError("no such file"), 2, "espelho: no such file"),
        (MemoryError("8 GB"), 1, "espelho: not enough memory: 8 GB"),
        (ZeroDivisionError("oh"), 1, "espelho: ZeroDivisionError: oh (--debug shows where)"),
        (KeyboardInterrupt(), 130, "Interrupted."),
    ],
)
def test_an_error_is_one_line_and_the_right_status(call, monkeypatch, error, status, said):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("espelho.cli.commands.listings.click.echo", fail, raising=True)
    monkeypatch.setattr(program.click, "echo", lambda text, err=False: sys.stderr.write(text))
    monkeypatch.setattr("espelho.cli.commands.listings.json.dumps", fail)
    result = call("models", "--json")
    assert (result.status, result.err.strip()) == (status, said)


def test_a_full_disk_is_a_failure_and_no_mistake():
    error = FileError("x could not be written")
    error.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    assert program._explain(error) == 1


def test_debug_shows_the_whole_traceback(monkeypatch):
    with pytest.raises(FileError):
        program.run(["info", "nowhere", "--debug"])


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import espelho", ("torch", "sklearn", "matplotlib", "pandas", "pydantic")),
        ("from espelho.cli.main import run; run(['--help'])", ("torch", "sklearn", "matplotlib")),
        ("from espelho.cli.main import run; run(['fit', 'autoencoder', '--help'])", ("torch",)),
        ("from espelho.cli.main import run; run(['compare', '--help'])", ("torch", "matplotlib")),
        ("from espelho.cli.main import run; run(['models'])", ("torch", "sklearn")),
        ("from espelho.cli.main import run; run(['datasets'])", ("torch", "sklearn")),
    ],
)
def test_what_needs_no_heavy_package_imports_none(code, unwanted):
    script = (
        f"import sys\ntry:\n    exec({code!r})\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {unwanted!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
