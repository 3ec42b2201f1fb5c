"""Devices of a contest combine freely: every pair of them obeys the laws."""

from itertools import combinations

import pytest
import torch
from torch import nn

from espelho.losses.adversarial.games import GAMES
from espelho.losses.adversarial.gradient_penalties import GRADIENT_PENALTIES
from espelho.models.generators.augmentation import AdaptiveAugmentation, Augmentation
from espelho.models.generators.contest import Contest
from espelho.models.generators.gan import GANModel
from espelho.models.generators.noise import NOISES
from espelho.models.generators.past_fakes import PastFakes
from espelho.networks.discriminator import Discriminator
from espelho.networks.images.convolutional import convolutional_decoder, convolutional_encoder
from espelho.networks.spectral_norm import normalise_spectrum
from espelho.testing import check_plan
from espelho.training.batches import Batch

CHANNELS, SIZE = 3, (4, 5)
SHAPE = (CHANNELS, *SIZE)
KINDS = ("color", "translation", "cutout")
DEVICES = {
    "packs": {"packing": 2},
    "large packs": {"packing": 3},
    "pool": {"pool": 3},
    "augmentation": {"augmentation": lambda: Augmentation(KINDS, SHAPE)},
    "adaptive": {"augmentation": lambda: AdaptiveAugmentation(KINDS, SHAPE, samples=9, every=2)},
    "noise": {"instance_noise": 0.1},
    "lazy": {"penalty_every": 2},
    "between": {"penalty": "wasserstein"},
    "pairs": {"game": "relativistic"},
    "squares": {"game": "least-squares"},
    "deviation": {"deviation": True},
    "spectrum": {"spectral": True},
    "turns": {"discriminator_updates": 2, "generator_updates": 2},
    "epochs": {"alternate": "epoch", "discriminator_updates": 2},
    "weights": {"weighted": True},
}
PAIRS = [
    pair
    for pair in combinations(DEVICES, 2)
    if not DEVICES[pair[0]].keys() & DEVICES[pair[1]].keys() - {"discriminator_updates"}
]
TERMS = ("real", "fake", "r1", "wasserstein")


def build(
    packing=1,
    pool=0,
    augmentation=None,
    penalty="r1",
    game="hinge",
    deviation=False,
    spectral=False,
    **rules,
):
    shape = (packing * CHANNELS, *SIZE)
    *features, last = convolutional_encoder(shape, (3,), 1, "tanh", "linear")
    judge = Discriminator(
        nn.Sequential(*features), last.in_features, minibatch_deviation=deviation
    )
    if spectral:
        normalise_spectrum(judge)
    penalties = {penalty: (GRADIENT_PENALTIES[penalty], 0.1)}
    return GANModel(
        convolutional_decoder(SHAPE, (3,), 2, "relu", "linear", normalization="batch"),
        judge,
        2,
        noise=NOISES["gaussian"],
        contest=Contest(game=GAMES[game], penalties=penalties, packing=packing, **rules),
        past=PastFakes(pool, torch.empty(SHAPE), torch.ones(())) if pool else None,
        augmentation=None if augmentation is None else augmentation(),
    ).double()


@pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
def test_every_pair_of_devices_obeys_the_laws(pair):
    settings = {**DEVICES[pair[0]], **DEVICES[pair[1]]}
    weight = torch.rand(8).double() + 0.5 if settings.pop("weighted", False) else None
    batch = Batch(torch.rand(8, *SHAPE, dtype=torch.float64), None, weight)
    among_others = settings.get("deviation") or settings.get("packing") == 3
    terms = [f"discriminate/{name}" for name in TERMS] + ["generate/fool"]
    check_plan(
        build(**settings),
        batch,
        unreached=["discriminate/discriminator.score.bias"],
        not_means=terms if among_others else [],
    )
