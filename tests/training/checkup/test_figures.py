"""What a model shows becomes numbers by their definitions."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import nn

from espelho.training.batches import Batch
from espelho.training.checkup.figures import (
    code_figures,
    error_share,
    game_figures,
    label_figures,
    range_figures,
    separation,
    shuffled,
    typical_share,
)
from espelho.training.checkup.principal import PrincipalComponents
from espelho.training.checkup.units import ConstantUnits, dead_share


def normal(*shape, seed=0):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_the_mean_of_the_data_loses_all_of_its_variance_and_the_data_none():
    x = normal(30, 2, 3) + 5
    assert error_share(Batch(x), x.mean(0).expand_as(x)) == pytest.approx(1)
    assert error_share(Batch(x), x) == 0


def test_what_padding_holds_does_not_count():
    x, lengths = normal(6, 4, 2), torch.tensor([4, 2, 3, 1, 4, 2])
    answers = 0.9 * x
    expected = error_share(Batch(x, lengths=lengths), answers)
    late = torch.arange(4) >= lengths.unsqueeze(1)
    answers[late] = 99.0
    assert error_share(Batch(x, lengths=lengths), answers) == expected


def test_a_typical_share_is_that_of_the_median_sample_beside_the_variance_seen():
    seen, x = normal(40, 5), normal(9, 5, seed=1)
    answers = x + torch.arange(9.0).unsqueeze(1)
    answers[8] += 1e6
    variance = float((seen - seen.mean(0)).square().sum(1).mean())
    assert typical_share(Batch(x), answers, Batch(seen)) == pytest.approx(5 * 4**2 / variance)


def test_shuffled_samples_have_the_same_values_in_every_place_and_nothing_else():
    x = normal(50, 1, 2, 3)
    mixed = shuffled(Batch(x)).x
    assert mixed.shape == x.shape
    torch.testing.assert_close(mixed.sort(0).values, x.sort(0).values, rtol=0, atol=0)
    assert not (mixed == x).flatten(1).all(1).any()


def test_units_are_dead_by_their_spread_and_silent_by_their_nats():
    codes = torch.cat([normal(40, 3), torch.full((40, 1), 7.0, dtype=torch.float64)], 1)
    assert dead_share(codes) == 0.25
    assert dead_share(torch.zeros(5, 2)) == 1
    kl = torch.tensor([[0.001, 2.0, 0.5, 0.0]]).expand(40, 4)
    found = code_figures({"codes": codes, "unit_kl": kl})
    assert found == {"units/dead": 0.25, "units/silent": 0.5, "units/loudest": 2.0}
    assert code_figures({}) == {}


def test_rectified_units_that_never_fire_are_counted_in_the_worst_layer():
    network = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 3), nn.ReLU())
    with torch.no_grad():
        network[0].bias.copy_(torch.tensor([-99.0, -99.0, 99.0, 99.0]))
        network[2].bias.fill_(9e3)
    units = ConstantUnits(network)
    with units.watched(), torch.no_grad():
        network(torch.randn(20, 2, generator=torch.Generator().manual_seed(0)))
        network(torch.randn(30, 2, generator=torch.Generator().manual_seed(1)))
    assert units.share() == 0.5
    assert not network[1]._forward_hooks
    assert ConstantUnits(nn.Linear(2, 2)).share() is None


def test_a_unit_that_fires_for_one_of_two_sets_is_alive():
    layer = nn.Sequential(nn.ReLU())
    units = ConstantUnits(layer)
    with units.watched():
        layer(torch.full((5, 1), -1.0))
        layer(torch.full((5, 1), 1.0))
    assert units.share() == 0


def test_outputs_are_compared_with_the_range_of_the_data():
    x = torch.tensor([-1.0, 0.0, 0.5, 1.0])
    logistic = torch.tensor([0.0, 0.0, 0.4, 0.6])
    assert range_figures(x, logistic) == {
        "output/unreached": 0.5, "output/beyond": 0.0, "output/piled": 0.75,
    }  # fmt: skip
    assert range_figures(x, torch.tensor([-1.1, -1.3, 1.15, 2.0]))["output/beyond"] == 0.5


def test_outputs_that_come_near_the_ends_of_the_data_reach_them():
    x = torch.tensor([0.0, 0.0, 50.0, 100.0])
    near, short = (float(share * x.std()) for share in (0.1, 0.2))
    assert range_figures(x, torch.tensor([near, 100 - near]))["output/unreached"] == 0
    assert range_figures(x, torch.tensor([short, 100 - short]))["output/unreached"] == 0.75


def test_separation_is_the_chance_of_the_right_order():
    above, below = normal(30), normal(40, seed=1)
    pairs = [(a > b) + 0.5 * (a == b) for a in above for b in below]
    assert separation(above, below) == pytest.approx(float(np.mean(pairs)))
    assert separation(torch.ones(3), torch.ones(3)) == 0.5


def test_scores_of_new_samples_show_what_is_known_by_heart():
    shown = {"scores_real": torch.tensor([3.0, 4.0]), "scores_made": torch.tensor([0.0, 1.0])}
    found = game_figures(shown, {"scores_real": torch.tensor([1.0, 1.0])})
    assert found == {
        "scores/separation": 1.0, "scores/gap": 3.0, "scores/known": 1.0,
        "scores/overfitting": pytest.approx(2.5 / 3),
    }  # fmt: skip
    assert "scores/known" not in game_figures(shown, {})
    alike = {"scores_real": torch.ones(2), "scores_made": torch.ones(2)}
    assert game_figures(alike, alike)["scores/overfitting"] == 0


def test_samples_of_a_class_are_recognised_by_their_neighbours():
    labels = torch.tensor([0, 0, 1, 1, -1])
    real = torch.tensor([[0.0], [0.1], [5.0], [5.1], [50.0]])
    made = torch.tensor([[0.0], [5.0], [5.0], [5.2], [0.0]])
    found = label_figures(real, made, labels)
    assert found == {"classes/real": [1.0, 1.0], "classes/made": [0.5, 1.0]}


@pytest.mark.parametrize("n", [40, 6])
def test_principal_components_lose_what_those_of_scikit_learn_do(n):
    rows, x = normal(n, 8), normal(20, 8, seed=1)
    pca = PCA(3).fit(rows.numpy())
    expected = pca.inverse_transform(pca.transform(x.numpy()))
    np.testing.assert_allclose(PrincipalComponents(rows, 3).answers(x).numpy(), expected)
    images = x.reshape(20, 2, 4)
    answers = PrincipalComponents(rows, 3).answers(images)
    np.testing.assert_allclose(answers.reshape(20, 8).numpy(), expected)
