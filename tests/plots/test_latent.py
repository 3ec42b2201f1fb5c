"""Maps of codes show the codes, their classes, and what was left out."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.decomposition import PCA

from espelho.errors import DataError, ShapeError
from espelho.plots import plot_latent


@pytest.fixture
def ax():
    return Figure().add_subplot()


@pytest.fixture
def codes():
    return np.random.default_rng(0).normal(size=(200, 5)) * [5, 3, 1, 1, 1]


def _points(ax):
    return np.concatenate([np.asarray(drawn.get_offsets()) for drawn in ax.collections])


def _names(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_codes_of_two_numbers_are_drawn_as_they_are(ax, codes):
    assert plot_latent(codes[:, :2], ax=ax) is ax
    np.testing.assert_allclose(_points(ax), codes[:, :2])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("code 1", "code 2")


def test_wider_codes_are_drawn_by_their_components_and_say_so(ax, codes):
    plot_latent(codes, ax=ax)
    pca = PCA(2, svd_solver="full").fit(codes)

    np.testing.assert_allclose(np.abs(_points(ax)), np.abs(pca.transform(codes)))
    share = f"{100 * pca.explained_variance_ratio_[0]:.0f} %"
    assert ax.get_xlabel() == f"principal component 1 of 5 ({share} of variance)"


@pytest.mark.parametrize("n", [1, 7])
def test_codes_that_do_not_vary_can_be_drawn(ax, n):
    plot_latent(np.ones((n, 3)), ax=ax)

    assert ax.get_xlabel() == "code 1 of 3"


def test_classes_have_colours_and_names(ax, codes):
    y = np.repeat(["left", "right"], 100)
    plot_latent(codes, y, ax)

    assert _names(ax) == ["left", "right"]
    assert [text.get_text() for text in ax.texts] == ["left", "right"]
    np.testing.assert_allclose(len(np.asarray(ax.collections[0].get_offsets())), 100)


def test_from_the_eleventh_class_markers_differ(ax, codes):
    plot_latent(codes, np.arange(200) % 14, ax)
    looks = {(key.get_color(), key.get_marker()) for key in ax.get_legend().legend_handles}

    assert len(looks) == 14
    assert not ax.texts


def test_of_many_classes_the_largest_are_shown(ax, codes):
    y = np.array([f"class {min(i, 40)}" for i in range(200)])
    plot_latent(codes, y, ax)

    assert len(_names(ax)) == 20
    assert "class 40" in _names(ax)
    assert _names(ax)[-1] == "22 others"
    assert len(_points(ax)) == 200


def test_whole_numbers_in_floating_point_are_classes(ax, codes):
    plot_latent(codes, np.arange(200) % 3.0, ax)

    assert _names(ax) == ["0", "1", "2"]


def test_long_names_are_cut(ax, codes):
    plot_latent(codes, np.repeat(["x" * 40, "y"], 100), ax)

    assert _names(ax)[0] == "x" * 23 + "…"
    assert len(ax.texts) == 1


def test_continuous_labels_get_a_colour_bar(ax, codes):
    y = codes[:, 0].copy()
    y[:10] = np.nan
    plot_latent(codes, y, ax)

    assert len(ax.figure.axes) == 2
    assert len(_points(ax)) == 200
    np.testing.assert_array_equal(ax.collections[1].get_array(), y[10:])


def test_single_numbers_are_counted(ax, codes):
    plot_latent(codes[:, 0], ax=ax)

    assert sum(bar.get_height() for bar in ax.patches) == 200
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("code", "samples")


def test_single_numbers_with_classes_are_strips_with_medians(ax, codes):
    y = np.arange(200) % 3
    plot_latent(codes[:, :1], y, ax)

    medians = [line.get_xdata()[0] for line in ax.lines]
    assert medians == pytest.approx([np.median(codes[y == i, 0]) for i in range(3)])
    assert "median" in ax.get_title(loc="left")


def test_single_numbers_with_continuous_labels_are_drawn_against_them(ax, codes):
    plot_latent(codes[:, :1], codes[:, 1], ax)

    np.testing.assert_allclose(_points(ax), codes[:, :2])


def test_large_sets_are_drawn_in_part_and_say_so(ax):
    Z = np.random.default_rng(0).normal(size=(5500, 2))
    plot_latent(Z, ax=ax)
    other = plot_latent(Z, ax=Figure().add_subplot())

    assert ax.get_title(loc="left") == "5,000 of 5,500 samples, drawn at random"
    np.testing.assert_array_equal(_points(ax), _points(other))


def test_what_cannot_be_drawn_is_refused(codes):
    with pytest.raises(DataError, match="all finite"):
        plot_latent(np.full((3, 2), np.nan))
    with pytest.raises(DataError, match="There must be codes"):
        plot_latent(np.empty((0, 2)))
    with pytest.raises(ShapeError, match="got 3 for 200"):
        plot_latent(codes, [1, 2, 3])


def test_drawn_codes_are_rings_in_the_plane_of_the_codes(ax, codes):
    drawn = codes[:50] + 1
    plot_latent(codes, ax=ax, drawn=drawn)
    pca = PCA(2, svd_solver="full").fit(codes)
    rings, points = ax.collections

    np.testing.assert_allclose(np.abs(rings.get_offsets()), np.abs(pca.transform(drawn)))
    np.testing.assert_allclose(np.abs(points.get_offsets()), np.abs(pca.transform(codes)))
    assert not len(rings.get_facecolors())
    assert ax.get_title(loc="left") == "rings: codes of new samples"


def test_drawn_codes_of_one_number_are_strokes_below(ax, codes):
    plot_latent(codes[:, :1], ax=ax, drawn=codes[:30, :1])

    np.testing.assert_array_equal(ax.lines[-1].get_xdata(), codes[:30, 0])
    assert "strokes" in ax.get_title(loc="left")


@pytest.mark.parametrize("shape", [(5, 3), (5,)])
def test_drawn_codes_must_be_as_wide(codes, shape):
    with pytest.raises(ShapeError, match=f"codes of width 5, got shape {re.escape(str(shape))}"):
        plot_latent(codes, drawn=np.ones(shape))
