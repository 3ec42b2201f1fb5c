"""NB: anomalies in the series of NAB with known causes, read as tables, against z-scores.

The series are the seven of `realKnownCause` in the Numenta Anomaly Benchmark (Lavin and Ahmad
2015, Evaluating Real-Time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark). The
protocol is not theirs, which scores how early a stream is alarmed: a detector is fitted to the
whole series without labels, and each row's score is held against whether the row lies in a
labelled window. Windows are a day, and every setting is the same for all series; they were chosen
on four artificial series of the same collection (`art_daily_*`), which are not among these.
"""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import numpy as np
import pandas as pd
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_auc_score

import espelho
from benchmarks.data import data_folder
from benchmarks.published.pictures import PICTURES
from benchmarks.published.result import Result
from espelho.data.series.table import Series
from espelho.errors import EspelhoWarning
from espelho.plots import plot_score_series
from espelho.plots.canvas import COLOURS, canvas

__all__ = ["nb"]

SEED, DAY = 0, 86_400
STRANGEST = 9
OURS, GLOBAL, ROLLING = "espelho", "z-score", "rolling z-score"

Values = NDArray[np.float64]


def nb() -> Iterator[Result]:
    """Find the anomalies of each series, and compare with the better z-score."""
    torch.set_num_threads(1)
    found = dict(_measured())
    for figure, place in (("AUROC", 0), ("best F1", 1)):
        means = {who: float(np.mean([by[who][place] for by in found.values()])) for who in SCORERS}
        best = max(means[GLOBAL], means[ROLLING])
        said = "; ".join(
            f"{name}: " + ", ".join(f"{who} {by[who][place]:.3f}" for who in SCORERS)
            for name, by in found.items()
        )
        yield Result(
            f"mean {figure} of rows on {len(found)} series",
            f"unsupervised, windows of a day; {said}",
            f"more than {best:.3f} [the better z-score, beside]",
            means[OURS],
            means[OURS] > best,
            SEED,
        )
    yield taxis()


def _measured() -> Iterator[tuple[str, dict[str, tuple[float, float]]]]:
    """Yield the name of each series, and the AUROC and best F1 of each contestant."""
    with (
        ZipFile(data_folder() / "nab" / "nab.zip") as archive,
        TemporaryDirectory() as folder,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", EspelhoWarning)  # uneven steps are the data's own
        labelled = json.loads(archive.read("labels/combined_windows.json"))
        for name in sorted(key for key in labelled if key.startswith("realKnownCause")):
            table = archive.extract(f"data/{name}", folder)
            series = espelho.load_series(table, time_column="timestamp")
            strange = _strange(series, labelled[name])
            yield (
                Path(name).stem,
                {who: _figures(strange, score(series)) for who, score in SCORERS.items()},
            )


def taxis() -> Result:
    """Say and draw how strange each half hour of New York's taxis is in its week.

    A week was chosen after a look at the labels.
    """
    name = "realKnownCause/nyc_taxi.csv"
    with ZipFile(data_folder() / "nab" / "nab.zip") as archive, TemporaryDirectory() as folder:
        labelled = json.loads(archive.read("labels/combined_windows.json"))[name]
        table = archive.extract(f"data/{name}", folder)
        series = espelho.load_series(table, time_column="timestamp")
    detector = _detector(7 * _day(series)).set_params(contamination=0.005).fit(series.points)
    scores, known = detector.score_samples(series.points), _strange(series, labelled)
    _draw_taxis(series, scores, detector.offset_, known)
    outliers = scores < detector.offset_
    days = pd.Series(-scores, np.asarray(series.times)).resample("D").mean()
    strangest = ", ".join(f"{day:%d %b}" for day in days.nlargest(STRANGEST).index)
    auroc = float(roc_auc_score(known, -scores))
    return Result(
        "AUROC of taxis, windows of a week",
        f"{outliers.sum()} outliers, {(outliers & known).sum()} of them in labelled windows; the "
        f"strangest days: {strangest}",
        "none",
        auroc,
        bool(np.isfinite(auroc)),
        SEED,
    )


def _draw_taxis(series: Series, scores: Values, offset: float, known: NDArray[np.bool_]) -> None:
    figure = Figure((10, 5), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, sharex=True)
    canvas(above).plot(series.times, series.points[:, 0] / 1000, color=COLOURS[0], lw=0.7)
    above.set_ylabel("passengers in half an hour\n(thousands)")
    plot_score_series(scores, offset, below, times=series.times, known=known)
    PICTURES.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURES / "nb-taxi.png")


def _strange(series: Series, spans: list[list[str]]) -> NDArray[np.bool_]:
    times = np.asarray(series.times)
    ends = [[np.datetime64(text) for text in span] for span in spans]
    return np.any([(first <= times) & (times <= last) for first, last in ends], axis=0)


def _figures(strange: NDArray[np.bool_], scores: Values) -> tuple[float, float]:
    precision, recall, _ = precision_recall_curve(strange, scores)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(roc_auc_score(strange, scores)), float(f1.max())


def _day(series: Series) -> int:
    """Return how many points make a day, by the median step."""
    steps = np.diff(np.asarray(series.times)).astype("timedelta64[s]").astype(np.float64)
    return round(DAY / float(np.median(steps)))


def _detector(window: int) -> espelho.AnomalyDetector:
    inner = espelho.Autoencoder(
        hidden_sizes=(64,),
        latent_dim=8,
        max_epochs=40,
        batch_size=32,
        learning_rate=3e-3,
        schedule="one-cycle",
    )
    return espelho.AnomalyDetector(inner, window=window, step=window // 12, random_state=SEED)


def _ours(series: Series) -> Values:
    detector = _detector(_day(series)).fit(series.points)
    return -detector.score_samples(series.points)


def _global(series: Series) -> Values:
    x = series.points[:, 0]
    z: Values = np.abs(x - x.mean()) / x.std()
    return z


def _rolling(series: Series) -> Values:
    """Return how many deviations a point is from the mean of the day before it."""
    x = pd.Series(series.points[:, 0])
    before = x.rolling(_day(series), min_periods=2)
    floor = 1e-3 * float(x.std())
    z = ((x - before.mean().shift(1)) / (before.std().shift(1) + floor)).abs().fillna(0.0)
    return np.asarray(z)


SCORERS: Mapping[str, Callable[[Series], Values]] = {
    OURS: _ours,
    GLOBAL: _global,
    ROLLING: _rolling,
}
