"""Figures about samples of a label: whether they are of the label that was asked for."""

from espelho.evaluation.conditional.recognition import ClassShare, Recognition, recognition

__all__ = ["ClassShare", "Recognition", "recognition"]
