"""The autoencoder that stands for none: one that finds anomalies in tables in seconds."""

from math import ceil
from typing import Any

from espelho.estimators.autoencoders.variational import VariationalAutoencoder

__all__ = ["default_autoencoder"]

_UPDATES = 1000
"""Updates after which the loss of tables has come to rest."""

_BATCH = 128
_FEWEST_EPOCHS, _MOST_EPOCHS = 10, 200


def default_autoencoder(n_rows: int) -> Any:
    """Return a variational autoencoder whose noise is as wide as a standardised column.

    With the variance 1 a direction of the data is worth a unit of the code only where several
    columns vary along it (Tipping and Bishop 1999, J. R. Stat. Soc. B 61, of the linear case), so
    that outliers, which go their own ways, are not learned, and both what leaves the directions
    and what goes far along them is strange.

    Parameters
    ----------
    n_rows
        How many rows it will learn from.
    """
    updates_per_epoch = ceil(n_rows / _BATCH)
    epochs = min(_MOST_EPOCHS, max(_FEWEST_EPOCHS, ceil(_UPDATES / updates_per_epoch)))
    return VariationalAutoencoder(variance=1.0, batch_size=_BATCH, max_epochs=epochs)
