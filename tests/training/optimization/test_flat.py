"""Flat storage holds every parameter once, as it was, and gives it back."""

import pytest
import torch
from tests.training.toys import Recurrent, tied_network
from torch import nn

from espelho.errors import EspelhoError
from espelho.training.optimization.flat import FlatGroup, flatten
from espelho.training.plan import Phase


def nothing(batch):
    return {}


def phases(*owned):
    return [Phase(f"phase {i}", modules, nothing) for i, modules in enumerate(owned)]


MODULES = {
    "dense": lambda: nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 2, bias=False)),
    "tied": tied_network,
    "recurrent": Recurrent,
    "channels last": lambda: nn.Conv2d(3, 4, 3).to(memory_format=torch.channels_last),
    "scalar and empty": lambda: nn.ParameterList([torch.tensor(3.0), torch.zeros(0, 4)]),
}


@pytest.mark.parametrize("name", MODULES)
def test_values_shapes_and_strides_stay(name):
    module = MODULES[name]()
    before = {n: (p.detach().clone(), p.stride()) for n, p in module.named_parameters()}

    (group,) = flatten(dict(module.named_parameters()), phases([module]))

    for parameter_name, parameter in module.named_parameters():
        values, strides = before[parameter_name]
        assert torch.equal(parameter, values)
        assert parameter.stride() == parameter.grad.stride() == strides
        assert torch.equal(group.unpack(group.data)[parameter_name], values)
    group.check(dict(module.named_parameters()))


@pytest.mark.parametrize("name", MODULES)
def test_a_released_parameter_has_memory_of_its_own_and_the_same_values(name):
    module = MODULES[name]()
    before = {n: (p.detach().clone(), p.stride()) for n, p in module.named_parameters()}
    (group,) = flatten(dict(module.named_parameters()), phases([module]))

    group.release()
    group.data.fill_(7.0)

    for parameter_name, parameter in module.named_parameters():
        values, strides = before[parameter_name]
        assert torch.equal(parameter, values)
        assert parameter.stride() == strides
        assert parameter.grad is None


def test_packing_undoes_unpacking():
    module = MODULES["dense"]()
    (group,) = flatten(dict(module.named_parameters()), phases([module]))
    values = {n: torch.randn_like(p) for n, p in module.named_parameters()}

    found = group.unpack(group.pack({**values, "of another group": torch.zeros(3)}))

    assert found.keys() == values.keys()
    assert all(torch.equal(found[name], value) for name, value in values.items())


def test_there_is_one_group_for_each_set_of_owners():
    a, b, c, free = (nn.Linear(2, 2) for _ in range(4))
    whole = nn.ModuleDict({"a": a, "b": b, "c": c, "free": free})

    groups = flatten(dict(whole.named_parameters()), phases([a, b], [b, c], [b]))

    assert [sorted(group.parameters) for group in groups] == [
        ["a.bias", "a.weight"],
        ["b.bias", "b.weight"],
        ["c.bias", "c.weight"],
    ]


def test_parameters_of_another_type_are_kept_apart_and_frozen_ones_left_out():
    module = nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2).double(), nn.Linear(2, 2)])
    module[2].weight.requires_grad_(False)

    groups = flatten(dict(module.named_parameters()), phases([module]))

    assert [group.data.dtype for group in groups] == [torch.float32, torch.float64]
    assert sorted(groups[0].parameters) == ["0.bias", "0.weight", "2.bias"]


@pytest.mark.parametrize(
    "replace",
    [
        lambda layer: setattr(layer.weight, "data", layer.weight.data.clone()),
        lambda layer: setattr(layer.weight, "grad", None),
        lambda layer: setattr(layer.weight, "grad", torch.zeros(2, 2)),
        lambda layer: setattr(layer, "weight", nn.Parameter(torch.zeros(2, 2))),
    ],
)
def test_storage_that_was_replaced_is_noticed(replace):
    layer = nn.Linear(2, 2)
    group = FlatGroup(dict(layer.named_parameters()))

    replace(layer)

    with pytest.raises(EspelhoError, match="'weight'"):
        group.check(dict(layer.named_parameters()))
