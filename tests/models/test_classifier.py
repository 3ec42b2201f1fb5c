"""The classifier's model: its plan obeys the laws, and its loss is the cross-entropy."""

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss

from espelho.data.corruption import Masking
from espelho.losses.classification import cross_entropy
from espelho.models.classifier import ClassifierModel
from espelho.networks.dense import dense
from espelho.testing import check_plan
from espelho.training.batches import Batch


def model(**settings):
    encoder = dense((5, 4, 3), "tanh", "linear", settings.pop("normalization", "none"))
    return ClassifierModel(encoder, dense((3, 3), "relu", "linear"), **settings)


def batch(n=12, weighted=False):
    y = torch.arange(n) % 3
    return Batch(torch.randn(n, 5), y, torch.rand(n) + 0.5 if weighted else None)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("train_encoder", [True, False])
@pytest.mark.parametrize("decay", [0.0, 0.01])
@pytest.mark.parametrize("corruption", [None, Masking(0.5)])
def test_its_plan_obeys_the_laws(train_encoder, decay, corruption, weighted):
    made = model(train_encoder=train_encoder, weight_decay=decay, corruption=corruption)
    check_plan(made, batch(weighted=weighted))


@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_is_scikit_learns(weighted):
    logit, y = torch.randn(20, 4, dtype=torch.float64), torch.arange(20) % 4
    weight = torch.rand(20, dtype=torch.float64) if weighted else None
    expected = log_loss(y, logit.softmax(1), sample_weight=weight)
    expected *= 1 if weight is None else float(weight.mean())
    np.testing.assert_allclose(float(cross_entropy(logit, y, weight)), expected)


def test_what_rare_classes_cost_stays_finite():
    logit = torch.tensor([[0.0, 2000.0]])
    assert float(cross_entropy(logit, torch.tensor([0]))) == 2000.0


@pytest.mark.parametrize("train_encoder", [True, False])
def test_an_encoder_that_is_not_trained_keeps_its_statistics(train_encoder):
    made = model(train_encoder=train_encoder, normalization="batch").train()
    before = {name: value.clone() for name, value in made.encoder.named_buffers()}
    made.plan()[0].phases[0].loss(batch())
    same = [torch.equal(value, before[name]) for name, value in made.encoder.named_buffers()]
    assert len(same) == 3
    assert all(same) != train_encoder
    assert made.head.training
    assert made.encoder.training == train_encoder
    assert not any(module.training for module in made.eval().modules())


def test_decay_counts_what_is_moved_only():
    for train_encoder in (True, False):
        made = model(train_encoder=train_encoder, weight_decay=0.5)
        found = made.plan()[0].phases[0].loss(batch())["weight_decay"]
        moved = made.parameters() if train_encoder else made.head.parameters()
        expected = 0.5 * sum(p.square().sum() for p in moved if p.ndim > 1)
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("train_encoder", [True, False])
def test_the_encoder_sees_spoiled_samples_in_training_only(train_encoder):
    drawn = batch()
    made = model(train_encoder=train_encoder, corruption=lambda x: 0 * x)
    loss = made.plan()[0].phases[0].loss
    blind = cross_entropy(made.logits(torch.zeros_like(drawn.x)), drawn.y, None)
    clean = cross_entropy(made.logits(drawn.x), drawn.y, None)
    assert blind != clean
    torch.testing.assert_close(loss(drawn)["cross_entropy"], blind)
    made.eval()
    torch.testing.assert_close(loss(drawn)["cross_entropy"], clean)


def test_labels_are_needed():
    with pytest.raises(TypeError, match="labels"):
        model().plan()[0].phases[0].loss(Batch(torch.randn(4, 5)))
