"""The machine and the versions that measurements hold for."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.speed.peers import PEERS, missing_peers

__all__ = ["facts"]


def facts() -> dict[str, Any]:
    """Return the machine in words, the versions of all libraries, and which peers are missing."""
    missing = missing_peers()
    names = ["espelho", "torch", "numpy", *(p.distribution for p in PEERS if p not in missing)]
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    python = f"Python {platform.python_version()}"
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, one thread used; {system}; {python}",
        "versions": {name: version(name) for name in names},
        "missing": [peer.name for peer in missing],
    }


def _processor() -> str:
    linux = Path("/proc/cpuinfo")
    if linux.exists():
        for line in linux.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown processor"
