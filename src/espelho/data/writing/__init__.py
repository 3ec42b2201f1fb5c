"""Files that are written whole or not at all, at once or as the rows come."""

from espelho.data.writing.atomic import atomic_file
from espelho.data.writing.writer import WRITABLE_SUFFIXES, Writer, write, writer

__all__ = ["WRITABLE_SUFFIXES", "Writer", "atomic_file", "write", "writer"]
