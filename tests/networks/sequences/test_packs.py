"""Packs of sequences: what stands after a sequence's own end is never seen."""

from functools import partial

import pytest
import torch

from espelho.networks.condition import beside_steps
from espelho.networks.discriminator import (
    AuxiliaryDiscriminator,
    ConcatenatingDiscriminator,
    Discriminator,
    ProjectionDiscriminator,
)
from espelho.networks.sequences.packs import SequenceFeatures, side_by_side
from espelho.networks.sequences.recurrent import LSTMEncoder

T, D, K, WIDTH = 5, 2, 3, 4
LENGTHS = torch.tensor([5, 2, 3, 1, 4, 5])
ROWS = torch.tensor(
    [[1, 0, 0.5], [0, 1, 2], [1, 0, -1], [1, 0, 2], [0, 1, 0], [0, 1, 0.5]], dtype=torch.float64
)


def sequences():
    return torch.rand(6, T, D, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def reader(size, more=0):
    encoder = LSTMEncoder(size * (D + more), (WIDTH,), WIDTH, "tanh", bidirectional=True)
    return SequenceFeatures(encoder, size)


def judges(size):
    return {
        "plain": Discriminator(reader(size), WIDTH),
        "projection": ProjectionDiscriminator(reader(size), WIDTH, told=size * K),
        "concatenation": ConcatenatingDiscriminator(
            reader(size, K), WIDTH, joined=partial(beside_steps, size=size)
        ),
        "auxiliary": AuxiliaryDiscriminator(reader(size), WIDTH, told=size * K),
    }


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("kind", ["plain", "projection", "concatenation", "auxiliary"])
def test_padding_changes_no_score(kind, size):
    judge, x = judges(size)[kind].double(), sequences()
    other = torch.cat([x, torch.full((6, 3, D), 9.0)], 1)
    for row, n in enumerate(LENGTHS):
        other[row, n:] = 7.0
    lengths = LENGTHS.reshape(-1, size) if size > 1 else LENGTHS
    rows = [] if kind in ("plain", "auxiliary") else [ROWS.reshape(6 // size, -1)]
    packs = [part.reshape(6 // size, -1, D) for part in (x, other)]
    found = [judge(part, *rows, lengths) for part in packs]
    torch.testing.assert_close(*found)
    longer = judge(packs[0], *rows, torch.full_like(lengths, T))
    for one, other in zip(*map(parts, (longer, found[0])), strict=True):
        assert not torch.allclose(one, other)


def parts(found):
    """Return the score, or the score and the guess."""
    return found if isinstance(found, tuple) else (found,)


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
    rows = ROWS.reshape(6 // size, -1)
    found = beside_steps(x.reshape(6 // size, -1, D), rows, size).reshape(6, T, D + K)
    torch.testing.assert_close(found[..., :D], x)
    torch.testing.assert_close(found[..., D:], ROWS.unsqueeze(1).expand(6, T, K))


def test_without_lengths_all_steps_are_read():
    judge, x = judges(1)["plain"].double(), sequences()
    torch.testing.assert_close(judge(x), judge(x, torch.full((6,), T)))
