"""The optimisers are torch's own, over flat storage."""

import pytest
import torch
from tests.training.toys import Mirror, trainer
from torch import nn

from espelho.errors import RunError, SettingError
from espelho.training.optimization.flat import flatten
from espelho.training.optimization.optimizers import OPTIMIZERS, Optimizer, complete_options
from espelho.training.plan import Phase

TORCHS = {
    "sgd": (torch.optim.SGD, {}, {}),
    "momentum": (torch.optim.SGD, {}, {"momentum": 0.9}),
    "nesterov": (
        torch.optim.SGD,
        {"momentum": 0.7, "nesterov": True},
        {"momentum": 0.7, "nesterov": True},
    ),
    "adam": (torch.optim.Adam, {}, {}),
    "adam with options": (
        torch.optim.Adam,
        {"betas": (0.5, 0.9), "eps": 1e-3},
        {"betas": (0.5, 0.9), "eps": 1e-3},
    ),
    "adamw": (torch.optim.AdamW, {}, {}),
    "adamw with options": (torch.optim.AdamW, {"weight_decay": 0.3}, {"weight_decay": 0.3}),
    "rmsprop": (torch.optim.RMSprop, {}, {}),
    "rmsprop with options": (torch.optim.RMSprop, {"alpha": 0.9}, {"alpha": 0.9}),
}


def flat_parameters():
    module = nn.Sequential(nn.Linear(3, 5), nn.Linear(5, 2)).double()
    groups = flatten(dict(module.named_parameters()), [Phase("move", [module], lambda b: {})])
    return module, groups


@pytest.mark.parametrize("name", TORCHS)
def test_every_optimiser_equals_torchs_own(name):
    torchs, options, torchs_options = TORCHS[name]
    module, groups = flat_parameters()
    plain = [p.detach().clone().requires_grad_() for p in module.parameters()]
    key = "momentum" if name == "nesterov" else name.split()[0]
    ours = Optimizer(key, complete_options(key, options, OPTIMIZERS[key].options), groups)
    theirs = torchs(plain, lr=1.0, **torchs_options)
    generator = torch.Generator().manual_seed(0)

    for step in range(20):
        rate = 0.1 / (step + 1)
        theirs.param_groups[0]["lr"] = rate
        for parameter, other in zip(module.parameters(), plain, strict=True):
            gradient = torch.randn(other.shape, generator=generator, dtype=torch.float64)
            parameter.grad.copy_(gradient)
            other.grad = gradient
        ours.step(rate)
        theirs.step()

    for parameter, other in zip(module.parameters(), plain, strict=True):
        torch.testing.assert_close(parameter, other, rtol=1e-12, atol=1e-12, check_stride=False)


def test_a_state_is_named_after_parameters_and_can_be_taken_over():
    module, groups = flat_parameters()
    first = Optimizer("adam", OPTIMIZERS["adam"].options, groups)
    for group in groups:
        group.grad.normal_()
    first.step(0.1)
    second = Optimizer("adam", OPTIMIZERS["adam"].options, groups)

    second.load({name: value.clone() for name, value in first.state().items()})

    names = {name for name, _ in module.named_parameters()}
    expected = {f"{n}/{slot}" for n in names for slot in ("exp_avg", "exp_avg_sq", "step")}
    assert first.state().keys() == second.state().keys() == expected
    for name, value in first.state().items():
        assert torch.equal(value, second.state()[name])
        parameter = module.get_parameter(name.split("/")[0])
        assert name.endswith("step") or value.shape == parameter.shape


def test_a_state_of_another_optimiser_is_refused():
    _, groups = flat_parameters()
    momentum = Optimizer("momentum", OPTIMIZERS["momentum"].options, groups)

    with pytest.raises(RunError, match=r"8 states where 12 belong"):
        Optimizer("adam", OPTIMIZERS["adam"].options, groups).load(momentum.state())


def test_an_unknown_option_is_named_with_those_there_are():
    with pytest.raises(SettingError, match=r"'adam' has no option 'beta'.*betas, eps"):
        trainer(Mirror(), optimizer="adam", optimizer_options={"beta": 0.5})
    with pytest.raises(SettingError, match=r"'sgd' has no option 'momentum'.*none"):
        complete_options("sgd", {"momentum": 0.9}, OPTIMIZERS["sgd"].options)
