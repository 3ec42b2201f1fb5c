"""Noise in use: dropout that goes on after training."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sklearn.utils import check_random_state
from torch import nn

from espelho.training.environment.randomness import forked

__all__ = ["noisy"]


@contextmanager
def noisy(model: nn.Module, random_state: Any) -> Iterator[None]:
    """Let dropout draw as in training, from a seed; the rest of the model does not notice.

    Parameters
    ----------
    model
        The model, in evaluation mode before and afterwards.
    random_state
        Seed of what is drawn.
    """
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    drawing = [module for module in model.modules() if isinstance(module, nn.Dropout)]
    with forked(seed, next(model.parameters()).device):
        for module in drawing:
            module.train()
        try:
            yield
        finally:
            for module in drawing:
                module.eval()
