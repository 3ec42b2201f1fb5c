"""Codes that say nothing, units that are dead, and codes that copy."""

import pytest
from tests.training.doctor.records import history, signals

from espelho.training.doctor import examine

WELL = {
    "units__silent": [0.5] * 4,
    "units__loudest": [2.0] * 4,
    "units__dead": [0.0] * 4,
    "units__dead_hidden": [0.4] * 4,
    "answers__shuffled": [0.5] * 4,
}


def found(**changed):
    read = signals(facts={"width": 4, "features": 4}, **{**WELL, **changed})
    return examine(history(reconstruct__error=[1.0] * 4), read)


def test_a_code_some_of_whose_units_are_silent_is_healthy():
    assert found().healthy


@pytest.mark.parametrize(
    ("illness", "name", "values", "setting"),
    [
        ("posterior collapse", "units__silent", [0.5, 1.0, 1.0, 1.0], "kl_warm_up"),
        ("posterior collapse", "units__loudest", [2.0, 0.05, 0.05, 0.04], "beta"),
        ("dead units", "units__dead", [0.0, 0.5, 0.5, 0.5], "leaky-relu"),
        ("dead units", "units__dead_hidden", [0.4, 1.0, 1.0, 1.0], "learning_rate"),
        ("identity", "answers__shuffled", [0.5, 0.01, 0.01, 0.01], "latent_dim"),
    ],
)
def test_each_illness_of_a_code_is_found_since_it_began(illness, name, values, setting):
    diagnosis = found(**{name: values})
    assert diagnosis.names == (illness,)
    assert (diagnosis[illness].epoch, diagnosis[illness].step) == (2, 20)
    assert setting in diagnosis[illness].remedy
