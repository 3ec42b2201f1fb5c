"""Filters accept what they should, count exactly, and come to an end."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from espelho.errors import SamplingError, SettingError, ShapeError
from espelho.random_variables import Filtered, Normal, Transformed, Uniform


class Recorder:
    """A sampler that remembers how much it was asked for."""

    def __init__(self, base):
        self.base, self.asked = base, []

    def sample(self, n=1, *, random_state=None):
        self.asked.append(n)
        return self.base.sample(n, random_state=random_state)


def rarely(x):
    return x[:, 0] < 0.01


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5, 1.0])
def test_the_rate_is_the_share_that_is_accepted(share):
    variable = Filtered(Uniform(), lambda x: x < share)
    drawn = variable.sample(2000, random_state=0)
    assert drawn.shape == (2000, 1)
    assert drawn.max() < share
    deviation = share * np.sqrt((1 - share) / 2000)
    assert variable.acceptance_rate_ == pytest.approx(share, abs=4 * deviation + 1e-12)


def test_chances_are_used_as_they_are():
    variable = Filtered(Uniform(), lambda x: np.full(len(x), 0.25))
    variable.sample(3000, random_state=0)
    assert variable.acceptance_rate_ == pytest.approx(0.25, abs=0.02)


def test_batches_grow_with_what_is_missing_and_stay_below_their_limit():
    base = Recorder(Uniform())
    Filtered(base, rarely, batch_size=3000).sample(100, random_state=0)
    assert base.asked[0] < 200
    assert max(base.asked) == 3000
    assert len(base.asked) < 12
    assert sum(base.asked) < 25_000


def test_samples_of_any_shape_are_filtered():
    base = Transformed(Uniform(4), lambda u: u.reshape(-1, 1, 2, 2).astype(np.float32))
    drawn = Filtered(base, lambda x: x.mean(axis=(1, 2, 3)) > 0.7).sample(20, random_state=0)
    assert drawn.shape == (20, 1, 2, 2)
    assert drawn.dtype == np.float32
    assert (drawn.mean(axis=(1, 2, 3)) > 0.7).all()


def test_a_classifier_picks_its_class_from_a_generator_of_both():
    """With the exact posterior of two normal classes, what is left is one of them."""
    generator = np.random.default_rng(0)
    y = generator.integers(2, size=4000)
    X = generator.normal(3.0 * y[:, None], size=(4000, 1))
    classifier = LogisticRegression().fit(X, y)

    class Both:
        def sample(self, n=1, *, random_state=None):
            rng = np.random.default_rng(random_state)
            return rng.normal(3.0 * rng.integers(2, size=(n, 1)))

    variable = Filtered(Both(), lambda X: classifier.predict_proba(X)[:, 1])
    drawn = variable.sample(4000, random_state=1)
    assert drawn.mean() == pytest.approx(3, abs=0.1)
    assert drawn.std() == pytest.approx(1, abs=0.1)
    assert variable.acceptance_rate_ == pytest.approx(0.5, abs=0.05)


def test_filters_wrap_filters():
    inner = Filtered(Normal(), lambda x: x > 0)
    outer = Filtered(inner, lambda x: x < 1)
    drawn = outer.sample(500, random_state=0)
    assert drawn.min() > 0
    assert drawn.max() < 1
    assert inner.acceptance_rate_ == pytest.approx(0.5, abs=0.05)


def test_a_filter_that_accepts_nothing_ends():
    base = Recorder(Uniform())
    variable = Filtered(base, lambda x: np.zeros(len(x)))
    with pytest.raises(SamplingError, match=r"Of 100,000 proposals 0 .* rate of 0, and n=5 were"):
        variable.sample(5)
    assert sum(base.asked) == 100_000
    assert variable.acceptance_rate_ == 0


def test_a_filter_that_accepts_too_little_says_how_much():
    variable = Filtered(Uniform(), rarely, max_proposals=1000)
    with pytest.raises(SamplingError, match=r"Of 1,000 proposals 1?. were .* raise max_proposals"):
        variable.sample(50, random_state=0)
    assert 0 < variable.acceptance_rate_ < 0.02


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (lambda x: np.full(len(x), 1.2), SettingError, "between 0 and 1, got 1.2"),
        (lambda x: np.full(len(x), -0.1), SettingError, "between 0 and 1, got -0.1"),
        (lambda x: np.full(len(x), np.nan), SettingError, "between 0 and 1, got nan"),
        (lambda x: True, ShapeError, r"accept must return one value for each .* got \(\)"),
        (lambda x: np.ones((len(x), 2)), ShapeError, r"got \(\d+, 2\)"),
    ],
)
def test_an_answer_is_a_truth_or_a_chance_for_each(answer, error, message):
    with pytest.raises(error, match=message):
        Filtered(Uniform(), answer).sample(3)


@pytest.mark.parametrize("name", ["max_proposals", "batch_size"])
def test_limits_are_whole_and_positive(name):
    with pytest.raises(SettingError, match=f"{name} must be a whole number .* got 0"):
        Filtered(Uniform(), rarely, **{name: 0}).sample(3)


def test_a_base_that_returns_another_number_is_refused():
    class Stubborn:
        def sample(self, n=1, *, random_state=None):
            return np.zeros((2, 1))

    with pytest.raises(ShapeError, match=r"Stubborn.sample\(20\) must return 20 samples"):
        Filtered(Stubborn(), rarely).sample(3)
