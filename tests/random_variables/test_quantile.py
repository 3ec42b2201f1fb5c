"""Quantile functions: given, observed, listed, and what is wrong with them."""

import numpy as np
import pytest

from espelho.errors import DataError, SettingError, ShapeError
from espelho.random_variables import Discrete, Empirical, InverseTransform
from espelho.random_variables.quantile import uniform

U = np.random.default_rng(0).random((40, 3))


@pytest.mark.parametrize("dim", [1, 3])
def test_vectors_have_independent_elements(dim):
    drawn = InverseTransform(lambda u: u, dim).sample(5000, random_state=0)
    assert drawn.shape == (5000, dim)
    np.testing.assert_allclose(np.cov(drawn.T), np.eye(dim) / 12, atol=0.01)


@pytest.mark.parametrize("returned", [-0.5, np.nan, np.inf])
def test_infinite_quantiles_are_refused(returned):
    variable = InverseTransform(lambda u: np.where(u > 0.5, u, returned))
    if returned < 0:
        assert variable.sample(50, random_state=0).min() == returned
    else:
        with pytest.raises(SettingError, match=f"finite numbers .* got {returned} for 0"):
            variable.sample(50, random_state=0)


def test_a_quantile_function_keeps_the_shape():
    with pytest.raises(ShapeError, match=r"it is given, \(5, 1\), got \(5,\)"):
        InverseTransform(lambda u: u[:, 0]).sample(5)


def test_no_uniform_number_is_zero():
    class Zeros(np.random.Generator):
        def random(self, size):
            return np.zeros(size)

    assert uniform((3,), Zeros(np.random.PCG64())).min() > 0


@pytest.mark.parametrize(("method", "known"), [("linear", "linear"), ("step", "inverted_cdf")])
@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_observed_quantiles_are_those_of_numpy(method, known, n):
    values = np.random.default_rng(1).normal(size=n)
    variable = Empirical(values, method)
    np.testing.assert_allclose(variable.quantile(U), np.quantile(values, U, method=known))


def test_steps_are_the_values_and_lines_lie_between():
    values = [1.0, 4.0, 2.0]
    assert set(Empirical(values, "step").sample(99, random_state=0)[:, 0]) == set(values)
    lines = Empirical(values, dim=2).sample(99, random_state=0)
    assert lines.shape == (99, 2)
    assert lines.min() > 1
    assert lines.max() < 4


@pytest.mark.parametrize(
    ("values", "method", "error", "message"),
    [
        ([], "linear", DataError, "at least one value"),
        ([1, np.nan], "linear", DataError, "all must be finite"),
        ([[1, 2]], "linear", ShapeError, r"\(n_values,\), got \(1, 2\)"),
        ([1, 2], "cubic", SettingError, "'linear' or 'step', got 'cubic'"),
    ],
)
def test_what_cannot_be_observed_is_refused(values, method, error, message):
    with pytest.raises(error, match=message):
        Empirical(values, method).sample(3)


def test_values_may_be_anything_and_impossible_ones_do_not_come():
    names = Discrete(np.array(["never", "a", "not", "b", "no"]), [0, 0.25, 0, 0.75, 0])
    drawn = names.sample(4000, random_state=0)
    assert set(drawn) == {"a", "b"}
    assert (drawn == "b").mean() == pytest.approx(0.75, abs=0.03)
    assert Discrete(np.eye(3)).sample(5).shape == (5, 3)


def test_probabilities_of_32_bits_add_up():
    p = np.random.default_rng(0).random(1000).astype(np.float32)
    variable = Discrete(range(1000), p / p.sum())
    assert variable.quantile(1 - 2.0**-53) == 999


@pytest.mark.parametrize(
    ("values", "p", "error", "message"),
    [
        ([1, 2], [1.5, -0.5], SettingError, "must not be negative, got -0.5"),
        ([1, 2], [np.nan, 1], SettingError, "must not be negative, got nan"),
        ([1, 2], [0.5, 0.4], SettingError, "must add up to 1, got 0.9"),
        ([1, 2], [1.0], ShapeError, r"each of 2 values, got \(1,\)"),
        ([], None, SettingError, "must add up to 1, got 0"),
    ],
)
def test_probabilities_are_probabilities(values, p, error, message):
    with pytest.raises(error, match=message):
        Discrete(values, p).sample(3)


@pytest.mark.parametrize("u", [0, 1, -0.1, np.nan])
def test_quantiles_are_of_probabilities_between_zero_and_one(u):
    for variable in (Empirical([1.0, 2.0]), Discrete([1, 2])):
        with pytest.raises(DataError, match=f"above 0 and below 1, got {u:g}"):
            variable.quantile([0.5, u])
