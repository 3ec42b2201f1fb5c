"""Adversarial models of sequences: the laws of plans, and that padding costs nothing."""

import pytest
import torch

from espelho.losses.games import GAMES
from espelho.losses.gradient_penalties import GRADIENT_PENALTIES
from espelho.models.conditional_gan import ConditionalGANModel
from espelho.models.gan import Contest, GANModel
from espelho.models.noise import NOISES
from espelho.models.past_fakes import PastFakes
from espelho.networks.discriminator import (
    Discriminator,
    LabelledGenerator,
    ProjectionDiscriminator,
)
from espelho.networks.recurrent import LSTMDecoder, LSTMEncoder
from espelho.networks.sequence_packs import SequenceFeatures
from espelho.testing import check_plan
from espelho.training.batches import Batch

N, T, D, K, WIDTH = 8, 4, 2, 2, 3
ONE = torch.ones((), dtype=torch.int64)


def build(penalty="r1", *, labelled=False, pool=0, **rules):
    penalties = {penalty: (GRADIENT_PENALTIES[penalty], 0.5)}
    contest = Contest(game=GAMES["non-saturating"], penalties=penalties, **rules)
    size = contest.packing
    encoder = LSTMEncoder(size * D, (WIDTH,), WIDTH, "tanh", bidirectional=True)
    reader = SequenceFeatures(encoder, size)
    generator = LSTMDecoder(2 + K * labelled, (WIDTH,), D, T)
    columns = (torch.empty(T, D), torch.ones(()), *[torch.ones(1)] * labelled, ONE)
    more = {
        "noise": NOISES["gaussian"],
        "contest": contest,
        "past": PastFakes(pool, *columns) if pool else None,
        "sequences": True,
    }
    if not labelled:
        return GANModel(generator, Discriminator(reader, WIDTH), 2, **more).double()
    judge = ProjectionDiscriminator(reader, WIDTH, told=size * K)
    made = LabelledGenerator(generator)
    return ConditionalGANModel(made, judge, 2, sizes=(K,), **more).double()


def batch(lengths=(4, 2, 3, 1, 4, 4, 2, 3), n_steps=T, padding=0.0):
    x = torch.rand(N, T, D, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    lengths = torch.tensor(lengths)
    padded = torch.full((N, n_steps, D), padding, dtype=torch.float64)
    padded[:, :T] = x
    padded[torch.arange(n_steps) >= lengths.unsqueeze(1)] = padding
    y = (torch.arange(N) % K).double().unsqueeze(1)
    return Batch(padded, y, lengths=lengths)


def terms(model, given):
    found = {}
    for phase in model.plan()[0].phases:
        torch.manual_seed(0)
        found |= {f"{phase.name}/{name}": term for name, term in phase.loss(given).items()}
    return found


VARIANTS = [
    {},
    {"penalty": "wasserstein", "labelled": True},
    {"penalty": "r2", "packing": 2, "labelled": True},
    {"pool": 5, "packing": 2},
]


@pytest.mark.parametrize("settings", VARIANTS, ids=str)
def test_its_plan_obeys_the_laws(settings):
    excused = () if settings.get("packing", 1) == 1 else ("discriminate/r1", "discriminate/r2")
    means = ("discriminate/real", "discriminate/fake", "generate/fool", *excused)
    check_plan(build(**settings), batch(), not_means=means)


@pytest.mark.parametrize("settings", VARIANTS[:3], ids=str)
def test_padding_costs_nothing(settings):
    model = build(**settings)
    expected = terms(model, batch())
    assert len(expected) == 4
    for name, term in terms(model, batch(n_steps=9, padding=5.0)).items():
        torch.testing.assert_close(term, expected[name])


def test_made_sequences_are_as_long_as_those_of_the_batch():
    given = batch()
    made = build()._made(given)
    beyond = torch.arange(T) >= given.lengths.unsqueeze(1)
    assert (made[beyond] == 0).all()
    assert (made[~beyond] != 0).all()


def test_past_samples_keep_their_lengths():
    model = build(pool=4, labelled=True)
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
