"""Parts: the files that a folder or a pattern stands for."""

import re
from collections.abc import Iterable
from pathlib import Path

from espelho.errors import FileError

__all__ = ["find_parts", "is_pattern", "name_of_parts"]

_SUFFIX = ".parquet"
_WILD = "*?["


def is_pattern(path: Path) -> bool:
    """Tell whether a path is a pattern for names of files, as ``parts/*.parquet`` is.

    Parameters
    ----------
    path : Path
        The path; what exists under this very name is no pattern.

    Returns
    -------
    bool
        Whether it is.
    """
    return any(sign in str(path) for sign in _WILD) and not path.exists()


def find_parts(path: Path) -> tuple[Path, ...]:
    """Find the Parquet files that a folder or a pattern stands for.

    A folder stands for the ``.parquet`` files right in it. Names that begin with a dot or an
    underscore are left out, as other programs leave notes of their own under such names.

    Parameters
    ----------
    path : Path
        A folder; or a pattern with ``*``, ``?``, ``[...]`` or, for folders of any depth, ``**``.

    Returns
    -------
    tuple of Path
        The files, sorted by their paths; none if there are none in the folder, or if the
        path is neither a folder nor a pattern.

    Raises
    ------
    FileError
        If a pattern matches no file, or others than Parquet files, or if only the folders
        in a folder have such files.
    """
    if is_pattern(path):
        return _matching(path)
    if not path.is_dir():
        return ()
    parts = _visible(filter(_is_part, path.iterdir()), path)
    if not parts and (deeper := _visible(filter(_is_part, path.rglob("*")), path)):
        raise FileError(
            f"{path} has no {_SUFFIX} files right in it, but its folders have, such as "
            f"{deeper[0].relative_to(path)}. Name them by the pattern "
            f"'{path / '**' / ('*' + _SUFFIX)}'; what the names of the folders say is not read."
        )
    return tuple(parts)


def name_of_parts(path: Path) -> str:
    """Return a short name for the files of a folder or pattern.

    Parameters
    ----------
    path : Path
        As in `find_parts`.

    Returns
    -------
    str
        The name of the folder, or what the pattern says besides wildcards.

    Examples
    --------
    >>> from espelho.data.formats.parts import name_of_parts
    >>> name_of_parts(Path("parts/day-*.parquet")), name_of_parts(Path("parts/*.parquet"))
    ('day', 'parts')
    """
    absolute = path.absolute()
    for name in (absolute.name, *(parent.name for parent in absolute.parents)):
        plain = re.sub(r"\[.*?\]|[*?]", "", name).removesuffix(_SUFFIX).strip("-_. ")
        if plain:
            return plain
    return "parts"


def _matching(pattern: Path) -> tuple[Path, ...]:
    parts = pattern.parts
    plain = next(i for i, part in enumerate(parts) if any(sign in part for sign in _WILD))
    folder = Path(*parts[:plain])
    try:
        found = list(folder.glob(str(Path(*parts[plain:]))))
    except ValueError as error:
        raise FileError(f"{pattern} does not exist and is no pattern either: {error}.") from error
    files = _visible((path for path in found if path.is_file()), folder)
    if not files:
        raise FileError(f"{pattern} does not exist and, as a pattern, matches no file.")
    other = [file for file in files if file.suffix.lower() != _SUFFIX]
    if other:
        raise FileError(
            f"{pattern} must match {_SUFFIX} files only; among the {len(files)} files that it "
            f"matches, {len(other)} are none, such as {other[0]}."
        )
    return tuple(files)


def _is_part(path: Path) -> bool:
    return path.suffix.lower() == _SUFFIX and path.is_file()


def _visible(paths: Iterable[Path], folder: Path) -> list[Path]:
    return sorted(
        path
        for path in paths
        if not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    )
