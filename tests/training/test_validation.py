"""Validation measures on held-out data and leaves the training as it was."""

import pytest
import torch
from tests.training.toys import (
    Busy,
    Mirror,
    TwoPlayers,
    assert_same_tensors,
    gaussian,
    squared_error,
    trainer,
)
from torch import nn

from espelho.training.batches import Batch, TensorData
from espelho.training.structure import Structure
from espelho.training.validation import Validation


def test_validation_does_not_change_what_training_learns():
    weights = []
    for validation in (None, gaussian(6, 4, seed=2)):
        torch.manual_seed(0)
        model = Busy()
        trainer(model, gaussian(10, 4), validation=validation).run()
        weights.append(model.state_dict())

    assert_same_tensors(*weights)


def test_it_is_the_mean_over_all_samples_of_every_phases_terms():
    model = TwoPlayers()
    (stage,) = model.plan()
    data = gaussian(2500, 1)  # two batches and a part of one

    found = Validation(Structure(model), stage, data).terms()

    real = torch.nn.functional.softplus(-model.discriminator(data.columns.x)).mean()
    assert found.keys() == {
        "validation/discriminate/real",
        "validation/discriminate/fake",
        "validation/generate/fool",
    }
    assert found["validation/discriminate/real"] == pytest.approx(real.item(), rel=1e-5)


def test_it_is_made_in_evaluation_mode_and_training_goes_on_in_its_own():
    model = Mirror(nn.Sequential(nn.Dropout(0.5), nn.BatchNorm1d(3)))
    (stage,) = model.plan()
    data = gaussian(20, 3)
    before = {name: value.clone() for name, value in model.state_dict().items()}

    found = Validation(Structure(model), stage, data).terms()

    assert model.training
    assert_same_tensors(dict(model.state_dict()), before)
    model.eval()
    expected = squared_error(data.columns.x, model.network(data.columns.x)).item()
    assert found == pytest.approx({"validation/reconstruct/squared_error": expected})


def test_it_meets_the_same_noise_in_every_epoch():
    class Noise(Mirror):
        def error(self, batch):
            return {"noise": torch.randn(()) + 0 * self.network(batch.x).sum()}

    engine = trainer(Noise(), validation=gaussian(4, 3), max_epochs=3)
    engine.run()

    assert len(set(engine.history["validation/reconstruct/noise"])) == 1
    assert len(set(engine.history["reconstruct/noise"])) == 3


def test_validation_data_is_never_trained_on():
    class Seen(Mirror):
        largest = 0.0

        def error(self, batch):
            if self.training:
                self.largest = max(self.largest, float(batch.x.max()))
            return super().error(batch)

    model = Seen()
    trainer(model, validation=TensorData(Batch(torch.full((4, 3), 1e6)))).run()

    assert model.largest < 100
