"""Functions of variables, and the densities of those that rise or fall."""

import numpy as np
import pytest
from scipy import special, stats

from espelho.errors import SettingError, ShapeError
from espelho.random_variables import Monotone, Normal, Transformed, Uniform
from espelho.random_variables.monotone import _slope


def test_a_map_is_applied_to_what_the_base_draws():
    base = Uniform(2)
    drawn = Transformed(base, np.sin).sample(5, random_state=0)
    np.testing.assert_array_equal(drawn, np.sin(base.sample(5, random_state=0)))
    falling = Monotone(Uniform(), np.negative, np.negative).sample(5, random_state=0)
    np.testing.assert_array_equal(falling, -Uniform().sample(5, random_state=0))


@pytest.mark.parametrize("function", [lambda x: x[:2], lambda x: x.sum(), lambda x: x.T])
def test_a_map_returns_as_many_samples(function):
    with pytest.raises(ShapeError, match="as many samples as it is given, 5, got"):
        Transformed(Uniform(2), function).sample(5)


DERIVATIVES = {
    "exp": (np.exp, np.exp, np.linspace(-30, 30, 101)),
    "log near zero": (np.log, np.reciprocal, np.geomspace(1e-7, 1e7, 101)),
    "tan near its pole": (np.tan, lambda x: 1 / np.cos(x) ** 2, np.linspace(-1.57, 1.57, 101)),
    "cube": (lambda x: x**3, lambda x: 3 * x**2, np.linspace(0.01, 100, 101)),
    "line": (lambda x: 1e3 + 3 * x, lambda x: 3 + 0 * x, np.linspace(-1e6, 1e6, 101)),
}


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives_have_the_digits_that_are_claimed(name):
    function, derivative, x = DERIVATIVES[name]
    np.testing.assert_allclose(_slope(function, x), derivative(x), rtol=1e-11)


def test_outside_of_the_range_the_density_is_zero():
    lognormal = Monotone(Normal(), np.exp, np.log)
    np.testing.assert_array_equal(lognormal.density([-1, 0, np.inf, np.nan]), 0)
    square = Monotone(Uniform(), np.square, np.sqrt)
    np.testing.assert_array_equal(square.density([-1, 2]), 0)
    cube = Monotone(Uniform(low=1, high=2), lambda x: x**3, np.cbrt)
    np.testing.assert_array_equal(cube.density([0, 0.9, 8.1]), 0)


@pytest.mark.parametrize("derivative", [None, lambda y: 2 * y])
def test_an_inverse_may_lead_back_from_outside_of_the_range(derivative):
    root = Monotone(Uniform(), np.sqrt, np.square, derivative)
    np.testing.assert_allclose(root.density([-0.5, 0.25, 0.5, 1.1]), [0, 0.5, 1, 0])


def test_zero_is_no_exception_where_values_cancel():
    shifted = Monotone(Normal(), lambda x: x - 1, lambda y: y + 1)
    y = np.array([0, 1e-17, -4.4e-16, 3e-16, 1e-9])
    np.testing.assert_allclose(shifted.density(y), stats.norm.pdf(1 + y))


def test_far_tails_have_a_density_though_the_base_ends_there():
    logistic = Monotone(Uniform(), special.logit, special.expit)
    y = np.linspace(-60, 60, 25)
    np.testing.assert_allclose(logistic.density(y), stats.logistic.pdf(y), rtol=1e-6, atol=1e-13)


def test_a_density_takes_numbers_or_rows():
    lognormal = Monotone(Normal(), np.exp, np.log)
    numbers = np.array([0.5, 1.0, 3.0])
    np.testing.assert_array_equal(lognormal.density(numbers[:, None]), lognormal.density(numbers))
    with pytest.raises(ShapeError, match=r"shape \(n, 1\), got \(2, 3\)"):
        lognormal.density(np.ones((2, 3)))


def test_the_derivative_that_is_given_is_used():
    variable = Monotone(Uniform(), np.sqrt, np.square, lambda y: np.full(len(y), -7.0))
    np.testing.assert_array_equal(variable.density([0.2, 0.5]), 7)


def test_where_there_is_no_derivative_one_is_asked_for():
    cube = Monotone(Normal(), lambda x: x**3, np.cbrt)
    with pytest.raises(
        SettingError, match=r"no derivative, or one of 0, at 0. Give inverse_derivative=, or leave"
    ):
        cube.density([1.0, 0.0])


def test_values_that_round_to_the_same_are_no_turn():
    flat = Monotone(Uniform(), lambda x: np.round(x, 7), lambda y: y)
    assert flat.sample(3).shape == (3, 1)


@pytest.mark.parametrize(
    ("function", "inverse", "message"),
    [
        (np.square, np.sqrt, r"rise everywhere, or fall everywhere, .* Transformed takes any"),
        (lambda x: 0 * x, lambda y: y, "rise everywhere"),
        (lambda x: np.where(x > 0, x, np.nan), lambda y: y, "rise everywhere"),
        (np.exp, np.exp, "inverse must undo function, but at -?[0-9.]+ .* an error of"),
        (np.exp, lambda y: y * np.nan, "inverse must undo function"),
    ],
)
def test_maps_that_are_not_monotone_are_refused(function, inverse, message):
    variable = Monotone(Normal(), function, inverse)
    for use in (variable.sample, lambda: variable.density([1.0])):
        with pytest.raises(SettingError, match=message):
            use()


def test_a_base_is_one_dimensional_and_has_a_density():
    with pytest.raises(ShapeError, match=r"single numbers, got the shape \(2,\)"):
        Monotone(Normal(2), np.exp, np.log).sample(3)
    base = Transformed(Normal(), np.exp)
    with pytest.raises(SettingError, match=r"Transformed has no density .* base_density="):
        Monotone(base, np.sqrt, np.square).density([1.0])


def test_densities_of_numbers_match_scipy():
    x = np.linspace(-3, 3, 20)
    np.testing.assert_allclose(Normal().density(x), stats.norm.pdf(x))
    np.testing.assert_allclose(Uniform(low=-1, high=3).density(x), stats.uniform(-1, 4).pdf(x))
    assert Normal().density(0.0).shape == (1,)
