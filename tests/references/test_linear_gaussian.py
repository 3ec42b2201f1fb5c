"""The linear variational autoencoder is probabilistic PCA, whose likelihood is known.

``x = W z + b + e`` with ``z ~ N(0, I)`` and ``e ~ N(0, c I)``: ``p(x) = N(b, W W^T + c I)``, and
``p(z | x) = N(M^-1 W^T (x - b), c M^-1)`` with ``M = W^T W + c I`` (Tipping and Bishop 1999,
Journal of the Royal Statistical Society B 61).
"""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal, kl_divergence

from espelho import VariationalAutoencoder
from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoders.autoencoder import Objective
from espelho.models.autoencoders.observation import Observation
from espelho.models.autoencoders.variational import Posterior, VariationalAutoencoderModel
from espelho.networks.gaussian import GaussianEncoder

C, D, K = 0.3, 5, 2


class Known:
    """The likelihood and the posterior of a linear decoder."""

    def __init__(self, W, b, c):
        self.W, self.b, self.c = W, b, c
        self.M = W.T @ W + c * torch.eye(W.shape[1], dtype=W.dtype)

    def log_p(self, x):
        covariance = self.W @ self.W.T + self.c * torch.eye(len(self.W), dtype=self.W.dtype)
        return MultivariateNormal(self.b, covariance).log_prob(x)

    def posterior(self, x):
        means = torch.linalg.solve(self.M, self.W.T @ (x - self.b).T).T
        return MultivariateNormal(means, self.c * torch.linalg.inv(self.M))


def orthogonal():
    """Return weights with orthogonal columns, under which p(z | x) is diagonal."""
    W = torch.linalg.qr(torch.randn(D, K, dtype=torch.float64))[0]
    return W * torch.tensor([1.5, 0.7], dtype=torch.float64)


def model_of(W, b):
    decoder = nn.Linear(K, D).double()
    decoder.weight.data, decoder.bias.data = W.clone(), b.clone()
    encoder = GaussianEncoder(nn.Sequential(), nn.Linear(D, K), nn.Linear(D, K)).double()
    objective = Objective(name="squared_error", reconstruction=RECONSTRUCTIONS["squared_error"])
    observation = Observation("squared_error", C)
    return VariationalAutoencoderModel(encoder, decoder, objective, observation=observation)


def exact(known, x):
    """Return the posterior as the encoder would say it."""
    found = known.posterior(x)
    variances = found.covariance_matrix.diagonal(dim1=-2, dim2=-1)
    return Posterior(found.mean, variances.log().expand_as(found.mean))


def test_under_the_true_posterior_every_weight_is_the_likelihood():
    W, b = orthogonal(), torch.randn(D, dtype=torch.float64)
    x, known = torch.randn(7, D, dtype=torch.float64), Known(W, b, C)

    log_w = model_of(W, b).log_weights(x, exact(known, x), 20)

    torch.testing.assert_close(log_w, known.log_p(x)[:, None].expand(7, 20))


def test_the_likelihood_is_the_bound_plus_the_divergence_from_the_true_posterior():
    W, b = torch.randn(D, K, dtype=torch.float64), torch.randn(D, dtype=torch.float64)
    x, known = torch.randn(7, D, dtype=torch.float64), Known(W, b, C)
    q = Posterior(*torch.randn(2, 7, K, dtype=torch.float64))

    squares = C * D * math.log(2 * math.pi * C) + (x - q.mean @ W.T - b).square().sum(1)
    squares = squares + (q.log_variance.exp() * W.square().sum(0)).sum(1)
    bound = -squares / (2 * C) - q.kl().sum(1)
    as_torch = MultivariateNormal(q.mean, torch.diag_embed(q.log_variance.exp()))

    expected = bound + kl_divergence(as_torch, known.posterior(x))
    torch.testing.assert_close(known.log_p(x), expected)
    drawn = model_of(W, b).log_weights(x, q, 40_000)
    error = 6 * drawn.std(1) / 200
    assert ((drawn.mean(1) - bound).abs() < error).all()


def test_the_bound_rises_with_the_number_of_draws_and_stays_below_the_likelihood():
    W, b = orthogonal(), torch.zeros(D, dtype=torch.float64)
    x, known = torch.randn(1, D, dtype=torch.float64), Known(W, b, C)
    q = Posterior(torch.zeros(1, K).double(), torch.zeros(1, K).double())

    log_w = model_of(W, b).log_weights(x, q, 200_000)[0]
    bounds = [(log_w.view(-1, k).logsumexp(1) - math.log(k)).mean() for k in (1, 5, 50, 1000)]

    assert bounds == sorted(bounds)
    assert bounds[-1] < known.log_p(x) < bounds[-1] + 0.1


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    W = rng.standard_normal((D, K)) * [1.5, 0.7]
    X = rng.standard_normal((1000, K)) @ W.T + math.sqrt(C) * rng.standard_normal((1000, D)) + 1
    model = VariationalAutoencoder(
        hidden_sizes=(),
        latent_dim=K,
        variance=C,
        scaling="none",
        learning_rate=0.03,
        schedule="cosine",
        batch_size=200,
        max_epochs=200,
        random_state=0,
    ).fit(X)
    decoder = model.model_.decoder[0]
    return model, X, Known(decoder.weight.detach(), decoder.bias.detach(), C)


def test_the_fitted_q_is_the_posterior(fitted):
    model, X, known = fitted

    means, deviations = (torch.from_numpy(part) for part in model.encode_distribution(X))
    q = MultivariateNormal(means, torch.diag_embed(deviations.square()))

    assert kl_divergence(q, known.posterior(torch.from_numpy(X))).mean() < 0.02


def test_the_fitted_likelihood_is_the_largest_there_is(fitted):
    """With c known, ``W = U (L - c I)^(1/2)`` of the K largest eigenvalues L."""
    _, X, known = fitted
    x = torch.from_numpy(X)
    values, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))
    W = vectors[:, -K:] * (values[-K:] - C).sqrt()

    best = Known(W, x.mean(0), C).log_p(x).mean()

    assert best - 0.02 < known.log_p(x).mean() <= best


def test_importance_sampling_comes_to_the_likelihood(fitted):
    model, X, known = fitted
    expected = known.log_p(torch.from_numpy(X)).numpy()

    found = model.log_likelihood(X, 500, random_state=0)

    np.testing.assert_allclose(found, expected, atol=0.2)
    assert abs((found - expected).mean()) < 0.01
    np.testing.assert_array_equal(found, model.log_likelihood(X, 500, random_state=0))


def test_the_score_is_the_bound_at_the_mean(fitted):
    model, X, _ = fitted
    means, deviations = model.encode_distribution(X)
    misses = X - model.inverse_transform(means)

    logs = -np.square(misses).sum(1) / (2 * C) - D / 2 * math.log(2 * math.pi * C)
    kl = 0.5 * (means**2 + deviations**2 - 1 - 2 * np.log(deviations)).sum(1)

    np.testing.assert_allclose(model.score_samples(X), logs - kl)
    assert model.score(X) == pytest.approx((logs - kl).mean())
