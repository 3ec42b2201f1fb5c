"""Adversarial networks: a step of two convolutional networks, beside the loops people write."""

from collections.abc import Callable
from functools import partial
from statistics import median
from time import process_time

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.speed.contestants import second_epoch
from benchmarks.speed.page import Section, Table, at_least
from espelho.losses.adversarial.games import GAMES
from espelho.models.generators.contest import Contest
from espelho.models.generators.gan import GANModel
from espelho.models.generators.noise import NOISES
from espelho.networks.discriminator import Discriminator
from espelho.networks.images.channels_last import channels_last
from espelho.networks.images.convolutional import convolutional_decoder, convolutional_encoder
from espelho.training.batches import Batch, TensorData
from espelho.training.callbacks.base import Callback
from espelho.training.recipe import Recipe
from espelho.training.trainer import Trainer

__all__ = ["measure"]

BATCH, STEPS, ROUNDS = 64, 8, 9
SHAPE, CHANNELS, LATENT = (3, 32, 32), (64, 128), 64
RATE = 2e-4
NOTE = f"""\
CPU time of a step, medians of {ROUNDS} rounds in turn, on one thread: an update of the
discriminator and one of the generator, convolutions with {CHANNELS[0]} and {CHANNELS[1]} channels,
images of 3 x 32 x 32, batches of {BATCH}, the non-saturating game without a penalty. The plain
loops have torch's default Adam and memory format, and differentiate the discriminator in the
generator's update too. One draws noise again for the generator, as the algorithm is published
(Goodfellow et al. 2014); the other lets both updates have the same samples, as espelho does."""


def measure() -> Section:
    """Return the time of a step of espelho beside that of plain loops."""
    ways: dict[str, Callable[[], float]] = {
        "plain loop": partial(_plain, again=True),
        "plain loop, the same samples": partial(_plain, again=False),
        "espelho": _espelho,
    }
    rounds = [{name: way() for name, way in ways.items()} for _ in range(ROUNDS + 1)][1:]
    gain = {name: median(r[name] / r["espelho"] for r in rounds) for name in ways}
    rows = {
        name: (median(r[name] for r in rounds) / STEPS * 1e3, gain[name] / gain["espelho"])
        for name in ways
    }
    table = Table("convolutional GAN", {"ms/step": ".1f", "of espelho's": ".2f"}, rows)
    bar = at_least("convolutional GAN: a plain loop's step over ours", 1.3, gain["plain loop"])
    return Section("Time of a step of adversarial networks", NOTE, (table,), (bar,))


def _networks() -> tuple[nn.Sequential, nn.Sequential]:
    torch.manual_seed(0)
    generator = convolutional_decoder(
        SHAPE, CHANNELS, LATENT, "relu", "tanh", normalization="batch"
    )
    return generator, convolutional_encoder(SHAPE, CHANNELS, 1, "leaky-relu", "linear")


def _data() -> Tensor:
    return torch.rand(BATCH * STEPS, *SHAPE, generator=torch.Generator().manual_seed(0))


def _plain(*, again: bool) -> float:
    """Time the second epoch of the loop that people write."""
    (generator, discriminator), data = _networks(), _data()
    of_generator = torch.optim.Adam(generator.parameters(), RATE)
    of_discriminator = torch.optim.Adam(discriminator.parameters(), RATE)
    started = 0.0
    for _ in range(2):
        started = process_time()
        order = torch.randperm(len(data))
        for start in range(0, len(data), BATCH):
            x = data[order[start : start + BATCH]]
            made = generator(torch.randn(len(x), LATENT))
            real, fake = discriminator(x), discriminator(made.detach())
            loss = F.softplus(-real).mean() + F.softplus(fake).mean()
            of_discriminator.zero_grad()
            loss.backward()
            of_discriminator.step()
            if again:
                made = generator(torch.randn(len(x), LATENT))
            loss = F.softplus(-discriminator(made)).mean()
            of_generator.zero_grad()
            loss.backward()
            of_generator.step()
    return process_time() - started


def _espelho() -> float:
    return second_epoch(_trainer)


def _trainer(callbacks: tuple[Callback, ...]) -> Trainer:
    generator, layers = (channels_last(network) for network in _networks())
    *features, last = layers
    discriminator = Discriminator(nn.Sequential(*features), last.in_features)
    model = GANModel(
        generator,
        discriminator,
        LATENT,
        noise=NOISES["gaussian"],
        contest=Contest(game=GAMES["non-saturating"]),
    )
    recipe = Recipe(max_epochs=2, batch_size=BATCH, learning_rate=RATE)
    return Trainer(model, TensorData(Batch(_data())), recipe, seed=0, callbacks=callbacks)
