"""A command line to call, and a run to use."""

import json
from typing import NamedTuple

import pytest

from espelho.cli.main import run as espelho

TINY = ("--hidden-sizes", "8", "--max-epochs", "2", "--random-state", "0", "--verbose", "0")


class Result(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    """Call the command line in an empty folder, as a shell would."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    monkeypatch.setattr("warnings.showwarning", None)

    def call(*words):
        with pytest.raises(SystemExit) as stop:
            espelho([str(word) for word in words])
        captured = capsys.readouterr()
        return Result(stop.value.code, captured.out, captured.err)

    return call


@pytest.fixture(scope="session")
def iris_run(tmp_path_factory):
    """A run on iris that no test may change."""
    run = tmp_path_factory.mktemp("runs") / "iris"
    with pytest.raises(SystemExit) as stop:
        espelho(["fit", "autoencoder", "iris", *TINY, "--run", str(run)])
    assert stop.value.code == 0
    return run
