"""The usage example beside an exported file: a program of a page, that runs as it is."""

from collections.abc import Mapping
from typing import Any

from espelho.exporting.parts import Part, Port

__all__ = ["example"]

_ONNX = """\
import numpy as np
import onnxruntime

file = str(Path(__file__).with_name("{file}"))
session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
"""

_TORCH = """\
import numpy as np
import torch

file = Path(__file__).with_name("{file}")
program = torch.export.load(file).module()
"""

_PAGE = '''\
"""Use {file}: what {method} of {model} does, without espelho.

It needs {needs}. Arrays hold the units of the data: the scaling is inside.
Made by espelho {version}; compared on {rows}, the largest difference from the library was
{difference:.1e} of the data's scale.
"""

from pathlib import Path

{load}
rng = np.random.default_rng(0)

# Random numbers stand for your own; a batch may have any number of rows.
{inputs}
{run}
print({output}.shape, {output}.dtype)
print({output}[0])
'''

_LONGEST = 200
"""Letters of a comment."""


def example(part: Part, file: str, facts: Mapping[str, Any]) -> str:
    """Return the source of a program that uses an exported file.

    Parameters
    ----------
    part
        What was exported.
    file
        The name of the file, in the folder of the program.
    facts
        What is known of the export.
    """
    onnx = file.endswith(".onnx")
    names, output = [port.name for port in part.inputs], part.output.name
    feed = ", ".join(f'"{name}": {name}' for name in names)
    arrays = ", ".join(f"torch.from_numpy({name})" for name in names)
    run = (
        f'({output},) = session.run(["{output}"], {{{feed}}})'
        if onnx
        else f"with torch.no_grad():\n    {output} = program({arrays})"
    )
    inputs = [f"{_comment(port)}\n{port.name} = {port.example}\n" for port in part.inputs]
    return _PAGE.format(
        file=file,
        version=facts["espelho"],
        model=facts["class"],
        method=part.method if "(" in part.method else f"{part.method}()",
        needs="numpy and onnxruntime" if onnx else "numpy and torch",
        rows=facts["rows"],
        difference=facts["difference"],
        load=(_ONNX if onnx else _TORCH).format(file=file),
        inputs="\n".join(inputs),
        run=f"{_comment(part.output)}\n{run}",
        output=output,
    )


def _comment(port: Port) -> str:
    """Return a line that says what an array is, whatever columns are called."""
    about = " ".join(port.about.split())
    about = about if len(about) <= _LONGEST else f"{about[:_LONGEST]} ..."
    return f"# {port.name}: {about}; {port.dtype} {port.shape}"
