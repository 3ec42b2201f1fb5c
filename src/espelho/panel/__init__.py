"""Panels: members of the family side by side on one's own data, principal components first."""

from espelho.panel.compare import compare
from espelho.panel.result.comparison import Comparison
from espelho.panel.result.finding import Finding

__all__ = ["Comparison", "Finding", "compare"]
