"""The name that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Ask for the candidate most like a name that was not found.

    Parameters
    ----------
    name : str
        The name that was not found.
    candidates : iterable of str
        The names that exist.

    Returns
    -------
    str
        A question to end a message with, after a space; empty if nothing is similar.

    Examples
    --------
    >>> from espelho.data.nearest import did_you_mean
    >>> did_you_mean("digit", ["iris", "digits"])
    " Did you mean 'digits'?"
    >>> did_you_mean("moons", ["iris", "digits"])
    ''
    """
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    found = get_close_matches(name.casefold(), by_folded, n=1)
    return f" Did you mean {by_folded[found[0]]!r}?" if found else ""
