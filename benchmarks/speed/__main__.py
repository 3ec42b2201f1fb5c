"""``python -m benchmarks.speed``: rounds in turn, medians, ratios; Markdown and JSON."""

import json
import platform
from importlib.metadata import version
from pathlib import Path
from statistics import median

import torch

from benchmarks.speed.contestants import CONTESTANTS
from benchmarks.speed.regimes import REGIMES, Regime

ROUNDS = 9
RESULTS = Path("benchmarks/results/speed.json")


def main() -> None:
    """Measure every regime and print and write the table."""
    torch.set_num_threads(1)
    facts = {
        "machine": f"{platform.system()} {platform.machine()}, one thread",
        "versions": {name: version(name) for name in ("espelho", "torch", "numpy")},
        "rounds": ROUNDS,
        "regimes": {regime.name: _measured(regime) for regime in REGIMES},
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(facts, indent=2), encoding="utf-8")
    versions = ", ".join(f"{name} {v}" for name, v in facts["versions"].items())
    print(f"{facts['machine']}; {versions}; medians of {ROUNDS} interleaved rounds, CPU time\n")
    for name, rows in facts["regimes"].items():
        print(f"| {name} | us/step | of the plain loop | of the matrix products |")
        print("|---|---|---|---|")
        for who, (seconds, of_plain, of_products) in rows.items():
            print(f"| {who} | {seconds * 1e6:.0f} | {of_plain:.2f} | {of_products:.2f} |")
        print()


def _measured(regime: Regime) -> dict[str, tuple[float, float, float]]:
    rounds = [
        {name: contestant(regime) for name, contestant in CONTESTANTS.items()}
        for _ in range(ROUNDS + 1)
    ][1:]
    return {
        name: (
            median(seconds[name] for seconds in rounds),
            median(seconds[name] / seconds["plain torch loop"] for seconds in rounds),
            median(seconds["matrix products alone"] / seconds[name] for seconds in rounds),
        )
        for name in CONTESTANTS
    }


if __name__ == "__main__":
    main()
