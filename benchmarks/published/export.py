"""EX: what exported files give beside the library, and whether they run without it."""

import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

import torch

import espelho
from benchmarks.published.export_cases import CASES
from benchmarks.published.result import Result
from espelho.exporting.parity import TOLERANCE

__all__ = ["ex"]

FOLDER = Path("benchmarks/results/export")
PROTOCOL = (
    "largest difference from the library on 32 rows of data in batches of different sizes "
    "(sequences of other lengths, images of other sizes too), over the scale of the data; "
)
ALONE = "a virtual environment with numpy and onnxruntime, neither torch nor espelho"


def ex() -> Iterator[Result]:
    """Export every part of every member in both formats, then run all ONNX files alone."""
    torch.set_num_threads(1)
    for name, case in CASES.items():
        model, rows = case()
        folder = FOLDER / "".join(letter if letter.isalnum() else "-" for letter in name)
        for kind, said in (("onnx", "ONNX, onnxruntime"), ("torch", "torch.export")):
            made = espelho.export(model, folder, format=kind, rows=rows)  # type: ignore[arg-type]
            for part in made.parts:
                what = f"{name}: {part.path.name} in {part.seconds:.1f} s"
                met = part.difference <= TOLERANCE
                limit = f"at most {TOLERANCE:g} [ours]"
                yield Result(what, PROTOCOL + said, limit, part.difference, met, 0)
    yield _alone()


def _alone() -> Result:
    """Run the example of every ONNX file where there is nothing of ours."""
    pages = sorted(page for page in FOLDER.glob("*/*_example.py") if "_pt2_" not in page.name)
    with tempfile.TemporaryDirectory() as place:
        venv.create(place, with_pip=True)
        python = Path(place) / "bin" / "python"
        packages = ["numpy", "onnxruntime", "--constraint", "constraints.txt"]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        ours = [_status(python, "-c", f"import {name}") for name in ("torch", "espelho")]
        failed = [page for page in pages if _status(python, page)]
    share = 1 - len(failed) / len(pages)
    for page in failed:
        sys.stderr.write(f"{page} failed\n")
    what = f"examples of {len(pages)} files that run"
    return Result(what, ALONE, "all [ours]", share, not failed and all(ours), 0)


def _status(python: Path, *words: str | Path) -> int:
    """Return the exit status of a program in an environment of its own."""
    clean = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run([python, "-I", *words], check=False, env=clean, capture_output=True)
    return done.returncode
