"""``python -m benchmarks.speed``: measure, print the tables, and write them to results."""

import gc
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch

from benchmarks.speed import (
    adversarial,
    checkup,
    contraction,
    discrepancy,
    encoding,
    fitting,
    overhead,
    steps,
)
from benchmarks.speed.machine import facts
from benchmarks.speed.page import Section, markdown
from benchmarks.speed.peers import missing_peers

RESULTS = Path("benchmarks/results")
PARTS: tuple[Callable[[], Section], ...] = (
    steps.measure,
    overhead.measure,
    contraction.measure,
    fitting.measure,
    encoding.measure,
    discrepancy.measure,
    adversarial.measure,
    checkup.measure,
)


def main() -> None:
    """Measure every part, print the page, and write it as Markdown and JSON."""
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)  # what the peers have to say about themselves
    for peer in missing_peers():
        sys.stderr.write(
            f"{peer.name} is not installed and is left out; `make benchmark` installs it.\n"
        )
    about = facts()
    # What was loaded and made before is no part of what is measured: it need not be searched.
    sections = []
    for part in PARTS:
        gc.collect()
        gc.freeze()
        sections.append(part())
    page = markdown(about, sections)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "speed.md").write_text(page, encoding="utf-8")
    figures = about | {"sections": [asdict(section) for section in sections]}
    (RESULTS / "speed.json").write_text(json.dumps(figures, indent=2), encoding="utf-8")
    sys.stdout.write(page)


if __name__ == "__main__":
    main()
