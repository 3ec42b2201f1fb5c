"""An image of 10,000 x 10,000 pixels is translated with less than 2 GiB of memory."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.translation.conftest import pictures

from espelho import Pix2Pix
from espelho.data.images.png import PngFile

SIDE = 10_000
LIMIT = 2 << 30

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc"),
]


def large(path):
    """Write photograph-like colours, a strip at a time."""
    rng = np.random.default_rng(0)
    with path.open("wb") as file:
        png = PngFile(file, (3, SIDE, SIDE), np.dtype(np.uint8))
        columns = np.arange(SIDE)
        for top in range(0, SIDE, 500):
            rows = np.arange(top, top + 500)[:, None]
            waves = 127 + 100 * np.sin(rows / 70 + columns / (50 + rows / 400))
            noise = rng.normal(0, 8, (3, 500, SIDE))
            png.append(np.clip(waves + noise, 0, 255).astype(np.uint8))
        png.finish()


def peak_of(arguments, folder):
    """Run a command; return the most memory that was resident at once, and its seconds."""
    command = [sys.executable, "-m", "espelho", *map(str, arguments)]
    started, peak = time.perf_counter(), 0
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=folder)
        while process.poll() is None:
            peak = max(peak, resident(process.pid))
            time.sleep(0.05)
    assert process.returncode == 0, (folder / "said").read_text()
    return peak, time.perf_counter() - started


def resident(pid):
    """Return the high-water mark of a process, in bytes."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    found = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return found[0] * 1024 if found else 0


@pytest.mark.parametrize("normalization", ["batch", "instance"])
def test_ten_thousand_pixels_a_side_need_less_than_two_gibibytes(
    tmp_path, normalization, record_property, monkeypatch
):
    colours = pictures(8, 3, 64, 64)
    settings = {"channels": (8, 16), "patch": "pixel", "max_epochs": 1, "random_state": 0}
    model = Pix2Pix(normalization=normalization, **settings).fit(colours, colours[::-1])
    model.save(tmp_path / "run")
    (tmp_path / "in").mkdir()
    large(tmp_path / "in" / "large.png")

    peak, seconds = peak_of(("translate", "run", "in", "-o", "out"), tmp_path)
    assert peak < LIMIT, (peak, seconds)
    record_property("rss_MiB", round(peak / 2**20))
    record_property("seconds", round(seconds))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", SIDE**2)
    with Image.open(tmp_path / "out" / "large.png") as image:
        assert (image.size, image.mode) == ((SIDE, SIDE), "RGB")
