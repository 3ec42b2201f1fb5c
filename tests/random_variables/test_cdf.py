"""Distribution functions are inverted to the accuracy that is claimed, or refused."""

import numpy as np
import pytest
from scipy import stats

from espelho.errors import DataError, SettingError, ShapeError
from espelho.random_variables import InverseCDF

U = np.concatenate([[1e-12, 1e-6], np.linspace(0.001, 0.999, 500), [1 - 1e-6]])
SMOOTH = {
    "normal": stats.norm(),
    "cauchy": stats.cauchy(),
    "gamma": stats.gamma(0.1),
    "pareto": stats.pareto(0.5),
    "tiny": stats.norm(0, 1e-200),
    "huge": stats.expon(scale=1e200),
    "below zero": stats.uniform(-7, 2),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_the_quantile_has_the_accuracy_that_is_claimed(name):
    reference = SMOOTH[name]
    x = InverseCDF(reference.cdf).quantile(U)
    expected = reference.ppf(U)
    rounding = 4e-16 / reference.pdf(expected)
    assert (np.abs(x - expected) <= 1e-14 * np.abs(expected) + 4 * rounding + 1e-300).all()


@pytest.mark.parametrize(
    "reference", [stats.binom(9, 0.3), stats.poisson(40), stats.randint(-5, 6)]
)
def test_jumps_are_found_exactly(reference):
    np.testing.assert_array_equal(InverseCDF(reference.cdf).quantile(U), reference.ppf(U))


def test_level_parts_and_mixtures_are_inverted():
    """A third at 0, a third between 1 and 2, nothing until 5, a third at 5."""

    def cdf(x):
        return (x >= 0) / 3 + np.clip(x - 1, 0, 1) / 3 + (x >= 5) / 3

    u = np.array([0.1, 0.3, 0.4, 0.5, 0.6, 0.7, 0.99])
    expected = [0, 0, 1.2, 1.5, 1.8, 5, 5]
    np.testing.assert_allclose(InverseCDF(cdf).quantile(u), expected, rtol=1e-13, atol=1e-300)


def test_the_function_is_evaluated_a_few_times_for_each_draw():
    evaluated = []

    def cdf(x):
        evaluated.append(x.size)
        return stats.norm.cdf(x)

    variable = InverseCDF(cdf, dim=2)
    variable.sample(1, random_state=0)
    evaluated.clear()
    assert variable.sample(5000, random_state=0).shape == (5000, 2)
    assert sum(evaluated) < 8 * 10_000


def test_functions_that_end_in_nan_are_inverted():
    log_logistic = InverseCDF(lambda x: x**2 / (1 + x**2), support=(0, np.inf))
    np.testing.assert_allclose(log_logistic.quantile(U[1:]), stats.fisk(2).ppf(U[1:]), rtol=1e-9)


def test_slow_functions_end():
    """A jump that the parabola never helps with, at a point that no bisection hits."""
    jump = InverseCDF(lambda x: np.where(x < np.pi, 0.1 * (x > -5), 1.0))
    np.testing.assert_allclose(jump.quantile([0.2, 0.999]), np.pi, rtol=1e-14)


@pytest.mark.parametrize(
    ("cdf", "support", "message"),
    [
        (lambda x: 1 - stats.norm.cdf(x), (-np.inf, np.inf), r"never fall; it is 1 at -8.9"),
        (lambda x: 0.8 * stats.norm.cdf(x), (-np.inf, np.inf), r"it is 0.8 at 8.9"),
        (lambda x: 0.2 + 0.8 * stats.norm.cdf(x), (-np.inf, np.inf), r"it is 0.2 at -8.9"),
        (lambda x: 1 - np.exp(-x), (-np.inf, np.inf), r"it is -inf at .*Give support="),
        (lambda x: 1 - np.exp(-x), (1, np.inf), r"between 1 and inf, .* it is 0.632121 at 1"),
        (lambda x: np.full_like(x, np.nan), (0, 1), "it is nan everywhere, at 0"),
        (lambda x: x + 0.2 * np.sin(2 * np.pi * x), (0, 1), "it falls from 0.* at 0.* to 0"),
        (lambda x: np.where(np.abs(x - 0.7) < 0.1, np.nan, x), (0, 1), "it is nan at 0.[67]"),
        (lambda x: x**2, (1, 0), r"\(lower, upper\) bounds, got \(1, 0\)"),
        (lambda x: x, (np.nan, 1), r"bounds, got \(nan, 1\)"),
    ],
)
def test_what_is_no_distribution_function_is_refused(cdf, support, message):
    with pytest.raises(SettingError, match=message):
        InverseCDF(cdf, support=support).sample(99)


def test_a_fall_between_the_points_of_the_table_is_seen_when_it_is_met():
    def cdf(x):
        return x - 0.1 * ((x > 0.501) & (x < 0.509))

    with pytest.raises(SettingError, match=r"it falls from 0.5"):
        InverseCDF(cdf, support=(0, 1)).sample(5000, random_state=0)


def test_a_distribution_function_keeps_the_shape():
    with pytest.raises(ShapeError, match=r"shape that it is given, .* got \(\)"):
        InverseCDF(lambda x: 0.5).sample(3)


def test_quantiles_are_of_probabilities():
    with pytest.raises(DataError, match="above 0 and below 1, got 1"):
        InverseCDF(stats.norm.cdf).quantile([0.5, 1.0])
