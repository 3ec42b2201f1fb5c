"""AD: anomalies in 19 tables of ADBench, against PyOD's autoencoders, PCA, isolation forest.

The protocol is the unsupervised one of ADBench (Han, Hu, Huang, Jiang, Zhao 2022, ADBench:
Anomaly Detection Benchmark, NeurIPS): a detector is fitted to all rows, without labels, and
scores the same rows. Tables of more than 20,000 rows are cut to so many, drawn by one seed; each
contestant gets the same rows, with its own defaults, three times with other seeds. What was
measured is kept, so that a measurement that was stopped goes on.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

import espelho
from benchmarks.data import data_folder
from benchmarks.published.result import Result

__all__ = ["ad"]

MOST_ROWS, DRAWN_BY = 20_000, 0
SEEDS = (0, 1, 2)
KEPT = Path("benchmarks/results/anomalies.jsonl")
OURS, AUTOENCODER, VARIATIONAL = "espelho", "PyOD AutoEncoder", "PyOD VAE"
FIGURES = {"auroc": "AUROC", "ap": "average precision"}

Rows = NDArray[np.float64]
Key = tuple[str, str, int]


def ad() -> Iterator[Result]:
    """Find the anomalies of each table, and rank the contestants."""
    torch.set_num_threads(1)
    found = _measured()
    tables = sorted({table for table, _, _ in found})
    for figure, name in FIGURES.items():
        means = np.array([[_mean(found, t, c, figure) for c in CONTESTANTS] for t in tables])
        ranks = dict(zip(CONTESTANTS, _ranks(means).mean(axis=0).tolist(), strict=True))
        best = min(ranks[AUTOENCODER], ranks[VARIATIONAL])
        said = ", ".join(
            f"{contestant} {ranks[contestant]:.2f} ({mean:.3f})"
            for contestant, mean in zip(CONTESTANTS, means.mean(axis=0), strict=True)
        )
        yield Result(
            f"mean rank by {name} on {len(tables)} tables",
            f"unsupervised, at most {MOST_ROWS} rows, {len(SEEDS)} seeds; rank (mean {name}): "
            f"{said}",
            f"less than {best:.2f} [PyOD's better one, beside]",
            ranks[OURS],
            ranks[OURS] < best,
            DRAWN_BY,
        )


def _mean(found: Mapping[Key, Mapping[str, float]], table: str, who: str, figure: str) -> float:
    return float(np.mean([found[table, who, seed][figure] for seed in SEEDS]))


def _ranks(means: Rows) -> Rows:
    return np.array([rankdata(-row) for row in means])


def _measured() -> dict[Key, dict[str, float]]:
    """Return the figures of all, by table, contestant and seed; those that are kept, kept."""
    found = dict(_kept())
    for path in sorted(_tables(), key=lambda path: path.stat().st_size):
        with np.load(path) as table:
            X, y = _drawn(np.asarray(table["X"], dtype=np.float64), np.asarray(table["y"]))
        for contestant, scores in CONTESTANTS.items():
            for seed in SEEDS:
                key = (path.stem, contestant, seed)
                if key not in found:
                    found[key] = _figures(X, y, scores, seed)
                    _keep(key, found[key])
    return found


def _figures(X: Rows, y: Rows, scores: Callable[[Rows, int], Rows], seed: int) -> dict[str, float]:
    started = process_time()
    strangeness = scores(X, seed)
    return {
        "auroc": float(roc_auc_score(y, strangeness)),
        "ap": float(average_precision_score(y, strangeness)),
        "cpu": process_time() - started,
    }


def _tables() -> list[Path]:
    found = list((data_folder() / "adbench").glob("*.npz"))
    if not found:
        sys.exit("ESPELHO_DATA needs a folder 'adbench' with tables of ADBench (X and y, .npz).")
    return found


def _drawn(X: Rows, y: Rows) -> tuple[Rows, Rows]:
    if len(X) <= MOST_ROWS:
        return X, y
    rows = np.sort(np.random.default_rng(DRAWN_BY).choice(len(X), MOST_ROWS, replace=False))
    return X[rows], y[rows]


def _kept() -> Iterator[tuple[Key, dict[str, float]]]:
    lines = KEPT.read_text(encoding="utf-8").splitlines() if KEPT.exists() else []
    for line in lines:
        record = json.loads(line)
        yield (record["table"], record["contestant"], record["seed"]), record["figures"]


def _keep(key: Key, figures: dict[str, float]) -> None:
    table, contestant, seed = key
    record = {"table": table, "contestant": contestant, "seed": seed, "figures": figures}
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with KEPT.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")


def _ours(X: Rows, seed: int) -> Rows:
    return -espelho.AnomalyDetector(random_state=seed).fit(X).score_samples(X)


def _pyod(name: str, module: str) -> Callable[[Rows, int], Rows]:
    def scores(X: Rows, seed: int) -> Rows:
        try:
            models: Any = __import__(f"pyod.models.{module}", fromlist=[name])
        except ImportError:
            sys.exit("AD compares with PyOD: 'pip install -r benchmarks/peers.txt' first.")
        model = getattr(models, name)(random_state=seed, verbose=0).fit(X)
        return np.asarray(model.decision_scores_)

    return scores


def _pca(X: Rows, _: int) -> Rows:
    Z = StandardScaler().fit_transform(X)
    pca = PCA(int(np.ceil(np.sqrt(X.shape[1])))).fit(Z)
    return np.square(Z - pca.inverse_transform(pca.transform(Z))).sum(axis=1)


def _forest(X: Rows, seed: int) -> Rows:
    return -IsolationForest(random_state=seed).fit(X).score_samples(X)


CONTESTANTS: Mapping[str, Callable[[Rows, int], Rows]] = {
    OURS: _ours,
    AUTOENCODER: _pyod("AutoEncoder", "auto_encoder"),
    VARIATIONAL: _pyod("VAE", "vae"),
    "PCA": _pca,
    "isolation forest": _forest,
}
"""How strange each finds rows, by its name."""
