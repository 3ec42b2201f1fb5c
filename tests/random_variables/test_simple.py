"""Simple variables and the manners of every sampler."""

import numpy as np
import pytest
from scipy import stats

from espelho.errors import SettingError
from espelho.random_variables import Normal, Sampler, Uniform

VARIABLES = {
    "normal": (Normal(2), stats.norm()),
    "scaled normal": (Normal(2, 0.5), stats.norm(0, 0.5)),
    "uniform": (Uniform(2, -1, 3), stats.uniform(-1, 4)),
}


@pytest.mark.parametrize("name", VARIABLES)
def test_samples_agree_with_scipy(name):
    variable, reference = VARIABLES[name]
    drawn = variable.sample(5000, random_state=0)
    assert drawn.shape == (5000, 2)
    assert stats.kstest(drawn.ravel(), reference.cdf).pvalue > 0.001


@pytest.mark.parametrize("name", VARIABLES)
def test_every_variable_is_a_sampler(name):
    assert isinstance(VARIABLES[name][0], Sampler)


def test_the_same_seed_gives_the_same_samples_and_none_gives_others():
    first, again = (Normal().sample(3, random_state=7) for _ in range(2))
    assert (first == again).all()
    assert (Normal().sample(3) != Normal().sample(3)).any()


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_a_generator_moves_on(make):
    state = make(0)
    assert (Normal().sample(3, random_state=state) != Normal().sample(3, random_state=state)).any()


@pytest.mark.parametrize("n", [0, -2, 1.5, True, "3"])
def test_a_number_of_samples_is_whole_and_positive(n):
    with pytest.raises(SettingError, match="n must be a whole number of at least 1, got"):
        Normal().sample(n)
