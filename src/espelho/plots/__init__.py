"""Pictures of estimators and random variables; each function takes axes and returns them."""

from espelho.plots.anomalies import plot_contributions, plot_score_series, plot_scores
from espelho.plots.dimension import plot_error_by_dimension
from espelho.plots.errors import plot_error_histogram, plot_feature_errors
from espelho.plots.generation.distance import plot_distance
from espelho.plots.generation.marginals import plot_marginals
from espelho.plots.generation.random_variables import (
    plot_inverse_transform,
    plot_rejection,
    plot_transformation,
)
from espelho.plots.generation.sample_map import plot_sample_map
from espelho.plots.generation.samples import plot_samples
from espelho.plots.latent import plot_latent
from espelho.plots.losses import plot_losses
from espelho.plots.reconstructions import plot_reconstructions
from espelho.plots.search import plot_study
from espelho.plots.sequences import plot_new_sequences, plot_sequences

__all__ = [
    "plot_contributions",
    "plot_distance",
    "plot_error_by_dimension",
    "plot_error_histogram",
    "plot_feature_errors",
    "plot_inverse_transform",
    "plot_latent",
    "plot_losses",
    "plot_marginals",
    "plot_new_sequences",
    "plot_reconstructions",
    "plot_rejection",
    "plot_sample_map",
    "plot_samples",
    "plot_score_series",
    "plot_scores",
    "plot_sequences",
    "plot_study",
    "plot_transformation",
]
