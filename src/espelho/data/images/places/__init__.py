"""Places: where the files of a set of images are, a folder or a zip archive."""

from pathlib import Path, PurePosixPath

from espelho.data.images.places.archive import ARCHIVE, ArchiveFiles
from espelho.data.images.places.disk import FolderFiles, SingleFile
from espelho.data.images.places.files import IMAGE_SUFFIXES, ImageFiles, has_suffix

__all__ = ["ARCHIVE", "IMAGE_SUFFIXES", "ImageFiles", "find_images"]


def find_images(path: Path) -> ImageFiles | None:
    """Find the images that a path stands for.

    Parameters
    ----------
    path : Path
        A folder, a zip archive, a folder inside a zip archive, or an image.

    Returns
    -------
    ImageFiles or None
        The files; none for folders without images, and for files of other formats.

    Raises
    ------
    FileError
        If an archive is damaged, encrypted or holds no images, or as `ImageFiles` says.
    """
    if path.is_dir():
        found = FolderFiles(path)
        return found if found.names else None
    if path.is_file() and has_suffix(path, IMAGE_SUFFIXES):
        return SingleFile(path)
    for archive in (path, *path.parents):
        if has_suffix(archive, (ARCHIVE,)) and archive.is_file():
            inside = PurePosixPath(path.relative_to(archive).as_posix())
            return ArchiveFiles(archive, inside)
    return None
