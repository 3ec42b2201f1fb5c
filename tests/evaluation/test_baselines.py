"""Baselines agree with linear algebra done another way."""

import numpy as np
import pytest

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation import baselines as module
from espelho.evaluation import mean_error, pca_error


def _correlated(n, d, seed=0):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, d)) @ generator.normal(size=(d, d)) + 3


@pytest.mark.parametrize("n_components", [1, 3, 6])
def test_pca_error_is_the_sum_of_the_discarded_eigenvalues(n_components):
    X = _correlated(50, 6)
    eigenvalues = np.linalg.eigvalsh(np.cov(X.T, bias=True))[::-1]

    np.testing.assert_allclose(
        pca_error(X, X, n_components), eigenvalues[n_components:].sum(), rtol=1e-9, atol=1e-9
    )


def test_mean_error_is_the_total_variance():
    X = _correlated(50, 6)

    np.testing.assert_allclose(mean_error(X, X), np.trace(np.cov(X.T, bias=True)))


def test_errors_on_other_data_are_measured_from_the_training_mean_and_axes():
    train, X = _correlated(40, 4), _correlated(30, 4, seed=1)
    mean = train.mean(axis=0)
    axes = np.linalg.svd(train - mean, full_matrices=False)[2][:2]
    left = (X - mean) - (X - mean) @ axes.T @ axes

    np.testing.assert_allclose(pca_error(train, X, 2), np.square(left).sum(axis=1).mean())
    np.testing.assert_allclose(mean_error(train, X), np.square(X - mean).sum(axis=1).mean())


@pytest.mark.parametrize("solver", ["covariance", "lanczos", "full"])
def test_every_solver_gives_the_same_error(solver, monkeypatch):
    X = _correlated(30, 20) if solver == "covariance" else _correlated(30, 60)[:20]
    width = 20 if solver == "full" else 4
    exact = pca_error(X, X, width)
    monkeypatch.setattr(module, "FULL_SVD_ELEMENTS", 0)

    np.testing.assert_allclose(pca_error(X, X, width), exact, rtol=1e-8, atol=1e-12)


def test_images_of_integers_are_flattened_and_left_as_they_were():
    images = np.random.default_rng(0).integers(0, 255, (20, 4, 4)).astype(np.uint8)
    before = images.copy()
    flat = images.reshape(20, 16).astype(float)

    assert pca_error(images, images, 3) == pytest.approx(pca_error(flat, flat, 3))
    assert mean_error(images, images) == pytest.approx(mean_error(flat, flat))
    np.testing.assert_array_equal(images, before)


def test_more_components_than_there_are_mean_all_of_them():
    X = _correlated(5, 8)

    assert pca_error(X, X, 100) == pytest.approx(0, abs=1e-18)


def test_blocks_do_not_change_the_error(monkeypatch):
    X = _correlated(50, 6)
    whole = pca_error(X, X, 2), mean_error(X, X)
    monkeypatch.setattr("espelho.evaluation.samples.BLOCK_ELEMENTS", 40)

    assert (pca_error(X, X, 2), mean_error(X, X)) == pytest.approx(whole)


def test_what_cannot_be_compared_is_refused():
    X = _correlated(5, 3)
    with pytest.raises(ShapeError, match="3 elements in X and 2 in X_train"):
        pca_error(X[:, :2], X, 1)
    with pytest.raises(ShapeError, match="3 elements in X and 2 in X_train"):
        mean_error(X[:, :2], X)
    with pytest.raises(SettingError, match="at least 1, got 0"):
        pca_error(X, X, 0)
    with pytest.raises(DataError, match="real numbers only"):
        mean_error(X, X.astype(str))
    with pytest.raises(DataError, match="two or more"):
        mean_error(X, X[0])
