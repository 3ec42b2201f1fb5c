"""Figures about fitted estimators and about samples, each beside what it has to beat."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from espelho.evaluation.baselines import mean_error, pca_error
from espelho.evaluation.evaluate import evaluate
from espelho.evaluation.latent import continuity, trustworthiness
from espelho.evaluation.prediction import Prediction, knn_score, probe_score
from espelho.evaluation.result import Evaluation, Row

if TYPE_CHECKING:
    from espelho.evaluation.comparison import compare_samples
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

__all__ = [
    "ClassifierTest",
    "DensityCoverage",
    "Evaluation",
    "MMDTest",
    "Memorisation",
    "Parzen",
    "PrecisionRecall",
    "Prediction",
    "Row",
    "TwoSampleTest",
    "classifier_test",
    "compare_samples",
    "continuity",
    "density_coverage",
    "energy_test",
    "evaluate",
    "expected_coverage",
    "knn_score",
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
    "trustworthiness",
]


_SAMPLES = frozenset(
    {
        "ClassifierTest",
        "DensityCoverage",
        "MMDTest",
        "Memorisation",
        "Parzen",
        "PrecisionRecall",
        "TwoSampleTest",
        "classifier_test",
        "compare_samples",
        "density_coverage",
        "energy_test",
        "expected_coverage",
        "median_bandwidth",
        "memorisation",
        "mmd_test",
        "parzen_bandwidth",
        "parzen_log_densities",
        "parzen_log_likelihood",
        "precision_recall",
    }
)
"""Names of what compares samples, which needs torch."""


def __getattr__(name: str) -> Any:
    """Import what compares samples when it is first asked for, so that torch stays unloaded."""
    if name not in _SAMPLES:
        raise AttributeError(f"module 'espelho.evaluation' has no attribute {name!r}")
    place = "comparison" if name == "compare_samples" else "generation"
    value = getattr(import_module(f"espelho.evaluation.{place}"), name)
    globals()[name] = value
    return value
