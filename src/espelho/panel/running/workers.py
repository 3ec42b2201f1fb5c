"""Workers: members measured side by side in processes of one thread each."""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from time import perf_counter
from typing import Any, NamedTuple, Self

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
        self._slots = [_Slot() for _ in range(n_jobs)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        for slot in self._slots:
            slot.end(kill=error is not None)

    def call(self, function: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Return what a function returns in one of the processes."""
        if len(self._slots) == 1:
            return function(*given, **named)
        return self._slots[0].submit(function, *given, **named).result()

    def measured(
        self, members: Sequence[Member], task: Task, limit: float, each: float
    ) -> Iterator[Finding]:
        """Yield what members came to, as they come to it.

        Whatever ends early ends all of them; what is finished is kept.

        Parameters
        ----------
        members
            Who is measured.
        task
            What all have in common.
        limit
            Seconds after which all that is not finished is given up.
        each
            Seconds after which a member is given up.
        """
        if len(self._slots) > 1:
            yield from self._side_by_side(members, task, limit, each)
            return
        end = perf_counter() + limit
        for member in members:
            late = perf_counter() > end
            yield failure(member, _too_late(limit)) if late else measure(member, task)

    def _side_by_side(
        self, members: Sequence[Member], task: Task, limit: float, each: float
    ) -> Iterator[Finding]:
        for pending in [slot.submit(count_jobs, 1) for slot in self._slots]:
            pending.result()  # a process has started
        waiting, end = list(members), perf_counter() + limit
        free, busy = list(self._slots), dict[_Slot, _Job]()
        while waiting or busy:
            while waiting and free and perf_counter() < end:
                slot, until = free.pop(0), min(end, perf_counter() + each)
                busy[slot] = slot.begin(waiting.pop(0), task, until)
            if not busy:
                yield from (failure(member, _too_late(limit)) for member in waiting)
                return
            first = min(job.until for job in busy.values()) - perf_counter()
            wait([job.pending for job in busy.values()], max(0.0, first), FIRST_COMPLETED)
            for slot in [slot for slot, job in busy.items() if job.is_over]:
                free.append(slot)
                yield slot.finding(busy.pop(slot))


class _Job(NamedTuple):
    """A member that is being measured, since when, and until when it may be."""

    member: Member
    pending: "Future[Finding]"
    began: float
    until: float

    @property
    def is_over(self) -> bool:
        """Whether it is finished, or should be."""
        return self.pending.done() or perf_counter() >= self.until


class _Slot:
    """A process, started when it is needed."""

    def __init__(self) -> None:
        self._executor: ProcessPoolExecutor | None = None

    def submit(self, function: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Return the future result of a function."""
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                1, env=dict(_ONE_THREAD), initializer=_begin_worker
            )
        return self._executor.submit(function, *given, **named)

    def begin(self, member: Member, task: Task, until: float) -> _Job:
        """Let a member be measured until then."""
        return _Job(member, self.submit(measure, member, task), perf_counter(), until)

    def finding(self, job: _Job) -> Finding:
        """Return what a member came to; the process is ended with what goes on for too long."""
        if not job.pending.done():
            self.end(kill=True)
            return failure(job.member, _too_late(job.until - job.began))
        try:
            return job.pending.result()
        except BrokenExecutor:
            self.end(kill=True)
            why = "its process was ended from outside, for want of memory most likely"
            return failure(job.member, MemoryError(why))

    def end(self, *, kill: bool) -> None:
        """End the process, if it is to be killed whatever it does."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, kill_workers=kill)
            self._executor = None


def _too_late(seconds: float) -> SettingError:
    return SettingError(
        f"It was not finished after {seconds:.3g} s, and was given up to keep to the budget. Give "
        "a larger budget, fewer models or fewer rows."
    )


def _begin_worker() -> None:
    """Leave Ctrl-C to the process that waits, and use one thread."""
    import torch

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
