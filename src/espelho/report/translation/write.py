"""One file about a fitted translator."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from espelho.evaluation import Evaluation
from espelho.evaluation.samples import as_data, as_floats, as_rows
from espelho.report.subject import Translated
from espelho.report.translation.pictures import draw_translations
from espelho.report.write import write_page

__all__ = ["write_translation_report"]


def write_translation_report(
    path: str | os.PathLike[str],
    estimator: Any,
    A: Any,
    B: Any,
    *,
    evaluation: Evaluation,
    title: str | None = None,
    data_name: str = "",
    commands: Mapping[str, str],
    created: str | None = None,
    pictures: str | os.PathLike[str] | None = None,
    progress: str | os.PathLike[str] | None = None,
) -> Path:
    """Write one HTML page about a fitted translator.

    Parameters
    ----------
    path : path
        Where to write; missing folders are made, an old report is replaced.
    estimator : fitted translator
        Read through its public methods and attributes.
    A, B : array-like of shape (n, ...), array-like of shape (m, ...)
        Samples of both sets.
    evaluation : Evaluation
        As :func:`espelho.evaluation.evaluate_translations` returns it.
    title, data_name, commands, created, pictures, progress
        As of `espelho.report.write_report`.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    FileError
        If it cannot be written.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from espelho import Pix2Pix
    >>> from espelho.evaluation import evaluate_translations
    >>> A = load_digits().images[:40].astype(np.uint8)
    >>> model = Pix2Pix(channels=(4,), max_epochs=1, random_state=0).fit(A, 16 - A)
    >>> figures = evaluate_translations(model, A, 16 - A)
    >>> report = write_translation_report(
    ...     getfixture("tmp_path") / "report.html",
    ...     model,
    ...     A,
    ...     16 - A,
    ...     evaluation=figures,
    ...     commands={},
    ... )
    >>> "A to B" in report.read_text("utf-8")
    True
    """
    A, B = (np.asarray(as_data(X)) for X in (A, B))
    subject = Translated(
        estimator=estimator,
        X=A,
        B=B,
        y=None,
        evaluation=evaluation,
        data_name=data_name,
        names=(),
        rows=as_floats(as_rows(A[:1])),
        labels=None,
    )
    drawn = list(draw_translations(subject, None if progress is None else Path(progress)))
    return write_page(
        Path(path), subject, drawn, title=title, commands=commands, created=created,
        pictures=pictures,
    )  # fmt: skip
