"""One call that trains a panel of members under one budget and measures them alike."""

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from espelho.panel.data import PanelData, split_data
from espelho.panel.members import Grid, choose
from espelho.panel.result.comparison import Comparison
from espelho.panel.result.finding import Finding
from espelho.panel.running.allotment import Allotment, allot
from espelho.panel.running.budget import GRACE, PATIENCE, seconds_of, turns
from espelho.panel.running.folder import Folder
from espelho.panel.running.measure import Task
from espelho.panel.running.workers import Workers, count_jobs

__all__ = ["compare", "run"]

Watch = Callable[[Finding, int, int], None]
"""What is told of each row that is finished: the row, its number, how many there are."""


def compare(
    X: Any,
    y: ArrayLike | None = None,
    *,
    models: Sequence[Any] | None = None,
    grid: Grid | None = None,
    budget: str | float = "10m",
    latent_dim: int | None = None,
    test_fraction: float = 0.25,
    sample_shape: tuple[int, ...] | None = None,
    kind: str | None = None,
    folder: str | os.PathLike[str] | None = None,
    force: bool = False,
    n_jobs: int | None = None,
    random_state: int = 0,
    watch: Watch | None = None,
) -> Comparison:
    """Train members of the family on data, and say who is better than principal components.

    All learn from the same rows and are measured on the same others, with codes of one width and
    one seed. Each has the same share of the budget: three quarters of it for training, which
    ends with the weights it has when they are over.

    Parameters
    ----------
    X : array-like of shape (n_samples, ...), list of sequences, or Dataset
        A table, images or sequences.
    y : array-like of shape (n_samples,), optional
        Labels, classes or numbers: adds how well codes predict them.
    models : sequence of str or estimator, optional
        Who takes part besides principal components: names as on the command line, or unfitted
        estimators with settings of their own. By default all that suit the data, and UMAP if it
        is installed.
    grid : dict, optional
        Values to try by ``"model.setting"``, or by ``"setting"`` for all that have it:
        ``{"autoencoder.latent_dim": [2, 8]}``.
    budget : str or float, default="10m"
        Wall-clock time for all: seconds, or text such as ``90s``, ``10m``, ``1.5h``.
    latent_dim : int, optional
        Width of the codes; by default the square root of the number of features, rounded up.
    test_fraction : float, default=0.25
        Share of the rows that is only measured on.
    sample_shape : tuple of int, optional
        Shape of one sample where X holds flat rows of images.
    kind : {"table", "images", "sequences"}, optional
        What X holds; by default told by its shape.
    folder : path, optional
        Where finished rows and fitted models are kept: another call goes on from there.
    force : bool, default=False
        Whether what is in the folder is done anew.
    n_jobs : int, optional
        How many members are trained side by side, each in a process of one thread; by default as
        many as there are cores.
    random_state : int, default=0
        Decides on the split, the weights and the folds.
    watch : callable, optional
        Called with each finished row, its number and how many there are.

    Returns
    -------
    Comparison
        One row for each, with `table`, `verdict`, `to_json`, `to_csv`, `write_html`; printed, it
        reads as a table.

    Raises
    ------
    DataError
        If there is too little to compare on, or the target has one value only.
    SettingError
        If a model, a setting or the budget makes no sense.
    FileError
        If the folder holds another comparison, or something else.

    Notes
    -----
    A member that fails has a row that says why. Weights of a training that was out of time depend
    on how fast the machine was.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from espelho import Autoencoder, compare
    >>> X, y = load_iris(return_X_y=True)
    >>> quick = Autoencoder(max_epochs=2, hidden_sizes=(8,))
    >>> found = compare(X, y, models=[quick], budget="60s", n_jobs=1)
    >>> [row["name"] for row in found.table]
    ['pca', 'autoencoder']
    """
    data = split_data(
        X, y, test_fraction=test_fraction, seed=random_state, sample_shape=sample_shape, kind=kind
    )
    asked: dict[str, Any] = {"models": models, "grid": grid, "latent_dim": latent_dim}
    asked |= {"budget": budget, "test_fraction": test_fraction, "seed": random_state}
    asked |= {"force": force, "n_jobs": n_jobs, "watch": watch}
    if folder is not None:
        return run(data, Path(folder), **asked)
    with tempfile.TemporaryDirectory(prefix="espelho-") as path:
        return run(data, Path(path), **asked)


def run(
    data: PanelData,
    path: Path,
    *,
    models: Sequence[Any] | None,
    grid: Grid | None,
    latent_dim: int | None,
    budget: str | float,
    test_fraction: float,
    seed: int,
    force: bool,
    n_jobs: int | None,
    watch: Watch | None,
) -> Comparison:
    """Return the comparison in a folder, with rows made that are not there yet.

    Parameters
    ----------
    data
        What is learned from and measured on.
    path
        The folder.
    models, grid, latent_dim, budget, test_fraction, force, n_jobs, watch
        As of `compare`.
    seed
        Its random state.
    """
    from espelho.estimators.autoencoders.axes.networks import default_width

    jobs, seconds = count_jobs(n_jobs), seconds_of(budget)
    width = latent_dim or default_width(data.n_features)
    members = choose(data, width, models, grid)
    folder = Folder(path)
    facts = folder.begin(
        {
            "data": data.name,
            "kind": data.kind,
            "fingerprint": data.fingerprint(),
            "n_train": data.n_train,
            "n_test": int(data.test.shape[0]),
            "n_features": data.n_features,
            "width": width,
            "seed": seed,
            "test_fraction": test_fraction,
            "budget": seconds,
        },
        force=force,
    )
    found = folder.finished(members)
    left = [member for member in members if member.name not in found]
    with Workers(max(1, min(jobs, len(left)))) as workers:
        if "share" not in facts:
            told = {"budget": seconds, "jobs": jobs, "seed": seed}
            allotment = workers.call(allot, members, data, width, **told)
            facts = folder.settle({**facts, **asdict(allotment)})
        allotment = Allotment(*(facts[field.name] for field in fields(Allotment)))
        limit = GRACE * allotment.share * turns(len(left), jobs)
        each = PATIENCE * allotment.share
        for finding in workers.measured(left, Task(data, allotment, seed, path), limit, each):
            found[finding.name] = finding
            if watch is not None:
                watch(finding, len(found), len(members))
    return Comparison(tuple(found[member.name] for member in members), facts)
