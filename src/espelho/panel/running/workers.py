"""Workers: members measured side by side in processes of one thread each."""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, as_completed
from time import perf_counter
from typing import Any, Self

from joblib import cpu_count
from joblib.externals.loky import ProcessPoolExecutor

from espelho.errors import SettingError
from espelho.panel.members import Member
from espelho.panel.result.finding import Finding
from espelho.panel.running.measure import Task, failure, measure

__all__ = ["Workers", "count_jobs"]

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


class Workers:
    """Processes of one thread each, that are ended with whatever uses them.

    Parameters
    ----------
    n_jobs
        How many processes; of one it is this one.
    """

    def __init__(self, n_jobs: int) -> None:
        self._n_jobs = n_jobs
        self._executor: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def call(self, function: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Return what a function returns in one of the processes."""
        if self._n_jobs == 1:
            return function(*given, **named)
        return self._started().submit(function, *given, **named).result()

    def measured(self, members: Sequence[Member], task: Task, seconds: float) -> Iterator[Finding]:
        """Yield what members came to, as they come to it.

        Whatever ends early ends all of them; what is finished is kept.

        Parameters
        ----------
        members
            Who is measured.
        task
            What all have in common.
        seconds
            When these are over, who is not finished is given up.
        """
        left, end = {member.name: member for member in members}, perf_counter() + seconds
        try:
            for finding in self._found(members, task, end):
                del left[finding.name]
                yield finding
        except BrokenExecutor:
            # A process was killed, for memory most likely, and took the queue along.
            self._end()
            for member in left.values():
                yield self._alone(member, task, end)
        except TimeoutError:
            self._end()
            yield from (failure(member, _too_late(seconds)) for member in left.values())

    def _found(self, members: Sequence[Member], task: Task, end: float) -> Iterator[Finding]:
        if self._n_jobs == 1:
            for member in members:
                if perf_counter() > end:
                    raise TimeoutError
                yield measure(member, task)
            return
        executor = self._started()
        executor.submit(count_jobs, 1).result()  # the processes have started
        pending = [executor.submit(measure, member, task) for member in members]
        for done in as_completed(pending, max(0.0, end - perf_counter())):
            yield done.result()

    def _alone(self, member: Member, task: Task, end: float) -> Finding:
        """Measure a member in a process of its own, whose death is its row's."""
        try:
            return next(self._found([member], task, end))
        except BrokenExecutor:
            self._end()
            lost = MemoryError(
                "its process was ended from outside, for want of memory most likely"
            )
            return failure(member, lost)

    def _started(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self._n_jobs, env=dict(_ONE_THREAD), initializer=_begin_worker
            )
        return self._executor

    def _end(self) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=True)
            self._executor = None


def _too_late(seconds: float) -> SettingError:
    return SettingError(
        f"It was not finished after {seconds:.3g} s, the budget and a tenth more, and was given "
        "up. Give a larger budget, fewer models or fewer rows."
    )


def _begin_worker() -> None:
    """Leave Ctrl-C to the process that waits, and use one thread."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
