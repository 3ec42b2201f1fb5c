"""Outputs of generators that are tables."""

import pytest
import torch
from torch.nn import functional as F

from espelho.networks.categories import ActivatedNumbers, DrawnCategories


def test_numbers_alone_are_activated():
    output = torch.randn(4, 5)
    found = ActivatedNumbers("tanh", 2)(output)
    torch.testing.assert_close(found[:, :2], output[:, :2].tanh())
    assert torch.equal(found[:, 2:], output[:, 2:])
    assert torch.equal(ActivatedNumbers("linear", 2)(output), output)


def test_in_training_categories_are_drawn_by_their_probabilities():
    from scipy.stats import chisquare

    logits = torch.tensor([0.0, 1.0, -1.0, 2.0]).expand(4000, 4)
    found = DrawnCategories("linear", 1, (3,))(logits)
    assert torch.equal(found[:, 0], logits[:, 0])
    assert torch.allclose(found[:, 1:].amax(1), torch.ones(4000))
    expected = F.softmax(logits[0, 1:], 0) * 4000
    assert chisquare(found[:, 1:].round().sum(0).numpy(), expected.numpy()).pvalue > 0.01


def test_afterwards_it_returns_probabilities():
    output = torch.randn(3, 6)
    found = DrawnCategories("linear", 1, (3, 2)).eval()(output)
    torch.testing.assert_close(found[:, 1:4], F.softmax(output[:, 1:4], 1))
    torch.testing.assert_close(found[:, 4:], F.softmax(output[:, 4:], 1))


@pytest.mark.parametrize("hard", [True, False])
def test_its_slope_is_that_of_the_softmax_with_noise(hard):
    output, weight = torch.randn(50, 3, requires_grad=True), torch.randn(3)
    module = DrawnCategories("linear", 0, (3,), temperature=0.7, hard=hard)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        (slope,) = torch.autograd.grad((module(output) * weight).sum(), output)
        torch.manual_seed(3)
        gumbel = -torch.empty(50, 3).exponential_().log()
        soft = F.softmax((output + gumbel) / 0.7, 1)
        (expected,) = torch.autograd.grad((soft * weight).sum(), output)
    torch.testing.assert_close(slope, expected)
