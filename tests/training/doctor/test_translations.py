"""Figures of translations show copies, one-sided collapse and hidden signals."""

import pytest
from tests.training.doctor.records import history, signals

from espelho.training.doctor import examine
from espelho.training.doctor.translations import is_hidden

GAME = {
    "discriminate__real_A": [0.2] * 5,
    "generate__fool_A": [1.0] * 5,
    "generate__cycle_A": [1.0] * 5,
}
OF_ONE = {
    "translation/change": [0.5] * 5,
    "translation/cycle": [[0.05, 0.06, 0.06, 0.5]] * 5,
    "samples/diversity": [1.0] * 5,
    "samples/told_apart": [1.0, 0.9, 0.8, 0.8, 0.8],
    "scores/separation": [0.8] * 5,
    "scores/gap": [0.3] * 5,
}
FACTS = {"rows": 128, "held_out_rows": 128, "translates": 1}


def found(**changed):
    series = {f"{name}_{one}": v for name, v in OF_ONE.items() for one in "AB"}
    series |= {name.replace("__", "/"): values for name, values in changed.items()}
    return examine(history(**GAME), signals(facts=FACTS, **series))


def test_translations_as_they_should_be_are_healthy():
    assert found().healthy


def test_a_copy_of_what_is_translated_is_an_identity_generator_since_then():
    verdict = found(translation__change_B=[0.5, 0.4, 0.01, 0.01, 0.01])["identity generator"]
    assert (verdict.epoch, verdict.step) == (3, 30)
    assert verdict.said.startswith("Of B: translations are")
    assert verdict.evidence["change"] == 0.01
    assert "identity_weight" in verdict.remedy


def test_a_copy_is_right_where_both_sets_are_alike():
    alike = {"translation__change_B": [0.01] * 5, "samples__told_apart_B": [0.5] * 5}
    assert found(**alike).healthy


def test_one_of_two_ways_that_collapses_is_named_and_no_other_illness_beside_it():
    diagnosis = found(samples__diversity_A=[1.0, 0.9, 0.2, 0.1, 0.1])
    assert diagnosis.names == ("one-sided collapse",)
    verdict = diagnosis["one-sided collapse"]
    assert (verdict.epoch, verdict.said[:5]) == (3, "Of A:")


def test_both_ways_that_collapse_are_a_mode_collapse_since_the_first():
    diagnosis = found(
        samples__diversity_A=[1.0, 0.9, 0.2, 0.1, 0.1],
        samples__diversity_B=[1.0, 0.1, 0.2, 0.1, 0.1],
    )
    assert diagnosis.names == ("mode collapse",)
    verdict = diagnosis["mode collapse"]
    assert (verdict.epoch, verdict.said[:11]) == (2, "Of A and B:")
    assert "cycle_weight" in verdict.remedy
    assert "packing" not in verdict.remedy


@pytest.mark.parametrize("place", [1, 2])
def test_a_cycle_that_a_faint_change_undoes_is_a_hidden_signal(place):
    errors = [0.01, 0.01, 0.01, 0.5]
    errors[place] = 0.4
    verdict = found(translation__cycle_A=[*[[0.3, 0.3, 0.3, 0.5]] * 3, errors, errors])
    verdict = verdict["hidden signal"]
    assert verdict.epoch == 4
    assert verdict.said.startswith("Of A: ")
    assert verdict.evidence["cycle error"] == 0.01
    assert list(verdict.evidence.values()) == errors


def test_small_cycle_errors_that_rise_a_little_hide_nothing():
    assert not is_hidden(0.001, 0.01, 1.0)
    assert not is_hidden(0.5, 0.9, 1.0)
    assert is_hidden(0.01, 0.2, 1.0)


def test_illnesses_of_games_are_of_a_set_and_their_remedies_of_translators():
    verdict = found(scores__separation_B=[1.0] * 5)["saturated discriminator"]
    assert verdict.said.startswith("Of B: ")
    assert "patch" in verdict.remedy
    assert "discriminator_updates" not in verdict.remedy
    gradients = [1.0, 1e-5, 1e-5, 1e-5, 1e-5]
    assert "vanishing gradient" in found(gradient__generate=gradients)
    beyond = {"output__beyond_B": [0.3] * 5}
    assert "output range" in found(**beyond)


def test_one_way_alone_cannot_collapse_on_one_side():
    series = {**OF_ONE, "samples/diversity": [0.1] * 5}
    assert examine(history(**GAME), signals(facts=FACTS, **series)).names == ("mode collapse",)
