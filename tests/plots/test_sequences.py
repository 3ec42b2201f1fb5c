"""Sequences as curves: every curve is where its values are."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from espelho.errors import DataError, ShapeError
from espelho.plots import plot_new_sequences, plot_sequences


@pytest.fixture
def ax():
    return Figure().add_subplot()


@pytest.mark.parametrize("features", [None, 1, 2, 5])
def test_curves_are_the_standardised_values_on_lines_that_do_not_touch(ax, features):
    rng = np.random.default_rng(0)
    shapes = [(n,) if features is None else (n, features) for n in (9, 1, 4)]
    X = [rng.normal(3, 10, size=shape) for shape in shapes]
    X_hat = [x + rng.normal(size=x.shape) for x in X]
    plot_sequences(X, X_hat, n=2, ax=ax)
    shown = min(3, features or 1)
    columns = [[x.reshape(len(x), -1) for x in part] for part in (X, X_hat)]
    steps = np.concatenate(columns[0])
    curves = [line for line in ax.lines if line.get_xdata() is not None and len(line.get_xdata())]
    drawn = [
        line for line in curves if line.get_linestyle() in ("-", ":") and line.get_lw() == 1.4
    ]
    assert len(drawn) == 2 * shown * 2
    bases = ax.get_yticks()
    assert len(bases) == 2
    for i, base in enumerate(bases):
        for feature in range(shown):
            for part in range(2):
                line = drawn[2 * shown * i + 2 * feature + part]
                values = (columns[part][i] - steps.mean(axis=0)) / steps.std(axis=0)
                np.testing.assert_allclose(line.get_ydata(), base + values[:, feature])
    heights = [np.concatenate([line.get_ydata() for line in drawn[k::]][: 2 * shown])
               for k in (0, 2 * shown)]  # fmt: skip
    assert heights[0].min() > heights[1].max()


def test_what_cannot_be_drawn_is_named(ax):
    with pytest.raises(DataError, match="no sequence to draw"):
        plot_sequences([], [], ax=ax)
    with pytest.raises(ShapeError, match="same lengths"):
        plot_sequences([np.zeros(3)], [np.zeros(2)], ax=ax)


@pytest.mark.parametrize("features", [1, 2, 5])
def test_new_sequences_lie_below_the_data_in_its_units(ax, features):
    rng = np.random.default_rng(0)
    X, new = ([rng.normal(3, 10, size=(n, features)) for n in (9, 1, 4)] for _ in range(2))
    plot_new_sequences(X, new, n=2, ax=ax)
    shown, steps = min(3, features), np.concatenate(X)
    drawn = [line for line in ax.lines if line.get_lw() == 1.4]
    assert len(drawn) == 2 * 2 * shown
    assert [text.get_text() for text in ax.get_yticklabels()] == ["data 1", "data 2",
                                                                  "new 1", "new 2"]  # fmt: skip
    bases = ax.get_yticks()
    assert (np.diff(bases) < 0).all()
    for i, x in enumerate([*X[:2], *new[:2]]):
        values = (x - steps.mean(axis=0)) / steps.std(axis=0)
        for feature in range(shown):
            line = drawn[shown * i + feature]
            np.testing.assert_allclose(line.get_ydata(), bases[i] + values[:, feature])


def test_new_sequences_that_cannot_be_drawn_are_named(ax):
    with pytest.raises(DataError, match="samples 0"):
        plot_new_sequences([np.zeros(3)], [], ax=ax)
    with pytest.raises(ShapeError, match="same features"):
        plot_new_sequences([np.zeros((3, 2))], [np.zeros((3, 1))], ax=ax)
