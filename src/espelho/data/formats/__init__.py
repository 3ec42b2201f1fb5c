"""Readers of the file formats, one a file."""
