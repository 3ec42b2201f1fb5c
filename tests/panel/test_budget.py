"""The budget: read, shared out, and kept by a training."""

import numpy as np
import pytest

from espelho import Autoencoder
from espelho.errors import SettingError
from espelho.panel.running import budget
from espelho.panel.running.budget import OUT_OF_TIME, Deadline, seconds_of, share_of

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


def test_shares_of_those_side_by_side_add_up_to_the_budget():
    assert share_of(60, members=6, n_jobs=2) * 6 / 2 == 60
    assert share_of(60, members=2, n_jobs=8) == 60


class Clock:
    """A clock that moves by a second whenever it is read."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


def fitted(seconds, monkeypatch, **settings):
    monkeypatch.setattr(budget, "perf_counter", Clock())
    model = Autoencoder(
        latent_dim=2,
        callbacks=(Deadline(seconds),),
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
    with pytest.raises(SettingError, match=r"after 5 of 8 .* needs about 14.4 s\. Give a larger"):
        fitted(7.5, monkeypatch, batch_size=8)
