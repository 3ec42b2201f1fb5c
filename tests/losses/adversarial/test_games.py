"""Games: what the players pay rewards the right side, and is exact however sure the judge is."""

import math

import pytest
import torch

from espelho.losses.adversarial.games import GAMES, mean_cost

SCORES = torch.linspace(-3, 3, 25, dtype=torch.float64)


def slope(cost, score):
    a = torch.tensor([score], dtype=torch.float64, requires_grad=True)
    (found,) = torch.autograd.grad(cost(a).sum(), a)
    return found.item()


@pytest.mark.parametrize("name", GAMES)
def test_every_game_rewards_the_right_side(name):
    game, low, high = GAMES[name], torch.tensor([0.25]), torch.tensor([0.75])
    assert game.real(high) < game.real(low)
    assert game.fake(low) < game.fake(high)
    assert game.fool(high) < game.fool(low)


@pytest.mark.parametrize("name", GAMES)
def test_every_cost_is_of_each_score_by_itself(name):
    for cost in GAMES[name][:3]:
        found = cost(SCORES)
        assert found.shape == SCORES.shape
        each = torch.cat([cost(score.reshape(1)) for score in SCORES])
        torch.testing.assert_close(found, each)


@pytest.mark.parametrize("name", GAMES)
def test_a_judge_of_a_bounded_game_cannot_gain_without_end(name):
    game, far = GAMES[name], torch.tensor([1e6], dtype=torch.float64)
    least = min(float(game.real(far)), float(game.fake(-far)))
    assert (least >= 0) == game.bounded


@pytest.mark.parametrize("name", ["non-saturating", "minimax"])
def test_the_judge_of_these_pays_the_bernoulli_negative_log_likelihood(name):
    game, s = GAMES[name], SCORES.sigmoid()
    torch.testing.assert_close(game.real(SCORES), -s.log())
    torch.testing.assert_close(game.fake(SCORES), -(1 - s).log())


@pytest.mark.parametrize("name", ["non-saturating", "minimax"])
def test_the_best_judge_gives_the_log_ratio_of_the_densities(name):
    """Where p(real) = 0.8 and p(fake) = 0.3, the least cost is at log(0.8 / 0.3)."""
    game, best = GAMES[name], math.log(0.8 / 0.3)
    total = 0.8 * slope(game.real, best) + 0.3 * slope(game.fake, best)
    assert total == pytest.approx(0, abs=1e-12)


def test_the_slope_of_the_generators_loss_does_not_vanish_where_it_loses():
    assert slope(GAMES["non-saturating"].fool, -50.0) == -1
    assert slope(GAMES["non-saturating"].fool, -1e4) == -1
    assert slope(GAMES["minimax"].fool, -50.0) == pytest.approx(0, abs=1e-20)


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("score", [-1e4, 0.0, 1e4])
def test_costs_and_slopes_are_finite_however_sure_the_judge_is(name, score):
    for cost in GAMES[name][:3]:
        assert math.isfinite(cost(torch.tensor([score])).item())
        assert math.isfinite(slope(cost, score))


def test_the_mean_cost_is_weighted():
    cost, weight = GAMES["least-squares"].fake, torch.tensor([0.5, 1.5], dtype=torch.float64)
    score = torch.tensor([2.0, 4.0], dtype=torch.float64)
    assert mean_cost(cost, score).item() == 5
    assert mean_cost(cost, score, weight).item() == 6.5
