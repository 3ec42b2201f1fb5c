"""Processes that train together: how many there are, and what they tell each other."""

import atexit
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed

from espelho.errors import EspelhoError, ProcessError
from espelho.training.environment.launcher import launched, local_rank, rank

__all__ = ["ALONE", "Processes", "Rendezvous", "current", "joined"]

T = TypeVar("T")

_RENDEZVOUS_SECONDS = 0.25


class Processes:
    """One process among those that train together.

    Attributes
    ----------
    rank
        Its number, from 0.
    size
        How many there are.
    share
        How much of the present batch is this process's.
    divided
        Whether each holds a part of the weights, whose gradients are means over the processes.
    """

    __slots__ = ("alone", "divided", "leads", "rank", "share", "size")

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank = rank
        self.size = size
        self.alone = size == 1
        self.leads = rank == 0
        self.share = 1.0 / size
        self.divided = False

    def add(self, tensor: Tensor) -> Tensor:
        """Add a tensor up over the processes, in place."""
        if not self.alone:
            distributed.all_reduce(tensor)
        return tensor

    def mean(self, tensor: Tensor) -> None:
        """Replace a tensor by its mean over the processes."""
        self.add(tensor).div_(self.size)

    def sums(self, values: list[float]) -> list[float]:
        """Return the sum of each value over the processes."""
        if self.alone:
            return values
        return self.add(torch.tensor(values, dtype=torch.float64)).tolist()

    def largest(self, values: list[float]) -> list[float]:
        """Return the largest of each value over the processes."""
        if self.alone:
            return values
        found = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(found, distributed.ReduceOp.MAX)
        return found.tolist()

    def any(self, wanted: bool) -> bool:  # noqa: FBT001
        """Return whether something is so in any process."""
        return wanted if self.alone else bool(self.largest([float(wanted)])[0])

    def gather(self, value: T) -> list[T]:
        """Return what every process has, in the order of their numbers."""
        if self.alone:
            return [value]
        found: list[Any] = [None] * self.size
        distributed.all_gather_object(found, value)
        return found

    def first(self, value: T) -> T:
        """Return what the first process has."""
        if self.alone:
            return value
        held: list[Any] = [value]
        distributed.broadcast_object_list(held, src=0)
        return held[0]  # type: ignore[no-any-return]

    def align(self, tensors: Iterable[Tensor]) -> None:
        """Make tensors those of the first process, in place."""
        if not self.alone:
            for tensor in tensors:
                distributed.broadcast(tensor.detach(), src=0)

    def wait(self) -> None:
        """Wait until every process has come here."""
        self.any(wanted=False)


ALONE = Processes()

_current: ContextVar[Processes] = ContextVar("processes", default=ALONE)


def current() -> Processes:
    """Return the processes that train together now."""
    return _current.get()


class Rendezvous:
    """Ask all processes a few times a second whether any of them wants something.

    Parameters
    ----------
    processes
        The processes; each must ask equally often.
    """

    __slots__ = ("_processes", "_since", "_started", "_wait")

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._since = 0
        self._wait = 1
        self._started = monotonic()

    def any(self, wanted: bool) -> bool:  # noqa: FBT001
        """Return whether any process wants it; "no" between two times of asking."""
        if self._processes.alone:
            return wanted
        self._since += 1
        if self._since < self._wait:
            return False
        seconds = monotonic() - self._started
        often = self._since * _RENDEZVOUS_SECONDS / max(seconds, 1e-9)
        asked = [float(wanted), often if self._processes.leads else 0.0]
        found, steps = self._processes.largest(asked)
        # At most twice as rarely as before, so that one fast step does not silence it.
        self._wait = max(1, min(int(steps), 2 * self._wait))
        self._since, self._started = 0, monotonic()
        return bool(found)


@contextmanager
def joined(*, wanted: bool = True) -> Iterator[Processes]:
    """Join the processes that were started together; alone where there are none.

    Parameters
    ----------
    wanted
        Whether to join them at all.

    Raises
    ------
    ProcessError
        If they do not find each other, or one ends before the others.
    """
    ready = distributed.is_available() and distributed.is_initialized()
    if not wanted or not (ready or launched()):
        with _as_current(ALONE):
            yield ALONE
        return
    with _as_process_errors():
        if not ready:
            _meet()
        size = distributed.get_world_size()
        processes = Processes(distributed.get_rank(), size) if size > 1 else ALONE
        with _as_current(processes):
            yield processes


def _meet() -> None:
    """Form the group of the processes that were started together, for as long as they run.

    Once: the launcher keeps the addresses of a group that was left, and the next would find them.
    """
    on_gpu = torch.cuda.is_available()
    if on_gpu and local_rank() < torch.cuda.device_count():
        torch.cuda.set_device(local_rank())
    distributed.init_process_group("cpu:gloo,cuda:nccl" if on_gpu else "gloo")
    atexit.register(_part)


def _part() -> None:
    if distributed.is_initialized():
        distributed.destroy_process_group()


@contextmanager
def _as_current(processes: Processes) -> Iterator[None]:
    token = _current.set(processes)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def _as_process_errors() -> Iterator[None]:
    """Turn what the libraries below say of a lost process into one error."""
    try:
        yield
    except RuntimeError as error:
        if not _says_lost(error):
            raise
        raise ProcessError(
            f"Process {rank()} lost contact with the others, most likely because one of them "
            f"ended; its own message says why. Training stopped ({_first_line(error)}). If the "
            "run has checkpoints, resume it."
        ) from error


def _says_lost(error: RuntimeError) -> bool:
    if isinstance(error, EspelhoError):
        return False
    text = str(error).lower()
    return isinstance(error, distributed.DistError) or "gloo" in text or "nccl" in text


def _first_line(error: RuntimeError) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
