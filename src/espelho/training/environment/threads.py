"""Threads: one for a small network, whose matrix products are too short to be shared."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

__all__ = ["suitable_threads"]

WORTH_SHARING = 500e6
"""Operations in a step from which several threads win.

Measured on two shared cores by ``python -m benchmarks.threads``, time on two threads over time
on one: 5.1 at 1 million operations a step, 2.8 at 51, 1.2 at 321, 0.85 at 642, 0.64 at 3991.
"""


@contextmanager
def suitable_threads(model: nn.Module, batch_size: int) -> Iterator[None]:
    """Train on one thread if a step is small, and on those there are if it is not.

    Parameters
    ----------
    model
        The model; a step takes about 6 operations per weight and sample.
    batch_size
        Samples per step.
    """
    parameters = list(model.parameters())
    on_cpu = parameters[0].device.type == "cpu"
    n_operations = 6 * batch_size * sum(p.numel() for p in parameters)
    before = torch.get_num_threads()
    if on_cpu and before > 1 and n_operations < WORTH_SHARING:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
