"""4 GB of rows: learned from, encoded, rebuilt and scored with less than 1 GB of memory."""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

ROWS, COLUMNS, PART = 8_400_000, 128, 100_000
"""4.3 GB of float32."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc"),
]


def parts():
    """Yield the rows in parts: eight numbers a row, and what depends on them."""
    generator = np.random.default_rng(0)
    mixing = generator.normal(size=(8, COLUMNS)).astype(np.float32)
    for _ in range(ROWS // PART):
        yield generator.standard_normal((PART, 8), dtype=np.float32) @ mixing


def as_array(folder):
    path = folder / "rows.npy"
    shape = (ROWS, COLUMNS)
    file = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=shape)
    for index, rows in enumerate(parts()):
        file[PART * index : PART * (index + 1)] = rows
    return path


def as_tables(folder):
    path = folder / "rows"
    path.mkdir()
    names = [f"c{i}" for i in range(COLUMNS)]
    for index, rows in enumerate(parts()):
        table = pa.table({name: rows[:, i] for i, name in enumerate(names)})
        file = path / f"part-{index:03d}.parquet"
        parquet.write_table(table, file, row_group_size=50_000, use_dictionary=False)
    return path


def peak_of(arguments, folder):
    """Run a command; return the most anonymous memory it had, in MB."""
    command = [sys.executable, "-m", "espelho", *map(str, arguments)]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=folder)
        peak = 0
        while process.poll() is None:
            peak = max(peak, anonymous(process.pid))
            time.sleep(0.02)
    assert process.returncode == 0, (folder / "said").read_text()
    return peak / 1e6


def anonymous(pid):
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    found = [int(line.split()[1]) for line in lines if line.startswith("RssAnon")]
    return found[0] * 1024 if found else 0


@pytest.mark.parametrize("write", [as_array, as_tables])
def test_four_gigabytes_need_less_than_one(write, tmp_path):
    data = write(tmp_path)
    settings = (
        "--hidden-sizes", "32", "--latent-dim", "8", "--batch-size", "4096", "--max-epochs", "1",
        "--learning-rate", "0.003", "--random-state", "0", "--verbose", "0", "--run", "run",
    )  # fmt: skip
    peaks = {"fit": peak_of(("fit", "autoencoder", data, *settings), tmp_path)}
    for command in ("encode", "reconstruct", "score"):
        output = tmp_path / f"{command}.npy"
        peaks[command] = peak_of((command, "run", data, "-o", output), tmp_path)
        found = np.load(output, mmap_mode="r")
        assert len(found) == ROWS
        if command == "reconstruct":
            rows = next(parts())
            assert np.square(found[:PART] - rows).sum() < 0.2 * np.square(rows).sum()
        del found
        output.unlink()

    facts = json.loads((tmp_path / "run" / "estimator.json").read_text())
    assert facts["data"]["rows"] == ROWS - 10_000
    assert max(peaks.values()) < 1000, peaks
