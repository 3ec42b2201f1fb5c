"""The budget: read, shared out, and kept by a training."""

import numpy as np
import pytest

from espelho import Autoencoder
from espelho.errors import SettingError
from espelho.panel.running import budget
from espelho.panel.running.budget import OUT_OF_TIME, Deadline, seconds_of, share_of, turns

X = np.random.default_rng(0).normal(size=(64, 4))


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), (2.5, 2.5), ("90s", 90), ("1.5 h", 5400), ("2min", 120)]
)
def test_lengths_of_time_are_read(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "0s", "-3m", "10 weeks", 0, "m"])
def test_other_words_are_none(text):
    with pytest.raises(SettingError, match="such as 90s, 10m or"):
        seconds_of(text)


@pytest.mark.parametrize(("members", "jobs"), [(6, 2), (2, 8), (18, 16), (7, 2)])
def test_shares_of_those_that_take_turns_add_up_to_the_budget(members, jobs):
    assert share_of(60, members, jobs) * turns(members, jobs) == 60
    assert turns(members, jobs) * jobs >= members


class Clock:
    """A clock that moves by a second whenever it is read."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


def fitted(seconds, monkeypatch, last=None, **settings):
    monkeypatch.setattr(budget, "perf_counter", Clock())
    model = Autoencoder(
        latent_dim=2,
        callbacks=(Deadline(seconds, last),),
        random_state=0,
        **{"hidden_sizes": (4,), "max_epochs": 200, "batch_size": 64, **settings},
    )
    return model.fit(X)


def test_a_training_ends_at_its_deadline_with_the_weights_it_has(monkeypatch):
    model = fitted(30.0, monkeypatch)
    assert model.stop_reason_ == OUT_OF_TIME
    assert 2 < model.n_epochs_ < 30
    assert model.transform(X).shape == (64, 2)


def test_a_training_that_comes_to_its_end_is_left_alone(monkeypatch):
    assert fitted(1e6, monkeypatch, max_epochs=3).stop_reason_ == "finished"


def test_stages_share_the_time_so_that_the_last_has_its_part(monkeypatch):
    model = fitted(60.0, monkeypatch, hidden_sizes=(8, 4), pretraining="greedy")
    by_stage = {}
    for record in model.history_:
        by_stage[record["stage"]] = by_stage.get(record["stage"], 0) + 1
    assert len(by_stage) == 4
    assert max(by_stage.values()) < 3 * min(by_stage.values())


def test_too_little_for_one_epoch_says_how_much_it_needs(monkeypatch):
    with pytest.raises(SettingError, match=r"after 6 of 8 .* epoch, which needs about"):
        fitted(8.5, monkeypatch, batch_size=8)


def test_a_later_stage_is_given_up_when_all_of_the_share_is_over(monkeypatch):
    stages = {"hidden_sizes": (8, 4), "pretraining": "greedy", "batch_size": 16}
    assert fitted(20.0, monkeypatch, 40.0, **stages).stop_reason_ == OUT_OF_TIME
    with pytest.raises(SettingError, match="of the first epoch of stage 4 of 4, which needs"):
        fitted(20.0, monkeypatch, 20.0, **stages)
