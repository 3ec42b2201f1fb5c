"""Regularity tells codes that are as drawn from others, and finds holes."""

import numpy as np
import pandas as pd
import pytest

import espelho
from espelho.errors import DataError
from espelho.evaluation import latent_regularity
from espelho.evaluation.generation.two_sample import energy_coefficient

NORMAL = np.random.default_rng(0).normal(size=(800, 2))
RING = NORMAL / np.linalg.norm(NORMAL, axis=1, keepdims=True)


class Mirror:
    """An autoencoder whose codes are the data, and whose decoder keeps to a ring."""

    def __init__(self, *, on_ring, drawn=None):
        self.on_ring, self.drawn = on_ring, drawn
        if drawn is not None:
            self.sample_codes = self._sample_codes

    def _sample_codes(self, n, random_state):
        return self.drawn[:n]

    def transform(self, X):
        return np.asarray(X)

    def inverse_transform(self, Z):
        radius = np.linalg.norm(Z, axis=1, keepdims=True)
        return Z / radius if self.on_ring else Z


def test_the_coefficient_is_that_of_all_pairs_and_does_not_depend_on_units():
    A, B = NORMAL[:40], RING[:30] * 3
    across = np.mean([np.linalg.norm(a - b) for a in A for b in B])
    own = [
        np.mean([np.linalg.norm(C[i] - C[j]) for i in range(len(C)) for j in range(i)])
        for C in (A, B)
    ]

    found = energy_coefficient(A, B)

    assert found == pytest.approx((2 * across - sum(own)) / (2 * across))
    assert energy_coefficient(100 * A, 100 * B) == pytest.approx(found)
    assert energy_coefficient(np.zeros((3, 2)), np.ones((3, 2))) == 1.0
    assert energy_coefficient(np.zeros((3, 2)), np.zeros((4, 2))) == 0.0


def test_codes_that_are_as_drawn_have_no_distance_from_them():
    fresh = np.random.default_rng(1).normal(size=(800, 2))
    alike = latent_regularity(Mirror(on_ring=False, drawn=fresh), NORMAL)
    other = latent_regularity(Mirror(on_ring=False, drawn=fresh), RING)

    assert abs(alike.distance) < 0.005
    assert abs(alike.normal_distance) < 0.005
    assert other.distance > 0.01
    assert other.normal_distance > 0.01


def test_a_hole_loses_what_lies_in_it():
    found = latent_regularity(Mirror(on_ring=True), RING)
    whole = latent_regularity(Mirror(on_ring=False), RING)

    assert found.round_trip < 1e-20
    assert found.round_trip_between == pytest.approx(np.mean((1 - half(RING)) ** 2), rel=0.1)
    assert found.round_trip_drawn > 0.1
    assert max(whole[2:5]) == 0


def half(points):
    """Return how far points halfway between two of a set are from the middle."""
    pairs = points[:, np.newaxis] + points
    return np.linalg.norm(pairs, axis=2) / 2


def test_of_many_samples_some_are_drawn_and_the_same_each_time():
    model = Mirror(on_ring=True)

    found = latent_regularity(model, RING, max_samples=100)

    assert found.n_codes == 100
    assert found == latent_regularity(model, RING, max_samples=100)
    assert found != latent_regularity(model, RING, max_samples=100, random_state=1)
    with pytest.raises(DataError, match="at least 3 samples"):
        latent_regularity(model, RING[:2])


def test_constant_codes_have_no_distance_and_lose_nothing():
    found = latent_regularity(Mirror(on_ring=False), np.ones((5, 1)))

    assert found.round_trip == found.round_trip_drawn == 0.0


@pytest.mark.parametrize("kind", ["table", "sequences"])
def test_an_evaluation_has_the_rows_of_those_who_can_sample(kind):
    if kind == "table":
        X = pd.DataFrame(NORMAL, columns=["a", "b"])
        model = espelho.Autoencoder(latent_dim=1, max_epochs=2, random_state=0)
    else:
        X = [NORMAL[i : i + 3 + i % 2] for i in range(0, 60, 4)]
        model = espelho.LSTMAutoencoder(
            latent_dim=1, hidden_sizes=(4,), max_epochs=1, random_state=0
        )
    names = ("code_distance", "round_trip_between", "round_trip_drawn")

    plain = espelho.evaluate(model.fit(X), X)
    able = espelho.evaluate(model.set_params(sampler="gaussian-mixture").fit(X), X)

    assert not any(name in plain for name in names)
    assert all(np.isfinite(able[name].value) for name in names)
    regular = latent_regularity(model, X)
    assert able["round_trip_drawn"].value == regular.round_trip_drawn
    assert able["code_distance"].value == regular.distance
