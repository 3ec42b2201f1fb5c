"""Small models that grow, for the tests of what they do."""

import torch

from espelho.losses.adversarial.games import GAMES
from espelho.losses.adversarial.gradient_penalties import GRADIENT_PENALTIES
from espelho.models.generators.contest import Contest
from espelho.models.generators.noise import NOISES
from espelho.models.generators.progressive_gan import Level, ProgressiveGANModel
from espelho.networks.growing.players import GrowingDiscriminator, GrowingGenerator
from espelho.networks.growing.resolutions import resolutions
from espelho.training.batches import Batch, TensorData
from espelho.training.recipe import Recipe
from espelho.training.trainer import Trainer

N, LATENT, COLOURS = 8, 3, 2
JUDGED = ("discriminate/real", "discriminate/fake", "discriminate/r1", "generate/fool")
"""What the deviation within a batch makes no mean over samples."""

STAGES = ["4x4", "8x8 fade-in", "8x8", "16x16 fade-in", "16x16"]


def build(
    size=(8, 8), *, penalty=None, epochs=(None, None), batch_sizes=None, ways=None, growing=True,
    packing=1, **rules
):  # fmt: skip
    torch.manual_seed(0)
    sizes = resolutions(*size)
    channels = [4, 3, 3, 2][: len(sizes)]
    penalties = {} if penalty is None else {penalty: (GRADIENT_PENALTIES[penalty], 0.5)}
    contest = Contest(
        **{"game": GAMES["non-saturating"], "penalties": penalties, "packing": packing, **rules}
    )
    batch_sizes = [None] * len(sizes) if batch_sizes is None else batch_sizes
    levels = [Level(s, contest, *epochs, b) for s, b in zip(sizes, batch_sizes, strict=True)]
    return ProgressiveGANModel(
        GrowingGenerator(LATENT, sizes, channels, COLOURS),
        GrowingDiscriminator(sizes, channels, packing * COLOURS),
        LATENT,
        levels,
        growing=growing,
        noise=NOISES["gaussian"],
        **(ways or {}),
    ).double()


def batch(size=(8, 8), n=N):
    generator = torch.Generator().manual_seed(2)
    return Batch(torch.rand(n, COLOURS, *size, generator=generator, dtype=torch.float64))


def train(model, data=None, *, max_epochs=2, callbacks=(), batch_size=4, resume=None, **more):
    recipe = Recipe(max_epochs=max_epochs, batch_size=batch_size, **more)
    data = TensorData(batch() if data is None else data)
    trainer = Trainer(model, data, recipe, seed=0, callbacks=callbacks)
    trainer.run(resume)
    return trainer
