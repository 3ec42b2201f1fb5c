"""Walks through the space of codes: from one sample to another, and along single units."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from numbers import Integral
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from espelho.data.tables.frames import library_of
from espelho.errors import DataError, SettingError
from espelho.random_variables.sampler import check_count

__all__ = ["Explores"]

Method = Literal["linear", "spherical"]

_PARALLEL = 1e-6
"""The sine of an angle below which two directions are one, or opposite."""


class Explores(ABC):
    """An estimator that has codes, and can show what lies between and beside them."""

    latent_dim_: int

    def interpolate(self, a: Any, b: Any, n_steps: int = 8, *, method: Method = "linear") -> Any:
        """Return samples on the way from one sample to another, through the codes.

        Parameters
        ----------
        a, b
            One sample each, of the shape of one row of the data in `fit`.
        n_steps
            How many samples, those that `a` and `b` come back as included.
        method
            ``linear``: ``(1 - t) z_a + t z_b``. ``spherical``: along a great circle, where
            the angle w between the codes grows evenly, ``(sin((1 - t) w) z_a +
            sin(t w) z_b) / sin(w)`` (Shoemake 1985, SIGGRAPH; White 2016,
            https://arxiv.org/abs/1609.04468): codes of many normal units lie near a sphere,
            which a straight way leaves. Codes whose directions are the same or opposite are
            joined by a straight line.

        Returns
        -------
        ndarray of shape (n_steps, ...)
            Samples in the units, shape and type of the data in `fit`.

        Raises
        ------
        SettingError
            If the method is unknown, or n_steps not a whole number of at least 1.
        DataError
            If a or b is no single sample.
        """
        if method not in ("linear", "spherical"):
            raise SettingError(f"method must be 'linear' or 'spherical', got {method!r}.")
        z_a, z_b = self._code_of(a), self._code_of(b)
        t = np.linspace(0, 1, check_count(n_steps, "n_steps"))[:, None]
        spherical = method == "spherical"
        path = _on_a_sphere(z_a, z_b, t) if spherical else (1 - t) * z_a + t * z_b
        return self._decoded(path)

    def traverse(
        self, x: Any, units: int | Sequence[int], values: Sequence[float] | NDArray[Any]
    ) -> Any:
        """Return what becomes of a sample when single units of its code are changed.

        Parameters
        ----------
        x
            One sample, of the shape of one row of the data in `fit`, or a table of one row.
        units
            A unit of the code, from 0, or several, each changed by itself.
        values
            The values that a unit is set to; units of a variational autoencoder mostly lie
            between -3 and 3.

        Returns
        -------
        ndarray of shape (n_values, ...) or (n_units, n_values, ...)
            Samples in the units, shape and type of the data in `fit`; the second where units
            is a sequence. Tables with categories are one table then, a unit after the other.

        Raises
        ------
        SettingError
            If there is no such unit, or values is empty.
        DataError
            If x is no single sample.
        """
        single = isinstance(units, Integral)
        chosen = [units] if single else list(units)  # type: ignore[arg-type]
        targets = np.asarray(values, dtype=np.float64)
        self._check_walk(chosen, targets)
        codes = np.tile(self._code_of(x), (len(chosen), len(targets), 1))
        for row, unit in enumerate(chosen):
            codes[row, :, unit] = targets
        found = self._decoded(codes.reshape(-1, self.latent_dim_))
        if single or not isinstance(found, np.ndarray):
            return found
        return found.reshape(*codes.shape[:2], *found.shape[1:])

    def _check_walk(self, units: Sequence[Any], values: NDArray[np.float64]) -> None:
        width = self.latent_dim_
        if not units or any(
            not isinstance(unit, Integral) or not 0 <= int(unit) < width for unit in units
        ):
            raise SettingError(
                f"units must be numbers of units of the code, from 0 to {width - 1}, got {units}."
            )
        if values.ndim != 1 or not values.size:
            raise SettingError(
                f"values must be numbers in a row, such as (-2, 0, 2), got {values.tolist()}."
            )

    def _code_of(self, x: Any) -> NDArray[np.float64]:
        """Return the code of a single sample."""
        try:
            with warnings.catch_warnings():
                # A single row of a table has lost the names of its columns.
                warnings.filterwarnings("ignore", "X does not have valid feature names")
                codes = self._codes_of_one(np.asarray(x) if library_of(x) is None else x)
        except DataError as error:
            raise type(error)(f"One sample is expected, of a row's shape: {error}") from error
        if len(codes) != 1:
            raise DataError(f"One sample is expected, got a table of {len(codes)} rows.")
        code: NDArray[np.float64] = np.asarray(codes, dtype=np.float64)[0]
        return code

    @abstractmethod
    def _codes_of_one(self, x: Any) -> NDArray[Any]:
        """Return the codes ``(1, latent_dim)`` of one sample, or those of a table of one row."""

    @abstractmethod
    def _decoded(self, Z: NDArray[np.float64]) -> Any:
        """Return the samples that codes stand for."""


def _on_a_sphere(
    z_a: NDArray[np.float64], z_b: NDArray[np.float64], t: NDArray[np.float64]
) -> NDArray[np.float64]:
    lengths = np.linalg.norm(z_a) * np.linalg.norm(z_b)
    cosine = np.clip(z_a @ z_b / lengths, -1, 1) if lengths else 1.0
    angle = np.arccos(cosine)
    if np.sin(angle) < _PARALLEL:
        return (1 - t) * z_a + t * z_b
    found: NDArray[np.float64] = np.sin((1 - t) * angle) * z_a + np.sin(t * angle) * z_b
    found /= np.sin(angle)
    return found
