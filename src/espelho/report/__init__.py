"""One self-contained HTML page about a fitted estimator."""

from espelho.report.write import write_report

__all__ = ["write_report"]
