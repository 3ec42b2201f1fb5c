"""Ctrl-C, as a shell sends it: to a training on images on disk, and to a translation."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.cli.translation.conftest import pictures, save

from espelho.data.files import read

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise"),
]


def start(folder, *words):
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "espelho", *map(str, words)],
        cwd=folder, env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def interrupt(process, there):
    """Send Ctrl-C once something is there; return the status and what was said."""
    end = time.monotonic() + 120
    while not there() and time.monotonic() < end and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def test_a_training_on_disk_ends_cleanly_and_goes_on(tmp_path):
    save(tmp_path / "a", pictures(40, 32, 32))
    save(tmp_path / "b", pictures(40, 3, 32, 32))
    words = (
        "fit", "pix2pix", "--a", "a", "--b", "b", "--memory-limit", "0", "--channels", "4",
        "--patch", "pixel", "--max-epochs", "100000", "--random-state", "0", "--run", "r",
    )  # fmt: skip
    process = start(tmp_path, *words)
    status, said = interrupt(process, lambda: (tmp_path / "r/pictures/epoch-00002.png").exists())
    assert status == 130
    assert "Go on with: espelho resume r" in said
    assert "Traceback" not in said
    resumed = subprocess.run(
        [sys.executable, "-m", "espelho", "resume", "r", "--max-epochs", "3"],
        cwd=tmp_path, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert "Traceback" not in resumed.stderr
    assert resumed.returncode == 0, resumed.stderr


def test_a_translation_ends_cleanly_and_goes_on(tmp_path, runs):
    source = save(tmp_path / "in", pictures(60, 300, 280))
    process = start(tmp_path, "translate", runs["colours"], "in", "-o", "out")
    status, said = interrupt(process, lambda: (tmp_path / "out/001.png").exists())
    assert status == 130
    assert "Interrupted." in said
    assert "Traceback" not in said
    there = sorted((tmp_path / "out").glob("*.png"))
    assert 0 < len(there) < 60
    before = {path.name: path.stat().st_mtime_ns for path in there}
    assert not list((tmp_path / "out").glob(".espelho-*.tmp"))

    process = start(tmp_path, "translate", runs["colours"], source, "-o", "out")
    _, said = process.communicate(timeout=120)
    assert f"{len(before)} were there already" in said
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.png")}
    assert len(after) == 60
    assert before.items() <= after.items()
    assert read(Path(tmp_path, "out")).X.dtype == np.uint8
