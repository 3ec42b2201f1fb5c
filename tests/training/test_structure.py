"""A structure is that of the model as it is now, without a walk through it."""

import pytest
import torch
from torch import nn

from espelho.errors import EspelhoError
from espelho.training.optimization.flat import FlatGroup
from espelho.training.structure import Structure


class Stubborn(nn.Dropout):
    """A module that never trains."""

    def train(self, mode=True):
        return super().train(False)


def network():
    shared = nn.Linear(3, 3)
    return nn.Sequential(shared, nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5)), shared)


def replace_module(model):
    model[1][0] = nn.BatchNorm1d(3)


def replace_parameter(model):
    model[0].bias = nn.Parameter(torch.ones(3))


def remove_parameter(model):
    model[1][0].weight = None


@pytest.mark.parametrize(
    "change", [lambda model: None, replace_module, replace_parameter, remove_parameter]
)
def test_parameters_and_buffers_are_those_that_the_model_has_now(change):
    model = network()
    structure = Structure(model)

    change(model)

    found, expected = structure.parameters(), dict(model.named_parameters())
    assert list(found) == list(expected)
    assert all(found[name] is expected[name] for name in expected)
    assert [id(b) for b in structure.buffers()] == [id(b) for b in model.buffers()]


@pytest.mark.parametrize("last", [nn.ReLU(), Stubborn()])
def test_it_goes_into_training_and_out_of_it_as_the_model_itself_does(last):
    model = network().append(last)
    structure = Structure(model)

    for mode in (False, True):
        structure.train(mode)
        found = [module.training for module in model.modules()]
        model.train(mode)
        assert found == [module.training for module in model.modules()]


def test_a_module_that_was_replaced_while_it_trained_is_noticed():
    model = network()
    structure, group = Structure(model), FlatGroup(dict(model.named_parameters()))
    structure.check([group])

    model[1][0] = nn.BatchNorm1d(3)

    with pytest.raises(EspelhoError, match=r"'1\.0\.weight'"):
        structure.check([group])
