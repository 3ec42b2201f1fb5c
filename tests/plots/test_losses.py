"""Curves of losses show what the history holds."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.datasets import load_iris

from espelho import Autoencoder
from espelho.errors import DataError
from espelho.plots import plot_losses
from espelho.training.doctor import Verdict
from espelho.training.history import History


@pytest.fixture
def ax():
    return Figure().add_subplot()


def _history(n=40, stage=lambda epoch: "train", **figures):
    records = [{"epoch": i + 1, "stage": stage(i + 1), "seconds": 0.1} for i in range(n)]
    for name, values in figures.items():
        for record, value in zip(records, values, strict=False):
            if not np.isnan(value):
                record[name.replace("__", "/")] = float(value)
    return History(records)


def _curves(ax):
    return [line for line in ax.lines if len(line.get_xdata()) > 2]


def test_a_fitted_autoencoder_is_drawn(ax):
    X = load_iris().data
    model = Autoencoder(
        hidden_sizes=(16,), latent_dim=2, max_epochs=2, validation_fraction=0.2, random_state=0
    ).fit(X)

    assert plot_losses(model.history_, ax) is ax
    np.testing.assert_allclose(
        ax.lines[0].get_ydata(), model.history_["reconstruct/squared_error"]
    )
    assert ax.get_xlabel() == "epoch"
    assert ax.get_ylabel().startswith("reconstruct: squared error")
    assert "in epoch 2" in ax.get_title(loc="left")


def test_training_is_solid_and_validation_dashed_in_one_colour(ax):
    down = np.linspace(2, 1, 40)
    plot_losses(_history(fit__error=down, validation__fit__error=down + 1), ax)
    training, validation = _curves(ax)

    assert (training.get_linestyle(), validation.get_linestyle()) == ("-", "--")
    assert training.get_color() == validation.get_color()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training", "validation"]
    assert ax.get_yscale() == "linear"


def test_terms_have_colours_and_names_of_their_own(ax):
    down = np.linspace(2, 1, 40)
    plot_losses(_history(**{f"play__term_{i}": down + i for i in range(6)}), ax)

    assert len({line.get_color() for line in _curves(ax)}) == 6
    assert ax.get_legend().get_texts()[0].get_text() == "play: term 0"
    assert ax.get_ylabel().startswith("loss")


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (np.geomspace(40, 1, 40), "log"),
        (np.geomspace(20, 1, 40), "linear"),
        (np.linspace(40, -1, 40), "linear"),
    ],
)
def test_the_scale_is_logarithmic_over_a_wide_range_of_positive_losses(ax, values, scale):
    plot_losses(_history(fit__error=values), ax)

    assert ax.get_yscale() == scale
    assert ax.get_legend() is None


def test_stages_are_marked_where_they_begin(ax):
    values = np.linspace(2, 1, 40)
    plot_losses(
        _history(stage=lambda epoch: "layer 1" if epoch <= 10 else "all", fit__error=values), ax
    )

    assert [text.get_text() for text in ax.texts] == ["layer 1", "all"]
    assert ax.lines[-1].get_xdata()[0] == 10.5


def test_epochs_without_a_figure_are_left_out(ax):
    late = np.r_[np.full(35, np.nan), np.ones(5)]
    plot_losses(_history(fit__error=np.ones(40), tune__error=late), ax)

    np.testing.assert_array_equal(ax.lines[1].get_xdata(), np.arange(36, 41))
    assert ax.lines[1].get_marker() == "o"


def test_a_validation_loss_that_is_never_finite_has_no_best(ax):
    history = _history(fit__error=np.ones(3), validation__fit__error=np.full(3, np.inf))
    plot_losses(history, ax)

    assert ax.get_title(loc="left") == ""


@pytest.mark.parametrize("records", [[], [{"epoch": 1, "stage": "train", "seconds": 1.0}]])
def test_a_history_without_losses_is_refused(records):
    with pytest.raises(DataError, match="holds no losses"):
        plot_losses(History(records))


def test_verdicts_are_marked_where_they_began(ax):
    down = np.linspace(1, 0.5, 10)
    records = _history(10, fit__error=down)
    verdicts = [
        Verdict(name=name, epoch=epoch, step=None, evidence={}, said="", remedy="")
        for name, epoch in (("dead units", 3), ("overfitting", 8), ("divergence", 8))
    ]
    plot_losses(records, ax, verdicts=verdicts)
    marks = {line.get_xdata()[0]: line for line in ax.lines if len(set(line.get_xdata())) == 1}
    assert sorted(marks) == [3, 8]
    assert {"dead units", "overfitting\ndivergence"} <= {text.get_text() for text in ax.texts}
