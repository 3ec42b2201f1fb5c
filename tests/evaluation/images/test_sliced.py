"""Sliced distances are the Wasserstein distance along each direction, level by level."""

import numpy as np
import pytest
import torch
from scipy import ndimage, stats

from espelho.errors import DataError, ShapeError
from espelho.evaluation import sliced_wasserstein, sliced_wasserstein_rows
from espelho.evaluation.images import sliced
from espelho.evaluation.images.pyramid import down, laplacian_pyramid, sizes, up


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(autouse=True)
def few_patches(monkeypatch):
    monkeypatch.setattr(sliced, "MOST_PATCHES", 1000)


@pytest.mark.parametrize(("n", "m"), [(40, 40), (30, 50), (1, 7), (6, 4)])
def test_in_one_dimension_it_is_scipys(rng, n, m):
    S, X = rng.normal(1, 2, size=(n, 1)), rng.normal(size=(m, 1))
    found = sliced_wasserstein_rows(S, X)

    assert found.distance == pytest.approx(stats.wasserstein_distance(S[:, 0], X[:, 0]))
    assert found.standard_error == pytest.approx(0, abs=1e-12)


def test_in_one_dimension_a_shift_is_its_size(rng):
    X = rng.normal(size=(30, 1))

    assert sliced_wasserstein_rows(X - 3.5, X).distance == pytest.approx(3.5)


def test_in_more_dimensions_a_shift_is_what_directions_see_of_it(rng):
    X = rng.normal(size=(30, 3))
    found = sliced_wasserstein_rows(X + np.array([0, 6, 0]), X)

    assert found.distance == pytest.approx(3, abs=4 * found.standard_error)  # E|theta_1| = 1/2
    assert 0 < found.standard_error < 0.2


def test_it_is_a_distance_that_scales(rng):
    S, X = rng.normal(size=(30, 4)), rng.normal(1, 2, size=(20, 4))
    found = sliced_wasserstein_rows(S, X).distance

    assert sliced_wasserstein_rows(X, X[::-1]).distance == pytest.approx(0, abs=1e-12)
    assert sliced_wasserstein_rows(X, S).distance == pytest.approx(found)
    assert sliced_wasserstein_rows(3 * S + 9, 3 * X + 9).distance == pytest.approx(3 * found)


@pytest.mark.parametrize("shape", [(8, 8), (17, 40), (3, 33, 64), (9, 8, 3)])
def test_images_have_no_distance_from_themselves(rng, shape):
    X = rng.normal(size=(9, *shape))

    assert all(level.distance == 0 for level in sliced_wasserstein(X, X))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((64, 48), [(64, 48), (32, 24)]),
        ((64, 65), [(64, 65), (32, 33), (16, 17)]),
        ((28, 28), [(28, 28), (14, 14)]),
        ((8, 8), [(8, 8)]),
        ((4, 30), [(4, 30)]),
    ],
)
def test_levels_halve_down_to_sixteen_or_eight(rng, size, expected):
    found = sliced_wasserstein(*rng.normal(size=(2, 3, *size)))

    assert [(level.height, level.width) for level in found] == expected == sizes(*size)


def test_levels_tell_where_images_differ(rng):
    X = ndimage.gaussian_filter(rng.normal(size=(80, 64, 64)), (0, 3, 3))
    real = sliced_wasserstein(X[:40], X[40:])
    noisy = sliced_wasserstein(X[:40] + 0.02 * rng.normal(size=(40, 64, 64)), X[40:])
    brighter = sliced_wasserstein(X[:40] + 0.1, X[40:])

    excess = [
        [a.distance / b.distance for a, b in zip(f, real, strict=True)] for f in (noisy, brighter)
    ]
    assert excess[0][0] > 3 > excess[0][-1]
    assert excess[1][0] == pytest.approx(1)
    assert excess[1][-1] > 1.3


