"""LSTM layers that stay whole when a graph is traced, so that sequences may have any length."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

__all__ = ["whole_lstm"]

Tensors = list[Tensor]


@contextmanager
def whole_lstm() -> Iterator[None]:
    """Let torch find the shapes of an LSTM's outputs without taking it apart step by step.

    torch knows an LSTM's shapes by running it on shapes alone, a step after the other, and so a
    graph could be of one length only; ONNX and torch both have the whole layer as one operation.
    What is replaced while a graph is traced is what torch's own patches for LSTMs replace
    (``torch.export._patches``, of 2.10 on), by less.
    """
    from torch._C import DispatchKey
    from torch._decomp import global_decomposition_table

    layer, table = torch.ops.aten.lstm.input, global_decomposition_table["post_autograd"]
    keys = (DispatchKey.CompositeImplicitAutograd, DispatchKey.Autograd)
    kernels = {key: layer.py_kernels[key] for key in keys if key in layer.py_kernels}
    known = table[layer]
    try:
        table[layer] = _shapes
        layer.py_kernels.update(dict.fromkeys(kernels, _shapes))
        layer._dispatch_cache.clear()
        yield
    finally:
        table[layer] = known
        layer.py_kernels.update(kernels)
        layer._dispatch_cache.clear()


def _shapes(x: Tensor, states: Tensors, *_: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Return tensors of the shapes of outputs and last states, of one layer, batch first."""
    h, c = states
    outputs = x.new_empty((x.shape[0], x.shape[1], h.shape[2]))
    return outputs, h.new_empty(h.shape), c.new_empty(c.shape)
