"""ONNX files: written of a traced graph, and run by onnxruntime."""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.errors import MissingDependencyError
from espelho.exporting.files.whole_lstm import whole_lstm
from espelho.exporting.parts import Part, Port

__all__ = ["EXAMPLE", "SUFFIX", "check", "runner", "write"]

SUFFIX, EXAMPLE = ".onnx", "_example.py"


def check() -> None:
    """Raise unless what writes and runs ONNX files is installed.

    Raises
    ------
    MissingDependencyError
        If it is not.
    """
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError(
            f"ONNX files need the packages onnx, onnxscript and onnxruntime, and {error.name} is "
            "not installed. Run pip install 'espelho[export]', or use format='torch' "
            "(--format torch)."
        ) from error


def write(program: Any, part: Part, path: Path, facts: Mapping[str, Any]) -> None:
    """Write a traced graph as one ONNX file.

    Parameters
    ----------
    program
        The graph.
    part
        What it is of.
    path
        The file.
    facts
        What the file says of itself.
    """
    import onnx
    import torch

    inputs, outputs = [port.name for port in part.inputs], [part.output.name]
    with whole_lstm(), _quiet():
        made = torch.onnx.export(
            program,
            dynamo=True,
            external_data=False,
            verbose=False,
            input_names=inputs,
            output_names=outputs,
        )
    model = made.model_proto  # type: ignore[union-attr]
    _forget_sources(model)
    ends = zip((*model.graph.input, *model.graph.output), (*part.inputs, part.output), strict=True)
    for value, port in ends:
        _name_axes(value, port)
    model.producer_name, model.producer_version = "espelho", str(facts["espelho"])
    texts = {name: v if isinstance(v, str) else json.dumps(v) for name, v in facts.items()}
    onnx.helper.set_model_props(model, texts)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def runner(path: Path) -> Any:
    """Return a function that runs a file: from arrays to what comes out, and to what it rounds.

    Parameters
    ----------
    path
        The file.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = _FATAL
    whole, place = path.read_bytes(), ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(_showing_real(whole), options, providers=place)
    names = [port.name for port in session.get_inputs()]

    def run(inputs: Sequence[NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
        found = [np.asarray(x) for x in session.run(None, dict(zip(names, inputs, strict=True)))]
        return found[0], found[-1]

    return run


_FATAL = 4
"""What onnxruntime may print of itself: what it raises is said by an error of ours."""


def _showing_real(content: bytes) -> bytes:
    """Return a model that also gives the real numbers that its output is rounded from."""
    import onnx

    model = onnx.load_from_string(content)
    if model.graph.output[0].type.tensor_type.elem_type in (
        onnx.TensorProto.FLOAT,
        onnx.TensorProto.DOUBLE,
    ):
        return content
    rounds = [node for node in model.graph.node if node.op_type in ("Round", "Greater")]
    shown = onnx.helper.make_empty_tensor_value_info(rounds[-1].input[0])
    model.graph.output.append(shown)
    made: bytes = model.SerializeToString()
    return made


def _forget_sources(model: Any) -> None:
    """Remove what nodes remember of the source that they come from, and shapes in between."""
    model.doc_string = model.graph.doc_string = ""
    for graph in (model.graph, *model.functions):
        del graph.metadata_props[:]
        del graph.value_info[:]
        for node in graph.node:
            node.doc_string = ""
            del node.metadata_props[:]


def _name_axes(value: Any, port: Port) -> None:
    """Give the axes of a value the names of a port's."""
    del value.metadata_props[:]
    for axis, known in zip(value.type.tensor_type.shape.dim, port.axes, strict=True):
        if isinstance(known, str):
            axis.dim_param = known
        else:
            axis.dim_value = known


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep torch from telling of packages that are not needed here."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
