"""An examination gives each illness its name, or says why it cannot judge."""

import json

import pytest
from tests.training.doctor.records import history, signals

from espelho.errors import RunError
from espelho.training.doctor import ILLNESSES, Diagnosis, Signals, examine
from espelho.training.doctor.examine import RULES

FALLEN = [1 + 9 * 0.7**i for i in range(40)]


def test_every_illness_has_a_name_of_its_own_and_a_remedy():
    assert len(set(ILLNESSES)) == len(ILLNESSES)
    assert all(rule.remedy.endswith(".") for rule in RULES)


def test_a_run_from_before_is_judged_by_its_history_and_the_rest_is_said_to_be_unjudged():
    found = examine(history(reconstruct__error=[10 * 0.97**i for i in range(40)]))
    assert found.names == ("not converged",)
    assert found.unjudged["mode collapse"] == "for no signals were read in this training"
    assert set(found.names) | set(found.unjudged) == set(ILLNESSES) - {"divergence"}


def test_a_training_without_an_epoch_cannot_be_judged():
    assert set(examine([]).unjudged) == set(ILLNESSES)


def test_what_a_model_does_not_have_is_not_looked_for():
    found = examine(history(reconstruct__error=FALLEN), signals(units__dead=[0.0]))
    assert "mode collapse" not in found.unjudged


def test_verdicts_are_in_the_order_in_which_they_began():
    read = signals(units__dead=[0.5] * 3, units__silent=[0.0, 1.0, 1.0])
    assert examine([], read).names == ("dead units", "posterior collapse")


def test_a_diagnosis_reads_as_a_text_and_as_json():
    found = examine(history(reconstruct__error=[1.0] * 3), signals(units__dead=[0.5] * 3))
    text = str(found)
    assert "dead units (since epoch 1, step 10)" in text
    assert "Remedy:" in text
    assert "Not judged, for there are fewer than 10 epochs" in text
    assert json.loads(json.dumps(found.to_dict()))["verdicts"][0]["name"] == "dead units"
    assert [verdict.name for verdict in found] == list(found.names)
    assert len(found) == 1
    assert not found.healthy
    with pytest.raises(KeyError, match="Found: dead units"):
        found["mode collapse"]
    assert str(Diagnosis()) == "Nothing wrong was found."
    assert str(examine(history(fit__error=FALLEN)).verdicts) == "()"


def test_signals_come_back_from_their_lines():
    read = signals(units__dead=[0.1, 0.2], facts={"width": 3})
    again = Signals.from_lines(read.to_lines())
    assert (again.records, again.facts) == (read.records, read.facts)
    assert repr(again) == "Signals(2 records)"
    assert len(again) == 2


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('{"format": 99, "facts": {}}', "of format 99, and this espelho reads format 1"),
        ('{"facts": {}}', "damaged"),
        ("", "damaged"),
        ("no json", "damaged"),
    ],
)
def test_signals_of_another_format_and_damaged_ones_are_an_error(lines, said):
    with pytest.raises(RunError, match=said):
        Signals.from_lines(lines)
