"""Precision: the type of the weights that a setting stands for."""

from math import prod

import numpy as np
import torch

from espelho.errors import SettingError
from espelho.estimators.data.samples import Samples

__all__ = ["find_precision"]

_FREE_FLOAT64 = 2**20
"""Values up to which float64 is taken where it comes in: there a step's time is overhead."""


def find_precision(setting: str, samples: Samples, device: torch.device) -> str:
    """Return the name of the type of the weights.

    Parameters
    ----------
    setting
        The setting ``precision``.
    samples
        What is learned from.
    device
        What trains.

    Raises
    ------
    SettingError
        If the device has no such type.
    """
    found = _precision(setting, samples)
    if device.type == "mps" and found == "float64":
        return _float32_on_mps(setting)
    return found


def _precision(setting: str, samples: Samples) -> str:
    if setting != "auto":
        return "float32" if setting == "mixed" else setting
    small = prod(samples.values.shape) <= _FREE_FLOAT64
    return "float64" if samples.container.dtype == np.float64 and small else "float32"


def _float32_on_mps(setting: str) -> str:
    if setting == "float64":
        raise SettingError(
            "precision='float64' does not exist on Apple's MPS. Use precision='float32' or "
            "device='cpu'."
        )
    return "float32"
