"""Samples of a generator beside data: one table, and a verdict in words."""

from espelho.evaluation.comparison.compare import compare_samples

__all__ = ["compare_samples"]
