"""Statistics that compare samples of a generator with data: arrays in, numbers out."""

from espelho.evaluation.generation.fidelity import (
    DensityCoverage,
    PrecisionRecall,
    density_coverage,
    expected_coverage,
    precision_recall,
)
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
    median_bandwidth,
    mmd_test,
)

__all__ = [
    "DensityCoverage",
    "MMDTest",
    "Parzen",
    "PrecisionRecall",
    "TwoSampleTest",
    "density_coverage",
    "energy_test",
    "expected_coverage",
    "median_bandwidth",
    "mmd_test",
    "parzen_bandwidth",
    "parzen_log_densities",
    "parzen_log_likelihood",
    "precision_recall",
]
