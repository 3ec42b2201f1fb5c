"""Outputs out of range, no better than principal components, or short of the data."""

import pytest
from tests.training.doctor.records import history, signals

from espelho.training.doctor import examine

WELL = {
    "output__unreached": [0.01] * 4,
    "output__piled": [0.01] * 4,
    "output__beyond": [0.0] * 4,
    "answers__train": [0.5, 0.3, 0.2, 0.2],
}
FINAL = {"answers__train": 0.2, "linear__train": 0.4}


def found(facts=None, final=None, **changed):
    facts = {"width": 2, "features": 4} if facts is None else facts
    read = signals(facts=facts, final={**FINAL, **(final or {})}, **{**WELL, **changed})
    return examine(history(reconstruct__error=[1.0] * 4), read)


def test_outputs_that_reach_the_data_and_beat_principal_components_are_healthy():
    assert found().healthy


def test_data_beyond_the_end_where_outputs_pile_up_is_an_output_range():
    verdict = found(output__unreached=[0.4] * 4, output__piled=[0.0, 0.3, 0.3, 0.3])[
        "output range"
    ]
    assert verdict.epoch == 2
    assert "output_activation" in verdict.remedy


@pytest.mark.parametrize("name", ["output__unreached", "output__piled"])
def test_outputs_that_shrink_and_black_backgrounds_are_no_output_range(name):
    assert found(**{name: [0.7] * 4}).healthy


def test_outputs_where_the_data_never_is_are_an_output_range():
    assert found(output__beyond=[0.0, 0.2, 0.2, 0.2])["output range"].epoch == 2


def test_an_error_as_large_as_that_of_principal_components_is_no_better():
    verdict = found(final={"answers__train": 0.4})["no better than PCA"]
    assert verdict.evidence == {"variance lost": 0.4, "by principal components": 0.4}
    assert found({"width": 4, "features": 4}, final={"answers__train": 0.4}).healthy
    assert found(final={"answers__train": 0.4, "linear__train": 0.0}).healthy


def test_a_loss_that_gives_up_squared_error_is_not_judged_by_it():
    read = signals(facts={"width": 2, "features": 4}, final={**FINAL, "answers__train": 0.4})
    found = examine(history(reconstruct__correntropy=[1.0] * 4), read)
    assert "outliers" in found.unjudged["no better than PCA"]


def test_new_data_decides_where_there_is_some():
    new = {"answers__held_out": 0.5, "linear__held_out": 0.4}
    assert found(final=new).names == ("no better than PCA",)
    assert found(final={**new, "answers__held_out": 0.3}).healthy


def test_a_few_samples_far_off_are_not_what_a_network_is_judged_by():
    new = {"answers__held_out": 0.5, "linear__held_out": 0.4}
    typical = {"typical__held_out": 0.2, "linear_typical__held_out": 0.3}
    assert found(final={**new, **typical}).healthy
    assert not found(final={**new, **typical, "typical__held_out": 0.3}).healthy
    assert not found(final={**new, "typical__train": 0.2, "linear_typical__held_out": 0.3}).healthy


def test_explaining_less_than_half_of_what_principal_components_do_is_underfitting():
    verdict = found(final={"answers__train": 0.8})["underfitting"]
    assert verdict.epoch == 4
    assert "hidden_sizes" in verdict.remedy


def test_samples_too_large_for_principal_components_are_not_compared():
    read = signals(facts={"width": 2, "features": 4}, **WELL)
    assert examine(history(reconstruct__error=[1.0] * 4), read).healthy
