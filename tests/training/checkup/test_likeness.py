"""Two sets of samples are compared as the papers say, whatever is made."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist, pdist

from espelho.training.checkup.likeness import Likeness


def normal(n, d=3, seed=0):
    return torch.randn(n, d, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_figures_are_those_of_their_definitions():
    real, made = normal(40), 0.7 * normal(30, seed=1) + 0.2
    found = Likeness(real).figures(made)

    x, g = real.numpy(), made.numpy()
    own, across = cdist(x, x) + np.diag([np.inf] * 40), cdist(g, x)
    between = cdist(g, g) + np.diag([np.inf] * 30)
    assert found["samples/diversity"] == pytest.approx(pdist(g).mean() / pdist(x).mean())
    nearest = np.sort(between.min(1))[14] / np.sort(own.min(1))[19]  # torch takes the lower median
    assert found["samples/spacing"] == pytest.approx(nearest)
    fifth = np.sort(own, axis=1)[:, 4]
    assert found["samples/coverage"] == pytest.approx((across.min(0) <= fifth).mean())
    right = (own.min(1) < across.min(0)).mean() + (between.min(1) < across.min(1)).mean()
    assert found["samples/told_apart"] == pytest.approx(right / 2)
    for name in ("real", "made"):
        assert sum(found[f"samples/bins_{name}"]) == pytest.approx(1)


def test_samples_like_the_data_are_as_diverse_and_cannot_be_told_apart():
    found = Likeness(normal(200)).figures(normal(200, seed=1))
    for name, value, tolerance in (("diversity", 1, 0.1), ("told_apart", 0.5, 0.1)):
        assert found[f"samples/{name}"] == pytest.approx(value, abs=tolerance)
    assert found["samples/coverage"] > 0.9


def test_the_data_itself_is_made_by_heart():
    found = Likeness(normal(50)).figures(normal(50))
    assert found["samples/coverage"] == 1
    assert found["samples/bins_made"] == found["samples/bins_real"]


def test_samples_on_one_point_have_no_diversity_and_leave_bins_empty():
    found = Likeness(normal(100)).figures(torch.zeros(50, 3, dtype=torch.float64))
    assert found["samples/diversity"] == found["samples/spacing"] == 0
    assert sorted(found["samples/bins_made"])[-2:] == [0, 1]


def test_bins_are_the_clusters_of_the_data():
    angles = torch.arange(80, dtype=torch.float64).div(10, rounding_mode="floor") * (
        2 * torch.pi / 8
    )
    ring = torch.stack([angles.cos(), angles.sin()], 1) + 0.01 * normal(80, 2)
    found = Likeness(ring).figures(ring[:10])
    assert max(found["samples/bins_real"]) < 0.3
    assert found["samples/bins_made"].count(0.0) >= 6


def test_data_without_any_spread_gives_no_ratio():
    found = Likeness(torch.zeros(20, 2)).figures(normal(20, 2).float())
    assert np.isnan(found["samples/diversity"])
    assert found["samples/bins_real"] == [1.0]
