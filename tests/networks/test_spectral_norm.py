"""Spectral normalisation: the largest singular value is one, and is followed in training."""

import copy
import pickle

import torch
from torch import nn

from espelho.networks.spectral_norm import normalise_spectrum


def build():
    network = nn.Sequential(nn.Conv2d(1, 3, 2), nn.Flatten(), nn.Sequential(nn.Linear(12, 2)))
    normalise_spectrum(network.double())
    return network, (network[0], network[2][0])


def largest(layer):
    """Return the largest singular value of what the layer really multiplies by."""
    value = torch.linalg.matrix_norm(layer.layer.weight.flatten(1), 2).item()
    x = torch.eye(layer.layer.weight[0].numel(), dtype=torch.float64)
    x = x.reshape(-1, *layer.layer.weight.shape[1:])
    found = (layer(x) - layer(torch.zeros_like(x))).flatten(1)
    return torch.linalg.matrix_norm(found, 2).item(), value


def test_the_largest_singular_value_is_one_whatever_the_weights():
    network, layers = build()
    with torch.no_grad():
        for layer in layers:
            layer.layer.weight.copy_(5 * torch.randn_like(layer.layer.weight))
    for _ in range(100):
        network(torch.rand(2, 1, 3, 3, dtype=torch.float64))
    network.eval()
    for layer in layers:
        normalised, own = largest(layer)
        assert abs(normalised - 1) < 1e-6
        assert own > 2


def test_it_is_followed_in_training_only():
    network, (first, _) = build()
    x = torch.rand(2, 1, 3, 3, dtype=torch.float64)
    with torch.no_grad():
        first.layer.weight.copy_(torch.randn_like(first.layer.weight))
    before = first.direction.clone()
    network.eval()(x)
    assert torch.equal(first.direction, before)
    network.train()(x)
    assert not torch.equal(first.direction, before)


def test_two_runs_before_one_backward_pass_are_no_trouble():
    network, (first, _) = build()
    x = torch.rand(2, 1, 3, 3, dtype=torch.float64)
    (network(x).sum() - 2 * network(x).square().sum()).backward()
    assert first.layer.weight.grad.isfinite().all()


def test_its_copies_and_pickles_are_the_same():
    network, _ = build()
    network.eval()
    x = torch.rand(2, 1, 3, 3, dtype=torch.float64)
    for again in (copy.deepcopy(network), pickle.loads(pickle.dumps(network))):
        assert torch.equal(again(x), network(x))
