"""Archive: images written into a zip file, one PNG file each."""

import zipfile
from contextlib import suppress
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from espelho.data.images.png import check_image, encode_png

__all__ = ["ImageArchive"]

_DIGITS = 6


class ImageArchive:
    """A zip file of images named ``000001.png``, ``000002.png``, ... in the order they come.

    The bytes depend on the images alone: no time is written.

    Parameters
    ----------
    file : BinaryIO
        The file, open for writing.
    n_images : int
        How many images will come, for names that sort in their order.
    """

    def __init__(self, file: BinaryIO, n_images: int) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_STORED)
        self._digits = max(_DIGITS, len(str(n_images)))
        self._n_written = 0

    def append(self, images: NDArray[np.uint8 | np.uint16]) -> None:
        """Write images behind those before.

        Parameters
        ----------
        images : ndarray of shape (m, height, width) or (m, channels, height, width)
            As `espelho.data.images.png.encode_png` takes each of them.

        Raises
        ------
        DataError
            If they are of another type than ``uint8`` and ``uint16``.
        ShapeError
            If they are of another shape.
        """
        check_image(images.shape[1:], images.dtype)
        for image in images:
            self._n_written += 1
            name = f"{self._n_written:0{self._digits}}.png"
            self._zip.writestr(zipfile.ZipInfo(name), encode_png(image))

    def finish(self) -> None:
        """Write the list of the files, which ends the archive."""
        self._zip.close()

    def abandon(self) -> None:
        """Let go of a file that will not be finished, while it is open."""
        with suppress(Exception):
            self._zip.close()
