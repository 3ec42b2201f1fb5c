"""Figures about images on features of their own, without any download."""

from espelho.evaluation.images.classifier import ClassifierFeatures
from espelho.evaluation.images.frechet import FrechetDistance, frechet_distance
from espelho.evaluation.images.kernel import KernelDistance, kernel_distance
from espelho.evaluation.images.random import RandomFeatures
from espelho.evaluation.images.sliced import (
    LevelDistance,
    SlicedDistance,
    sliced_wasserstein,
    sliced_wasserstein_rows,
)

__all__ = [
    "ClassifierFeatures",
    "FrechetDistance",
    "KernelDistance",
    "LevelDistance",
    "RandomFeatures",
    "SlicedDistance",
    "frechet_distance",
    "kernel_distance",
    "sliced_wasserstein",
    "sliced_wasserstein_rows",
]
