"""What is read from disk is not held: memory grows by pages, not by row groups."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="there is no /proc to read memory from"
)

_READ = """
import sys
from pathlib import Path
from threading import Event, Thread
import pyarrow.parquet
from espelho.data.files import read

def anonymous():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024

before = peak = anonymous()
done = Event()

def watch():
    global peak
    while not done.wait(0.002):
        peak = max(peak, anonymous())

watcher = Thread(target=watch)
watcher.start()
X = read(sys.argv[1], memory_limit="1MB").X
total = sum(float(X[at : at + 8192].sum(dtype="f8")) for at in range(0, len(X), 8192))
done.set()
watcher.join()
print(X.nbytes / 2**20, peak - before, total)
"""


def read_apart(path):
    """Return size, growth of anonymous memory (in MiB) and sum of reading in a new process."""
    run = subprocess.run(
        [sys.executable, "-c", _READ, str(path)], capture_output=True, text=True, check=True
    )
    return [float(word) for word in run.stdout.split()]


@pytest.mark.slow
def test_one_huge_row_group_is_not_held(tmp_path):
    import pyarrow as pa
    from pyarrow import parquet

    X = np.random.default_rng(0).random((4_800_000, 16), dtype=np.float32)
    table = pa.table({f"x{j}": np.ascontiguousarray(X[:, j]) for j in range(16)})
    parquet.write_table(table, tmp_path / "X.parquet", row_group_size=len(X))
    assert parquet.ParquetFile(tmp_path / "X.parquet").metadata.num_row_groups == 1
    size, growth, total = read_apart(tmp_path / "X.parquet")
    assert size > 290
    assert growth < 150
    assert total == pytest.approx(X.sum(dtype=np.float64))


def test_an_array_is_not_held(tmp_path):
    X = np.random.default_rng(0).random((600_000, 16), dtype=np.float32)
    np.save(tmp_path / "X.npy", X)
    size, growth, total = read_apart(tmp_path / "X.npy")
    assert size > 36
    assert growth < 12
    assert total == pytest.approx(X.sum(dtype=np.float64))
