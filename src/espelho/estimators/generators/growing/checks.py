"""Checks of what a generator that grows is given: its settings, and its data."""

from dataclasses import fields
from typing import Any

from espelho.data.images.shapes import SMALLEST_SIDE
from espelho.errors import SettingError, ShapeError

__all__ = ["check_growing", "check_images"]

_FEWEST = 2
"""Samples of a batch that differ from each other."""

_IMAGE = (2, 3)
"""How many axes a sample has that is an image, without and with channels."""


def check_growing(estimator: Any) -> None:
    """Raise if a setting means nothing to networks that grow.

    Parameters
    ----------
    estimator
        Whose settings are read.

    Raises
    ------
    SettingError
        If there is one.
    """
    defaults = {field.name: field.default for field in fields(estimator)}
    unfit = {
        "hidden_sizes": "its layers are convolutions: give it channels",
        "discriminator_sizes": "its layers are convolutions: give it channels",
        "spectral_norm": "its weights are scaled already: use a penalty",
        "shifts": "images of each resolution would move by other distances: use "
        "augmentation='always' with augmentation_kinds=('translation',)",
    }
    for name, reason in unfit.items():
        if getattr(estimator, name) != defaults[name]:
            raise SettingError(
                f"{name}={getattr(estimator, name)!r} means nothing to a "
                f"{type(estimator).__name__}: {reason}. Leave {name} out."
            )
    _check_batches(estimator)
    if estimator.structure not in ("auto", "convolutional"):
        raise SettingError(
            f"structure={estimator.structure!r} cannot grow: a {type(estimator).__name__} is "
            "convolutional. Leave structure out, or use a GAN."
        )


def _check_batches(estimator: Any) -> None:
    sizes = estimator.batch_sizes or ()
    least, name = max(_FEWEST, estimator.packing), type(estimator).__name__
    if sizes and min(sizes) < _FEWEST:
        raise SettingError(
            f"batch_sizes of {name} must be at least {_FEWEST}, got {tuple(sizes)}: samples are "
            "compared with each other."
        )
    if sizes and min(sizes) < least:
        raise SettingError(
            f"packing={estimator.packing} and batch_sizes={tuple(sizes)} cannot work together: a "
            "batch would not fill one pack. Use larger batches, or smaller packs."
        )


def check_images(estimator: Any) -> None:
    """Raise unless samples are images that are large enough.

    Parameters
    ----------
    estimator
        What has read them.

    Raises
    ------
    ShapeError
        If they are not.
    """
    shape, name = tuple(estimator.sample_shape_), type(estimator).__name__
    if estimator._recurrent or len(shape) not in _IMAGE:
        raise ShapeError(
            f"{name} takes images (n, height, width) or (n, channels, height, width), and a "
            f"sample of X has the shape {shape}. If X holds images as flat rows, say their shape "
            "by sample_shape, such as (1, 28, 28)."
        )
    if min(shape[-2:]) < SMALLEST_SIDE:
        raise ShapeError(
            f"{name} takes images of at least {SMALLEST_SIDE} x {SMALLEST_SIDE} pixels, and a "
            f"sample of X has the shape {shape}. Use a GAN, or larger images; channels come "
            "first: (channels, height, width)."
        )
