"""``python -m benchmarks.threads``: from which size of a step two threads win over one."""

from itertools import pairwise
from statistics import median
from time import perf_counter

import torch
from torch.nn import functional as F

from espelho.networks.dense import dense

SIZES = (
    ((64, 32, 8, 32, 64), 32),
    ((64, 256, 64, 8, 64, 256, 64), 128),
    ((784, 256, 32, 256, 784), 128),
    ((784, 256, 32, 256, 784), 256),
    ((784, 1000, 500, 30, 500, 1000, 784), 256),
)
ROUNDS, OPERATIONS, MOST_STEPS = 7, 3e9, 400


def main() -> None:
    """Print the time of a step on one thread and on two, in interleaved rounds."""
    print("| network, batch | operations | one thread, us | two threads, us | two over one |")
    print("|---|---|---|---|---|")
    for sizes, batch_size in SIZES:
        operations = 6 * batch_size * sum(a * b for a, b in pairwise(sizes))
        steps = max(4, min(MOST_STEPS, int(OPERATIONS / operations)))
        rounds = [
            [_seconds(sizes, batch_size, steps, threads) for threads in (1, 2)]
            for _ in range(ROUNDS)
        ]
        one, two = (median(found) * 1e6 for found in zip(*rounds, strict=True))
        ratio = median(b / a for a, b in rounds)
        name = "-".join(str(n) for n in sizes)
        millions = operations / 1e6
        print(f"| {name}, {batch_size} | {millions:.0f} M | {one:.0f} | {two:.0f} | {ratio:.2f} |")


def _seconds(sizes: tuple[int, ...], batch_size: int, steps: int, threads: int) -> float:
    torch.set_num_threads(threads)
    network, x = dense(sizes, "relu", "linear"), torch.randn(batch_size, sizes[0])
    optimizer = torch.optim.Adam(network.parameters(), fused=True)
    started = perf_counter()
    for _ in range(steps):
        optimizer.zero_grad()
        (F.mse_loss(network(x), x, reduction="sum") / batch_size).backward()
        optimizer.step()
    return (perf_counter() - started) / steps


if __name__ == "__main__":
    main()
