"""``python -m benchmarks.published ID ...``: measure published figures by their protocols."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.published import (
    adversarial,
    anomalies,
    applications,
    contractive,
    convolutional,
    denoising,
    doctor,
    export,
    few_labels,
    gan,
    gan_games,
    gan_labels,
    gan_parzen,
    imputation,
    late_collapse,
    manifolds,
    moment_matching,
    parzen,
    progressive,
    reconstruction,
    robust,
    search,
    sequences,
    series,
    sparse,
    tables,
    translators,
    variational,
)
from benchmarks.published.result import Result

PROTOCOLS: Mapping[str, Callable[[], Iterator[Result]]] = {
    "A1": reconstruction.a1,
    "A2": reconstruction.a2,
    "A3": reconstruction.a3,
    "A4": reconstruction.a4,
    "A5": reconstruction.a5,
    "A6": convolutional.a6,
    "AD": anomalies.ad,
    "AP": applications.ap,
    "AT": tables.at,
    "B1": contractive.b1,
    "B2": denoising.b2,
    "B3": sparse.b3,
    "B4": sparse.b4,
    "B5": robust.b5,
    "C1": variational.c1,
    "C2": variational.c2,
    "D0": parzen.d0,
    "D1": gan_parzen.d1,
    "D2": moment_matching.d2,
    "D3": gan_parzen.d3,
    "D4": moment_matching.d4,
    "D5": variational.d5,
    "D6": adversarial.d6,
    "DR": doctor.dr,
    "E1": gan.e1,
    "E2": gan_games.e2,
    "E3": translators.e3,
    "E4": translators.e4,
    "E5": progressive.e5,
    "EX": export.ex,
    "IM": imputation.im,
    "L1": late_collapse.l1,
    "N1": gan.n1,
    "NB": series.nb,
    "OP": search.op,
    "P1": few_labels.p1,
    "R1": gan_labels.r1,
    "S1": sequences.s1,
    "S2": sequences.s2,
    "V1": manifolds.v1,
}
RESULTS = Path("benchmarks/results")

_SMALL = 5e-4
"""What three decimals still show."""


def main(names: list[str]) -> None:
    """Measure the protocols named, or say which there are."""
    unknown = [name for name in names if name not in PROTOCOLS]
    if not names or unknown:
        known = ", ".join(PROTOCOLS)
        sys.exit(f"usage: python -m benchmarks.published ID ...; ID is one of {known}.")
    print("| id | what | figure to reach | measured | met | seed | seconds | CPU |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for name in names:
        started, cpu = perf_counter(), process_time()
        for result in PROTOCOLS[name]():
            _report(name, result, perf_counter() - started, process_time() - cpu)
            started, cpu = perf_counter(), process_time()


def _figure(value: float) -> str:
    """Return a figure with three decimals, or as a power of ten where these would be 0."""
    return f"{value:.3f}" if value == 0 or abs(value) >= _SMALL else f"{value:.1e}"


def _report(name: str, result: Result, seconds: float, cpu: float) -> None:
    met = "yes" if result.met else "no"
    seed = "-" if result.seed is None else result.seed
    print(
        f"| {name} | {result.what}: {result.protocol} | {result.published} | "
        f"{_figure(result.measured)} | {met} | {seed} | {seconds:.0f} | {cpu:.0f} |",
        flush=True,
    )
    RESULTS.mkdir(parents=True, exist_ok=True)
    with (RESULTS / "published.jsonl").open("a", encoding="utf-8") as file:
        file.write(
            json.dumps({"id": name, "seconds": seconds, "cpu": cpu, **asdict(result)}) + "\n"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
