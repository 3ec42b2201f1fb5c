"""The maximum mean discrepancy: its gradient by hand beside that of autograd, and the memory.

``python -m benchmarks.speed.discrepancy gram`` prints the megabytes that a process grows by in a
forward and a backward pass of a way. Each needs a process of its own, which knows its own peak.
"""

import subprocess
import sys
from collections.abc import Callable
from statistics import median
from time import process_time

import torch
from torch import Tensor

from benchmarks.speed.encoding import forget_peak, peak
from benchmarks.speed.page import Section, Table, at_most
from espelho.losses.discrepancy.kernels import FACTORS, Gaussian
from espelho.losses.discrepancy.mmd import mmd

__all__ = ["measure"]

N, D, ROUNDS = 1000, 784, 15
KERNEL = Gaussian([11.0 * factor for factor in FACTORS])
NOTE = f"""\
MMD^2 of {N} generated samples and {N} of data, {D} features, a sum of {len(FACTORS)} Gaussian
kernels, float32: forward and backward pass, CPU time on one thread, medians of {ROUNDS} rounds in
turn. Kept is what the forward pass leaves for the backward one; grown what a process grows by at
its peak, the gradient that is returned ({N * D * 4 / 2**20:.0f} MB) included. The three-block form
takes the Gram matrices of samples, of data and of both from one product each, and autograd does
the rest."""


def measure() -> Section:
    """Return time and memory of MMD^2 with its gradient, both ways."""
    x, y = _samples()
    rounds = [[_seconds(way, x, y) for way in WAYS.values()] for _ in range(ROUNDS + 1)][1:]
    times = [median(found) * 1e3 for found in zip(*rounds, strict=True)]
    share = median(own / gram for gram, own in rounds)
    kept = [_kept(way, x, y) for way in WAYS.values()]
    grown = [_grown(name) for name in WAYS]
    titles = ("three-block Gram, autograd", "espelho.losses.discrepancy.mmd")
    rows = dict(zip(titles, zip(times, kept, grown, strict=True), strict=True))
    columns = {"CPU ms": ".0f", "MB kept": ".1f", "MB grown": ".1f"}
    bars = (
        at_most("MMD^2: time by hand over autograd's", 135 / 209, share),
        at_most("MMD^2: memory kept by hand over autograd's", 0.1, kept[1] / kept[0]),
    )
    table = Table(f"MMD^2, {N} x {N} x {D}", columns, rows)
    return Section("Time and memory of the maximum mean discrepancy", NOTE, (table,), bars)


def _samples() -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return torch.rand(N, D, requires_grad=True), torch.rand(N, D) + 0.1


def _gram(x: Tensor, y: Tensor) -> Tensor:
    xx, yy, xy = x @ x.t(), y @ y.t(), x @ y.t()
    x_norms, y_norms = xx.diagonal(), yy.diagonal()
    within_x = x_norms[:, None] + x_norms - 2 * xx
    within_y = y_norms[:, None] + y_norms - 2 * yy
    between = x_norms[:, None] + y_norms - 2 * xy
    total = x.new_zeros(())
    for s in KERNEL.bandwidths:
        rate = -0.5 / s**2
        total = total + (rate * within_x).exp().mean() + (rate * within_y).exp().mean()
        total = total - 2 * (rate * between).exp().mean()
    return total


def _own(x: Tensor, y: Tensor) -> Tensor:
    return mmd(x, y, KERNEL)


WAYS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"gram": _gram, "own": _own}


def _seconds(way: Callable[[Tensor, Tensor], Tensor], x: Tensor, y: Tensor) -> float:
    started = process_time()
    torch.autograd.grad(way(x, y), x)
    return process_time() - started


def _kept(way: Callable[[Tensor, Tensor], Tensor], x: Tensor, y: Tensor) -> float:
    """Return the MB of what is kept for the backward pass, besides the samples themselves."""
    given = {x.untyped_storage().data_ptr(), y.untyped_storage().data_ptr()}
    sizes: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in given:
            sizes[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        found = way(x, y)
    total = sum(sizes.values()) / 2**20
    del found
    return total


def _grown(name: str) -> float:
    command = [sys.executable, "-m", "benchmarks.speed.discrepancy", name]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _print_growth(name: str) -> None:
    torch.set_num_threads(1)
    x, y = _samples()
    torch.autograd.grad(WAYS[name](x[:2], y[:2]), x)
    forget_peak()
    before = peak()
    torch.autograd.grad(WAYS[name](x, y), x)
    print((peak() - before) / 2**20)


if __name__ == "__main__":
    _print_growth(sys.argv[1])
