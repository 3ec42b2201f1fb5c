"""Reconstructions are drawn beside their originals, on one scale."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from espelho.errors import DataError, ShapeError
from espelho.plots import plot_reconstructions
from espelho.plots.images import image_shape, pictures


@pytest.fixture
def ax():
    return Figure().add_subplot()


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 255, (12, 6, 4)).astype(np.uint8)


def _labels(ticks):
    return [text.get_text() for text in ticks]


def test_pictures_are_two_rows_on_the_scale_of_the_originals(ax, images):
    answers = np.clip(images.astype(float) * 2 - 100, -50, 300)
    assert plot_reconstructions(images, answers, n=3, ax=ax) is ax
    drawn = np.asarray(ax.images[0].get_array())
    low, high = images[:3].min(), images[:3].max()

    assert drawn.shape == (6 + 1 + 6, 3 * 4 + 2)
    np.testing.assert_allclose(drawn[:6, :4], (images[0].astype(float) - low) / (high - low))
    np.testing.assert_allclose(drawn[7:, 5:9], np.clip((answers[1] - low) / (high - low), 0, 1))
    assert _labels(ax.get_yticklabels()) == ["original", "reconstruction"]


def test_the_error_of_each_picture_is_told_underneath(ax, images):
    answers = images + 0.5
    plot_reconstructions(images, answers, n=2, ax=ax)

    assert _labels(ax.get_xticklabels()) == ["6.00", "6.00"]
    assert "squared error" in ax.get_xlabel()


@pytest.mark.parametrize("shape", [(6, 4), (1, 6, 4)])
def test_flat_rows_become_pictures_of_the_given_shape(ax, images, shape):
    rows = images.reshape(12, 24)
    plot_reconstructions(rows, rows, sample_shape=shape, ax=ax)

    assert len(ax.get_xticks()) == 10
    assert ax.images


def test_colours_stay_colours(ax):
    X = np.random.default_rng(0).random((2, 3, 5, 5))
    plot_reconstructions(X, X, ax=ax)

    assert ax.images[0].get_array().shape == (11, 11, 3)


def test_constant_pictures_can_be_drawn(ax):
    X = np.ones((1, 5, 5))
    plot_reconstructions(X, X, ax=ax)

    assert np.asarray(ax.images[0].get_array())[:5].max() == 0


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ((28, 20), (28, 20)),
        ((1, 8, 9), (8, 9)),
        ((3, 8, 9), (8, 9)),
        ((8, 9, 3), (8, 9)),
        ((2, 8, 9), (8, 9)),
        ((64,), None),
        ((50, 3), None),
        (None, None),
        ((1, 2, 3, 4), None),
    ],
)
def test_which_shapes_are_pictures(shape, found):
    assert image_shape(shape) == found


def test_channels_go_last_and_other_numbers_of_them_become_their_mean():
    rows = np.arange(2 * 24.0).reshape(2, 24)
    first, last = pictures(rows, (3, 2, 4)), pictures(rows, (2, 4, 3))

    np.testing.assert_array_equal(first, rows.reshape(2, 3, 2, 4).transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(last, rows.reshape(2, 2, 4, 3))
    many = pictures(rows, (6, 2, 2))
    np.testing.assert_array_equal(many, rows.reshape(2, 6, 2, 2).mean(axis=1))


def test_opacity_is_no_colour():
    rows = np.arange(2 * 24.0).reshape(2, 24)
    grey, colours = pictures(rows, (2, 3, 4)), pictures(rows, (4, 3, 2))

    np.testing.assert_array_equal(grey, rows[:, :12].reshape(2, 3, 4))
    np.testing.assert_array_equal(colours, pictures(rows[:, :18], (3, 3, 2)))


def test_colours_are_drawn_in_their_proportions_however_dark_they_are():
    X = np.zeros((1, 3, 8, 8)) + np.array([40.0, 20.0, 10.0])[:, None, None]
    drawn = plot_reconstructions(X, X).images[0].get_array()
    np.testing.assert_allclose(drawn[0, 0], [1, 0.5, 0.25])


def test_tables_become_profiles_with_the_names_of_their_columns(ax):
    generator = np.random.default_rng(0)
    X = pd.DataFrame(generator.normal(5, 3, (20, 4)), columns=["a", "b", "c", "d"])
    plot_reconstructions(X, X + 1, ax=ax)
    scaled = (X - X.mean()) / X.std(ddof=0)
    original = next(line for line in ax.lines if line.get_marker() == "o")

    np.testing.assert_allclose(original.get_ydata(), scaled.iloc[0])
    assert _labels(ax.get_xticklabels()) == ["a", "b", "c", "d"]
    assert _labels(ax.get_yticklabels()) == [f"sample {i}" for i in range(1, 6)]
    assert _labels(ax.get_legend().get_texts()) == ["original", "reconstruction"]


def test_profiles_do_not_touch(ax):
    X = np.random.default_rng(0).normal(size=(5, 12)) * 10
    plot_reconstructions(X, -X, ax=ax)
    pairs = [line for line in ax.lines if line.get_marker() in ("o", "s")]
    lows = [
        min(a.get_ydata().min(), b.get_ydata().min())
        for a, b in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    highs = [
        max(a.get_ydata().max(), b.get_ydata().max())
        for a, b in zip(pairs[::2], pairs[1::2], strict=True)
    ]

    assert all(low > high for low, high in zip(lows[:-1], highs[1:], strict=True))


def test_many_features_go_by_number(ax):
    X = np.random.default_rng(0).normal(size=(1, 60))
    plot_reconstructions(X, X, n=3, ax=ax)

    assert ax.get_xlabel() == "feature, by number"
    assert len(ax.get_yticks()) == 1


def test_long_names_are_turned(ax):
    X = np.ones((3, 8))
    plot_reconstructions(X, X, names=[f"a long name {i}" for i in range(8)], ax=ax)

    assert ax.get_xticklabels()[0].get_rotation() == 40


def test_what_cannot_be_drawn_is_refused(images):
    with pytest.raises(ShapeError, match="one shape"):
        plot_reconstructions(images, images[:3])
    with pytest.raises(DataError, match="no sample"):
        plot_reconstructions(images, images, n=0)
    with pytest.raises(ShapeError, match="a sample of X has 24 elements"):
        plot_reconstructions(images, images, sample_shape=(5, 5))
    with pytest.raises(ShapeError, match="There are 2 names for 24 features"):
        plot_reconstructions(images.reshape(12, 24), images.reshape(12, 24), names=["a", "b"])
