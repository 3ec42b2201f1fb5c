"""Encoding: `transform` of many images beside its matrix products, and the memory it takes.

``python -m benchmarks.speed.encoding 60000`` prints the megabytes that a process grows by while
it encodes so many images. Each count needs a process of its own, which knows its own peak only.
"""

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np
import torch
from numpy.typing import NDArray

import espelho
from benchmarks.speed.page import Section, Table, at_least, at_most
from benchmarks.speed.regimes import MNIST_128

__all__ = ["forget_peak", "measure", "peak"]

N_IMAGES, ROUNDS = 60_000, 9
MANY = 4
"""How many times more images show whether memory grows with them."""

PRODUCT_ROWS = 1024
"""Rows at once of the matrix products alone, the fastest of those tried (128 to 60,000)."""

WIDTHS = MNIST_128.sizes[: len(MNIST_128.sizes) // 2 + 1]
NOTE = f"""\
{N_IMAGES:,} images of 28 x 28 unsigned bytes through the encoder {"-".join(map(str, WIDTHS))}, CPU
time, medians of {ROUNDS} rounds in turn, on one thread. The memory is what the process grows by at
its peak, the codes that it returns included; the images as float32 would be 188 MB."""


def measure() -> Section:
    """Return the time of `transform`, of its matrix products alone, and its memory."""
    X, model = _images(N_IMAGES), _fitted()
    rounds = [(_products(), _transform(model, X)) for _ in range(ROUNDS + 1)][1:]
    alone, whole = (median(found) * 1e3 for found in zip(*rounds, strict=True))
    share = median(products / transform for products, transform in rounds)
    grown, grown_more = _grown(N_IMAGES), _grown(MANY * N_IMAGES)
    rows = {
        "matrix products alone": (alone, 1.0, None),
        f"transform, {N_IMAGES:,} images": (whole, share, grown),
        f"transform, {MANY * N_IMAGES:,} images": (None, None, grown_more),
    }
    columns = {"CPU ms": ".0f", "matrix products' share": ".2f", "MB grown": ".0f"}
    codes = N_IMAGES * WIDTHS[-1] * 4 / 2**20
    more = grown_more - grown - (MANY - 1) * codes
    bars = (
        at_least("transform: matrix products' share", 0.80, share),
        at_most(f"transform: MB more for {MANY} times the images, without codes", 8, more),
    )
    table = Table("encoder of MNIST size", columns, rows)
    return Section("Time and memory of transform", NOTE, (table,), bars)


def _images(n: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (n, WIDTHS[0]), dtype=np.uint8)


def _fitted() -> espelho.Autoencoder:
    model = espelho.Autoencoder(
        hidden_sizes=WIDTHS[1:-1], latent_dim=WIDTHS[-1], max_epochs=1, random_state=0
    )
    return model.fit(_images(1024))


def _transform(model: espelho.Autoencoder, X: NDArray[np.uint8]) -> float:
    started = process_time()
    model.transform(X)
    return process_time() - started


def _products() -> float:
    a, b, c = WIDTHS
    # Weights as a layer holds them, outputs by inputs.
    first, second = torch.randn(b, a).t(), torch.randn(c, b).t()
    x, h, z = (torch.empty(PRODUCT_ROWS, width).normal_() for width in WIDTHS)
    started = process_time()
    for start in range(0, N_IMAGES, PRODUCT_ROWS):
        n = min(PRODUCT_ROWS, N_IMAGES - start)
        torch.mm(x[:n], first, out=h[:n])
        torch.mm(h[:n], second, out=z[:n])
    return process_time() - started


def _grown(n: int) -> float:
    command = [sys.executable, "-m", "benchmarks.speed.encoding", str(n)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _print_growth(n: int) -> None:
    torch.set_num_threads(1)
    X, model = _images(n), _fitted()
    model.transform(X[:1])
    forget_peak()
    before = peak()
    model.transform(X)
    print((peak() - before) / 2**20)


def forget_peak() -> None:
    """Make the memory that is held now the peak, which only Linux can."""
    references = Path("/proc/self/clear_refs")
    if references.exists():
        references.write_text("5")


def peak() -> int:
    """Return the most memory that this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux hands getrusage's peak down from the parent, this one not.
        (line,) = [row for row in status.read_text().splitlines() if row.startswith("VmHWM")]
        return int(line.split()[1]) * 1024
    from resource import RUSAGE_SELF, getrusage

    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    _print_growth(int(sys.argv[1]))
