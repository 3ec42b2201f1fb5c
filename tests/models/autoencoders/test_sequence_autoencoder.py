"""The model of sequences: a loss of valid steps only, and the laws of every model."""

import pytest
import torch

from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoders.autoencoder import Objective
from espelho.models.autoencoders.sequence_autoencoder import SequenceAutoencoderModel
from espelho.networks.sequences.recurrent import LSTMDecoder, LSTMEncoder
from espelho.testing import check_plan
from espelho.training.batches import Batch

LENGTHS = torch.tensor([4, 1, 6, 3])


def model(loss="squared_error", weight_decay=0.0, **settings):
    made = SequenceAutoencoderModel(
        LSTMEncoder(2, (5,), 3, bidirectional=settings.pop("bidirectional", False)),
        LSTMDecoder(3, (5,), 2, 6, **settings),
        Objective(name=loss, reconstruction=RECONSTRUCTIONS[loss], weight_decay=weight_decay),
    )
    return made.double()


def batch(weight=None, fill=0.0):
    x = torch.rand(4, 6, 2, dtype=torch.float64)
    for row, length in zip(x, LENGTHS, strict=True):
        row[length:] = fill
    return Batch(x, weight=weight, lengths=LENGTHS)


VARIANTS = [
    {},
    {"loss": "bernoulli", "reverse": True},
    {"loss": "absolute_error", "feedback": True, "bidirectional": True},
    {"feedback": True, "reverse": True, "weight_decay": 0.1},
]


@pytest.mark.parametrize("settings", VARIANTS)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_loss_is_the_mean_over_sequences_alone(settings, weighted):
    made = model(**settings)
    weight = torch.tensor([0.5, 2.0, 1.0, 0.5], dtype=torch.float64) if weighted else None
    padded = batch(weight, fill=0.7)
    (phase,) = made.plan()[0].phases
    alone = []
    for i, length in enumerate(LENGTHS):
        x = padded.x[i : i + 1, :length]
        elements = made.objective.reconstruction.elements(
            x, made.decoder(made.encoder(x), n_steps=int(length))
        )
        alone.append(elements.sum() * (1 if weight is None else weight[i]))
    found = phase.loss(padded)
    torch.testing.assert_close(found[settings.get("loss", "squared_error")], sum(alone) / 4)
    assert ("weight_decay" in found) == ("weight_decay" in settings)


@pytest.mark.parametrize("settings", VARIANTS)
def test_padding_is_not_looked_at(settings):
    made = model(**settings)
    one = batch()
    other = one._replace(x=one.x.masked_fill(one.x == 0, 9.0))
    assert not torch.equal(one.x, other.x)
    z = made.encode(one.x, LENGTHS)
    torch.testing.assert_close(z, made.encode(other.x, LENGTHS), rtol=0, atol=0)
    decoded = made.decode(z, LENGTHS, n_steps=6)
    errors = made.errors(one.x, LENGTHS)
    for row, error, length in zip(decoded, errors, LENGTHS, strict=True):
        assert not row[length:].any()
        assert not error[length:].any()
        assert error[:length].all()


@pytest.mark.parametrize("settings", [*VARIANTS, {"feedback": True, "teacher_forcing": 1.0}])
@pytest.mark.parametrize("lengths", [None, LENGTHS])
def test_the_laws_of_every_model_hold(settings, lengths):
    check_plan(model(**settings), batch()._replace(lengths=lengths))
