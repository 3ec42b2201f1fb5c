"""Packs of sequences: what stands after a sequence's own end is never seen."""

from functools import partial

import pytest
import torch

from espelho.networks.condition import beside_steps, condition_rows
from espelho.networks.discriminator import (
    AuxiliaryDiscriminator,
    ConcatenatingDiscriminator,
    Discriminator,
    ProjectionDiscriminator,
)
from espelho.networks.recurrent import LSTMEncoder
from espelho.networks.sequence_packs import SequenceFeatures, side_by_side

T, D, K, WIDTH = 5, 2, 3, 4
LENGTHS = torch.tensor([5, 2, 3, 1, 4, 5])
Y = torch.tensor([0, 1, 2, 2, 1, 0])


def sequences():
    return torch.rand(6, T, D, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def rows(size):
    return condition_rows(Y[:, None].double(), (K,)).reshape(6 // size, -1)


def reader(size, more=0):
    encoder = LSTMEncoder(size * (D + more), (WIDTH,), WIDTH, "tanh", bidirectional=True)
    return SequenceFeatures(encoder, size)


def judges(size):
    joined = partial(beside_steps, size=size)
    return {
        "plain": Discriminator(reader(size), WIDTH),
        "projection": ProjectionDiscriminator(reader(size), WIDTH, told=size * K),
        "concatenation": ConcatenatingDiscriminator(reader(size, K), WIDTH, joined=joined),
        "auxiliary": AuxiliaryDiscriminator(reader(size), WIDTH, told=size * K),
    }


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("kind", ["plain", "projection", "concatenation", "auxiliary"])
def test_padding_changes_no_score(kind, size):
    judge, x = judges(size)[kind].double(), sequences()
    other = torch.cat([x, torch.full((6, 3, D), 9.0)], 1)
    for row, n in enumerate(LENGTHS):
        other[row, n:] = 7.0
    told = [LENGTHS.reshape(-1, size) if size > 1 else LENGTHS]
    if kind in ("projection", "concatenation"):
        told.insert(0, rows(size))
    packs = [part.reshape(6 // size, -1, D) for part in (x, other)]
    found = [judge(part, *told) for part in packs]
    torch.testing.assert_close(*found)
    longer = judge(packs[0], *told[:-1], torch.full_like(told[-1], T))
    first = [one[0] if kind == "auxiliary" else one for one in (longer, found[0])]
    assert not torch.allclose(*first)


def test_a_pack_is_its_sequences_at_every_step():
    x = sequences()
    found = side_by_side(x.reshape(3, 2 * T, D), LENGTHS.reshape(3, 2), 2)
    for pack in range(3):
        for place in range(2):
            own = x[2 * pack + place].clone()
            own[LENGTHS[2 * pack + place] :] = 0
            torch.testing.assert_close(found[pack, :, place * D : (place + 1) * D], own)


@pytest.mark.parametrize("size", [1, 3])
def test_labels_stand_beside_every_step_of_their_own_sequence(size):
    x = sequences()
    found = beside_steps(x.reshape(6 // size, -1, D), rows(size), size).reshape(6, T, D + K)
    torch.testing.assert_close(found[..., :D], x)
    for row in range(6):
        assert (found[row, :, D:].argmax(1) == Y[row]).all()
        assert (found[row, :, D:].sum(1) == 1).all()


def test_without_lengths_all_steps_are_read():
    judge, x = judges(1)["plain"].double(), sequences()
    torch.testing.assert_close(judge(x), judge(x, torch.full((6,), T)))
