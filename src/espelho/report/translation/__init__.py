"""Reports about translators."""

from espelho.report.translation.write import write_translation_report

__all__ = ["write_translation_report"]
