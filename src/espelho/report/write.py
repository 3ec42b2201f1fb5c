"""One file about a fitted estimator."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from espelho.data.writing import atomic_file
from espelho.errors import FileError
from espelho.evaluation import Evaluation
from espelho.report.anomalies import Anomalies
from espelho.report.page import page
from espelho.report.picture import Picture
from espelho.report.pictures import draw_pictures
from espelho.report.subject import Estimator, Subject, read


def write_report(
    path: str | os.PathLike[str],
    estimator: Estimator,
    X: Any,
    y: ArrayLike | None = None,
    *,
    evaluation: Evaluation,
    feature_names: ArrayLike | None = None,
    title: str | None = None,
    data_name: str = "",
    commands: Mapping[str, str],
    created: str | None = None,
    pictures: str | os.PathLike[str] | None = None,
    progress: str | os.PathLike[str] | None = None,
    anomalies: Anomalies | None = None,
) -> Path:
    """Write one HTML page about a fitted autoencoder or generator.

    The page needs no network and no scripts: headline figures and the verdict, the
    evaluation, pictures, settings, facts about the data, versions, and commands.
    It is written aside and then renamed, so a reader never meets half a page.

    Parameters
    ----------
    path : path
        Where to write; missing folders are made, an old report is replaced.
    estimator : fitted autoencoder or generator
        Read through its public methods and attributes.
    X : array-like of shape (n_samples, ...)
        Data to draw; pictures use at most 5,000 samples, always the same.
    y : array-like of shape (n_samples,), optional
        Labels, for the map of codes.
    evaluation : Evaluation
        As :func:`espelho.evaluate` returns it.
    feature_names : array-like of shape (d,), optional
        By default the columns of `X`, or those that the estimator remembers.
    title : str, optional
        By default the model's class and the name of the data.
    data_name : str, default=""
        What the data are called.
    commands : mapping of str to str
        Headings, and the shell command or Python lines under each: how to reproduce
        the model, how to use it.
    created : str, optional
        When, in words; by default now, in UTC.
    pictures : path, optional
        A folder to write the pictures of the page to as well, as PNG files.
    progress : path, optional
        A folder with pictures that `SamplePictures` drew while the model learned, which the
        page shows one after the other.
    anomalies : Anomalies, optional
        What a detector, whose autoencoder `estimator` is, found in data: the page shows its
        scores, its threshold, and the strangest rows with what made them so.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    FileError
        If it cannot be written.
    ShapeError
        If labels or names do not fit the data.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import Autoencoder
    >>> from espelho.evaluation import evaluate
    >>> folder = getfixture("tmp_path")
    >>> X, y = load_iris(return_X_y=True)
    >>> model = Autoencoder(latent_dim=2, max_epochs=2, random_state=0, verbose=0).fit(X)
    >>> report = write_report(
    ...     folder / "report.html", model, X, y, evaluation=evaluate(model, X, y), commands={}
    ... )
    >>> report.read_text("utf-8").startswith("<!DOCTYPE html>")
    True
    """
    subject = read(
        estimator,
        X,
        y,
        evaluation=evaluation,
        feature_names=feature_names,
        data_name=data_name,
        anomalies=anomalies,
    )
    drawn = list(draw_pictures(subject, None if progress is None else Path(progress)))
    return write_page(
        Path(path), subject, drawn, title=title, commands=commands, created=created,
        pictures=pictures,
    )  # fmt: skip


def write_page(
    path: Path,
    subject: Subject,
    drawn: Sequence[Picture],
    *,
    title: str | None,
    commands: Mapping[str, str],
    created: str | None,
    pictures: str | os.PathLike[str] | None,
) -> Path:
    """Write the page about a subject, and its pictures as files of their own.

    Parameters
    ----------
    path
        Where to write.
    subject
        What it is about.
    drawn
        Its pictures.
    title, commands, created, pictures
        As of `write_report`.
    """
    where = f" on {subject.data_name}" if subject.data_name else ""
    when = created or datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    text = page(subject, drawn, title or subject.model_name + where, when, commands)
    if pictures is not None:
        for picture in drawn:
            _write(Path(pictures) / f"{picture.file_name}.png", picture.png)
    return _write(path, text.encode("utf-8", "replace"))


def _write(path: Path, content: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"The report cannot be written to {path}: {error.strerror}.") from error
    with atomic_file(path) as file:
        file.write(content)
    return path
