"""Random streams are seeded, kept apart from the caller's, and taken up again."""

import pytest
import torch

from espelho.training.environment.randomness import forked, load_random_states, random_states


def test_the_same_seed_gives_the_same_stream_and_the_callers_is_left_alone(device):
    device = torch.device(device)
    before = torch.get_rng_state()

    drawn = []
    for seed in (3, 3, 4):
        with forked(seed, device):
            drawn.append(torch.randn(5, device=device))

    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])
    assert torch.equal(torch.get_rng_state(), before)


def draw_and_fail():
    with forked(1, torch.device("cpu")):
        torch.randn(3)
        raise ZeroDivisionError


def test_the_callers_stream_is_left_alone_also_after_an_error():
    before = torch.get_rng_state()

    with pytest.raises(ZeroDivisionError):
        draw_and_fail()

    assert torch.equal(torch.get_rng_state(), before)


def test_the_streams_of_devices_that_are_not_used_are_left_alone(monkeypatch):
    reached = []
    monkeypatch.setattr(torch.cuda, "manual_seed_all", reached.append)

    with forked(1, torch.device("cpu")):
        drawn = torch.randn(3)

    assert reached == []
    assert torch.equal(drawn, torch.randn(3, generator=torch.Generator().manual_seed(1)))


def test_a_stream_goes_on_where_it_was(device):
    device = torch.device(device)
    with forked(1, device):
        torch.randn(7, device=device)
        states = random_states(device)
        expected = torch.randn(5), torch.randn(5, device=device)
    with forked(2, device):
        load_random_states(states, device)
        found = torch.randn(5), torch.randn(5, device=device)

    assert all(torch.equal(f, e) for f, e in zip(found, expected, strict=True))


@pytest.mark.parametrize(("kind", "index"), [("mps", ()), ("cuda", (torch.device("cuda:1"),))])
def test_every_device_but_the_cpu_has_a_stream_that_is_kept_too(monkeypatch, kind, index):
    states = {"mine": torch.tensor([1], dtype=torch.uint8)}

    def read(*device):
        assert device == index
        return states["mine"]

    def write(state, *device):
        assert device == index
        states["mine"] = state

    monkeypatch.setattr(getattr(torch, kind), "get_rng_state", read)
    monkeypatch.setattr(getattr(torch, kind), "set_rng_state", write)
    device = index[0] if index else torch.device(kind)
    kept = random_states(device)
    states["mine"] = torch.tensor([2], dtype=torch.uint8)

    load_random_states(kept, device)

    assert states["mine"].item() == 1
    load_random_states({"cpu": kept["cpu"]}, device)
    assert states["mine"].item() == 1
