"""The history gives its figures by name, and survives as lines of text."""

import math

import numpy as np
import pytest

from espelho.errors import SettingError
from espelho.training.history import History, followed, monitored

RECORDS = [
    {"epoch": 1, "stage": "a", "seconds": 0.1, "learning_rate": 0.5, "fit/error": 2.0},
    {"epoch": 2, "stage": "a", "seconds": 0.2, "learning_rate": 0.5, "fit/error": 1.0,
     "fit/penalty": 0.25, "validation/fit/error": 4.0},
]  # fmt: skip


def test_a_figure_is_an_array_over_the_epochs_with_gaps():
    history = History(RECORDS)

    np.testing.assert_array_equal(history["fit/error"], [2.0, 1.0])
    np.testing.assert_array_equal(history["fit/penalty"], [math.nan, 0.25])
    np.testing.assert_array_equal(history["epoch"], [1.0, 2.0])


def test_the_beginning_of_several_names_is_their_sum():
    np.testing.assert_array_equal(History(RECORDS)["fit"], [2.0, 1.25])
    assert monitored(RECORDS[1], "validation/fit") == 4.0
    assert monitored(RECORDS[1], "fi") is None


def test_figures_are_what_is_recorded_besides_facts():
    assert History(RECORDS).figures == ("fit/error", "fit/penalty", "validation/fit/error")
    assert repr(History(RECORDS)) == (
        "History(2 epochs; fit/error, fit/penalty, validation/fit/error)"
    )


def test_an_unknown_figure_is_named_with_those_there_are():
    with pytest.raises(KeyError, match=r"'loss'.*fit/error"):
        History(RECORDS)["loss"]
    with pytest.raises(SettingError, match=r"patience is to follow 'loss'.*fit/error"):
        followed(RECORDS, "loss", "patience")


def test_a_figure_that_is_recorded_at_times_is_followed_where_it_is():
    records = [{"fit/error": 1.0}, {"fit/error": 2.0, "made/distance": 3.0}, {"fit/error": 4.0}]
    assert followed(records, "made/distance", "patience") == [None, 3.0, None]
    assert followed([], "made/distance", "patience") == []


def test_a_history_without_epochs_has_empty_figures():
    assert len(History()) == len(History()["anything"]) == 0


def test_what_is_read_is_what_was_written():
    records = [*RECORDS, {"epoch": 3, "fit/error": math.inf, "stage": "b\n\"ü'", "fit/x": 1e-320}]

    found = History.from_lines(History(records).to_lines())

    assert list(found) == records
    assert History(records).to_lines().count("\n") == 3


def test_records_added_to_a_copy_are_not_added_to_the_first():
    first = History(RECORDS)
    History(first.records).records.append({})
    assert len(first) == 2
