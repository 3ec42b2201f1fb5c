"""Samples that are too much alike, or of too few kinds, are a mode collapse."""

import pytest
from tests.training.doctor.records import history, signals

from espelho.training.doctor import examine

EVEN = [0.25, 0.25, 0.25, 0.25]
WELL = {
    "samples__diversity": [0.9] * 4,
    "samples__spacing": [0.8] * 4,
    "samples__coverage": [0.7] * 4,
    "samples__bins_real": [EVEN] * 4,
    "samples__bins_made": [[0.3, 0.3, 0.2, 0.2]] * 4,
    "classes__real": [[0.9, 0.8, 0.2]] * 4,
    "classes__made": [[0.8, 0.9, 0.0]] * 4,
}


def found(**changed):
    return examine(history(match__mmd=[1.0] * 4), signals(**{**WELL, **changed}))


def test_samples_as_varied_as_the_data_are_healthy():
    # The third class is not recognised among real samples either.
    assert found().healthy


@pytest.mark.parametrize(
    ("name", "values", "evidence"),
    [
        ("samples__diversity", [0.9, 0.3, 0.2, 0.1], "diversity"),
        ("samples__spacing", [0.8, 0.01, 0.01, 0.01], "spacing"),
        ("samples__bins_made", [EVEN, *[[0.5, 0.5, 0.0, 0.0]] * 3], "share of the data in"),
        ("classes__made", [[0.8, 0.9, 0.0], *[[0.8, 0.0, 0.0]] * 3], "classes missing"),
    ],
)
def test_samples_of_too_few_kinds_are_a_mode_collapse_since_then(name, values, evidence):
    verdict = found(**{name: values})["mode collapse"]
    assert (verdict.epoch, verdict.step) == (2, 20)
    assert evidence in verdict.figures
    assert "coverage in the end 0.7" in verdict.figures
    assert "penalty" in verdict.remedy


def test_small_bins_may_be_empty():
    real, made = [0.4, 0.3, 0.26, 0.04], [0.4, 0.3, 0.3, 0.0]
    assert found(samples__bins_real=[real] * 4, samples__bins_made=[made] * 4).healthy
