"""What every test starts from: a seeded, deterministic torch and no screen."""

import matplotlib as mpl
import pytest
import torch

mpl.use("Agg")
# Several test processes share the cores: threads of one would wait for those of another.
torch.set_num_threads(1)


def pytest_addoption(parser):
    parser.addoption("--device", default="cpu", help="the device that the laws are checked on")


@pytest.fixture
def device(request):
    return request.config.getoption("--device")


@pytest.fixture(autouse=True)
def _seeded_torch():
    """Leave torch's random state and default type as they were found."""
    dtype = torch.get_default_dtype()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield
    torch.set_default_dtype(dtype)
