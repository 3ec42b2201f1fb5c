"""Figures about fitted estimators, each beside what it has to beat."""

from espelho.evaluation.baselines import mean_error, pca_error
from espelho.evaluation.evaluate import evaluate
from espelho.evaluation.latent import continuity, trustworthiness
from espelho.evaluation.prediction import Prediction, knn_score, probe_score
from espelho.evaluation.regularity import Regularity, latent_regularity
from espelho.evaluation.result import Evaluation, Row

__all__ = [
    "Evaluation",
    "Prediction",
    "Regularity",
    "Row",
    "continuity",
    "evaluate",
    "knn_score",
    "latent_regularity",
    "mean_error",
    "pca_error",
    "probe_score",
    "trustworthiness",
]
