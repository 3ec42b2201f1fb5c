"""Losses show divergence, overfitting, and training that ended too early; healthy ones nothing."""

import numpy as np
import pytest
from tests.training.doctor.records import history, signals

from espelho.training.doctor import examine

EPOCHS = np.arange(40)
FALLEN = 1 + 9 * 0.7**EPOCHS


def names(records, read=None):
    return examine(records, read).names


def test_a_loss_that_has_come_to_rest_is_no_illness():
    records = history(reconstruct__error=FALLEN, validation__reconstruct__error=FALLEN + 0.1)
    found = examine(records)
    assert found.healthy
    assert "overfitting" not in found.unjudged


def test_a_value_that_was_not_finite_is_divergence_and_says_what_was_put_back():
    event = {
        "epoch": 3, "step": 35, "stage": "train", "event": "diverged",
        "what": "a weight was no longer finite at the end", "back": "of epoch 2, the best so far,",
    }  # fmt: skip
    found = examine(history(reconstruct__error=FALLEN[:3]), signals(event))
    verdict = found["divergence"]
    assert (verdict.epoch, verdict.step) == (3, 35)
    assert "of epoch 2, the best so far, were put back" in verdict.said
    assert "learning_rate" in verdict.remedy
    assert "divergence" in examine([], signals(event))


def test_a_loss_that_has_not_come_back_to_its_beginning_is_no_divergence():
    risen = np.array([10.0, *[1.0] * 20, *[9.5] * 19])
    low = np.array([1.0, *[-1.0] * 20, *[0.9] * 19])
    assert "divergence" not in names(history(reconstruct__error=risen))
    assert "divergence" not in names(history(reconstruct__nats=low))


@pytest.mark.parametrize("name", ["reconstruct__error", "two_sample__squared_mmd"])
def test_a_loss_that_grows_above_its_beginning_is_divergence_since_its_lowest(name):
    grown = np.concatenate([FALLEN[:10], np.linspace(2, 50, 30)])
    verdict = examine(history(**{name: grown}), signals(units__dead=[0.0] * 40))["divergence"]
    assert verdict.epoch == 10
    assert verdict.step == 100
    assert verdict.evidence["in the end"] == pytest.approx(grown[-2])
    assert "divergence" not in names(history(**{name: np.minimum(grown, 9.9)}))


def test_a_negative_loss_diverges_by_the_same_measure():
    noise = -50 + 0.1 * (-1.0) ** EPOCHS
    assert "divergence" not in names(history(reconstruct__nats=noise))
    assert "divergence" in names(history(reconstruct__nats=[*noise, 5.0, 5.0, 5.0]))


def test_a_validation_loss_that_rises_while_the_other_falls_is_overfitting_since_its_lowest():
    new = np.concatenate([FALLEN[:15], np.linspace(1.1, 3, 25)])
    verdict = examine(history(reconstruct__error=FALLEN, validation__reconstruct__error=new))[
        "overfitting"
    ]
    assert verdict.epoch == 15
    assert verdict.step is None
    assert "patience" in verdict.remedy


def test_losses_that_rise_together_are_not_overfitting():
    both = np.concatenate([FALLEN[:15], np.linspace(1.1, 3, 25)])
    assert "overfitting" not in names(
        history(reconstruct__error=both, validation__reconstruct__error=both + 0.1)
    )


@pytest.mark.parametrize(
    ("known", "new", "ill"), [(0.01, 0.3, True), (0.2, 0.3, False), (0.01, 0.05, False)]
)
def test_new_data_that_comes_back_much_worse_is_overfitting(known, new, ill):
    records = history(reconstruct__error=FALLEN, validation__reconstruct__error=FALLEN)
    read = signals(typical__train=[known], typical__held_out=[new])
    assert ("overfitting" in names(records, read)) is ill


def test_overfitting_cannot_be_judged_without_rows_held_out():
    assert "held out" in examine(history(reconstruct__error=FALLEN)).unjudged["overfitting"]


def test_a_loss_that_still_falls_has_not_converged():
    falling = 10 * 0.97**EPOCHS
    verdict = examine(history(reconstruct__error=falling))["not converged"]
    assert verdict.epoch == 40
    assert verdict.evidence["in the end"] < verdict.evidence["lowest before the last fifth"]
    assert "max_epochs" in verdict.remedy


def test_a_loss_whose_last_fifth_brought_a_tenth_of_all_has_not_converged():
    slow = 100 - 0.2 * EPOCHS
    assert "not converged" in names(history(reconstruct__error=slow))


def test_a_loss_that_wavers_around_its_end_has_converged():
    wavering = 5 + 0.2 * (-1.0) ** EPOCHS
    assert "not converged" not in names(history(match__mmd=wavering))
    back_again = [5, 3, 1, *[2] * 29, *np.linspace(2, 1, 8)]
    assert "not converged" not in names(history(match__mmd=back_again))


def test_a_game_is_judged_by_the_two_sample_figure_and_not_by_its_losses():
    losses = {"discriminate__real": FALLEN, "generate__fool": 10 * 0.9**EPOCHS}
    assert "keep='best'" in examine(history(**losses)).unjudged["not converged"]
    beside = {"reconstruct__error": 10 * 0.97**EPOCHS, "two_sample__squared_mmd": FALLEN}
    assert "not converged" not in names(history(**losses, **beside))
    falling = history(**losses, two_sample__squared_mmd=10 * 0.95**EPOCHS)
    assert "not converged" in names(falling)
    slowly = history(**losses, two_sample__squared_mmd=10 * 0.985**EPOCHS)
    assert "not converged" not in names(slowly)
    some = [v if i % 4 == 0 else None for i, v in enumerate(10 * 0.95**EPOCHS)]
    assert "not converged" in names(history(**losses, two_sample__squared_mmd=some))


def test_a_trend_needs_epochs():
    found = examine(
        history(reconstruct__error=FALLEN[:5], validation__reconstruct__error=FALLEN[:5])
    )
    assert {"overfitting", "not converged"} <= found.unjudged.keys()
    assert "fewer than 10 epochs" in found.unjudged["not converged"]


def test_only_the_last_stage_is_judged():
    first = history("layer 1", reconstruct__error=np.linspace(1, 100, 40))
    last = history("fine-tuning", 40, reconstruct__error=FALLEN)
    assert "divergence" in examine(first)
    assert examine([*first, *last]).healthy
    risen = history("fine-tuning", 40, reconstruct__error=np.linspace(1, 100, 40))
    high = history("layer 1", reconstruct__error=np.full(40, 1000.0))
    assert "divergence" in examine([*high, *risen])
