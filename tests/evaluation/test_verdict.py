"""Verdicts flip where the errors do."""

import numpy as np
import pytest

from espelho.evaluation.reconstruction import Errors
from espelho.evaluation.verdict import verdict


def _errors(model, pca=1.0, mean=10.0, n=100):
    noise = np.random.default_rng(0).normal(0, 0.1, n)
    return Errors(np.full(n, model) + noise, np.full(n, pca), np.full(n, mean))


@pytest.mark.parametrize(
    ("model", "outcome", "sentence"),
    [
        (0.5, "better", "below PCA's of the same width."),
        (2.0, "worse", "PCA of the same width does better here"),
        (1.0, "unclear", "No clear difference from PCA"),
    ],
)
def test_the_outcome_follows_the_paired_difference(model, outcome, sentence):
    found = verdict(_errors(model), _errors(model), held_out=True)

    assert found.outcome == outcome
    assert sentence in found.text


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.5, "50 % below"), (0.95, "5.0 % below"), (0.9999, "less than 0.1 % below")],
)
def test_differences_are_told_in_percent(share, words):
    errors = Errors(np.full(9, share), np.ones(9), np.full(9, 4.0))

    assert words in verdict(errors, errors, held_out=True).text


def test_exact_components_leave_nothing_to_beat():
    errors = _errors(0.5, pca=0.0)

    assert verdict(errors, errors, held_out=True).outcome == "exact"


def test_a_model_no_better_than_the_mean_has_not_learned():
    errors = _errors(12.0)

    assert "has not learned" in verdict(errors, errors, held_out=True).text


def test_units_that_disagree_are_told():
    assert "it is reversed" in verdict(_errors(0.5), _errors(2.0), held_out=True).text
    assert "reversed" not in verdict(_errors(2.0), _errors(2.0), held_out=True).text


def test_samples_that_training_may_have_seen_are_told():
    errors = _errors(0.5)

    assert "training may have seen" in verdict(errors, errors, held_out=False).text
    assert "training may have seen" not in verdict(errors, errors, held_out=True).text
