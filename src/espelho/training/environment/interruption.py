"""Ctrl-C during training: noticed at once, acted on between two batches."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Interruption", "deferred_interruption"]


class Interruption:
    """Whether somebody has asked for the training to end."""

    __slots__ = ("requested",)

    def __init__(self) -> None:
        self.requested = False


@contextmanager
def deferred_interruption() -> Iterator[Interruption]:
    """Turn the first Ctrl-C into a request; a second one interrupts at once.

    So no update is ever cut in half. Outside the main thread, or where the program has
    a handler of its own, nothing is changed.
    """
    interruption = Interruption()
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield interruption
        return

    def request(number: int, frame: FrameType | None) -> None:
        if interruption.requested:
            signal.default_int_handler(number, frame)
        interruption.requested = True

    signal.signal(signal.SIGINT, request)
    try:
        yield interruption
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
