"""The folder of a panel: rows that are finished, and what they have in common."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from espelho.data.writing import atomic_file
from espelho.errors import FileError, RunError
from espelho.panel.members import Member
from espelho.panel.result.finding import Finding, told_picture
from espelho.report.picture import Picture

__all__ = ["Folder"]

PROTOCOL, ASKED, ROW, PICTURES = "protocol.json", "asked.json", "row.json", "pictures.json"
_ROWS, _MODELS = "rows", "models"
_SAME = ("format", "fingerprint", "seed", "test_fraction", "kind", "width", "budget")
FORMAT = 2


class Folder:
    """Where finished rows are kept.

    Parameters
    ----------
    path
        The folder, made when it is begun.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, protocol: Mapping[str, Any], *, force: bool) -> dict[str, Any]:
        """Write down what all rows have in common, or return what was written before.

        Raises
        ------
        FileError
            If the folder holds something else, or rows that were made in another way.
        """
        told = {"format": FORMAT, **protocol}
        before = self._before()
        if before is not None and force:
            for part in (_ROWS, _MODELS):
                shutil.rmtree(self.path / part, ignore_errors=True)
            before = None
        if before is None:
            self.path.mkdir(parents=True, exist_ok=True)
            self._write(self.path / PROTOCOL, told)
            return told
        other = [name for name in _SAME if before.get(name) != told[name]]
        if other:
            raise FileError(
                f"{self.path} holds a comparison with another {_word(other[0])}. Choose another "
                "folder, or replace it with --force (force=True)."
            )
        return before

    def settle(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Write down what was found out before the first row, and return all of it."""
        self._write(self.path / PROTOCOL, facts)
        return facts

    def finished(self, members: tuple[Member, ...]) -> dict[str, Finding]:
        """Return the findings there are about members with these settings, without failures."""
        found = {}
        for member in members:
            finding = self._read(member)
            if finding is not None and not finding.failed:
                found[member.name] = finding
        return found

    def write(self, member: Member, finding: Finding) -> None:
        """Keep a finding: pictures first, so that a row that is there is whole."""
        place = self._row(finding.name)
        place.mkdir(parents=True, exist_ok=True)
        (place / ROW).unlink(missing_ok=True)
        self._write(place / ASKED, member.settings)
        for picture in finding.pictures:
            with atomic_file(place / f"{picture.file_name}.png") as file:
                file.write(picture.png)
        self._write(place / PICTURES, [told_picture(picture) for picture in finding.pictures])
        self._write(place / ROW, finding.to_dict())

    def model(self, name: str) -> Path:
        """Return where the fitted model of a row is saved."""
        return self.path / _MODELS / _slug(name)

    def _row(self, name: str) -> Path:
        return self.path / _ROWS / _slug(name)

    def _read(self, member: Member) -> Finding | None:
        place = self._row(member.name)
        try:
            if (place / ASKED).read_text("utf-8") != _as_text(member.settings):
                return None
            told = json.loads((place / ROW).read_text("utf-8"))
            pictures = tuple(
                Picture(png=_png(place, about["title"]), **about)
                for about in json.loads((place / PICTURES).read_text("utf-8"))
            )
            return Finding.of(told, pictures)
        except (OSError, ValueError, TypeError, KeyError):
            return None  # not finished, or damaged: it is made again

    def _before(self) -> dict[str, Any] | None:
        file = self.path / PROTOCOL
        if file.exists():
            try:
                found: dict[str, Any] = json.loads(file.read_text("utf-8"))
            except (OSError, ValueError) as error:
                raise RunError(f"{file} is damaged or cannot be read: {error}.") from error
            return found
        if self.path.exists() and any(self.path.iterdir() if self.path.is_dir() else [self.path]):
            raise FileError(f"{self.path} exists and holds no comparison. Choose another folder.")
        return None

    def _write(self, path: Path, values: Any) -> None:
        try:
            with atomic_file(path) as file:
                file.write(_as_text(values).encode())
        except OSError as error:
            raise FileError(f"{path} cannot be written: {error.strerror or error}.") from error


def _as_text(values: Any) -> str:
    return json.dumps(values, indent=1, default=str)


def _png(place: Path, title: str) -> bytes:
    return (place / f"{'-'.join(title.lower().split())}.png").read_bytes()


def _slug(name: str) -> str:
    """Return a name as that of a file."""
    plain = "".join(letter if letter.isalnum() or letter in "-_.=" else "-" for letter in name)
    return plain.rstrip("-")


def _word(key: str) -> str:
    return {"fingerprint": "content of the data", "format": "format of its files"}.get(
        key, key.replace("_", " ")
    )
