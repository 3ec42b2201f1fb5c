"""What a model costs: time to train, time to encode, and the size of a code."""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from espelho.evaluation.reconstruction import Encoder
from espelho.evaluation.result import Row
from espelho.evaluation.samples import as_rows, take

TIMED_SAMPLES = 1000
TIMED_REPEATS = 5


def cost_rows(encoder: Encoder, X: Any) -> Iterator[Row]:
    """Yield the rows of an evaluation that say what an autoencoder costs."""
    yield training_row(encoder)
    yield _time_row(encoder, take(X, slice(0, TIMED_SAMPLES)))
    yield _size_row(encoder, take(X, slice(0, 1)))


def training_row(estimator: Any) -> Row:
    """Return how long training took."""
    return Row(
        "fit_seconds",
        "training time",
        "seconds",
        float(estimator.fit_seconds_),
        note="all epochs, on the machine that trained it",
    )


def sampling_row(generator: Any) -> Row:
    """Return how long it takes to draw a sample."""
    seconds = _seconds(lambda: generator.sample(TIMED_SAMPLES, random_state=0))
    return Row(
        "sample_microseconds",
        "time of sample",
        "microseconds per sample",
        1e6 * seconds / TIMED_SAMPLES,
        note=f"median of {TIMED_REPEATS} calls for {TIMED_SAMPLES:,} samples",
    )


def _time_row(encoder: Encoder, X: Any) -> Row:
    seconds = _seconds(lambda: encoder.transform(X))
    return Row(
        "transform_microseconds",
        "time of transform",
        "microseconds per sample",
        1e6 * seconds / X.shape[0],
        note=f"median of {TIMED_REPEATS} calls with {X.shape[0]:,} rows",
    )


def _seconds(call: Callable[[], Any]) -> float:
    """Return the median time of a call, after one that warms up."""
    call()
    return statistics.median(_timed(call) for _ in range(TIMED_REPEATS))


def _timed(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _size_row(encoder: Encoder, X: Any) -> Row:
    code, data = as_rows(encoder.transform(X), "the codes"), as_rows(X)
    return Row(
        name="code_bytes",
        label="size of a code",
        unit="bytes per sample",
        value=float(code.nbytes),
        baselines={"raw": float(data.nbytes)},
        better="lower",
        note=f"{code.size:,} numbers of {code.dtype} for {data.size:,} of {data.dtype}",
    )
