"""P1: what pre-training is worth where a hundred of 1,797 digits have a label."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

import espelho
from benchmarks.published.result import Result

__all__ = ["LOGISTIC", "accuracies", "p1"]

ERHAN = "Erhan et al. 2010"
GLOROT = "Glorot et al. 2011"
LABELS, DRAWS, DRAWS_OF_RECTIFIERS = 100, 10, 5
RATE_OF_A_HEAD = 1e-2
EVEN = 1.0
"""Points of accuracy, of a hundred, below which a gain is none: a draw varies by more."""

Accuracies = Mapping[str, float]

LOGISTIC: Mapping[str, Any] = {
    "hidden_sizes": (128, 64),
    "latent_dim": 32,
    "activation": "logistic",
    "code_activation": "logistic",
}
"""Layers that are hard to train from random weights."""


def p1() -> Iterator[Result]:
    """Learn a hundred labels from pre-trained and from random weights, for many hundreds."""
    drawn = [accuracies(draw, LOGISTIC, 1e-2) for draw in range(DRAWS)]
    what = "gain of pre-training, logistic units 64-128-64-32"
    gain = _gain(drawn)
    yield Result(what, _protocol(drawn), f"above 0 [{ERHAN}]", gain, gain > 0, 0)

    rectifiers = {"hidden_sizes": (256, 64), "latent_dim": 16, "activation": "relu"}
    drawn = [accuracies(draw, rectifiers, 1e-3) for draw in range(DRAWS_OF_RECTIFIERS)]
    what = "gain of pre-training, rectifiers 64-256-64-16"
    gain = _gain(drawn)
    yield Result(what, _protocol(drawn), f"none [{GLOROT}]", gain, abs(gain) < EVEN, 0)


def accuracies(
    draw: int, settings: Mapping[str, Any], learning_rate: float, labels: int = LABELS
) -> Accuracies:
    """Return how right networks are on the digits whose labels they have not seen.

    Parameters
    ----------
    draw
        Which digits have a label, and the seed of the weights.
    settings
        Of the autoencoder.
    learning_rate
        Of pre-training and fine-tuning.
    labels
        How many digits have a label.
    """
    X, y = load_digits(return_X_y=True)
    X_few, X_rest, y_few, y_rest = train_test_split(
        X, y, train_size=labels, stratify=y, random_state=draw
    )
    autoencoder = espelho.Autoencoder(
        scaling="minmax", learning_rate=learning_rate, max_epochs=100, **settings
    )
    classifier = espelho.PretrainedClassifier(
        autoencoder,
        max_epochs=40,
        batch_size=20,
        learning_rate=learning_rate,
        random_state=draw,
    )
    pretrained = clone(classifier).fit(X_few, y_few, X_unlabelled=X_rest)
    codes = FrozenEstimator(pretrained.estimator_)
    alone = clone(classifier).set_params(
        estimator=codes, train_encoder=False, learning_rate=RATE_OF_A_HEAD
    )
    pixels = make_pipeline(MinMaxScaler(), LogisticRegression(max_iter=1000))
    learned = {
        "pre-trained": pretrained,
        "from random weights": classifier.set_params(pretrain=False).fit(X_few, y_few),
        "the head alone": alone.fit(X_few, y_few),
        "logistic regression on the pixels": pixels.fit(X_few, y_few),
    }
    return {name: model.score(X_rest, y_rest) for name, model in learned.items()}


def _gain(drawn: Sequence[Accuracies]) -> float:
    pairs = [(found["pre-trained"], found["from random weights"]) for found in drawn]
    return float(np.mean([after - before for after, before in pairs])) * 100


def _protocol(drawn: Sequence[Accuracies]) -> str:
    figures = {name: [found[name] for found in drawn] for name in drawn[0]}
    said = [f"{name} {np.mean(v):.3f} ± {np.std(v):.3f}" for name, v in figures.items()]
    return (
        f"points of accuracy on scikit-learn's other digits, {len(drawn)} draws of {LABELS} "
        f"labels ({', '.join(said)})"
    )
