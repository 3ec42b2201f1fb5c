"""Figures about images on features of their own, without any download."""

from espelho.evaluation.images.classifier import ClassifierFeatures
from espelho.evaluation.images.frechet import FrechetDistance, frechet_distance
from espelho.evaluation.images.kernel import KernelDistance, kernel_distance
from espelho.evaluation.images.random import RandomFeatures

__all__ = [
    "ClassifierFeatures",
    "FrechetDistance",
    "KernelDistance",
    "RandomFeatures",
    "frechet_distance",
    "kernel_distance",
]
