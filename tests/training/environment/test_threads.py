"""Small networks train on one thread, others on all; afterwards all is as it was."""

import pytest
import torch
from torch import nn

from espelho.training.environment.threads import WORTH_SHARING, suitable_threads


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(("width", "threads"), [(8, 1), (2000, 2)])
@pytest.mark.usefixtures("two_threads")
def test_the_size_of_a_step_decides(width, threads):
    model = nn.Linear(width, width)
    assert (6 * 32 * width * (width + 1) < WORTH_SHARING) == (threads == 1)
    with suitable_threads(model, 32):
        assert torch.get_num_threads() == threads
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_the_threads_come_back_after_an_error():
    with pytest.raises(ZeroDivisionError), suitable_threads(nn.Linear(2, 2), 4):
        _ = 1 / 0
    assert torch.get_num_threads() == 2
