"""S1 and S2: codes of spoken vowels, and a jump in a series that nobody labelled for training."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.decomposition import PCA

import espelho
from benchmarks.data import data_folder
from benchmarks.published.pictures import draw_scores, save
from benchmarks.published.result import Result
from espelho.data.dataset import Dataset
from espelho.data.series.windows import windows
from espelho.evaluation.codes.prediction import probe_score
from espelho.plots import plot_latent

__all__ = ["s1", "s2"]

SEED = 0


def s1() -> Iterator[Result]:
    """Measure a linear probe on codes of JapaneseVowels, sequences of 7 to 29 steps."""
    train, test = (_vowels(part) for part in ("TRAIN", "TEST"))
    torch.set_num_threads(2)
    model = espelho.LSTMAutoencoder(
        hidden_sizes=(64,),
        latent_dim=32,
        bidirectional=True,
        reverse=True,
        learning_rate=5e-3,
        schedule="one-cycle",
        batch_size=32,
        max_epochs=100,
        random_state=SEED,
    ).fit(train.X)
    codes, tested = model.transform(train.X), model.transform(test.X)
    save("s1-vowels", lambda ax: plot_latent(tested, test.y, ax), 5.4, 4.0)
    accuracy = probe_score(codes, train.y, tested, test.y).value
    protocol = "accuracy of a linear probe trained on codes of TRAIN, on TEST"
    linear = _linear_accuracy(train, test, model.latent_dim_)
    bar = f"{linear:.3f}, codes of PCA of the padded sequences, of the same width"
    yield Result("JapaneseVowels, 32", protocol, bar, accuracy, accuracy >= linear, SEED)


def s2() -> Iterator[Result]:
    """Find the jump of art_daily_jumpsup by what art_daily_small_noise looks like."""
    with ZipFile(data_folder() / "nab" / "nab.zip") as archive:
        normal, _ = _series(archive, "artificialNoAnomaly/art_daily_small_noise.csv")
        strange, times = _series(archive, "artificialWithAnomaly/art_daily_jumpsup.csv")
        labels = json.loads(archive.read("labels/combined_windows.json"))
    start, stop = (
        np.datetime64(time[:19])
        for time in labels["artificialWithAnomaly/art_daily_jumpsup.csv"][0]
    )
    torch.set_num_threads(2)
    model = espelho.LSTMAutoencoder(
        hidden_sizes=(32,),
        latent_dim=4,
        learning_rate=5e-3,
        schedule="one-cycle",
        batch_size=32,
        max_epochs=40,
        random_state=SEED,
    ).fit(windows(normal, length=24, step=2))
    limit = model.score_points(normal, step=3).min()
    found = model.score_points(strange, step=3) < limit
    inside = (times >= start) & (times <= stop)
    save("s2-jump", lambda ax: draw_scores(ax, strange, found, inside), 8.0, 2.8)
    share = float(inside[found].mean()) if found.any() else 0.0
    protocol = (
        "share of the points below all scores of art_daily_small_noise that lie in the labelled "
        f"window ({int(found.sum())} points)"
    )
    yield Result("art_daily_jumpsup", protocol, "1.000: no false alarm", share, share == 1, SEED)


def _vowels(part: str) -> Dataset:
    name = f"JapaneseVowels/JapaneseVowels_{part}.ts"
    with ZipFile(data_folder() / "ucr" / "ucr_ts.zip") as archive, TemporaryDirectory() as folder:
        return espelho.load_data(Path(archive.extract(name, folder)))


def _linear_accuracy(train: Dataset, test: Dataset, width: int) -> float:
    """Return the accuracy of the probe on codes of PCA, of standardised features."""
    n_steps = max(part.X.n_steps for part in (train, test))
    spread = train.X.steps.std(axis=0)
    rows = [
        (np.asarray(part.X.padded_to(n_steps)) / spread).reshape(len(part.X), -1)
        for part in (train, test)
    ]
    pca = PCA(width, svd_solver="full").fit(rows[0])
    codes, tested = (pca.transform(part) for part in rows)
    return probe_score(codes, train.y, tested, test.y).value


def _series(archive: ZipFile, name: str) -> tuple[NDArray[np.float64], NDArray[np.datetime64]]:
    with io.TextIOWrapper(archive.open(f"data/{name}"), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    values = np.array([float(row["value"]) for row in rows])
    return values, np.array([row["timestamp"] for row in rows], dtype="datetime64[s]")
