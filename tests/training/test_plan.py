"""A plan says who is due when, and refuses what makes no sense."""

import pytest
import torch
from torch import nn

from espelho.errors import SettingError
from espelho.training.plan import Phase, Stage, Trainable


def phase(name="move", **options):
    return Phase(name, [nn.Linear(1, 1)], lambda batch: {"x": batch.x.sum()}, **options)


def test_by_step_every_turn_asks_each_phase_in_order():
    stage = Stage(phase("a"), phase("b"))

    assert [stage.due(turn=turn, epoch=0) for turn in range(3)] == [[0, 1]] * 3


def test_by_step_a_phase_is_due_in_the_turns_that_every_divides_as_often_as_it_repeats():
    stage = Stage(phase("a", repeats=2), phase("b", every=3))

    found = [stage.due(turn=turn, epoch=7) for turn in range(4)]

    assert found == [[0, 0, 1], [0, 0], [0, 0], [0, 0, 1]]


def test_by_epoch_an_epoch_belongs_to_one_phase():
    stage = Stage(phase("a", repeats=2), phase("b", every=2), alternate="epoch")

    found = [stage.due(turn=epoch % 3, epoch=epoch) for epoch in range(10)]

    assert found == [[0], [0], [1], [0], [0]] * 2


def test_parameters_are_counted_once_also_where_modules_overlap():
    inner = nn.Linear(2, 2)
    owner = Phase("move", [inner, nn.Sequential(inner, nn.Linear(2, 1))], lambda batch: {})

    assert len(owner.parameters()) == 4


def test_a_stage_needs_phases_with_names_of_their_own():
    with pytest.raises(SettingError, match=r"stage 'first' has \['a', 'a'\]"):
        Stage(phase("a"), phase("a"), name="first")
    with pytest.raises(SettingError, match="at least one phase"):
        Stage()


@pytest.mark.parametrize("field", ["repeats", "every"])
def test_counts_are_at_least_one(field):
    with pytest.raises(SettingError, match=f"{field} of phase 'move' must be at least 1, got 0"):
        phase(**{field: 0})


def test_a_stage_alternates_by_step_or_by_epoch():
    with pytest.raises(SettingError, match="'step' or 'epoch', got 'batch'"):
        Stage(phase(), alternate="batch")


def test_a_stage_trains_on_the_data_it_makes_of_the_trainers():
    data = torch.zeros(3)
    assert Stage(phase()).prepared(data) is data
    assert Stage(phase(), data=len).prepared(data) == 3


def test_a_model_must_have_a_plan():
    class Without(Trainable):
        pass

    with pytest.raises(TypeError, match="plan"):
        Without()
