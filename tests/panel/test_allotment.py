"""The allotment: how many rows a first timing says can be measured on in time."""

from dataclasses import dataclass

import numpy as np
import pytest

from espelho import GAN, Autoencoder, ConditionalGAN, VariationalAutoencoder
from espelho.errors import DataError, SettingError
from espelho.panel.data import split_data
from espelho.panel.members import choose
from espelho.panel.running import allotment
from espelho.panel.running.allotment import (
    FEWEST,
    GROWTH,
    SAFETY,
    STEPS,
    Allotment,
    affordable,
    allot,
)
from espelho.panel.running.baselines import Components
from espelho.panel.running.budget import FOR_TRAINING, LEAST_TRAINING, share_of
from espelho.panel.running.pilot import sampler_for


@dataclass
class Costs:
    """Measuring that takes some seconds by a clock of its own, and remembers on how many rows."""

    fixed: float = 0.0
    each: float = 0.0
    power: float = 2.0
    now: float = 0.0
    seen: tuple[int, ...] = ()

    def __call__(self, rows):
        self.seen += (rows,)
        self.now += self.takes(rows)

    def takes(self, rows):
        return self.fixed + self.each * rows**self.power


def timed(monkeypatch, **costs):
    found = Costs(**costs)
    monkeypatch.setattr(allotment, "perf_counter", lambda: found.now)
    return found


