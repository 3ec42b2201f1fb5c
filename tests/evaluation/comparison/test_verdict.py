"""A verdict says what the figures allow, and no more."""

from dataclasses import replace

import pytest

from espelho.evaluation import memorisation
from espelho.evaluation.comparison.verdict import Findings, verdict

ALIKE = Findings(
    n=500,
    p_values=(0.6, 0.4, 0.9),
    accuracy=0.51,
    precision={"model": 0.85, "real": 0.9},
    coverage={"model": 0.9, "real": 0.96},
    nearest=None,
)


def test_several_tests_are_one():
    for p_values, outcome in (((0.03, 0.03, 0.03), "alike"), ((0.9, 0.01, 0.9), "different")):
        assert verdict(replace(ALIKE, p_values=p_values))[0] == outcome
    assert replace(ALIKE, p_values=(0.9, 0.8, 0.7)).p_value == 1


def test_samples_that_are_alike_have_one_good_sentence():
    outcome, text = verdict(ALIKE)

    assert outcome == "alike"
    assert text == (
        "Samples cannot be told from data by 500 rows of each (p = 1). "
        "Whether they repeat training rows was not measured, without X_train."
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"coverage": {"model": 0.6, "real": 0.96}}, "They miss parts of the data: 60% "),
        ({"precision": {"model": 0.5, "real": 0.9}}, "Many lie where no data is: 50% "),
        (
            {"precision": {"model": 0.5, "real": 0.9}},
            "do not tell samples from data by 500 rows of each (p = 1), yet they differ. Many",
        ),
        (
            {"p_values": (0.5, 0.5, 0.001), "accuracy": 0.9},
            "(p = 0.003000): a classifier is right about 90% of the rows, where guessing",
        ),
        (
            {"p_values": (0.001, 0.5, 0.5), "accuracy": 0.52},
            "by distances between rows, though a classifier is right about 52% of the rows only",
        ),
    ],
)
def test_each_fault_has_its_sentence(changed, sentence):
    assert sentence in verdict(replace(ALIKE, **changed))[1]
    assert sentence not in verdict(ALIKE)[1]


def test_copies_of_data_that_repeats_itself_are_no_fault():
    train = [[0.0], [1.0], [2.0]]
    repeated = memorisation(train, train, train)
    copied = memorisation(train, train, [[0.5], [1.5]])

    assert repeated.copies == 1
    assert verdict(replace(ALIKE, nearest=repeated))[0] == "alike"
    assert verdict(replace(ALIKE, nearest=copied))[0] == "copied"
