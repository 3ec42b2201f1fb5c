"""One call that measures a fitted translator."""

from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from espelho.data.images.shapes import channel_axis
from espelho.errors import SettingError, ShapeError
from espelho.evaluation.result import Evaluation, Row
from espelho.evaluation.samples import Floats, Seed, as_data, as_floats, draw, take
from espelho.evaluation.translation.cycle import cycle_rows, lives_on_hidden
from espelho.evaluation.translation.pairs import Way, pair_rows
from espelho.evaluation.translation.sets import recognised_row, set_rows
from espelho.random_variables.sampler import as_generator
from espelho.training.doctor.translations import COPIED

__all__ = ["evaluate_translations"]

_MOST = 2000
"""Samples of each set that are looked at, drawn where there are more."""


def evaluate_translations(
    translator: Any,
    A: Any,
    B: Any,
    *,
    y_A: ArrayLike | None = None,
    y_B: ArrayLike | None = None,
    paired: bool | None = None,
    features: Any = None,
    classifier: Any = None,
    random_state: Seed = 0,
) -> Evaluation:
    """Measure a fitted translator, and what simple answers do in its place.

    Parameters
    ----------
    translator : fitted translator
        Read through `translate`.
    A, B : array-like of shape (n, ...), array-like of shape (m, ...)
        Samples of both sets, at best some that training has not seen; at most 2,000 of each are
        looked at.
    y_A, y_B : array-like of shape (n,), array-like of shape (m,), optional
        Classes. With both, an independent classifier that learns from samples of a set says how
        many translations to it keep the class of what was translated.
    paired : bool, optional
        Whether row i of A belongs to row i of B; without it, whether the translator was learned
        from pairs.
    features : {"random", "none"}, callable or None
        What translations and their set are seen through where they are compared as a whole;
        without it random convolutions for images, and values as they are for others.
    classifier : scikit-learn classifier, optional
        The independent classifier, which is cloned; without it a support vector classifier.
    random_state : int, RandomState or None, default=0
        Decides which samples are drawn, and the intervals.

    Returns
    -------
    Evaluation
        For each way, to B and (of a `CycleGAN`) to A, with the name of the set at the end: of
        pairs `absolute_error`, `squared_error`, `psnr` and, of images, `ssim` (by scikit-image,
        where that is installed), beside those of the constant mean and of what was translated
        itself; of what goes both ways `cycle`, `cycle_rounded` (after the translation was rounded
        to 8 bits) and `cycle_noisy` (after tiny noise on it), with the name of the set that is
        gone from; `frechet` and `kernel` distances of translations and their set, on features,
        beside those of other real samples; with classes `recognised`, beside other real samples.
        Errors are of values before any rounding. And a verdict in words: `outcome` is ``copied``
        where a translation is what was translated, ``hidden`` where the way back lives on a
        signal that nobody sees, else ``translated``.

    Raises
    ------
    ShapeError
        If pairs, or labels and samples, differ in number.
    SettingError
        If `translator` does not translate, or `features` is none of the above.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import Pix2Pix
    >>> X = load_iris().data
    >>> model = Pix2Pix(max_epochs=1, random_state=0).fit(X[:, :2], X[:, 2:])
    >>> found = evaluate_translations(model, X[:, :2], X[:, 2:])
    >>> found["absolute_error_B"].value > 0
    True
    """
    if not hasattr(translator, "translate"):
        raise SettingError(
            f"{type(translator).__name__} does not translate: evaluate_translations() takes a "
            "fitted Pix2Pix or CycleGAN."
        )
    seed = int(as_generator(random_state).integers(2**31 - 1))
    together = translator.learns_from_pairs if paired is None else paired
    (A, y_A), (B, y_B) = _drawn((A, y_A), (B, y_B), seed, together=together)
    sets, labels = {"A": A, "B": B}, {"A": y_A, "B": y_B}
    ways = [_way(translator, sets, to) for to in translator.goes_to]
    rows: list[Row] = []
    if together:
        rows += [row for way in ways for row in pair_rows(way, seed)]
    if len(ways) > 1:
        rows += [row for way in ways for row in _there_and_back(translator, sets, way, seed)]
    rows += [row for way in ways for row in set_rows(way, features, seed)]
    if y_A is not None and y_B is not None:
        pairs = [(way, labels["AB".replace(way.to, "")], labels[way.to]) for way in ways]
        rows += [recognised_row(*pair, classifier, seed) for pair in pairs]
    outcome, verdict = _verdict(rows, ways)
    return Evaluation(tuple(rows), len(A), held_out=False, verdict=verdict, outcome=outcome)


