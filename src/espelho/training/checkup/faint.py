"""Faint changes: rounding to 8 bits, and noise that nobody sees."""

from typing import Any

__all__ = ["faint_noise", "in_8_bits"]

_NOISE = 0.02
"""Standard deviation of the noise, in those of the values: too little to be seen."""

_LEVELS = 255
"""Steps between the least and the largest value of 8 bits."""


def in_8_bits(values: Any, low: Any, span: Any) -> Any:
    """Return values as 8 bits would keep them.

    Parameters
    ----------
    values
        An array or a tensor.
    low, span
        The least value, and what the largest is above it.

    Examples
    --------
    >>> import numpy as np
    >>> in_8_bits(np.array([0.0, 0.3, 254.6]), 0.0, 255.0).tolist()
    [0.0, 0.0, 255.0]
    """
    step = span / _LEVELS if span else 1.0
    return ((values - low) / step).round() * step + low


def faint_noise(drawn: Any, deviation: Any) -> Any:
    """Return noise too faint to be seen beside values of a deviation.

    Parameters
    ----------
    drawn
        Draws of a standard normal distribution, an array or a tensor.
    deviation
        That of the values.
    """
    return _NOISE * deviation * drawn
