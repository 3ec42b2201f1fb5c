"""The error that says which law a model breaks."""

from collections.abc import Sequence

from espelho.errors import EspelhoError

__all__ = ["LawError", "listed"]

_LISTED = 4


class LawError(EspelhoError, AssertionError):
    """A model that breaks a law; the message says which, where, and what to look at."""


def listed(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are."""
    shown = ", ".join(names[:_LISTED])
    return shown if len(names) <= _LISTED else f"{shown} and {len(names) - _LISTED} more"
