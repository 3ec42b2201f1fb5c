"""Figures about translations: beside partners, beside the other set, and there and back."""

from espelho.evaluation.translation.evaluate import evaluate_translations
from espelho.evaluation.translation.similarity import structural_similarity

__all__ = ["evaluate_translations", "structural_similarity"]
