"""Convolutional and recurrent networks obey the laws of every model, trained by its plan."""

import pytest
import torch

from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoders.autoencoder import AutoencoderModel, Objective
from espelho.networks.images.convolutional import convolutional_decoder, convolutional_encoder
from espelho.networks.sequences.recurrent import LSTMDecoder, LSTMEncoder
from espelho.testing import check_plan
from espelho.training.batches import Batch


def check(encoder, decoder, x):
    loss = RECONSTRUCTIONS["squared_error"]
    objective = Objective(name="squared_error", reconstruction=loss, weight_decay=0.01)
    model = AutoencoderModel(encoder, decoder, objective)
    check_plan(model, Batch(x, weight=torch.rand(len(x))))


@pytest.mark.parametrize("memory", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_convolutional_networks_of_images(normalization, memory):
    encoder, decoder = (
        build((3, 6, 5), (4, 5), 3, "relu", "linear", normalization=normalization)
        for build in (convolutional_encoder, convolutional_decoder)
    )
    x = torch.randn(9, 3, 6, 5).to(memory_format=memory)
    check(encoder.to(memory_format=memory), decoder.to(memory_format=memory), x)


@pytest.mark.parametrize("shape", [(9,), (7, 5)])
def test_convolutional_networks_of_signals_and_of_images_of_one_channel(shape):
    networks = (
        build(shape, (4, 5), 3, "relu", "linear")
        for build in (convolutional_encoder, convolutional_decoder)
    )
    check(*networks, torch.randn(9, *shape))


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("settings", [{}, {"reverse": True}, {"feedback": True}])
def test_recurrent_networks(settings, bidirectional):
    encoder = LSTMEncoder(2, (5, 4), 3, bidirectional=bidirectional)
    check(encoder, LSTMDecoder(3, (4, 5), 2, 6, **settings), torch.randn(9, 6, 2))
