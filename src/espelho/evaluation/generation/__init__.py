"""Statistics that compare samples of a generator with data: arrays in, numbers out."""

from espelho.evaluation.generation.parzen import (
    Parzen,
    parzen_bandwidth,
    parzen_log_densities,
    parzen_log_likelihood,
)

__all__ = ["Parzen", "parzen_bandwidth", "parzen_log_densities", "parzen_log_likelihood"]
