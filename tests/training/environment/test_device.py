"""A device is the one asked for, or an error that says which there are."""

import pytest
import torch

from espelho.errors import DeviceError
from espelho.training.environment.device import find_device


@pytest.fixture
def machine(monkeypatch):
    """Pretend that the machine has some devices."""

    def pretend(*, cuda=0, mps=False):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return pretend


@pytest.mark.parametrize(
    ("has", "expected"),
    [
        ({}, "cpu"),
        ({"mps": True}, "mps"),
        ({"cuda": 2}, "cuda"),
        ({"cuda": 1, "mps": True}, "cuda"),
    ],
)
def test_auto_takes_the_best_there_is(machine, has, expected):
    machine(**has)
    assert find_device("auto").type == expected


@pytest.mark.parametrize("name", ["cpu", "cuda", "cuda:1", "mps"])
def test_a_device_that_is_there_is_taken(machine, name):
    machine(cuda=2, mps=True)
    assert find_device(name) == torch.device(name)


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "mps", "meta", "xpu", "cpu:1"])
def test_a_device_that_is_missing_is_an_error_that_names_those_there_are(machine, name):
    machine()
    with pytest.raises(DeviceError, match=rf"device='{name}' is not available here.*: cpu\."):
        find_device(name)


def test_a_number_beyond_the_last_is_an_error(machine):
    machine(cuda=2, mps=True)
    with pytest.raises(DeviceError, match=r"available: cpu, mps, cuda:0, cuda:1\."):
        find_device("cuda:2")


@pytest.mark.parametrize("name", ["gpu", "", "cuda:x"])
def test_a_name_that_is_none_is_an_error(name):
    with pytest.raises(DeviceError, match="device must be"):
        find_device(name)
