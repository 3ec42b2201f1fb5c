"""Axes: those given are used, and only without any does pyplot come in."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from espelho import plots
from espelho.plots.canvas import readable
from espelho.random_variables import Discrete, Monotone, Normal, Rejection, Uniform

X = np.random.default_rng(0).random((6, 5, 5))
COIN = Discrete([0, 1])
LOGNORMAL = Monotone(Normal(), np.exp, np.log)
DRAW = {
    "plot_error_by_dimension": lambda **ax: plots.plot_error_by_dimension([1, 2], [2, 1], **ax),
    "plot_error_histogram": lambda **ax: plots.plot_error_histogram([1.0, 2.0], **ax),
    "plot_feature_errors": lambda **ax: plots.plot_feature_errors([1.0, 2.0], **ax),
    "plot_latent": lambda **ax: plots.plot_latent(X[:, 0, :2], [0, 0, 1, 1, 2, 2], **ax),
    "plot_inverse_transform": lambda **ax: plots.plot_inverse_transform(COIN, **ax),
    "plot_rejection": lambda **ax: plots.plot_rejection(Rejection(np.exp, Uniform(), 3), **ax),
    "plot_transformation": lambda **ax: plots.plot_transformation(LOGNORMAL, **ax),
    "plot_reconstructions": lambda **ax: plots.plot_reconstructions(X, X, **ax),
}


@pytest.mark.parametrize("name", DRAW)
def test_given_axes_leave_pyplot_alone(name):
    before = plt.get_fignums()
    figure = Figure(layout="constrained")
    ax = figure.add_subplot()

    assert DRAW[name](ax=ax) is ax
    figure.draw_without_rendering()
    assert plt.get_fignums() == before
    assert ax.get_xlabel()


@pytest.mark.parametrize("name", DRAW)
def test_without_axes_there_is_a_new_figure(name):
    before = plt.get_fignums()
    ax = DRAW[name]()

    assert plt.get_fignums() == [*before, ax.figure.number]
    plt.close(ax.figure)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234.5, "1,234"), (0.012345, "0.0123"), (1e-5, "1.0e-05"), (np.nan, "n/a")],
)
def test_figures_have_three_digits(value, text):
    assert readable(value) == text


def test_all_public_names_are_sorted_and_there():
    assert plots.__all__ == sorted(plots.__all__)
    assert all(callable(getattr(plots, name)) for name in plots.__all__)
