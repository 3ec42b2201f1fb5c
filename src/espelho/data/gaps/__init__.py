"""Gaps: elements of data that are missing, found, left out of sums, and filled."""
