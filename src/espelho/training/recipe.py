"""A recipe: how to train, whatever the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Recipe"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Length, batches, optimiser and schedule of a training.

    Attributes
    ----------
    max_epochs
        Passes over the data in every stage that does not say its own number.
    batch_size
        Samples per batch.
    optimizer, optimizer_options
        A name of `OPTIMIZERS`, and what differs from its defaults.
    learning_rate
        The rate that the schedule starts from.
    schedule, schedule_options
        A name of `SCHEDULES`, and what differs from its defaults.
    gradient_clip
        Largest norm of a phase's gradient; ``None`` for any.
    mixed_precision
        Whether losses are computed in bfloat16 where torch's autocast finds that safe.
    monitor
        The figure that a schedule or a callback follows unless it names its own; ``None``
        for the first phase's loss, on validation data where there is any.
    """

    max_epochs: int = 100
    batch_size: int = 128
    optimizer: str = "adam"
    optimizer_options: Mapping[str, Any] = field(default_factory=dict)
    learning_rate: float = 1e-3
    schedule: str = "constant"
    schedule_options: Mapping[str, Any] = field(default_factory=dict)
    gradient_clip: float | None = None
    mixed_precision: bool = False
    monitor: str | None = None
