"""Matching: the images of two sets that have the same name."""

from collections.abc import Sequence
from itertools import takewhile
from pathlib import PurePosixPath

from espelho.data.images.places import ImageFiles
from espelho.errors import DataError

__all__ = ["Matches", "match"]

_NAMED = 5


class Matches:
    """Names of two sets that belong together, and those that have no partner.

    Attributes
    ----------
    a, b : list of PurePosixPath
        Name i of one belongs to name i of the other, in the order of the first.
    alone_a, alone_b : list of PurePosixPath
        Names without a partner.
    """

    def __init__(self, a: Sequence[PurePosixPath], b: Sequence[PurePosixPath]) -> None:
        keys_a, keys_b = _keys(a), _keys(b)
        both = [key for key in keys_a if key in keys_b]
        self.a = [keys_a[key] for key in both]
        self.b = [keys_b[key] for key in both]
        self.alone_a = [name for key, name in keys_a.items() if key not in keys_b]
        self.alone_b = [name for key, name in keys_b.items() if key not in keys_a]

    def alone(self, a: ImageFiles, b: ImageFiles) -> str:
        """Return in words what has no partner; nothing where all have."""
        parts = [
            f"{len(names)} of {files.path} ({_listed(names)})"
            for files, names in ((a, self.alone_a), (b, self.alone_b))
            if names
        ]
        return " and ".join(parts)


def match(a: ImageFiles, b: ImageFiles, *, skip_unmatched: bool) -> Matches:
    """Match the images of two sets by their names.

    Suffixes do not count, nor do the folders that hold all images of a set: ``edges/x/1.png``
    belongs to ``photos/x/1.jpg``.

    Parameters
    ----------
    a, b : ImageFiles
        The sets.
    skip_unmatched : bool
        Whether images without a partner are left out, instead of being an error.

    Raises
    ------
    DataError
        If an image has no partner, or two of one set have the same name.
    """
    found = Matches(a.names, b.names)
    if not found.a:
        raise DataError(
            f"No image of {a.path} has the name of one of {b.path}; the first of them are "
            f"{a.names[0]} and {b.names[0]}. Pairs are matched by name, whatever the suffix. "
            "Without pairs, use a cycle-gan."
        )
    if (alone := found.alone(a, b)) and not skip_unmatched:
        raise DataError(
            f"Images without a partner of the same name: {alone}. Add their partners, or leave "
            "them out with skip_unmatched=True (--skip-unmatched)."
        )
    return found


def _keys(names: Sequence[PurePosixPath]) -> dict[PurePosixPath, PurePosixPath]:
    """Return names by what they are matched by."""
    levels = zip(*(name.parent.parts for name in names), strict=False)
    common = sum(1 for _ in takewhile(lambda parts: len(set(parts)) == 1, levels))
    keys: dict[PurePosixPath, PurePosixPath] = {}
    for name in names:
        key = PurePosixPath(*name.parts[common:]).with_suffix("")
        if key in keys:
            raise DataError(
                f"{keys[key]} and {name} have the same name but for the suffix, so that it is "
                "not known which of them is meant. Take one out."
            )
        keys[key] = name
    return keys


def _listed(names: Sequence[PurePosixPath]) -> str:
    more = f" and {len(names) - _NAMED} more" * (len(names) > _NAMED)
    return ", ".join(map(str, names[:_NAMED])) + more
