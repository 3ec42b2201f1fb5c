"""Figures about fitted estimators and about samples, each beside what it has to beat."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from espelho.evaluation.baselines import mean_error, pca_error
from espelho.evaluation.codes.neighbourhoods import continuity, trustworthiness
from espelho.evaluation.codes.prediction import Prediction, knn_score, probe_score
from espelho.evaluation.codes.regularity import Regularity, latent_regularity
from espelho.evaluation.evaluate import evaluate
from espelho.evaluation.result import Evaluation, Row

if TYPE_CHECKING:
    from espelho.evaluation.comparison import compare_samples
    from espelho.evaluation.conditional import ClassShare, Recognition, recognition
    from espelho.evaluation.generation import (
        ClassifierTest,
        DensityCoverage,
        Memorisation,
        MMDTest,
        Parzen,
        PrecisionRecall,
        TwoSampleTest,
        classifier_test,
        density_coverage,
        energy_test,
        expected_coverage,
        median_bandwidth,
        memorisation,
        mmd_test,
        parzen_bandwidth,
        parzen_log_densities,
        parzen_log_likelihood,
        precision_recall,
    )
    from espelho.evaluation.images import (
        ClassifierFeatures,
        FrechetDistance,
        KernelDistance,
        LevelDistance,
        RandomFeatures,
        SlicedDistance,
        frechet_distance,
        kernel_distance,
        sliced_wasserstein,
        sliced_wasserstein_rows,
    )

__all__ = [
    "ClassShare",
    "ClassifierFeatures",
    "ClassifierTest",
    "DensityCoverage",
    "Evaluation",
    "FrechetDistance",
    "KernelDistance",
    "LevelDistance",
    "MMDTest",
    "Memorisation",
    "Parzen",
    "PrecisionRecall",
    "Prediction",
    "RandomFeatures",
    "Recognition",
    "Regularity",
    "Row",
    "SlicedDistance",
    "TwoSampleTest",
    "classifier_test",
    "compare_samples",
    "continuity",
    "density_coverage",
    "energy_test",
    "evaluate",
    "expected_coverage",
    "frechet_distance",
    "kernel_distance",
    "knn_score",
    "latent_regularity",
    "mean_error",
    "median_bandwidth",
    "memorisation",
    "mmd_test",
    "parzen_bandwidth",
    "parzen_log_densities",
    "parzen_log_likelihood",
    "pca_error",
    "precision_recall",
    "probe_score",
    "recognition",
    "sliced_wasserstein",
    "sliced_wasserstein_rows",
    "trustworthiness",
]

_PLACES = {"compare_samples": "comparison"}
_PLACES |= dict.fromkeys(("ClassShare", "Recognition", "recognition"), "conditional")
_PLACES |= dict.fromkeys(
    (
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
    ),
    "images",
)
"""Where names are defined that are imported when first asked for; all others in generation."""


def __getattr__(name: str) -> Any:
    """Import what compares samples, and torch with it, when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'espelho.evaluation' has no attribute {name!r}")
    place = _PLACES.get(name, "generation")
    value = getattr(import_module(f"espelho.evaluation.{place}"), name)
    globals()[name] = value
    return value
