"""The autoencoder's model obeys the laws of every model, in all its settings."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoders.autoencoder import AutoencoderModel, Objective
from espelho.networks.activations import ACTIVATIONS
from espelho.networks.dense import dense, tied
from espelho.testing import check_plan
from espelho.training.batches import Batch

N, D = 9, 5


def build(loss="squared_error", activation="tanh", *, hidden=(7,), is_tied=False, decay=0.0):
    encoder = dense((D, *hidden, 3), activation, "linear")
    decoder = (
        tied(encoder, activation, "linear")
        if is_tied
        else dense((3, *hidden, D), activation, "linear")
    )
    objective = Objective(name=loss, reconstruction=RECONSTRUCTIONS[loss], weight_decay=decay)
    return AutoencoderModel(encoder, decoder, objective)


def batch(dtype=torch.float64, *, weighted=False, shape=(D,)):
    generator = torch.Generator().manual_seed(2)
    x = torch.rand(N, *shape, generator=generator, dtype=dtype)
    weight = torch.rand(N, generator=generator, dtype=dtype) if weighted else None
    return Batch(x, weight=weight)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("is_tied", [False, True])
@pytest.mark.parametrize("loss", RECONSTRUCTIONS)
def test_every_loss_tied_or_not_weighted_or_not_obeys_the_laws(loss, is_tied, weighted):
    model = build(loss, is_tied=is_tied, decay=0.01).double()

    check_plan(model, batch(weighted=weighted))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_obeys_the_laws(activation):
    check_plan(build(activation=activation), batch(torch.float32))


@pytest.mark.parametrize("hidden", [(), (1,), (7, 6, 4)])
def test_every_depth_obeys_the_laws(hidden):
    check_plan(build(hidden=hidden).double(), batch())


def test_networks_of_other_kinds_obey_the_laws():
    encoder = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2),
        nn.Linear(16, 2),
    )  # fmt: skip
    decoder = nn.Sequential(nn.Linear(2, 16), nn.Unflatten(1, (1, 4, 4)))
    loss = RECONSTRUCTIONS["squared_error"]
    objective = Objective(name="squared_error", reconstruction=loss, weight_decay=0.1)
    model = AutoencoderModel(encoder, decoder, objective)

    check_plan(model, batch(torch.float32, shape=(1, 4, 4)))


@pytest.mark.parametrize("loss", RECONSTRUCTIONS)
def test_the_loss_is_the_mean_over_samples_of_the_sum_of_the_errors(loss):
    model, data = build(loss).double(), batch(weighted=True)
    (phase,) = model.plan()[0].phases

    errors = model.errors(data.x)

    assert errors.shape == data.x.shape
    terms = phase.loss(data)
    torch.testing.assert_close(terms[loss], (data.weight * errors.sum(1)).sum() / N)
    assert list(terms) == [loss]


def test_weight_decay_is_a_term_that_counts_shared_weights_once():
    model = build(is_tied=True, decay=0.5)
    (phase,) = model.plan()[0].phases

    expected = sum(
        float(p.detach().square().sum()) for n, p in model.named_parameters() if "bias" not in n
    )
    assert phase.loss(batch(torch.float32))["weight_decay"].item() == pytest.approx(0.5 * expected)


def test_what_is_decoded_is_what_codes_stand_for():
    model, data = build("bernoulli"), batch(torch.float32)

    decoded = model.decode(model.encode(data.x))

    torch.testing.assert_close(decoded, model.decoder(model.encoder(data.x)).sigmoid())


def noisy(x):
    return x + 0.1 * torch.randn_like(x)


@pytest.mark.parametrize("activation", ["tanh", "mish"])  # by hand, and by autograd
def test_a_model_whose_samples_are_augmented_obeys_the_laws(activation):
    model = build(activation=activation).double()
    model.objective = replace(model.objective, augment=noisy)

    check_plan(model, batch(weighted=True))


def test_samples_are_augmented_in_training_only():
    model, data = build().double(), batch()
    model.objective = replace(model.objective, augment=noisy)
    (phase,) = model.plan()[0].phases

    trained = [phase.loss(data)["squared_error"] for _ in range(2)]
    model.eval()
    measured = [phase.loss(data)["squared_error"] for _ in range(2)]

    assert trained[0] != trained[1]
    assert measured[0] == measured[1]