@pytest.mark.parametrize("power", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("each", [1e-5, 1e-3, 5e-3, 1e-1])
@pytest.mark.parametrize("n", [100, 700, 3000, 100_000])
def test_as_many_rows_as_can_be_measured_on_in_time_are(monkeypatch, power, each, n):
    costs = timed(monkeypatch, each=each / 250 ** (power - 1), power=power)
    rows, takes = affordable(costs, 5.0, n)
    steps = [*(step for step in STEPS if step < n), max(STEPS[0], min(n, STEPS[-1]))]
    in_time = [step for step in steps if SAFETY * costs.takes(step) <= 5.0]
    most = max(in_time, default=steps[0])
    assert rows == most if power >= GROWTH else rows in (most, steps[steps.index(most) - 1])
    assert takes == pytest.approx(SAFETY * costs.takes(rows))


@pytest.mark.parametrize("power", [1.0, 1.5, 2.0])
def test_the_first_timing_itself_takes_little_longer_than_measuring_may(monkeypatch, power):
    for each in np.logspace(-7, -2, 40):
        costs = timed(monkeypatch, fixed=0.2, each=each, power=power)
        affordable(costs, 6.0, 10_000)
        assert costs.now <= costs.takes(STEPS[0]) + 2.5 * 6.0 / SAFETY


def shared(monkeypatch, budget, n=4000, width=30, model=Autoencoder, **costs):
    """Return the allotment of a model on a table, where measuring takes so long."""
    data = split_data(
        np.random.default_rng(0).normal(size=(n, width)), None, test_fraction=0.5, seed=0
    )
    members = choose(data, 2, [model()])
    found = timed(monkeypatch, **costs)

    def evaluate(*_, max_samples=0, max_drawn=0, **__):
        found(min(max_samples + max_drawn, n // 2))

    monkeypatch.setattr(allotment, "evaluate", evaluate)
    return allot(members, data, 2, budget=budget, jobs=1, seed=0), found


def test_what_the_first_timing_took_is_part_of_the_budget(monkeypatch):
    found, costs = shared(monkeypatch, 80.0, each=1e-6)
    assert (found.codes, found.samples) == (2000, STEPS[-1])
    assert found.share == share_of(80.0 - costs.now, 2, 1)
    assert found.training == FOR_TRAINING * found.share
    assert SAFETY * costs.takes(found.codes) <= found.share - found.training


def test_codes_have_half_of_the_time_and_samples_what_is_left(monkeypatch):
    found, costs = shared(monkeypatch, 80.0, model=VariationalAutoencoder, each=2e-6)
    assert (found.codes, found.samples) == (1000, 1000)
    assert SAFETY * (2 * costs.takes(1000)) <= found.share - found.training
    assert costs.seen == (FEWEST, 250, 500, 1000, FEWEST, 250, 500, 1000)


def test_where_measuring_takes_longer_than_its_part_training_has_less(monkeypatch):
    found, costs = shared(monkeypatch, 20.0, fixed=2.0)
    assert found.codes == STEPS[0]
    assert found.share - found.training == SAFETY * costs.takes(STEPS[0])
    assert costs.seen == (FEWEST, STEPS[0])


def test_training_has_a_quarter_of_a_share_however_long_samples_take(monkeypatch):
    found, _ = shared(monkeypatch, 60.0, model=VariationalAutoencoder, fixed=8.0)
    assert found.training == LEAST_TRAINING * found.share
    assert (found.codes, found.samples) == (STEPS[0], STEPS[0])


def test_a_budget_that_is_too_small_for_measuring_is_one_error(monkeypatch):
    with pytest.raises(SettingError, match=r"leaves 2 s for each of 2 models, and .* about 3 s"):
        shared(monkeypatch, 4.0, fixed=2.0)


def test_so_little_that_it_takes_no_time_is_measured_on_at_once(monkeypatch):
    found, costs = shared(monkeypatch, 20.0, n=40, width=4, fixed=100.0)
    assert found == Allotment(10.0, 7.5, STEPS[-1], STEPS[-1])
    assert not costs.seen


def test_data_that_a_pilot_cannot_be_measured_on_are_measured_on_carefully(monkeypatch):
    def fails(*_, **__):
        raise DataError("no")

    timed(monkeypatch)
    monkeypatch.setattr(allotment, "evaluate", fails)
    data = split_data(np.random.default_rng(0).normal(size=(999, 30)), None, **SPLIT)
    found = allot(choose(data, 2, ["gan"]), data, 2, budget=20.0, jobs=2, seed=0)
    assert (found.codes, found.samples, found.training) == (STEPS[0], STEPS[0], 15.0)


SPLIT = {"test_fraction": 0.5, "seed": 0}
X = np.random.default_rng(0).normal(size=(120, 8))


@pytest.mark.parametrize(
    ("models", "told", "recognised"),
    [
        ([VariationalAutoencoder()], True, False),
        ([GAN(), Autoencoder()], False, False),
        ([ConditionalGAN(), GAN()], True, True),
    ],
)
def test_rows_are_measured_in_the_place_of_samples(models, told, recognised):
    data = split_data(X, (X[:, 0] > 0) if told else None, **SPLIT)
    sampler = sampler_for(choose(data, 2, models), data, Components(2, data, 0).fit(data.train))
    found = allotment.evaluate(sampler, data.test, data.y_test, X_train=data.train, max_drawn=40)
    assert found["classifier"].n_samples == 40
    assert found["copies"].value == 1
    assert ("recognised" in found) == recognised
    assert sampler.sample(100).shape == (100, 8)


def test_sequences_in_the_place_of_samples_differ_in_length_as_those_learned_from():
    series = [np.cumsum(np.ones((5 + i % 3, 2)) * i, axis=0) for i in range(60)]
    data = split_data(series, None, **SPLIT)
    members = choose(data, 2, [GAN(structure="recurrent")])
    sampler = sampler_for(members, data, Components(2, data, 0).fit(data.train))
    assert {len(one) for one in sampler.sample(40)} == {5, 6, 7}
    found = allotment.evaluate(sampler, data.test, X_train=data.train, max_drawn=40)
    assert found["classifier"].n_samples == 30


def test_where_nobody_draws_samples_none_are_measured():
    data = split_data(X, None, **SPLIT)
    assert sampler_for(choose(data, 2, [Autoencoder()]), data, Components(2, data, 0)) is None
