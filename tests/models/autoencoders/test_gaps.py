"""Where elements are missing, losses and gradients are those of what was observed."""

import pytest
import torch
from torch import nn

from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoders.autoencoder import AutoencoderModel, Objective
from espelho.models.autoencoders.backpropagation import DenseBackpropagation
from espelho.models.autoencoders.observation import Observation
from espelho.models.autoencoders.variational import VariationalAutoencoderModel
from espelho.networks.dense import dense
from espelho.networks.gaussian import with_two_heads
from espelho.testing import check_plan
from espelho.training.batches import Batch, Cuts, TensorData, mapped

N, D = 9, 5


@pytest.fixture
def observed():
    seen = torch.rand(N, D) < 0.6
    seen[0] = False
    return seen


def model(loss="squared_error", activation="tanh", **settings):
    objective = Objective(name=loss, reconstruction=RECONSTRUCTIONS[loss], **settings)
    encoder, decoder = (
        dense((D, 7, 3), activation, "linear"),
        dense((3, 6, D), activation, "linear"),
    )
    return AutoencoderModel(encoder, decoder, objective).double()


def variational(**settings):
    objective = Objective(name="squared_error", reconstruction=RECONSTRUCTIONS["squared_error"])
    encoder = with_two_heads(dense((D, 7, 3), "tanh", "linear"))
    observation = Observation("squared_error", settings.pop("variance", "optimal"))
    decoder = dense((3, 6, D), "tanh", "linear")
    made = VariationalAutoencoderModel(
        encoder, decoder, objective, observation=observation, **settings
    )
    return made.double()


def phase_of(made):
    return made.plan()[0].phases[0]


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("loss", RECONSTRUCTIONS)
def test_the_gradient_by_hand_is_autograds(loss, weighted, observed):
    made = model(loss, weight_decay=0.3)
    x = torch.rand(N, D, dtype=torch.float64)
    weight = torch.rand(N, dtype=torch.float64) if weighted else None
    batch, phase = Batch(x, weight=weight, observed=observed), phase_of(made)
    terms = phase.loss(batch)
    sum(terms.values()).backward()
    automatic = [p.grad.clone() for p in made.parameters()]
    by_hand = phase.gradient(batch)
    with torch.no_grad():
        alone = phase.loss(batch)
    for name in terms:
        torch.testing.assert_close(by_hand[name], terms[name])
        torch.testing.assert_close(alone[name], terms[name])
    for p, expected in zip(made.parameters(), automatic, strict=True):
        torch.testing.assert_close(p.grad, expected)


@pytest.mark.parametrize("loss", RECONSTRUCTIONS)
def test_the_loss_is_the_sum_over_observed_elements(loss, observed):
    x, output = torch.rand(N, D, dtype=torch.float64), torch.rand(N, D, dtype=torch.float64)
    found = RECONSTRUCTIONS[loss].mean(x, output, observed=observed)
    elements = RECONSTRUCTIONS[loss].elements(x, output)
    expected = sum(elements[i, j] for i in range(N) for j in range(D) if observed[i, j]) / N
    torch.testing.assert_close(found, expected)


def test_the_gradient_of_a_linear_model_is_what_paper_and_pencil_say(observed):
    W, V = (torch.rand(shape, dtype=torch.float64) for shape in ((2, D), (D, 2)))
    encoder, decoder = nn.Sequential(nn.Linear(D, 2)), nn.Sequential(nn.Linear(2, D))
    with torch.no_grad():
        encoder[0].weight.copy_(W)
        decoder[0].weight.copy_(V)
        for layer in (encoder[0], decoder[0]):
            layer.bias.zero_()
    squared = RECONSTRUCTIONS["squared_error"]
    objective = Objective(name="squared_error", reconstruction=squared)
    made = AutoencoderModel(encoder, decoder, objective).double()
    with torch.no_grad():
        made.encoder[0].weight.copy_(W)
        made.decoder[0].weight.copy_(V)
    x = torch.rand(N, D, dtype=torch.float64) * observed
    phase_of(made).gradient(Batch(x, observed=observed))
    residual = observed * (x @ W.T @ V.T - x)
    torch.testing.assert_close(made.decoder[0].weight.grad, 2 / N * residual.T @ (x @ W.T))
    torch.testing.assert_close(made.encoder[0].weight.grad, 2 / N * (residual @ V).T @ x)


@pytest.mark.parametrize("loss", RECONSTRUCTIONS)
def test_hidden_values_of_the_target_change_no_bit(loss, observed):
    made = model(loss)
    by_hand = DenseBackpropagation.of((made.encoder, made.decoder), loss, 0.0)
    x = torch.rand(N, D, dtype=torch.float64)
    found = []
    for other in (x, torch.where(observed, x, 1 - x)):
        terms = by_hand(Batch(other, observed=observed), x)
        found.append([*terms.values(), *(p.grad.clone() for p in made.parameters())])
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


@pytest.mark.parametrize("settings", [{}, {"n_draws": 3}, {"variance": 0.5}])
def test_the_bound_counts_observed_elements_alone(settings, observed):
    x = torch.rand(N, D, dtype=torch.float64)
    other = torch.where(observed, x, 7.0)
    made, found = variational(**settings), []
    fixed = made.encoder.heads(x)
    made.encoder.heads = lambda *_: fixed
    for target in (x, other):
        torch.manual_seed(0)
        terms = phase_of(made).loss(Batch(target, observed=observed))
        found.append(torch.stack([term.detach() for term in terms.values()]))
        made.eval()
        bound = made.evidence_at_mean(target, observed=observed)
        q, generator = made.posterior(target), torch.Generator().manual_seed(1)
        weights = made.log_weights(target, q, 4, generator=generator, observed=observed)
        found[-1] = torch.cat([found[-1], bound.detach(), weights.detach().flatten()])
        made.train()
        if made.observation._optimal:
            made.observation.total.zero_()
            made.observation.share.zero_()
    assert torch.equal(*found)


def test_a_sample_of_which_nothing_was_observed_has_no_likelihood_to_lose(observed):
    made = variational(variance=1.0).eval()
    x = torch.rand(N, D, dtype=torch.float64)
    bound = made.evidence_at_mean(x, observed=observed)
    torch.testing.assert_close(bound[0], -made.posterior(x).kl().sum(1)[0])


@pytest.mark.parametrize("made", [model, variational])
def test_models_with_gaps_keep_the_laws_of_plans(made, observed):
    check_plan(made(), Batch(torch.rand(N, D, dtype=torch.float64), observed=observed))


def test_what_a_network_makes_of_gaps_is_known_whole(observed):
    data = TensorData(Batch(torch.rand(N, D), observed=observed))
    (batch,) = mapped(data, lambda x: x * 2).arrange(Cuts(N, N))
    assert batch.observed is None
