"""Discriminators: scores of samples, alone, among others, and beside labels."""

import pytest
import torch
from torch import nn

from espelho.networks.condition import beside, condition_rows, condition_width
from espelho.networks.dense import dense
from espelho.networks.discriminator import (
    AuxiliaryDiscriminator,
    ConcatenatingDiscriminator,
    Discriminator,
    LabelledGenerator,
    MinibatchDeviation,
    ProjectionDiscriminator,
)

Y = torch.tensor([[0, 0.5], [2, -1.0], [1, 2.0]])
ROWS = torch.tensor([[1, 0, 0, 0.5], [0, 0, 1, -1.0], [0, 1, 0, 2.0]])


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


def test_a_row_has_a_one_for_the_class_of_a_column_and_numbers_as_they_are():
    torch.testing.assert_close(condition_rows(Y, (3, 0)), ROWS)
    assert condition_width((3, 0)) == ROWS.shape[1]


@pytest.mark.parametrize("shape", [(4,), (2, 5, 6)])
def test_rows_stand_beside_vectors_and_on_channels_of_images(shape):
    x = torch.rand(3, *shape)
    found = beside(x, ROWS)
    assert torch.equal(found[:, : shape[0]], x)
    assert found.shape == (3, shape[0] + 4, *shape[1:])
    places = found[:, shape[0] :].flatten(2) if len(shape) > 1 else found[:, shape[0] :, None]
    assert torch.equal(places.amax(2), ROWS)
    assert torch.equal(places.amin(2), ROWS)


def test_a_projection_adds_the_product_of_features_with_the_labels_vectors():
    judge = ProjectionDiscriminator(nn.Identity(), 5, told=4).double()
    x, rows = torch.rand(3, 5, dtype=torch.float64), ROWS.double()
    vectors = judge.labels.weight.T
    expected = judge.score(x)[:, 0]
    for i, (number, value) in enumerate(Y.tolist()):
        expected[i] += (vectors[int(number)] + value * vectors[3]) @ x[i]
    torch.testing.assert_close(judge(x, rows), expected)


def test_an_auxiliary_head_guesses_from_the_features_that_are_scored():
    judge = AuxiliaryDiscriminator(nn.Identity(), 5, told=4).double()
    x = torch.rand(3, 5, dtype=torch.float64)
    score, guess = judge(x)
    torch.testing.assert_close(score, judge.score(x)[:, 0])
    torch.testing.assert_close(guess, judge.labels(x))
    assert guess.shape == (3, 4)


def test_labels_change_scores_and_samples():
    x, rows = torch.rand(3, 5, dtype=torch.float64), ROWS.double()
    judge = ConcatenatingDiscriminator(dense((9, 5), "relu", "relu"), 5).double()
    maker = LabelledGenerator(dense((9, 2), "relu", "linear")).double()
    for network in (judge, maker):
        assert not torch.isclose(network(x, rows), network(x, rows.roll(1, 0))).all()
