"""Which models suit data, and settings that do for most of it."""

import math
from collections.abc import Mapping
from typing import Any

from espelho.panel.data import PanelData

__all__ = ["BASELINES", "default_settings", "suitable"]

BASELINES = ("pca", "umap")

_FOR_TABLES = (
    "Autoencoder",
    "StackedAutoencoder",
    "SparseAutoencoder",
    "ContractiveAutoencoder",
    "DenoisingAutoencoder",
    "RobustAutoencoder",
    "VariationalAutoencoder",
    "AdversarialAutoencoder",
    "MomentMatchingNetwork",
    "GAN",
)

FEW_ROWS, SMALL_BATCH, BATCH = 4000, 32, 128
MOST_EPOCHS, PATIENCE, HELD_OUT = 300, 15, 0.1
FEWEST_TO_HOLD_OUT = 100
MATCHING_STEPS, MATCHING_BATCH, MOST_MATCHING_EPOCHS = 3000, 500, 1000


def suitable(data: PanelData) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """Return the models that suit data, each with the settings that make it suit.

    Left out are translators, which take two sets, and what needs hours to show what it can:
    `ProgressiveGAN`, which can still be asked for.

    Parameters
    ----------
    data
        The data.
    """
    if data.kind == "sequences":
        return (
            ("LSTMAutoencoder", {}),
            ("LSTMAutoencoder", {"latent": "gaussian"}),
            ("GAN", {"structure": "recurrent"}),
        )
    found = [*_FOR_TABLES]
    if data.kind == "images":
        found.insert(1, "ConvolutionalAutoencoder")
    if data.has_classes:
        found.append("ConditionalGAN")
    return tuple((name, {}) for name in found)


def default_settings(model: str, data: PanelData, width: int) -> dict[str, Any]:
    """Return settings for data of that kind and size.

    All autoencoders have codes of one width, small batches where rows are few, and end when
    held-out rows are rebuilt no better, with the weights that did it best. Generators keep their
    own width of noise and their own length, which the budget cuts.

    Parameters
    ----------
    model
        The name of its class.
    data
        The data.
    width
        Width of the code.
    """
    shape = {} if data.sample_shape is None else {"sample_shape": data.sample_shape}
    if model == "MomentMatchingNetwork":
        batch = min(MATCHING_BATCH, data.n_train)
        epochs = math.ceil(MATCHING_STEPS / math.ceil(data.n_train / batch))
        return {"batch_size": batch, "max_epochs": min(epochs, MOST_MATCHING_EPOCHS), **shape}
    if not model.endswith("Autoencoder"):
        return shape
    few = data.n_train < FEW_ROWS
    found = {"latent_dim": width, "batch_size": SMALL_BATCH if few else BATCH, **shape}
    if model == "AdversarialAutoencoder" or data.n_train < FEWEST_TO_HOLD_OUT:
        return found
    ends = {"max_epochs": MOST_EPOCHS, "patience": PATIENCE, "validation_fraction": HELD_OUT}
    return found | ends
