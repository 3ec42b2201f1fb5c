"""Pictures of translations: samples above what they become, and what they should."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from espelho.data.images.png import encode_png
from espelho.data.images.sheet import shades, sheet
from espelho.estimators.data.samples import spread
from espelho.training.callbacks.sample_pictures import SamplePictures
from espelho.training.weights import lent

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.estimators.translators.base import BaseTranslator
    from espelho.estimators.translators.domain import Domain
    from espelho.estimators.translators.parts import TwoParts

__all__ = ["COLUMNS", "Line", "TranslationDrawing", "grid", "lines", "prepare", "rows_of"]

COLUMNS = 8
"""Samples that are drawn, one a column."""

_MOST_PIXELS = 1 << 20
"""Of all images of a line, before small ones are enlarged."""


class Line(NamedTuple):
    """Images of one kind, in shades from 0 to 255.

    Attributes
    ----------
    name
        What they are: A; A to B; B; or A to B to A.
    images
        ``(n, channels, height, width)``.
    """

    name: str
    images: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class TranslationDrawing:
    """How translations of the same samples are drawn while a translator learns.

    Attributes
    ----------
    estimator
        The translator.
    A, B
        Some samples of each set, in the layout of their rows.
    """

    estimator: "BaseTranslator"
    A: NDArray[Any]
    B: NDArray[Any]

    @classmethod
    def of(cls, estimator: "BaseTranslator", train: "TwoParts") -> "TranslationDrawing":
        """Return the drawing for a translator whose model is built.

        Parameters
        ----------
        estimator
            The translator.
        train
            What it learns from.
        """
        parts = ((train.a, estimator.domain_A_), (train.b, estimator.domain_B_))
        return cls(estimator, *(_some(part.samples.values, domain) for part, domain in parts))

    def __call__(self, weights: "dict[str, Tensor]") -> bytes | None:
        """Return a PNG file of what some weights make; nothing of what are no images.

        Parameters
        ----------
        weights
            All weights and buffers of the model, by name.
        """
        if not (self.estimator.domain_A_.is_image and self.estimator.domain_B_.is_image):
            return None
        with lent(self.estimator.model_, weights):
            return encode_png(grid(lines(self.estimator, self.A, self.B)))


def prepare(estimator: "BaseTranslator", train: "TwoParts") -> None:
    """Tell the callbacks of a translator that draw how it is drawn.

    Parameters
    ----------
    estimator, train
        As of `TranslationDrawing.of`.
    """
    for callback in estimator.callbacks:
        if isinstance(callback, SamplePictures):
            callback.draw_by(TranslationDrawing.of(estimator, train))


def lines(estimator: "BaseTranslator", A: NDArray[Any], B: NDArray[Any]) -> list[Line]:
    """Return images above their translations.

    Below these stands what belongs to them where the translator learns from pairs; where it goes
    both ways, what they are when they come back, and the same of B.

    Parameters
    ----------
    estimator
        A fitted translator of images.
    A, B
        Samples of each set, in the layout of their rows.
    """
    a, b = estimator.domain_A_, estimator.domain_B_
    to_b = estimator.translate(A)
    found = [_line("A", A, a), _line("A to B", to_b, b, like=B)]
    if "A" in estimator.goes_to:
        found.append(_line("A to B to A", estimator.translate(to_b, to="A"), a, like=A))
        to_a = estimator.translate(B, to="A")
        found += [_line("B", B, b), _line("B to A", to_a, a, like=A)]
        found.append(_line("B to A to B", estimator.translate(to_a), b, like=B))
    elif estimator.learns_from_pairs:
        found.append(_line("B", B, b))
    return found


def grid(found: list[Line]) -> NDArray[np.uint8]:
    """Return lines of images of one size as one picture."""
    shown = [line.images for line in found]
    if any(images.shape[1] == 3 for images in shown):
        shown = [np.repeat(s, 3, axis=1) if s.shape[1] == 1 else s for s in shown]
    return sheet(np.concatenate(shown), columns=len(found[0].images))


def rows_of(values: NDArray[Any], domain: "Domain") -> NDArray[Any]:
    """Return flat samples, channels first, in the layout of a domain's rows."""
    images = values.reshape(len(values), *domain.sample_shape_)
    images = np.moveaxis(images, 1, -1) if domain.channels_last_ else images
    return np.ascontiguousarray(images.reshape(len(values), *domain.row_shape_))


def _line(
    name: str, rows: NDArray[Any], domain: "Domain", like: NDArray[Any] | None = None
) -> Line:
    """Return images of a domain in shades, in those of other images where these set them."""
    known = rows if like is None else like
    limits = (float(known.min()), float(known.max()))
    images = shades(_channels_first(rows, domain), limits)
    if images.shape[1] in (2, 4):  # the last is opacity
        images = images[:, :-1]
    return Line(name, images if images.shape[1] in (1, 3) else images[:, :1])


def _channels_first(rows: NDArray[Any], domain: "Domain") -> NDArray[Any]:
    images = np.asarray(rows).reshape(len(rows), *domain.row_shape_)
    if len(domain.row_shape_) == 1:
        images = images.reshape(len(rows), *domain.sample_shape_)
    elif domain.channels_last_:
        images = np.moveaxis(images, -1, 1)
    return images.reshape(len(rows), domain.channels, *images.shape[-2:])


def _some(values: Any, domain: "Domain") -> NDArray[Any]:
    """Return some samples, as many as a line has room for."""
    pixels = int(np.prod(domain.places)) if domain.is_image else 1
    n = max(1, min(COLUMNS, _MOST_PIXELS // pixels))
    chosen = values[spread(int(values.shape[0]), n)]
    dense = chosen.toarray() if hasattr(chosen, "toarray") else chosen
    return rows_of(np.asarray(dense), domain)