def test_the_units_of_the_data_do_not_matter_and_its_own_scale_is_the_unit(rng):
    S, X = rng.normal(1, size=(20, 2, 8, 8)), rng.normal(size=(20, 2, 8, 8))
    units = np.array([[[5]], [[100]]])
    found, same = sliced_wasserstein(S, X)[0], sliced_wasserstein(units * S - 3, units * X - 3)[0]

    assert same.distance == pytest.approx(found.distance)
    assert sliced_wasserstein(X, S)[0].distance != pytest.approx(found.distance)


def test_flat_rows_and_channels_last_are_the_same_images(rng):
    S, X = rng.normal(size=(2, 15, 3, 9, 8))
    found = sliced_wasserstein(S, X)
    last = [np.moveaxis(images, 1, -1) for images in (S, X)]
    flat = [images.reshape(15, -1) for images in (S, X)]

    assert sliced_wasserstein(*last) == found
    assert sliced_wasserstein(*flat, sample_shape=(3, 9, 8)) == found


def test_many_images_are_drawn_from_and_blocks_change_nothing(rng, monkeypatch):
    S, X = rng.normal(size=(2, 300, 6, 6))
    monkeypatch.setattr(sliced, "MOST_PATCHES", 100)
    drawn = sliced_wasserstein(S, X)[0]
    monkeypatch.setattr("espelho.evaluation.samples.BLOCK_ELEMENTS", 36 * 30)

    assert drawn.distance > 0
    assert sliced_wasserstein(S, X)[0].distance == pytest.approx(drawn.distance)


def test_constant_images_are_compared(rng):
    X = np.full((9, 8, 8), 7.0)

    assert sliced_wasserstein(X, X)[0].distance == 0
    assert sliced_wasserstein(X + 1, X)[0].distance > 0


def test_the_same_random_state_gives_the_same_distance(rng):
    S, X = rng.normal(size=(2, 20, 12, 12))
    found = [sliced_wasserstein(S, X, random_state=seed) for seed in (1, 1, 2)]

    assert found[0] == found[1] != found[2]


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (64, 35)])
def test_the_levels_of_a_pyramid_add_up_to_the_image(size):
    images = torch.randn(2, 3, *size, dtype=torch.float64)
    levels = laplacian_pyramid(images)
    found = levels.pop()
    while levels:
        finer = levels.pop()
        found = finer + up(found, finer.shape)

    torch.testing.assert_close(found, images)


def test_down_and_up_are_filters_of_scipy(rng):
    image = rng.normal(size=(11, 16))
    weights = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256
    as_tensor = torch.from_numpy(image)[None, None]
    blurred = ndimage.convolve(image, weights, mode="mirror")
    spread = np.zeros((11, 16))
    spread[::2, ::2] = blurred[::2, ::2]

    np.testing.assert_allclose(down(as_tensor)[0, 0], blurred[::2, ::2])
    expected = ndimage.convolve(spread, 4 * weights, mode="mirror")
    np.testing.assert_allclose(up(down(as_tensor), as_tensor.shape)[0, 0], expected)


def test_what_cannot_be_measured_is_refused(rng):
    X = rng.normal(size=(9, 8, 8))
    with pytest.raises(ShapeError, match="sliced_wasserstein takes images of at least 4 x 4"):
        sliced_wasserstein(X[:, :3], X[:, :3])
    with pytest.raises(ShapeError, match="sliced_wasserstein takes images"):
        sliced_wasserstein(X.reshape(9, -1), X.reshape(9, -1))
    with pytest.raises(ShapeError, match="64 elements in samples and 56 in X"):
        sliced_wasserstein(X, X[:, :7])
    with pytest.raises(DataError, match="X must hold finite numbers only"):
        sliced_wasserstein(X, np.where(X > 0, np.nan, X))
    with pytest.raises(ShapeError, match="64 elements in samples and 8 in X"):
        sliced_wasserstein_rows(X, X[:, 0])
