"""Observations: one likelihood for one code or many, and variances that are found."""

import math

import pytest
import torch

from espelho.losses.reconstruction import bernoulli
from espelho.models.autoencoders.observation import Observation

LOSSES = ("squared_error", "absolute_error", "bernoulli", "discretized_logistic")


def data(n=6, k=3, d=4):
    x = torch.randint(0, 256, (n, d)).double() / 255
    return x.round() if k == 0 else x, torch.randn(n, max(k, 1), d, dtype=torch.float64)


@pytest.mark.parametrize("loss", LOSSES)
def test_many_codes_cost_what_each_costs_alone(loss):
    x, outputs = data()
    observation = Observation(loss, 0.5)
    known = observation.log_variance()

    alone = [observation.by_draw(x, outputs[:, [j]], known) for j in range(3)]

    torch.testing.assert_close(observation.by_draw(x, outputs, known), torch.cat(alone, 1))


def test_of_zeros_and_ones_it_is_the_bernoulli_loss_however_large_the_logit():
    x, outputs = data()
    outputs = outputs * 100

    found = Observation("bernoulli").by_draw(x, outputs, torch.zeros(()))

    expected = bernoulli(x.repeat_interleave(3, 0), outputs.flatten(0, 1)).sum(1).view(6, 3)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("loss", LOSSES)
def test_padding_costs_nothing(loss):
    x = torch.rand(2, 5, 3, dtype=torch.float64)
    outputs = torch.randn(2, 4, 5, 3, dtype=torch.float64)
    valid = torch.tensor([[True] * 5, [True] * 2 + [False] * 3])
    observation = Observation(loss)
    known = observation.log_variance()

    found = observation.by_draw(x, outputs, known, valid)

    short = observation.by_draw(x[1:, :2], outputs[1:, :, :2], known)
    torch.testing.assert_close(found[1:], short)


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error"])
def test_no_variance_makes_a_batch_more_probable_than_the_optimal_one(loss):
    x, outputs = data(n=50, k=1)
    weight = torch.rand(50, dtype=torch.float64)
    observation = Observation(loss, "optimal").double()

    best = observation.fitted(x, outputs, weight)

    def cost(log_variance):
        return (weight * observation.by_draw(x, outputs, log_variance).squeeze(1)).sum()

    assert all(cost(best) < cost(best + by) for by in (-0.1, -0.01, 0.01, 0.1))


def test_once_trained_the_optimal_variance_is_that_of_the_batches_before():
    observation = Observation("squared_error", "optimal").double()
    x = torch.zeros(4, 2, dtype=torch.float64)
    for error in (1.0, 3.0) * 200:
        observation.fitted(x, x.unsqueeze(1) + error, None)
    observation.eval()

    found = observation.fitted(x, x.unsqueeze(1) + 100, None)

    assert found.exp().item() == pytest.approx(5, rel=0.01)


def test_the_optimal_variance_of_padded_sequences_is_of_their_own_steps():
    observation = Observation("squared_error", "optimal").double()
    x = torch.zeros(2, 3, 1, dtype=torch.float64)
    output = torch.full((2, 1, 3, 1), 2.0, dtype=torch.float64)
    output[1, 0, 1:] = 100
    valid = torch.tensor([[True, True, True], [True, False, False]])

    assert observation.fitted(x, output, None, valid).exp().item() == pytest.approx(4)


def test_what_is_exact_costs_no_infinity():
    observation = Observation("squared_error", "optimal").double()
    x = torch.ones(3, 2, dtype=torch.float64)

    cost = observation.by_draw(x, x.unsqueeze(1), observation.fitted(x, x.unsqueeze(1), None))

    assert cost.isfinite().all()


@pytest.mark.parametrize(("variance", "n"), [("learned", 1), ("per_feature", 4), (0.3, 0)])
def test_a_learned_variance_is_one_number_or_one_for_each_feature(variance, n):
    observation = Observation("squared_error", variance, (4,))

    assert sum(p.numel() for p in observation.parameters()) == n
    expected = 0.3 if variance == 0.3 else 0.1
    assert observation.log_variance().flatten()[0].item() == pytest.approx(math.log(expected))