def _drawn(
    of_a: tuple[Any, Any], of_b: tuple[Any, Any], seed: int, *, together: bool
) -> Iterator[tuple[Any, Any]]:
    """Yield some samples of each set and their labels; of pairs the same rows of both."""
    sets = [(as_data(X), None if y is None else np.asarray(y)) for X, y in (of_a, of_b)]
    for name, (X, y) in zip("AB", sets, strict=True):
        if y is not None and len(y) != X.shape[0]:
            raise ShapeError(
                f"y_{name} must have a label per sample, got {len(y)} labels for {X.shape[0]} "
                "samples."
            )
    n_a, n_b = (int(X.shape[0]) for X, _ in sets)
    if together and n_a != n_b:
        raise ShapeError(
            f"Pairs need as many samples of A as of B, got {n_a} and {n_b}. Say paired=False "
            "where they do not belong together row by row."
        )
    for X, y in sets:
        rows = draw(int(X.shape[0]), _MOST, seed)
        yield take(X, rows), None if y is None else y[rows]


def _way(translator: Any, sets: dict[str, Any], to: str) -> Way:
    source, target = sets["AB".replace(to, "")], sets[to]
    made = as_floats(translator.translate(source, to=to, rounded=False))
    values = as_floats(target, to)
    dtype = getattr(target, "dtype", None)
    eight_or_sixteen = dtype in (np.uint8, np.uint16)
    span = float(np.iinfo(dtype).max) if eight_or_sixteen else float(np.ptp(values))
    shape = tuple(np.shape(target)[1:])
    if len(shape) > len(("height", "width")) and channel_axis(shape) != 0:
        made, values = (_channels_first(rows, shape) for rows in (made, values))
        shape = (shape[-1], *shape[:-1])
    return Way(to, as_floats(source), values, made, shape, span)


def _channels_first(rows: Floats, shape: tuple[int, ...]) -> Floats:
    images = np.moveaxis(rows.reshape(-1, *shape), -1, 1)
    return np.ascontiguousarray(images).reshape(len(rows), prod(shape))


def _there_and_back(translator: Any, sets: dict[str, Any], way: Way, seed: int) -> Iterator[Row]:
    source = "AB".replace(way.to, "")
    row = tuple(np.shape(sets[way.to])[1:])

    def back(translations: Floats) -> Floats:
        images = translations.reshape(-1, *way.shape)
        if way.shape != row and len(row) > len(("height", "width")):
            images = np.moveaxis(images, 1, -1)
        images = images.reshape(-1, *row)
        return as_floats(translator.translate(images, to=source, rounded=False))

    return cycle_rows(way, back, seed)


def _verdict(rows: list[Row], ways: list[Way]) -> tuple[str, str]:
    """Return what the figures say, in a word and in sentences."""
    found = {row.name: row for row in rows}
    for way in ways:
        if way.source.shape == way.made.shape:
            change = float(np.abs(way.made - way.source).mean())
            if change < COPIED * float(np.abs(way.source - way.source.mean(0)).mean()):
                return "copied", (
                    f"Translations to {way.to} are what was translated, nearly unchanged: the "
                    "generator copies."
                )
    for source in ("A", "B"):
        if f"cycle_{source}" in found and lives_on_hidden(found, source):
            return "hidden", (
                f"The way back to {source} lives on a signal that nobody sees: changes of a "
                "translation by rounding or tiny noise undo it."
            )
    return "translated", ""
