"""Ctrl-C during training: noticed at once, acted on between two batches."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType

__all__ = ["Interruption", "deferred_interruption"]


_SAME_SECONDS = 0.5


class Interruption:
    """Whether somebody has asked for the training to end."""

    __slots__ = ("requested",)

    def __init__(self) -> None:
        self.requested = False


@contextmanager
def deferred_interruption() -> Iterator[Interruption]:
    """Turn the first Ctrl-C into a request; another, half a second later, interrupts at once.

    So no update is ever cut in half. A launcher of processes passes a Ctrl-C on that its
    processes have got already; the same one twice is one. SIGTERM, by which launchers and
    clusters end a process, is a request too. Outside the main thread, or where the program
    has handlers of its own, nothing is changed.
    """
    interruption = Interruption()
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield interruption
        return

    first = 0.0

    def request(number: int, frame: FrameType | None) -> None:
        nonlocal first
        if not interruption.requested:
            first = monotonic()
        elif number == signal.SIGINT and monotonic() - first >= _SAME_SECONDS:
            signal.default_int_handler(number, frame)
        interruption.requested = True

    untouched = signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    numbers = [signal.SIGINT, signal.SIGTERM] if untouched else [signal.SIGINT]
    before = {number: signal.signal(number, request) for number in numbers}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
