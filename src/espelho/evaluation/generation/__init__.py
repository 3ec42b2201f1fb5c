"""Statistics that compare samples of a generator with data: arrays in, numbers out."""

from espelho.evaluation.generation.bandwidth import median_bandwidth
from espelho.evaluation.generation.classifier import ClassifierTest, classifier_test
from espelho.evaluation.generation.fidelity import (
    DensityCoverage,
    PrecisionRecall,
    density_coverage,
    expected_coverage,
    precision_recall,
)
from espelho.evaluation.generation.memorisation import Memorisation, memorisation
from espelho.evaluation.generation.parzen import (
    Parzen,
    parzen_bandwidth,
    parzen_log_densities,
    parzen_log_likelihood,
)
from espelho.evaluation.generation.two_sample import (
    MMDTest,
    TwoSampleTest,
    energy_test,
    mmd_test,
)

__all__ = [
    "ClassifierTest",
    "DensityCoverage",
    "MMDTest",
    "Memorisation",
    "Parzen",
    "PrecisionRecall",
    "TwoSampleTest",
    "classifier_test",
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
]
