"""Graphs of what holds an autoencoder: classifiers and detectors."""

from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

from espelho.exporting.graphs.autoencoders import Encode, real
from espelho.exporting.graphs.ports import rows_port
from espelho.exporting.graphs.units import Scale, detached, gaps_of, row_numbers
from espelho.exporting.parts import BATCH, Part, Port, Trial, batches, largest, three
from espelho.exporting.rows import Rows

__all__ = ["predictor_parts", "score_parts"]


class Strangeness(nn.Module):
    """From rows to minus how strange an autoencoder finds each.

    Parameters
    ----------
    autoencoder
        The fitted autoencoder.
    precision
        Type of its networks.
    """

    def __init__(self, autoencoder: Any, precision: str) -> None:
        super().__init__()
        self.scale = Scale(row_numbers(autoencoder), precision)
        self.model: Any = detached(autoencoder.model_, precision)
        self.shape, self.loss = autoencoder._network_shape(), autoencoder.loss
        self.variational = autoencoder._variational

    def forward(self, x: Tensor) -> Tensor:
        """Return the score of each row."""
        x, model = self.scale(x).reshape(-1, *self.shape), self.model
        if self.variational:
            apart, codes = model.evidence_terms(x)
        elif self.loss == "bernoulli":
            apart, codes = model.errors(x), 0.0
        else:
            apart, codes = x - model.decode(model.encode(x)), 0.0
            apart = apart.abs() if self.loss == "absolute_error" else apart.square()
        found: Tensor = -(apart.flatten(1).sum(1) + codes)
        return found


def predictor_parts(estimator: Any, rows: Rows, precision: str) -> dict[str, Part | str]:
    """Return the one part of a classifier.

    Parameters
    ----------
    estimator
        The fitted classifier.
    rows
        What it is checked with.
    precision
        Type of the networks.
    """
    data, model = rows_port(estimator, precision), estimator.model_
    x = rows.values.reshape(len(rows.values), *estimator.row_shape_).astype(data.dtype)
    network = nn.Sequential(model.encoder, model.head, nn.Softmax(dim=1))

    def trials() -> Iterator[Trial]:
        for part in batches(len(x)):
            yield Trial((x[part],), real(estimator.predict_proba(x[part])))

    classes = estimator.classes_.tolist()
    return {
        "predictor": Part(
            name="predictor",
            method="predict_proba",
            inputs=(data,),
            output=Port(
                "probabilities",
                precision,
                (BATCH, len(classes)),
                f"how likely each class is, in this order: {', '.join(map(repr, classes))}",
            ),
            graph=Encode(estimator, network, precision),
            traced=(three(x),),
            trials=trials,
            unit=lambda _: 1.0,
        )
    }


def score_parts(detector: Any, rows: Rows, precision: str) -> dict[str, Part | str]:
    """Return the score of a detector, or why it cannot be exported.

    Parameters
    ----------
    detector
        The fitted detector.
    rows
        What it is checked with.
    precision
        Type of the networks.
    """
    autoencoder = detector.estimator_
    if detector.window is not None or hasattr(autoencoder, "n_step_features_"):
        what = "sequences" if detector.window is None else "a series are the mean over windows"
        return {"score": f"scores of {what}, which no graph makes yet; use score_samples()"}
    if gaps_of(autoencoder) is not None:
        return {"score": "scores of rows with gaps, which no graph makes yet; use score_samples()"}
    data = rows_port(autoencoder, precision)
    x = rows.values.reshape(len(rows.values), *autoencoder.row_shape_).astype(data.dtype)

    def trials() -> Iterator[Trial]:
        for part in batches(len(x)):
            yield Trial((x[part],), real(detector.score_samples(x[part])))

    about = f"the score of each row, lower is stranger; below {detector.offset_:.6g} an outlier"
    return {
        "score": Part(
            name="score",
            method="score_samples",
            inputs=(data,),
            output=Port("score", precision, (BATCH,), about),
            graph=Strangeness(autoencoder, precision),
            traced=(three(x),),
            trials=trials,
            unit=largest,
        )
    }
