"""The loss of categories among numbers, by second ways."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from torch.nn import functional as F

from espelho.losses.categories import Groups, categorical, with_categories
from espelho.losses.correntropy import correntropy
from espelho.losses.reconstruction import RECONSTRUCTIONS

SIZES = (3, 2, 4)
GROUPS = Groups(2, SIZES)
LOSSES = {**RECONSTRUCTIONS, "correntropy": correntropy(0.7)}


def rows(n=5):
    torch.set_default_dtype(torch.float64)
    labels = [torch.randint(size, (n,)) for size in SIZES]
    ones = [F.one_hot(label, size) for label, size in zip(labels, SIZES, strict=True)]
    return torch.cat([torch.rand(n, 2), *ones], dim=1), labels, torch.randn(n, 11)


def test_the_loss_of_a_group_is_torchs_and_scipys_cross_entropy():
    x, labels, output = rows()
    costs = categorical(x[:, 2:], output[:, 2:], SIZES)
    by_group = zip(costs.split(SIZES, 1), output[:, 2:].split(SIZES, 1), labels, strict=True)
    for cost, logits, label in by_group:
        torch.testing.assert_close(cost.sum(1), F.cross_entropy(logits, label, reduction="none"))
        by_scipy = -log_softmax(logits.numpy(), axis=1)[np.arange(5), label.numpy()]
        np.testing.assert_allclose(cost.sum(1).numpy(), by_scipy)


@pytest.mark.parametrize("name", LOSSES)
def test_the_whole_is_the_sum_of_numbers_and_groups(name):
    x, labels, output = rows()
    loss = with_categories(LOSSES[name], GROUPS)
    numbers = LOSSES[name].elements(x[:, :2], output[:, :2]).sum()
    logits = output[:, 2:].split(SIZES, 1)
    groups = sum(
        F.cross_entropy(a, b, reduction="sum") for a, b in zip(logits, labels, strict=True)
    )
    torch.testing.assert_close(loss.total(x, output), numbers + groups)
    torch.testing.assert_close(loss.elements(x, output).sum(), numbers + groups)
    weight = torch.tensor([2.0, 0, 1, 1, 1])
    twice = torch.tensor([0, 0, 2, 3, 4])
    torch.testing.assert_close(loss.mean(x, output, weight), loss.mean(x[twice], output[twice]))


@pytest.mark.parametrize("name", LOSSES)
def test_the_slope_is_that_of_finite_differences(name):
    x, _, output = rows()
    loss = with_categories(LOSSES[name], GROUPS)
    assert torch.autograd.gradcheck(lambda a: loss.total(x, a), output.requires_grad_())


def test_the_slope_by_logits_is_probabilities_less_the_one():
    x, _, output = rows()
    loss = with_categories(RECONSTRUCTIONS["squared_error"], GROUPS)
    (slope,) = torch.autograd.grad(loss.total(x, output.requires_grad_()), output)
    torch.testing.assert_close(slope[:, 2:], loss.output(output)[:, 2:] - x[:, 2:])


def test_what_comes_out_are_probabilities_whatever_the_order_of_categories():
    _, _, output = rows()
    found = with_categories(RECONSTRUCTIONS["bernoulli"], GROUPS).output(output)
    torch.testing.assert_close(found[:, :2], output[:, :2].sigmoid())
    order = torch.tensor([2, 0, 1])
    moved = output.clone()
    moved[:, 2:5] = output[:, 2:5][:, order]
    again = with_categories(RECONSTRUCTIONS["bernoulli"], GROUPS).output(moved)
    torch.testing.assert_close(again[:, 2:5], found[:, 2:5][:, order])
    torch.testing.assert_close(again[:, 5:], found[:, 5:])
    for part in found[:, 2:].split(SIZES, 1):
        torch.testing.assert_close(part.sum(1), torch.ones(5))


def test_great_logits_cost_what_they_should():
    x = torch.tensor([[0.0, 1.0]])
    assert categorical(x, torch.tensor([[1e4, -1e4]]), (2,)).sum() == 2e4
    assert categorical(x, torch.tensor([[-1e4, 1e4]]), (2,)).sum() == 0


def test_categories_are_drawn_as_often_as_is_probable():
    from scipy.stats import chisquare

    p = torch.tensor([0.6, 0.3, 0.1, 0.2, 0.8])
    drawn = Groups(0, (3, 2)).drawn(p.expand(4000, 5), torch.Generator().manual_seed(0))
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    for part, expected in ((drawn[:, :3], p[:3]), (drawn[:, 3:], p[3:])):
        assert (part.sum(1) == 1).all()
        assert chisquare(part.sum(0).numpy(), 4000 * expected.numpy()).pvalue > 0.01
