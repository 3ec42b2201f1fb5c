"""Workers: threads that do the same to many things."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["Workers"]

_MOST = 16

Thing = TypeVar("Thing")
Made = TypeVar("Made")


class Workers:
    """As many threads as there are processors, 16 at most, which start when they are needed.

    Decoding an image leaves Python's lock alone, so that threads do it side by side.

    Examples
    --------
    >>> from espelho.data.stored.workers import Workers
    >>> Workers().map(abs, [-1, 2])
    [1, 2]
    """

    def __init__(self) -> None:
        n = min(_MOST, os.cpu_count() or 1)
        self._threads = ThreadPoolExecutor(n, thread_name_prefix="espelho-decode")

    def map(self, work: Callable[[Thing], Made], things: Sequence[Thing]) -> list[Made]:
        """Return what some work makes of each thing, in their order.

        Parameters
        ----------
        work
            The work.
        things
            What it is done to.

        Raises
        ------
        Exception
            What the work raised of the first thing of which it raised any, whichever thread was
            faster. What has not begun by then is not done.
        """
        found = self._threads.map(work, things)
        try:
            return list(found)
        finally:
            found.close()  # type: ignore[attr-defined]
