"""Adversarial models of sequences: the laws of plans, and that padding costs nothing."""

from functools import partial

import pytest
import torch

from espelho.losses.adversarial.games import GAMES
from espelho.losses.adversarial.gradient_penalties import GRADIENT_PENALTIES
from espelho.models.generators.conditional_gan import AuxiliaryGANModel, ConditionalGANModel
from espelho.models.generators.contest import Contest
from espelho.models.generators.gan import GANModel
from espelho.models.generators.noise import NOISES
from espelho.models.generators.past_fakes import PastFakes
from espelho.networks.condition import beside_steps
from espelho.networks.discriminator import (
    AuxiliaryDiscriminator,
    ConcatenatingDiscriminator,
    Discriminator,
    LabelledGenerator,
    ProjectionDiscriminator,
)
from espelho.networks.sequences.packs import SequenceFeatures
from espelho.networks.sequences.recurrent import LSTMDecoder, LSTMEncoder
from espelho.testing import check_plan
from espelho.training.batches import Batch

N, T, D, WIDTH = 8, 4, 2, 3
SIZES, TOLD = (2, 0), 3
Y = torch.stack([torch.arange(N) % 2, torch.linspace(-1, 1, N)], dim=1).double()
ONE = torch.ones((), dtype=torch.int64)


def build(penalty="r1", *, told="", pool=0, **rules):
    penalties = {penalty: (GRADIENT_PENALTIES[penalty], 0.5)}
    contest = Contest(game=GAMES["non-saturating"], penalties=penalties, **rules)
    size = contest.packing
    inputs = D + TOLD * (told == "concatenation")
    encoder = LSTMEncoder(size * inputs, (WIDTH,), WIDTH, "tanh", bidirectional=True)
    reader = SequenceFeatures(encoder, size)
    generator = LSTMDecoder(2 + TOLD * bool(told), (WIDTH,), D, T)
    columns = (torch.empty(T, D), torch.ones(()), *[torch.zeros(len(SIZES))] * bool(told), ONE)
    more = {
        "noise": NOISES["gaussian"],
        "contest": contest,
        "past": PastFakes(pool, *columns) if pool else None,
        "sequences": True,
    }
    if not told:
        return GANModel(generator, Discriminator(reader, WIDTH), 2, **more).double()
    generator, more = LabelledGenerator(generator), {"sizes": SIZES, **more}
    if told == "auxiliary":
        judge = AuxiliaryDiscriminator(reader, WIDTH, told=size * TOLD)
        return AuxiliaryGANModel(generator, judge, 2, weight=0.7, **more).double()
    if told == "concatenation":
        judge = ConcatenatingDiscriminator(reader, WIDTH, joined=partial(beside_steps, size=size))
    else:
        judge = ProjectionDiscriminator(reader, WIDTH, told=size * TOLD)
    return ConditionalGANModel(generator, judge, 2, **more).double()


def batch(lengths=(4, 2, 3, 1, 4, 4, 2, 3), n_steps=T, padding=0.0):
    x = torch.rand(N, T, D, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    lengths = torch.tensor(lengths)
    padded = torch.full((N, n_steps, D), padding, dtype=torch.float64)
    padded[:, :T] = x
    padded[torch.arange(n_steps) >= lengths.unsqueeze(1)] = padding
    return Batch(padded, Y, lengths=lengths)


def terms(model, given):
    found = {}
    for phase in model.plan()[0].phases:
        torch.manual_seed(0)
        found |= {f"{phase.name}/{name}": term for name, term in phase.loss(given).items()}
    return found


VARIANTS = [
    {},
    {"penalty": "wasserstein", "told": "projection"},
    {"penalty": "r2", "packing": 2, "told": "projection"},
    {"packing": 2, "told": "concatenation"},
    {"penalty": "wasserstein", "told": "auxiliary"},
    {"packing": 2, "told": "auxiliary"},
    {"pool": 5, "packing": 2},
    {"pool": 5, "packing": 2, "told": "auxiliary"},
]
MEANS = ("real", "fake", "labels_of_real", "labels_of_fake")


@pytest.mark.parametrize("settings", VARIANTS, ids=str)
def test_its_plan_obeys_the_laws(settings):
    excused = () if settings.get("packing", 1) == 1 else ("discriminate/r1", "discriminate/r2")
    guesses = ("generate/labels_of_made",) if settings.get("told") == "auxiliary" else ()
    means = (*(f"discriminate/{name}" for name in MEANS[: 2 + 2 * len(guesses)]), "generate/fool")
    check_plan(build(**settings), batch(), not_means=(*means, *guesses, *excused))


@pytest.mark.parametrize("settings", VARIANTS[:6], ids=str)
def test_padding_costs_nothing(settings):
    model = build(**settings)
    expected = terms(model, batch())
    assert len(expected) == (7 if settings.get("told") == "auxiliary" else 4)
    for name, term in terms(model, batch(n_steps=9, padding=5.0)).items():
        torch.testing.assert_close(term, expected[name])


def test_made_sequences_are_as_long_as_those_of_the_batch():
    given = batch()
    made = build()._made(given)
    beyond = torch.arange(T) >= given.lengths.unsqueeze(1)
    assert (made[beyond] == 0).all()
    assert (made[~beyond] != 0).all()


def test_past_samples_keep_their_lengths():
    model = build(pool=4, told="projection")
    for lengths in ([1] * N, [4] * N, [2] * N):
        given = batch(lengths)
        shown = model._some_past(model._made(given), given)
        own = (shown.x != 0).all(2).sum(1)
        torch.testing.assert_close(own, shown.lengths)
    assert len(set(shown.lengths.tolist())) > 1
    with_fewer = batch()._replace(x=batch().x[:, :3], lengths=None)
    assert model._some_past(model._made(with_fewer), with_fewer).x.shape == (N, T, D)


def test_sequences_of_one_length_need_no_lengths():
    model, given = build(), batch([T] * N)
    for name, term in terms(model, given._replace(lengths=None)).items():
        torch.testing.assert_close(term, terms(model, given)[name])
