"""Counts: on how many rows the figures of a panel were measured."""

from collections.abc import Sequence

from espelho.panel.result.finding import Finding

__all__ = ["counted"]

_GROUPS = (
    ("errors", "reconstruction_error_scaled"),
    ("trust and cont.", "trustworthiness"),
    ("k-NN and probe", "knn_score"),
    ("told apart", "classifier"),
    ("precision and coverage", "precision"),
    ("copies", "copies"),
    ("recognised", "recognised"),
)
"""What figures are called in the tables, and the row of one of them."""


def counted(findings: Sequence[Finding]) -> str:
    """Return in a line on how many rows figures were measured; empty where there are none.

    Parameters
    ----------
    findings
        What members came to.
    """
    parts = []
    for what, figure in _GROUPS:
        found = sorted({n for f in findings if (n := f.n_samples(figure)) is not None})
        if found:
            ends = dict.fromkeys((found[0], found[-1]))
            parts.append(f"{what} on {' to '.join(f'{n:,}' for n in ends)}")
    return f"Rows measured on: {', '.join(parts)}." if parts else ""
