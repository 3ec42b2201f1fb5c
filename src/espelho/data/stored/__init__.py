"""Samples that stay on disk: read a part at a time, never held whole."""
