"""Samples that are image files, decoded when they are asked for."""

import hashlib
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.data.images.choice import ImageChoice
from espelho.data.images.decoding import DamagedImageError, decode, resized, size_of
from espelho.data.images.places import ImageFiles
from espelho.data.stored.base import Stored
from espelho.data.stored.unlike import damage, half, unlike
from espelho.data.stored.workers import Workers
from espelho.errors import ShapeError

__all__ = ["StoredImages", "damaged_rows"]

_SAMPLES = 64


class StoredImages(Stored):
    """Images of a folder or an archive, of which a few at a time are in memory.

    They are decoded by as many threads as there are processors. Every image is a unit of its
    own: each pass over them is in an order that is drawn among all.

    Parameters
    ----------
    files : ImageFiles
        Where they are.
    names : sequence of PurePosixPath
        Which of them, one a row.
    choice : ImageChoice, optional
        What is done with them. Of a ``cut``, each pass draws its own place in each image,
        by a seed (`drawn`); what is read without one is the middle.

    Attributes
    ----------
    places : list of int
        The number of each row's file among all that are in the folder or archive.

    Raises
    ------
    FileError
        If the first image is damaged or cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from espelho.data.images.places import find_images
    >>> from espelho.data.writing import write
    >>> with TemporaryDirectory() as folder:
    ...     path = write(Path(folder) / "X.zip", np.arange(8, dtype=np.uint8).reshape(2, 2, 2))
    ...     files = find_images(path)
    ...     StoredImages(files, files.names)[1:]
    array([[[4, 5],
            [6, 7]]], dtype=uint8)
    """

    scattered = True

    def __init__(
        self,
        files: ImageFiles,
        names: Sequence[PurePosixPath],
        choice: ImageChoice | None = None,
    ) -> None:
        self._files = files
        self._images = tuple(names)
        self._choice = choice or ImageChoice()
        self._seed: int | None = None
        self._workers = Workers()
        self._first = self._whole(names[0])
        first = self._part(0, self._first)
        self.names = None
        self.shape = (len(self._images), *first.shape)
        self.dtype = first.dtype
        self.starts = np.arange(len(self), dtype=np.int64)
        self.places = list(range(len(self)))

    @classmethod
    def of(cls, files: ImageFiles, choice: ImageChoice) -> tuple["StoredImages", list[str]]:
        """Return the images of a set, and the names of damaged ones that are left out.

        The headers of all files are read, and where damaged ones are to be left out all files
        are decoded once.

        Raises
        ------
        FileError
            If an image is damaged.
        ShapeError
            If images differ in size, and are brought to none.
        """
        damaged: set[int] = set()
        if choice.skip_damaged:
            damaged = set(damaged_rows(files, files.names))
        kept = [row for row in range(len(files.names)) if row not in damaged]
        made = cls(files, [files.names[row] for row in kept], choice)
        made.places = kept
        made.check_sizes()
        return made, [str(files.names[row]) for row in sorted(damaged)]

    def check_sizes(self) -> None:
        """Read the headers of all files, and refuse sizes that do not fit.

        Raises
        ------
        FileError
            If a header is damaged.
        ShapeError
            If sizes differ, or are below that of the parts to be taken.
        """
        sizes = self._workers.map(self._size, self._images)
        if self._choice.size is not None:
            return
        cut, expected = self._choice.cut, self._first.shape[-2:]
        for name, size in zip(self._images, sizes, strict=True):
            if cut is None and size != expected:
                shape = (*self._first.shape[:-2], *size)
                first = self._images[0]
                raise unlike(self._files, name, np.empty(shape, self.dtype), first, self._first)
            if cut is not None:
                self._check_holds(name, size, cut)

    def _size(self, name: PurePosixPath) -> tuple[int, int]:
        where = self._files.where(name)
        try:
            with self._files.opened(name) as file:
                height, width = size_of(file, where)
        except DamagedImageError as error:
            raise damage(error) from error
        return height, width if self._choice.side is None else half(width, where)

    def _check_holds(
        self, name: PurePosixPath, size: tuple[int, int], cut: tuple[int, int]
    ) -> None:
        if size[0] < cut[0] or size[1] < cut[1]:
            raise ShapeError(
                f"{self._files.where(name)} has {size[0]} x {size[1]} pixels, fewer than the "
                f"{cut[0]} x {cut[1]} that are to be cut from each image. Take it out, ask for "
                "smaller parts by cut= (--cut), or enlarge all by resize= (--resize)."
            )

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names of the files, one a row."""
        return tuple(map(str, self._images))

    def flat(self) -> "StoredImages":
        """Return the same samples as rows ``(n, d)``."""
        return self._changed(shape=(len(self), int(np.prod(self.shape[1:]))))

    def drawn(self, seed: int) -> "StoredImages":
        """Return the samples of one pass: of each image the part that is drawn by a seed.

        Parameters
        ----------
        seed : int
            The seed of the pass. Row i of any set has its part at the same place, measured
            from edge to edge, for the same seed: both of a pair have.
        """
        return self if self._choice.cut is None else self._changed(_seed=seed)

    def _changed(self, **changes: Any) -> "StoredImages":
        other = object.__new__(StoredImages)
        other.__dict__.update(self.__dict__ | changes)
        return other

    def _read(self, start: int, stop: int) -> NDArray[Any]:
        return self.gather(np.arange(start, stop))

    def gather(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Read rows that need not follow each other; see `Stored.gather`."""
        found = np.empty((len(rows), *self.shape[1:]), self.dtype)

        def decode_into(place: int) -> None:
            found[place] = self._image(int(rows[place])).reshape(self.shape[1:])

        if len(rows) == 1:
            decode_into(0)
        else:
            self._workers.map(decode_into, range(len(rows)))
        return found

    def _image(self, row: int) -> NDArray[Any]:
        name = self._images[row]
        image = self._whole(name)
        if (
            image.shape[:-2] != self._first.shape[:-2]
            or image.dtype != self._first.dtype
            or (self._choice.cut is None and image.shape != self._first.shape)
        ):
            raise unlike(self._files, name, image, self._images[0], self._first)
        return self._part(row, image)

    def _whole(self, name: PurePosixPath) -> NDArray[Any]:
        try:
            image = _decode(self._files, name)
        except DamagedImageError as error:
            raise damage(error) from error
        if self._choice.side is not None:
            middle = half(image.shape[-1], self._files.where(name))
            image = image[..., :middle] if self._choice.side == "left" else image[..., middle:]
        return image if self._choice.size is None else resized(image, self._choice.size)

    def _part(self, row: int, image: NDArray[Any]) -> NDArray[Any]:
        """Return the part of an image that is taken: drawn, or from its middle."""
        cut = self._choice.cut
        if cut is None:
            return image
        height, width = image.shape[-2:]
        self._check_holds(self._images[row], (height, width), cut)
        places = (0.5, 0.5)
        if self._seed is not None:
            places = tuple(np.random.default_rng([self._seed, row]).random(2))
        top = int(places[0] * (height - cut[0] + 1))
        left = int(places[1] * (width - cut[1] + 1))
        return image[..., top : top + cut[0], left : left + cut[1]]

    def numbered(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which files of the set some of the rows are, counted from 0."""
        return np.asarray(self.places, dtype=np.int64)[rows]

    def fingerprint(self) -> str:
        """Return a hash of the names and sizes of all files and of the pixels of 64 of them.

        They are evenly spread: a change in between that leaves sizes as they were goes
        unnoticed. It does not depend on where the files are: folder or archive.

        Returns
        -------
        str
            The SHA-256 digest as 64 hexadecimal digits.
        """
        facts = f"{self.shape} {self.dtype.str} {self._choice.size} {self._choice.cut}"
        digest = hashlib.sha256(facts.encode())
        for name in self._images:
            digest.update(f"{name.name} {self._files.size(name)}".encode())
        chosen = np.unique(np.linspace(0, len(self) - 1, _SAMPLES).round().astype(np.int64))
        for row in chosen:
            digest.update(self._image(int(row)).tobytes())
        return digest.hexdigest()


def damaged_rows(files: ImageFiles, names: Sequence[PurePosixPath]) -> list[int]:
    """Decode files, and return the numbers of those that are damaged."""
    found = Workers().map(lambda name: _is_damaged(files, name), names)
    return [row for row, is_damaged in enumerate(found) if is_damaged]


def _decode(files: ImageFiles, name: PurePosixPath) -> NDArray[Any]:
    content = files.content(name)
    if isinstance(content, DamagedImageError):
        raise content
    return decode(content, files.where(name))


def _is_damaged(files: ImageFiles, name: PurePosixPath) -> bool:
    try:
        _decode(files, name)
    except DamagedImageError:
        return True
    return False
