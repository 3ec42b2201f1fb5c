"""D0 and the ruler of D1 to D6: Parzen-window log-likelihood on MNIST, pixels in 0..1."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans

from benchmarks.data import mnist
from benchmarks.published.result import Result
from espelho.evaluation.generation import parzen_bandwidth, parzen_log_likelihood

__all__ = ["N_SAMPLES", "d0", "ruled"]

N_SAMPLES = 10_000
N_TRAIN = 50_000
"""The rest of the training images are for choosing the bandwidth."""

ITERATIONS = 10
SEED = 0
THEIS = "Theis et al. 2016"
CENTROIDS = Path("benchmarks/results/centroids.npy")


def ruled(
    what: str, samples: NDArray[np.floating], published: str, least: float, seed: int | None = None
) -> Iterator[Result]:
    """Yield the log-likelihood of test images under samples, then the two calibration rows.

    Parameters
    ----------
    what
        What drew the samples.
    samples
        10,000 images ``(10000, 784)`` or ``(10000, 28, 28)`` with pixels in 0..1.
    published
        What it has to reach, with its source.
    least
        The same as a number.
    seed
        The seed of the model.
    """
    mean, protocol = _measured(samples)
    yield Result(what, protocol, published, mean, mean >= least, seed)
    yield from d0()


def d0() -> Iterator[Result]:
    """Measure what calibrates the ruler: training images and centroids as samples."""
    true, protocol = _of_training_images()
    what = f"{N_SAMPLES:,} training images as samples"
    yield Result(what, protocol, f"about 243 [{THEIS}]", true, abs(true - 243) < 10, SEED)
    blurred, protocol = _of_centroids()
    what = f"{N_SAMPLES:,} centroids of k-means ({ITERATIONS} iterations) as samples"
    bar = f"above training images, which it should not be: about 313 there [{THEIS}]"
    yield Result(what, protocol, bar, blurred, blurred > true, SEED)


@cache
def _of_training_images() -> tuple[float, str]:
    return _measured(_drawn_images())


@cache
def _of_centroids() -> tuple[float, str]:
    return _measured(_centroids())


def _measured(samples: NDArray[np.floating]) -> tuple[float, str]:
    """Return the mean log-likelihood of the test images, and how it was measured."""
    samples = samples.reshape(len(samples), -1)
    if samples.shape != (N_SAMPLES, 784) or samples.min() < 0 or samples.max() > 1:
        msg = f"the ruler takes ({N_SAMPLES}, 784) pixels in 0..1, got shape {samples.shape}"
        raise ValueError(f"{msg} from {samples.min():.3g} to {samples.max():.3g}")
    train, test = _pixels()
    bandwidth = parzen_bandwidth(samples, train[N_TRAIN : N_TRAIN + 1000], np.logspace(-1, 0, 10))
    found = parzen_log_likelihood(samples, test, bandwidth)
    return found.mean, (
        f"mean over {len(test):,} test images in nats, standard error {found.standard_error:.1f}, "
        f"{N_SAMPLES:,} samples, sigma {bandwidth:.3f} chosen on 1,000 validation images; "
        f"a ruler that blur can game [{THEIS}]"
    )


def _pixels() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    train, test = mnist()
    return train.reshape(-1, 784) / np.float32(255), test.reshape(-1, 784) / np.float32(255)


def _drawn_images() -> NDArray[np.float32]:
    drawn = np.random.default_rng(SEED).choice(N_TRAIN, N_SAMPLES, replace=False)
    return _pixels()[0][drawn]


def _centroids() -> NDArray[np.float32]:
    """Return the centroids, computed once and kept beside the results."""
    if not CENTROIDS.is_file():
        clusters = KMeans(
            N_SAMPLES,
            init=_drawn_images(),
            n_init=1,
            max_iter=ITERATIONS,
            tol=0,
            random_state=SEED,
        ).fit(_pixels()[0][:N_TRAIN])
        CENTROIDS.parent.mkdir(parents=True, exist_ok=True)
        np.save(CENTROIDS, clusters.cluster_centers_.clip(0, 1))
    return np.load(CENTROIDS)
