"""Scores and gradients show what is wrong with a game."""

import pytest
from tests.training.doctor.records import history, signals

from espelho.training.doctor import examine

GAME = {
    "discriminate__real": [1.0] * 5,
    "discriminate__fake": [1.0] * 5,
    "generate__fool": [1.0] * 5,
}
WELL = {
    "scores__separation": [0.8] * 5,
    "scores__gap": [1.0] * 5,
    "samples__told_apart": [1.0, 1.0, 1.0, 0.9, 0.8],
    "gradient__generate": [1.0, 0.5, 0.4, 0.3, 0.2],
    "scores__known": [0.52] * 5,
    "scores__overfitting": [0.1] * 5,
}
FACTS = {"rows": 256, "held_out_rows": 200}


def found(facts=FACTS, final=None, **changed):
    return examine(history(**GAME), signals(facts=facts, final=final, **{**WELL, **changed}))


def test_a_balanced_game_is_healthy():
    assert found().healthy


def test_scores_without_any_overlap_are_a_saturated_discriminator_since_then():
    verdict = found(scores__separation=[0.8, 0.9, 1.0, 1.0, 1.0])["saturated discriminator"]
    assert (verdict.epoch, verdict.step) == (3, 30)
    assert "discriminator_updates" in verdict.remedy


def test_one_bad_moment_is_no_verdict():
    assert found(
        scores__separation=[0.8, 0.9, 0.8, 0.9, 1.0], final={"scores__separation": 0.8}
    ).healthy


def test_the_weights_in_the_end_are_judged_too():
    assert "saturated discriminator" in found(final={"scores__separation": 1.0})


def test_known_samples_above_new_ones_are_an_overfitting_discriminator():
    shown = {"scores__known": [0.5, 0.6, 0.8, 0.9, 0.9], "scores__overfitting": [0.6] * 5}
    verdict = found(**shown)["overfitting discriminator"]
    assert verdict.epoch == 3
    assert "augmentation" in verdict.remedy
    assert found(**{**shown, "scores__overfitting": [0.1] * 5}).healthy
    # 12 rows may differ so much by chance.
    few = {"rows": 256, "held_out_rows": 12}
    assert found(few, **{**shown, "scores__known": [0.8] * 5}).healthy


def test_an_overfitting_discriminator_cannot_be_seen_without_rows_held_out():
    game = {n: v for n, v in WELL.items() if n not in ("scores__known", "scores__overfitting")}
    diagnosis = examine(history(**GAME), signals(facts=FACTS, **game))
    assert "validation_fraction" in diagnosis.unjudged["overfitting discriminator"]


def test_scores_that_do_not_tell_apart_what_neighbours_do_are_a_blind_discriminator():
    verdict = found(scores__separation=[0.5] * 5)["blind discriminator"]
    assert verdict.epoch == 1
    assert "discriminator_learning_rate" in verdict.remedy
    assert "blind discriminator" in found(scores__gap=[0.001] * 5)
    assert found(scores__gap=[0.001] * 5, samples__told_apart=[0.6] * 5).healthy
    assert found(scores__separation=[0.5] * 5, samples__told_apart=[0.6] * 5).healthy
    assert found(scores__separation=[0.5, 0.7, 0.8, 0.8, 0.8]).healthy


def test_a_gradient_that_falls_away_has_vanished():
    verdict = found(gradient__generate=[1.0, 0.5, 1e-5, 1e-6, 1e-7])["vanishing gradient"]
    assert verdict.epoch == 3
    assert "non-saturating" in verdict.remedy
    assert "'generate'" in verdict.said


def test_a_gradient_that_was_never_there_has_vanished():
    assert "vanishing gradient" in found(gradient__generate=[0.0] * 5)


def test_the_gradient_of_the_discriminator_may_vanish():
    assert found(gradient__discriminate=[1.0, 0.5, 1e-5, 1e-6, 1e-7]).healthy


@pytest.mark.parametrize("missing", ["gradient__generate", "samples__told_apart"])
def test_what_was_not_read_is_no_illness(missing):
    game = {name: values for name, values in WELL.items() if name != missing}
    assert examine(history(**GAME), signals(facts=FACTS, **game)).healthy
