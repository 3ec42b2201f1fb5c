"""Files of torch: a traced graph that ``torch.export.load`` reads, without espelho."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray

from espelho.exporting.parts import Part

__all__ = ["EXAMPLE", "FACTS", "SUFFIX", "check", "runner", "write"]

SUFFIX, EXAMPLE = ".pt2", "_pt2_example.py"

FACTS = "espelho.json"
"""What the file says of itself, among its extra files."""

_ROUNDS = (torch.ops.aten.round.default, torch.ops.aten.gt.Scalar)


def check() -> None:
    """Do nothing: torch is there."""


def write(program: Any, part: Part, path: Path, facts: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Write a traced graph as one file.

    Parameters
    ----------
    program, part, path, facts
        As of ONNX files.
    """
    torch.export.save(program, path, extra_files={FACTS: json.dumps(facts)})


class _Showing(torch.fx.Interpreter):
    """Runs a graph node by node, and keeps the real numbers that are rounded last."""

    real: Any = None

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        """Run one node."""
        if target in _ROUNDS:
            self.real = args[0]
        return super().call_function(target, args, kwargs)


def runner(path: Path) -> Any:
    """Return a function that runs a file: from arrays to what comes out, and to what it rounds.

    Parameters
    ----------
    path
        The file.
    """
    module = torch.export.load(path).module()

    def run(inputs: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
        tensors = [torch.from_numpy(x) for x in inputs]
        with torch.no_grad():
            found = module(*tensors)
            if found.is_floating_point():
                return found.numpy(), found.numpy()
            showing = _Showing(module)
            showing.run(*tensors)
        return found.numpy(), showing.real.numpy()

    return run
