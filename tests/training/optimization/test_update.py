"""An update: gradients of the owned alone, clipped, counted, remembered."""

import copy
import math

import pytest
import torch
from tests.training.toys import Mirror, squared_error, trainer
from torch import nn

from espelho.training.batches import Batch
from espelho.training.optimization import update as update_module
from espelho.training.optimization.flat import flatten
from espelho.training.optimization.update import Update
from espelho.training.plan import Phase
from espelho.training.recipe import Recipe


def prepared(module, loss, *, clip=None, optimizer="sgd", learning_rate=0.1, **options):
    phase = Phase("move", [module], loss, **options)
    groups = flatten(dict(module.named_parameters()), [phase])
    update = Update(phase, groups, {}, Recipe(optimizer=optimizer, gradient_clip=clip))
    update.learning_rate = learning_rate
    return update, groups


@pytest.mark.parametrize("largest", [1e-3, 1.0, 1e6])
def test_clipping_is_torchs(largest):
    # Two types of parameter make two groups, whose norms must be taken together.
    module = nn.ModuleList([nn.Linear(3, 3).double(), nn.Linear(3, 3)])
    plain = copy.deepcopy(module)
    x = torch.randn(4, 3)

    def loss_of(network):
        return lambda batch: {
            "double": squared_error(batch.x.double(), network[0](batch.x.double())),
            "single": squared_error(batch.x, network[1](batch.x)),
        }

    update, _ = prepared(module, loss_of(module), clip=largest)
    update(Batch(x))
    sum(loss_of(plain)(Batch(x)).values()).backward()
    torch.nn.utils.clip_grad_norm_(plain.parameters(), largest)
    torch.optim.SGD(plain.parameters(), lr=0.1).step()

    torch.testing.assert_close(dict(module.named_parameters()), dict(plain.named_parameters()))


def test_a_gradient_is_cleared_before_the_next():
    module = nn.Linear(1, 1, bias=False)
    update, _ = prepared(module, lambda batch: {"w": module.weight.sum()}, learning_rate=1.0)
    start = float(module.weight.detach())

    for _ in range(3):
        update(Batch(torch.zeros(1, 1)))

    assert float(module.weight.detach()) == pytest.approx(start - 3)


def test_a_parameter_owned_but_not_reached_counts_as_gradient_zero():
    module = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)])
    before = module[1].weight.clone()
    update, _ = prepared(module, lambda batch: {"x": module[0](batch.x).sum()}, optimizer="sgd")

    update(Batch(torch.ones(1, 1)))

    assert torch.equal(module[1].weight, before)


def test_the_gradient_of_others_is_never_touched():
    owned, other = nn.Linear(2, 2), nn.Linear(2, 2)
    update, _ = prepared(owned, lambda batch: {"x": other(owned(batch.x)).sum()})

    update(Batch(torch.ones(1, 2)))

    assert other.weight.grad is None


@pytest.mark.parametrize("on_cpu", [True, False])
def test_terms_are_remembered_also_when_they_wait_on_a_device(monkeypatch, on_cpu):
    monkeypatch.setattr(update_module, "_STACK_AFTER", 3)
    module = nn.Linear(1, 1)
    values = iter(range(100))

    def loss(batch):
        value = float(next(values))
        return {"a": module(batch.x).sum() * 0 + value, "b": torch.tensor(-value)}

    update, _ = prepared(module, loss)
    update._on_cpu = on_cpu
    for n in (1, 2, 3, 4, 5):
        update(Batch(torch.zeros(n, 1)))

    found, sizes = update.recorded()
    assert found.tolist() == [[i, -i] for i in range(5)]
    assert sizes == [1, 2, 3, 4, 5]
    mean = sum(i * (i + 1) for i in range(5)) / 15
    assert update.means() == pytest.approx({"move/a": mean, "move/b": -mean})
    update.clear()
    assert update.means() == {}
    assert update.finite() == []


def test_which_updates_were_not_finite_is_known():
    module = nn.Linear(1, 1)
    extra = iter([0.0, math.nan, 0.0, -math.inf])

    def loss(batch):
        value = module(batch.x).sum() * 0
        return {"good": value, "bad": value + next(extra)}

    update, _ = prepared(module, loss, learning_rate=0.0)
    for _ in range(4):
        update(Batch(torch.zeros(1, 1)))

    assert update.finite() == [True, False, True, False]
    assert update.describe(1) == "term 'bad' of phase 'move' was nan at update 2"
    assert update.describe(3) == "term 'bad' of phase 'move' was -inf at update 4"


def test_a_clipped_training_takes_smaller_steps():
    moved = []
    for clip in (None, 1e-4):
        torch.manual_seed(0)
        model = Mirror()
        before = [p.detach().clone() for p in model.parameters()]
        trainer(model, optimizer="sgd", gradient_clip=clip, max_epochs=1).run()
        pairs = zip(model.parameters(), before, strict=True)
        moved.append(sum(float((p.detach() - b).square().sum()) for p, b in pairs) ** 0.5)

    assert moved[1] <= 3 * 1e-4 * 1e-3 * 1.001 < moved[0]
