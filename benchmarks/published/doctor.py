"""DR: illnesses planted on purpose and healthy trainings, and what the doctor says of them."""

import os
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

import torch

import espelho
from benchmarks.published.doctor_cases import HEALTHY, PLANTED, Case
from benchmarks.published.result import Result
from espelho.errors import DivergenceError, EspelhoWarning
from espelho.training.doctor import Diagnosis

__all__ = ["dr", "examined"]

SEEDS = range(200, 200 + int(os.environ.get("ESPELHO_DOCTOR_SEEDS", "20")))
"""None of those that thresholds were chosen with: these were below 101, and 1000 and above."""

RIGHT, ALARMS = 0.95, 0.05


def dr() -> Iterator[Result]:
    """Say how many verdicts are right, and how many healthy trainings get one."""
    torch.set_num_threads(1)
    for illness, cases in PLANTED.items():
        for name, case in cases.items():
            found = [examined(case, seed) for seed in SEEDS]
            right = sum(illness in diagnosis for diagnosis in found)
            beside = Counter(n for diagnosis in found for n in diagnosis.names if n != illness)
            yield _result(
                f"{illness} planted in {name}",
                f"verdict right{_said(beside)}",
                f"at least {RIGHT:.0%} [ours]",
                right,
                met=right >= RIGHT * len(SEEDS),
            )
    alarms = 0
    for name, case in HEALTHY.items():
        said = [examined(case, seed).names for seed in SEEDS]
        ill = sum(map(bool, said))
        alarms += ill
        names = Counter(verdict for names in said for verdict in names)
        yield _result(
            f"healthy {name}",
            f"trainings with a false alarm{_said(names)}",
            f"at most {ALARMS:.0%} [ours]",
            ill,
            met=ill <= ALARMS * len(SEEDS),
        )
    runs = len(HEALTHY) * len(SEEDS)
    share = alarms / runs
    protocol = f"share of {runs} trainings with a false alarm"
    yield Result("healthy, all", protocol, f"at most {ALARMS} [ours]", share, share <= ALARMS)


def examined(case: Case, seed: int) -> Diagnosis:
    """Return what the doctor says of a training."""
    model = case.model(random_state=seed)
    with warnings.catch_warnings(), suppress(DivergenceError):
        warnings.simplefilter("ignore", EspelhoWarning)
        model.fit(*case.data(seed))
    return espelho.doctor(model)


def _result(what: str, protocol: str, bar: str, count: int, *, met: bool) -> Result:
    return Result(what, f"{protocol}; of {len(SEEDS)} seeds", bar, count, met)


def _said(counts: Counter[str]) -> str:
    """Return other verdicts and how often they came, in words."""
    if not counts:
        return ""
    return f" (said: {', '.join(f'{name} {n}' for name, n in counts.most_common())})"
