"""The same command in several processes: one run, one voice, and one error."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.training.launching import finished, start

FIT = [
    "-m",
    "espelho",
    "fit",
    "autoencoder",
    "digits",
    "--hidden-sizes",
    "8",
    "--random-state",
    "0",
]


TORCHRUN = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "-m", "--"]


def run(*arguments, cwd, **options):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_same_command_under_torchrun(tmp_path):
    one = run(*FIT, "--max-epochs", "2", "--run", "one", cwd=tmp_path)
    two = run(*TORCHRUN, *FIT[1:], "--max-epochs", "2", "--run", "two", cwd=tmp_path)

    assert one.returncode == two.returncode == 0, two.stderr
    assert two.stdout.count("2 epochs") == 1
    assert two.stdout.count("report") == one.stdout.count("report")
    weights, others = (load_file(tmp_path / n / "weights.safetensors") for n in ("one", "two"))
    for name, value in weights.items():
        np.testing.assert_allclose(others[name], value, rtol=0, atol=1e-13)
    assert sorted(p.name for p in (tmp_path / "two").iterdir()) == sorted(
        p.name for p in (tmp_path / "one").iterdir()
    )


def test_more_processes_than_rows_is_one_error_and_leaves_nothing(tmp_path):
    np.save(tmp_path / "few.npy", np.random.default_rng(0).normal(size=(1, 4)))
    done = run(*TORCHRUN, *FIT[1:3], "autoencoder", "few.npy", "--run", "run", cwd=tmp_path)

    assert done.returncode != 0
    assert done.stderr.count("espelho: 2 processes cannot share 1 rows") == 1
    assert "Traceback" not in done.stderr.split("torch/distributed/elastic")[0]
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_dead_process_ends_the_others_with_a_message(tmp_path):
    folder = tmp_path / "run"
    processes = start([*FIT, "--max-epochs", "100000", "--verbose", "0", "--run", str(folder)])
    give_up = time.monotonic() + 60
    while not (folder / "estimator.json").exists() and time.monotonic() < give_up:
        time.sleep(0.05)
    time.sleep(0.5)

    processes[1].send_signal(signal.SIGKILL)
    said = finished(processes, timeout=60)

    assert [process.returncode for process in processes] == [1, -signal.SIGKILL]
    assert "Process 0 lost contact with the others" in said[0]
    assert "Traceback" not in said[0]
