"""Figures about units stand where a code is restricted, and say what they are."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from torch import nn

import espelho

X = load_digits().data[:300]
TINY = {"max_epochs": 2, "random_state": 0}


def names(model):
    return {row.name: row.value for row in espelho.evaluate(model.fit(X), X).rows}


def test_sparse_codes_have_their_activity_and_dead_units():
    model = espelho.SparseAutoencoder(latent_dim=12, **TINY)
    found = names(model)

    assert found["unit_activity"] == np.mean(model.unit_activity(X))
    assert found["dead_units"] == 0
    with_dead = espelho.Autoencoder(active_units=1, latent_dim=40, hidden_sizes=(), **TINY)
    figures = names(with_dead)
    codes = with_dead.transform(X)
    assert figures["dead_units"] == (np.abs(codes / (1 + np.abs(codes))).mean(0) <= 1e-3).sum()


def test_contractive_codes_have_their_saturation():
    model = espelho.ContractiveAutoencoder(latent_dim=12, **TINY)
    found = names(model)

    z = model.transform(X)
    assert found["saturation"] == pytest.approx(np.mean(z * (1 - z) < 0.05 * 0.25), abs=1e-6)


def test_distributions_have_their_bound_their_divergence_and_their_active_units():
    model = espelho.VariationalAutoencoder(latent_dim=12, **TINY)
    found = names(model)

    assert found["evidence_bound"] == model.score(X)
    assert found["kl"] == pytest.approx(model.unit_kl(X).sum())
    assert found["active_units"] == (model.transform(X).var(axis=0) > 0.01).sum()
    note = espelho.evaluate(model, X)["kl"].note
    shares = [float(part) for part in note.split(": ")[1].split(", ")]
    assert shares == sorted(shares, reverse=True)
    assert len(shares) == 10
    assert sum(shares) < 100.1


def test_other_codes_have_none_of_them():
    plain = names(espelho.Autoencoder(**TINY))
    own = espelho.Autoencoder(
        encoder=nn.Sequential(nn.Linear(64, 9), nn.LayerNorm(9)), contraction=0.1, **TINY
    )

    for found in (plain, names(own)):
        others = {"unit_activity", "dead_units", "saturation", "kl", "active_units"}
        assert not others & found.keys()
