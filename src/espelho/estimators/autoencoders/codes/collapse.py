"""Posterior collapse: codes of a variational autoencoder that say nothing."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from espelho.errors import EspelhoWarning

__all__ = ["SILENT", "warn_of_collapse"]

SILENT = 0.01
"""Nats of divergence below which a unit says nothing about a sample."""

_MOST = 0.9
"""Share of silent units from which a code counts as collapsed; that some are given up is usual
in wide ones (Burda, Grosse, Salakhutdinov 2015)."""

ROWS = 1000
"""Rows that are looked at."""


def warn_of_collapse(estimator: Any, unit_kl: NDArray[np.float64]) -> None:
    """Warn if hardly any unit of the code says anything.

    Parameters
    ----------
    estimator
        Whose code it is.
    unit_kl
        What each unit says, in nats.
    """
    n_silent = int((unit_kl < SILENT).sum())
    if n_silent < _MOST * len(unit_kl):
        return
    less = "a smaller variance" if estimator.loss != "bernoulli" else "a smaller beta"
    warnings.warn(
        f"{n_silent} of {len(unit_kl)} units of the code say less than {SILENT} nats about a "
        "sample: the posterior has collapsed, and the decoder does without its input. Try "
        f"kl_warm_up (a third of max_epochs), {less}, a decoder of fewer layers, or more "
        "epochs.",
        EspelhoWarning,
        stacklevel=5,
    )
