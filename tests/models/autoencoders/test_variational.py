"""Variational models: the laws of every plan, and the parts of the bound."""

import pytest
import torch
from torch.distributions import Normal

from espelho.data.images.augmentation import Binarize
from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoders.autoencoder import Objective
from espelho.models.autoencoders.observation import Observation
from espelho.models.autoencoders.variational import (
    Posterior,
    VariationalAutoencoderModel,
    VariationalSequenceModel,
)
from espelho.networks.dense import dense
from espelho.networks.gaussian import with_two_heads
from espelho.networks.sequences.recurrent import LSTMDecoder, LSTMEncoder
from espelho.testing import check_plan
from espelho.training.batches import Batch

VARIANCES = {
    "squared_error": (0.5, "learned", "per_feature", "optimal"),
    "absolute_error": (0.5, "learned", "per_feature", "optimal"),
    "bernoulli": (1.0,),
    "discretized_logistic": (0.5, "learned", "per_feature"),
}
CASES = [(loss, variance) for loss, variances in VARIANCES.items() for variance in variances]


def objective_of(loss, **more):
    known = "squared_error" if loss == "discretized_logistic" else loss
    return Objective(name=loss, reconstruction=RECONSTRUCTIONS[known], **more)


def model_of(loss="bernoulli", variance=1.0, *, objective=None, **more):
    return VariationalAutoencoderModel(
        with_two_heads(dense((6, 5, 3), "tanh", "linear")),
        dense((3, 5, 6), "tanh", "linear"),
        objective or objective_of(loss),
        observation=Observation(loss, variance, (6,)),
        **more,
    )


def pixels(n=8):
    return torch.randint(0, 256, (n, 6)) / 255


@pytest.mark.parametrize("n_draws", [1, 3])
@pytest.mark.parametrize(("loss", "variance"), CASES)
def test_the_plan_obeys_the_laws(loss, variance, n_draws):
    model = model_of(loss, variance, n_draws=n_draws)

    check_plan(model, Batch(pixels(), weight=torch.rand(8)))


@pytest.mark.parametrize("more", [{"beta": 4.0}, {"beta": 0.0}])
def test_a_weighted_divergence_obeys_them_too(more):
    check_plan(
        model_of(objective=objective_of("bernoulli", weight_decay=0.1), **more), Batch(pixels())
    )


@pytest.mark.parametrize("settings", [{}, {"feedback": True, "teacher_forcing": 0.5}])
@pytest.mark.parametrize("lengths", [None, torch.tensor([5, 1, 3, 5, 2, 5, 4, 5])])
def test_sequences_obey_them_too(settings, lengths):
    model = VariationalSequenceModel(
        with_two_heads(LSTMEncoder(2, (4,), 3)),
        LSTMDecoder(3, (4,), 2, 5, **settings),
        objective_of("squared_error"),
        observation=Observation("squared_error", "per_feature", (2,)),
        n_draws=2,
    )

    check_plan(model, Batch(torch.randn(8, 5, 2), lengths=lengths))


def test_draws_come_of_the_posterior_and_know_their_densities():
    posterior = Posterior(*torch.randn(2, 4, 3, dtype=torch.float64))
    deviation = (0.5 * posterior.log_variance).exp()

    z, prior_over_q = posterior.draw(50_000)

    torch.testing.assert_close(z.mean(1), posterior.mean, atol=0.05, rtol=0)
    torch.testing.assert_close(z.std(1), deviation, atol=0.05, rtol=0)
    q = Normal(posterior.mean.unsqueeze(1), deviation.unsqueeze(1))
    expected = (Normal(0.0, 1.0).log_prob(z) - q.log_prob(z)).sum(2)
    torch.testing.assert_close(prior_over_q, expected)


def test_gradients_go_through_the_draws():
    mean = torch.zeros(2, 3, requires_grad=True)

    z, _ = Posterior(mean, torch.zeros(2, 3)).draw(4)
    z.sum().backward()

    assert torch.equal(mean.grad, torch.full((2, 3), 4.0))


def terms_of(model, batch, *, seed=0):
    torch.manual_seed(seed)
    return {name: value.item() for name, value in model.plan()[0].phases[0].loss(batch).items()}


def test_the_terms_are_the_cost_and_the_divergence_in_nats_and_add_up_with_beta():
    batch, one, four = Batch(pixels()), model_of(), model_of(beta=4.0)
    four.load_state_dict(one.state_dict())

    plain, weighted = terms_of(one, batch), terms_of(four, batch)

    assert list(plain) == ["negative_log_likelihood", "kl"]
    assert list(weighted) == ["negative_log_likelihood", "kl", "kl_weighting"]
    assert (
        weighted["kl"]
        == plain["kl"]
        == pytest.approx(one.posterior(batch.x).kl().sum(1).mean().item())
    )
    assert weighted["kl_weighting"] == pytest.approx(3 * plain["kl"])


def test_the_weight_of_the_divergence_is_whole_outside_training():
    model = model_of(beta=2.0)
    model.kl_weight = 0.0
    batch = Batch(pixels())

    assert terms_of(model, batch)["kl_weighting"] == pytest.approx(-terms_of(model, batch)["kl"])
    model.eval()
    assert terms_of(model, batch)["kl_weighting"] == pytest.approx(terms_of(model, batch)["kl"])


def test_the_terms_of_several_draws_add_up_to_minus_the_log_of_the_mean_weight():
    model, batch = model_of(n_draws=7), Batch(pixels(), weight=torch.rand(8) * 2)

    terms = terms_of(model, batch)
    torch.manual_seed(0)
    log_w = model.log_weights(batch.x, model.posterior(batch.x), 7)

    expected = -(batch.weight * log_w.exp().mean(1).log()).mean()
    assert sum(terms.values()) == pytest.approx(expected.item(), rel=1e-5)
    assert terms["importance_weighting"] < 0


def test_a_binarized_batch_holds_zeros_and_ones_as_often_as_pixels_say():
    x = torch.rand(3, 5).repeat(20_000, 1, 1)

    drawn = Binarize()(x)

    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    torch.testing.assert_close(drawn.mean(0), x[0], atol=0.02, rtol=0)
    assert torch.equal(Binarize(lambda x: x.round())(x[0]), x[0].round())
