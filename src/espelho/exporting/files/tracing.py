"""Tracing: a part's module as a graph of torch, with axes of any length."""

from typing import Any

import torch
from torch import Tensor, nn

from espelho.exporting.files.whole_lstm import whole_lstm
from espelho.exporting.parts import Part

__all__ = ["traced"]

_PRIVATE = ("stack_trace", "nn_module_stack", "source_fn_stack", "from_node", "torch_fn")
"""What nodes remember of the source that they come from: paths on this machine, among others."""


class _Graph(nn.Module):
    """A module whose own names cannot be those of what torch makes of it."""

    def __init__(self, graph: nn.Module) -> None:
        super().__init__()
        self.exported = graph

    def forward(self, *inputs: Tensor) -> Tensor:
        found: Tensor = self.exported(*inputs)
        return found


def traced(part: Part) -> Any:
    """Return the program of a part: a ``torch.export.ExportedProgram``.

    Parameters
    ----------
    part
        The part.
    """
    inputs = tuple(torch.from_numpy(x) for x in part.traced)
    named = {
        axis: torch.export.Dim(axis, min=part.least.get(axis, 1))
        for port in part.inputs
        for axis in port.axes
        if isinstance(axis, str)
    }
    shapes = tuple(
        {place: named[axis] for place, axis in enumerate(port.axes) if isinstance(axis, str)}
        for port in part.inputs
    )
    with whole_lstm(), torch.no_grad():
        program = torch.export.export(
            _Graph(part.graph).eval(), inputs, dynamic_shapes=(shapes,), strict=False
        )
    for node in program.graph.nodes:
        for name in _PRIVATE:
            node.meta.pop(name, None)
    return program
