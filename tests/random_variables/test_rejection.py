"""Rejection reports its rate and the best bound, and refuses bounds and densities that lie."""

import numpy as np
import pytest
from scipy import stats

from espelho.errors import SamplingError, SettingError, ShapeError
from espelho.random_variables import InverseTransform, Normal, Rejection, Uniform


def parabola(x):
    """Integrates to 1 / 6 over the unit interval, and has its maximum of 1 / 4 at 1 / 2."""
    return x * (1 - x)


@pytest.mark.parametrize("bound", [0.25, 0.5, 5.0])
def test_the_rate_is_the_integral_over_the_bound_and_the_best_bound_is_found(bound):
    variable = Rejection(parabola, Uniform(), bound)
    variable.sample(5000, random_state=0)
    assert variable.acceptance_rate_ * bound == pytest.approx(1 / 6, rel=0.05)
    assert 0.2499 < variable.bound_estimate_ <= 0.25


def test_nothing_is_reported_before_the_first_call():
    variable = Rejection(parabola, Uniform(), 1)
    assert np.isnan([variable.acceptance_rate_, variable.bound_estimate_]).all()


def test_vectors_are_drawn_by_their_joint_density():
    def ring(X):
        return np.exp(-20 * np.square(np.hypot(X[:, 0], X[:, 1]) - 1))

    variable = Rejection(ring, Uniform(2, -2, 2), 16)
    drawn = variable.sample(3000, random_state=0)
    assert drawn.shape == (3000, 2)
    assert np.hypot(*drawn.T).mean() == pytest.approx(1.025, abs=0.01)
    angles = np.arctan2(*drawn.T) / (2 * np.pi) + 0.5
    assert stats.kstest(angles, "uniform").pvalue > 0.001


def test_a_proposal_in_several_dimensions_brings_its_density():
    narrow = stats.multivariate_normal([0.2, 0], 0.5)
    drawn = Rejection(narrow.pdf, Normal(2), 3).sample(4000, random_state=0)
    np.testing.assert_allclose(drawn.mean(axis=0), [0.2, 0], atol=0.05)
    np.testing.assert_allclose(np.cov(drawn.T), 0.5 * np.eye(2), atol=0.05)


def test_a_violated_bound_names_the_point_the_ratio_and_the_bound():
    variable = Rejection(parabola, Uniform(), 0.2)
    with pytest.raises(SamplingError) as caught:
        variable.sample(100, random_state=0)
    assert f"{variable.bound_estimate_:.6g} there, above bound=0.2" in str(caught.value)
    assert "violated at [0.5" in str(caught.value) or "violated at [0.4" in str(caught.value)
    assert variable.bound_estimate_ > 0.2


def test_tails_that_are_too_light_are_found():
    variable = Rejection(stats.cauchy.pdf, Normal(), 10)
    with pytest.raises(SamplingError, match="heavier tails"):
        variable.sample(100_000, random_state=0)


def test_a_bound_that_is_met_by_rounding_holds():
    variable = Rejection(
        lambda x: np.full(len(x), 1 + 1e-12), Uniform(dim=1, low=0, high=0.1), 0.1
    )
    variable.sample(100, random_state=0)
    assert variable.acceptance_rate_ == 1


def test_too_large_a_bound_ends_and_shows_a_better_one():
    variable = Rejection(parabola, Uniform(), 1e6)
    with pytest.raises(SamplingError, match="100,000 proposals 0 were accepted"):
        variable.sample(3, random_state=0)
    assert variable.acceptance_rate_ == 0
    assert variable.bound_estimate_ == pytest.approx(0.25, rel=1e-3)


def test_limits_are_those_of_filters():
    with pytest.raises(SamplingError, match="Of 50 proposals"):
        Rejection(parabola, Uniform(), 5, max_proposals=50, batch_size=7).sample(40)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"density": lambda x: x - 0.5}, r"density must be finite and not negative, got -0"),
        ({"density": lambda x: x * np.nan}, r"not negative, got nan at \[0"),
        ({"density": lambda x: x + np.inf}, "not negative, got inf"),
        ({"proposal_density": lambda x: 0 * x}, "above 0 where proposals fall, got 0"),
        ({"proposal_density": lambda x: x * np.nan}, "above 0 where proposals fall, got nan"),
        ({"bound": 0}, "bound must be finite and above 0, got 0"),
        ({"bound": np.inf}, "above 0, got inf"),
        ({"bound": np.nan}, "above 0, got nan"),
        (
            {"proposal": InverseTransform(lambda u: u)},
            "InverseTransform has no density of its own. Give it as proposal_density=",
        ),
    ],
)
def test_densities_and_bounds_are_checked(settings, message):
    variable = Rejection(**{"density": parabola, "proposal": Uniform(), "bound": 1} | settings)
    with pytest.raises(SettingError, match=message):
        variable.sample(10)


def test_a_density_gives_one_number_for_each_sample():
    with pytest.raises(ShapeError, match=r"density must return one value .* got \(\d+, 2\)"):
        Rejection(parabola, Uniform(2), 1).sample(10)
