"""Pictures of random variables show the draws, and where they come from."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import stats

from espelho.errors import SettingError, ShapeError
from espelho.plots import plot_inverse_transform, plot_rejection, plot_transformation
from espelho.random_variables import (
    Discrete,
    Empirical,
    InverseCDF,
    InverseTransform,
    Monotone,
    Normal,
    Rejection,
    Uniform,
)

INVERTIBLE = {
    "quantile": InverseTransform(stats.norm.ppf),
    "cdf": InverseCDF(stats.norm.cdf),
    "observed": Empirical(np.random.default_rng(0).normal(size=500)),
    "mostly one value": Empirical(np.append(np.zeros(900), np.arange(100)), "step"),
    "heavy": InverseTransform(stats.cauchy.ppf),
}


@pytest.fixture
def ax():
    return Figure().add_subplot()


def _labels(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("name", INVERTIBLE)
def test_uniform_numbers_lead_to_the_curve_and_down_to_their_values(ax, name):
    variable = INVERTIBLE[name]
    assert plot_inverse_transform(variable, 1000, ax=ax) is ax

    paths = [line.get_xydata() for line in ax.lines if len(line.get_xdata()) == 3]
    assert len(paths) == 24
    for (_, start), (x, p), (end, floor) in paths:
        assert (start, floor) == (p, 0)
        assert x == end == pytest.approx(float(variable.quantile(np.array(p))))
    assert _labels(ax) == ["distribution function", "uniform numbers", "1,000 draws"]


def test_the_histogram_hangs_below_zero_in_proportion(ax):
    plot_inverse_transform(INVERTIBLE["cdf"], 20_000, ax=ax)
    bars = ax.patches
    edges = np.array([[bar.get_x(), bar.get_x() + bar.get_width()] for bar in bars])
    depths = -np.array([bar.get_height() for bar in bars])

    expected = np.diff(stats.norm.cdf(edges), axis=1).ravel()
    np.testing.assert_allclose(depths / depths.sum(), expected, atol=0.005)
    assert depths.max() == pytest.approx(0.45)
    assert ax.get_ylim()[0] < -0.45


@pytest.mark.parametrize("values", [[1, 2, 3, 5], [7.0]])
def test_few_values_have_a_bar_each_inside_the_picture(ax, values):
    plot_inverse_transform(Discrete(values), ax=ax)
    full = [bar for bar in ax.patches if bar.get_height() < 0]

    middles = [bar.get_x() + bar.get_width() / 2 for bar in full]
    assert middles == pytest.approx(values)
    low, high = ax.get_xlim()
    assert low <= full[0].get_x()
    assert high >= full[-1].get_x() + full[-1].get_width()


def test_values_far_away_do_not_squeeze_the_rest(ax):
    plot_inverse_transform(INVERTIBLE["heavy"], ax=ax)
    low, high = ax.get_xlim()
    assert -9 < low < -5
    assert 5 < high < 9


class Numbers:
    """A sampler whose samples are numbers, not rows."""

    def sample(self, n=1, *, random_state=None):
        return stats.cauchy.rvs(size=n, random_state=random_state)


@pytest.mark.parametrize(
    "variable",
    [
        Rejection(lambda x: x * (1 - x), Uniform(), 0.5),
        Rejection(stats.norm.pdf, Numbers(), 1.6, stats.cauchy.pdf),
    ],
    ids=["rows", "numbers"],
)
def test_points_below_the_density_are_accepted_and_none_lies_above_the_bound(ax, variable):
    assert plot_rejection(variable, 500, ax=ax) is ax
    rejected, accepted = (np.asarray(drawn.get_offsets()) for drawn in ax.collections)

    assert len(rejected) + len(accepted) == 500
    assert (accepted[:, 1] < variable.density(accepted[:, 0])).all()
    assert (rejected[:, 1] >= variable.density(rejected[:, 0])).all()
    density, ceiling = (line.get_xydata() for line in ax.lines)
    np.testing.assert_allclose(density[:, 1], variable.density(density[:, 0]))
    inside = ceiling[:, 1] > 0
    assert (ceiling[inside, 1] >= density[inside, 1]).all()
    assert _labels(ax)[:2] == [f"{len(rejected)} rejected", f"{len(accepted)} accepted"]


def test_pictures_are_of_numbers(ax):
    with pytest.raises(ShapeError, match=r"single numbers can be drawn, got samples of \(2,\)"):
        plot_rejection(Rejection(lambda x: x[:, 0], Uniform(2), 1), ax=ax)


@pytest.mark.parametrize(
    "variable",
    [
        Monotone(Normal(), np.exp, np.log),
        Monotone(Uniform(), lambda u: -np.log(u), lambda y: np.exp(-y)),
        Monotone(Uniform(low=-np.pi / 2, high=np.pi / 2), np.tan, np.arctan),
        Monotone(Numbers(), lambda x: 2 * x, lambda y: y / 2, base_density=stats.cauchy.pdf),
    ],
    ids=["lognormal", "exponential", "cauchy", "numbers"],
)
def test_lines_go_through_the_map_and_divide_the_draws_evenly(ax, variable):
    assert plot_transformation(variable, 4000, ax=ax) is ax
    paths = [line.get_xydata() for line in ax.lines if len(line.get_xdata()) == 3]
    draws = np.sort(np.ravel(variable.base.sample(4000, random_state=0)))

    assert len(paths) == 7
    for i, (_, (x, y), _) in enumerate(paths, 1):
        assert y == pytest.approx(float(variable.function(x)))
        assert np.searchsorted(draws, x) == 500 * i


def test_densities_stand_beside_the_map_with_histograms_that_fit(ax):
    variable = Monotone(Normal(), np.exp, np.log)
    plot_transformation(variable, 50_000, ax=ax)
    above, beside = ax.child_axes

    x, density = above.lines[0].get_data()
    np.testing.assert_allclose(density, stats.norm.pdf(x))
    density, y = beside.lines[0].get_data()
    np.testing.assert_allclose(density, stats.lognorm(1).pdf(y), rtol=1e-8)
    for side, law in ((above, stats.norm), (beside, stats.lognorm(1))):
        heights, edges, _ = side.patches[0].get_data()
        np.testing.assert_allclose(heights * np.diff(edges), np.diff(law.cdf(edges)), atol=0.005)
    assert above.get_xlim() == ax.get_xlim()
    assert beside.get_ylim() == ax.get_ylim()


def test_nothing_is_drawn_of_nothing(ax):
    with pytest.raises(SettingError, match="n must be a whole number"):
        plot_inverse_transform(INVERTIBLE["cdf"], 0, ax=ax)
