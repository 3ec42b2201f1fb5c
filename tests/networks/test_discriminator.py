"""Discriminators: scores of samples, alone, among others, and beside labels."""

import pytest
import torch
from torch import nn

from espelho.networks.dense import dense
from espelho.networks.discriminator import (
    ConcatenatingDiscriminator,
    Discriminator,
    LabelledGenerator,
    MinibatchDeviation,
    ProjectionDiscriminator,
    beside,
)

Y = torch.tensor([0, 2, 1])


def test_the_deviation_is_that_of_features_over_the_batch():
    h = torch.tensor([[0.0, 1.0], [2.0, 7.0]], dtype=torch.float64)
    found = MinibatchDeviation()(h)
    torch.testing.assert_close(found[:, :2], h)
    torch.testing.assert_close(found[:, 2], torch.full((2,), 2.0, dtype=torch.float64))


def test_alike_samples_give_themselves_away():
    judge = Discriminator(nn.Identity(), 2, minibatch_deviation=True).double()
    x = torch.rand(5, 2, dtype=torch.float64)
    among, alike = judge(x)[0], judge(x[:1].expand(5, 2))[0]
    assert among != alike
    alone = Discriminator(nn.Identity(), 2).double()
    torch.testing.assert_close(alone(x)[0], alone(x[:1].expand(5, 2))[0])


@pytest.mark.parametrize("shape", [(4,), (2, 5, 6)])
def test_labels_stand_beside_vectors_and_on_channels_of_images(shape):
    x = torch.rand(3, *shape)
    found = beside(x, Y, 3)
    assert torch.equal(found[:, : shape[0]], x)
    assert found.shape == (3, shape[0] + 3, *shape[1:])
    places = found[:, shape[0] :].flatten(2) if len(shape) > 1 else found[:, shape[0] :, None]
    assert torch.equal(places.amax(2), torch.eye(3)[Y])
    assert torch.equal(places.amin(2), torch.eye(3)[Y])


def test_a_projection_adds_the_product_of_features_with_the_labels_vector():
    judge = ProjectionDiscriminator(nn.Identity(), 4, n_labels=3).double()
    x = torch.rand(3, 4, dtype=torch.float64)
    vectors = judge.labels.weight.T[Y]
    expected = judge.score(x)[:, 0] + (vectors * x).sum(1)
    torch.testing.assert_close(judge(x, Y), expected)


def test_labels_change_scores_and_samples():
    x = torch.rand(3, 4, dtype=torch.float64)
    judge = ConcatenatingDiscriminator(dense((7, 5), "relu", "relu"), 5, n_labels=3).double()
    maker = LabelledGenerator(dense((7, 2), "relu", "linear"), 3).double()
    for network in (judge, maker):
        assert not torch.isclose(network(x, Y), network(x, Y.roll(1))).all()
