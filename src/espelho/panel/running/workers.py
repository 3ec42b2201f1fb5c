"""Workers: members measured side by side in processes of one thread each."""

import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, as_completed
from typing import Any

from joblib import cpu_count
from joblib.externals.loky import ProcessPoolExecutor

from espelho.errors import SettingError
from espelho.panel.members import Member
from espelho.panel.result.finding import Finding
from espelho.panel.running.measure import Task, failure, measure

__all__ = ["count_jobs", "measured"]

_ONE_THREAD: Mapping[str, str] = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
}


def count_jobs(n_jobs: int | None) -> int:
    """Return how many members are measured side by side.

    Parameters
    ----------
    n_jobs
        How many; without it as many as there are cores.

    Raises
    ------
    SettingError
        If it is less than 1.
    """
    if n_jobs is None:
        return int(cpu_count())
    if n_jobs < 1:
        raise SettingError(f"n_jobs must be at least 1, got {n_jobs}.")
    return n_jobs


def measured(members: Sequence[Member], task: Task, n_jobs: int) -> Iterator[Finding]:
    """Yield what members came to, as they come to it.

    Whatever ends early ends all of them; what is finished is kept.

    Parameters
    ----------
    members
        Who is measured.
    task
        What all have in common.
    n_jobs
        How many processes; of one it is this one.
    """
    if min(n_jobs, len(members)) <= 1:
        for member in members:
            yield measure(member, task)
        return
    left = {member.name: member for member in members}
    try:
        for finding in _side_by_side(members, task, min(n_jobs, len(members))):
            del left[finding.name]
            yield finding
    except BrokenExecutor:
        # A process was killed, for memory most likely, and took the queue along.
        for member in left.values():
            yield _alone(member, task)


def _side_by_side(members: Sequence[Member], task: Task, n_jobs: int) -> Iterator[Finding]:
    with _Pool(n_jobs) as pool:
        yield from (done.result() for done in as_completed(pool.submit(members, task)))


def _alone(member: Member, task: Task) -> Finding:
    """Measure a member in a process of its own, whose death is its row's."""
    try:
        return next(_side_by_side([member], task, 1))
    except BrokenExecutor:
        lost = MemoryError("its process was ended from outside, for want of memory most likely")
        return failure(member, lost)


class _Pool:
    """Processes that are ended with whatever uses them."""

    def __init__(self, n_jobs: int) -> None:
        self._executor = ProcessPoolExecutor(
            n_jobs, env=dict(_ONE_THREAD), initializer=_begin_worker
        )

    def submit(self, members: Sequence[Member], task: Task) -> list[Any]:
        return [self._executor.submit(measure, member, task) for member in members]

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(wait=True, kill_workers=True)


def _begin_worker() -> None:
    """Leave Ctrl-C to the process that waits, and use one thread."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
