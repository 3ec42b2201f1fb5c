"""A plan: the stages of a training, and the phases that make up a step of each."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from math import lcm
from typing import Literal

from torch import Tensor, nn

from espelho.errors import SettingError
from espelho.training.batches import Batch, Data

__all__ = ["Phase", "Plan", "Stage", "Terms", "Trainable"]

Terms = Mapping[str, Tensor]
"""The named parts of a phase's loss; what is minimised is their sum."""


@dataclass(frozen=True, eq=False)
class Phase:
    """One row of a training step.

    Parameters
    ----------
    name
        What the phase does, a verb such as ``reconstruct``; its terms are recorded
        as ``name/term``.
    owns
        The modules that the phase moves. It moves no others, whatever its loss reads.
    loss
        From a batch to the named terms whose sum is minimised, each a scalar.
    learning_rate
        The phase's own learning rate; ``None`` for the trainer's.
    repeats
        Updates per turn: on the same batch where a stage alternates by step, epochs
        in a row where it alternates by epoch.
    every
        Turns between updates: 5 is due in turns 0, 5, 10, ...
    gradient
        A hand-derived step in place of the backward pass of ``loss``: writes the
        gradient of every owned parameter into its ``.grad``, in place, and returns
        the terms. It must equal what ``loss`` gives, which `espelho.testing.check_plan`
        verifies.
    """

    name: str
    owns: Sequence[nn.Module]
    loss: Callable[[Batch], Terms]
    _: KW_ONLY
    learning_rate: float | None = None
    repeats: int = 1
    every: int = 1
    gradient: Callable[[Batch], Terms] | None = None

    def __post_init__(self) -> None:
        for field in ("repeats", "every"):
            if getattr(self, field) < 1:
                raise SettingError(
                    f"{field} of phase {self.name!r} must be at least 1, "
                    f"got {getattr(self, field)}."
                )

    def parameters(self) -> dict[int, nn.Parameter]:
        """Return the parameters that the phase moves by their `id`, each once."""
        return {id(p): p for module in self.owns for p in module.parameters()}


class Stage:
    """Phases that run together for some epochs.

    Parameters
    ----------
    *phases
        The phases, in the order of their turns.
    name
        What the history calls the stage.
    epochs
        How long it lasts; ``None`` for the trainer's ``max_epochs``.
    alternate
        ``"step"``: each batch gives every phase its turn. ``"epoch"``: an epoch
        belongs to one phase, then the next epoch to the next.
    grow
        Changes the structure of the networks on entry; replayed on resume.
    on_entry
        Changes values on entry, after ``grow``; run once, never on resume.
    data
        From the trainer's data to what this stage trains on; ``None`` for the same. Called
        on entry with the model in evaluation mode, and again on resume: it may depend on
        what the stage does not move.
    batch_size
        Samples per batch; ``None`` for the trainer's.
    progress
        Told before every batch, and after the last, which share of the stage is done, from 0 to
        1: what fades in over the stage. Nothing of it needs to be kept for a resumed training.
    """

    __slots__ = (
        "_always",
        "_order",
        "alternate",
        "batch_size",
        "data",
        "epochs",
        "grow",
        "name",
        "on_entry",
        "phases",
        "progress",
    )

    def __init__(
        self,
        *phases: Phase,
        name: str = "train",
        epochs: int | None = None,
        alternate: Literal["step", "epoch"] = "step",
        grow: Callable[[], None] | None = None,
        on_entry: Callable[[], None] | None = None,
        data: Callable[[Data], Data] | None = None,
        batch_size: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.phases = phases
        self.name = name
        self.epochs = epochs
        self.alternate = alternate
        self.grow = grow
        self.on_entry = on_entry
        self.data = data
        self.batch_size = batch_size
        self.progress = progress
        self._check()
        self._order = self._epoch_order()
        same_every_turn = alternate == "step" and all(phase.every == 1 for phase in phases)
        self._always = self._order if same_every_turn else None

    def _check(self) -> None:
        names = [phase.name for phase in self.phases]
        if not names or len(set(names)) < len(names):
            raise SettingError(
                f"A stage needs at least one phase and a name of its own for each; "
                f"stage {self.name!r} has {names}."
            )
        if self.alternate not in ("step", "epoch"):
            raise SettingError(
                f"alternate of stage {self.name!r} must be 'step' or 'epoch', "
                f"got {self.alternate!r}."
            )

    def _epoch_order(self) -> list[int]:
        cycles = lcm(*(phase.every for phase in self.phases))
        return [
            index
            for cycle in range(cycles)
            for index, phase in enumerate(self.phases)
            if cycle % phase.every == 0
            for _ in range(phase.repeats)
        ]

    def prepared(self, data: Data) -> Data:
        """Return what the stage trains on, made of the trainer's data."""
        return data if self.data is None else self.data(data)

    def due(self, *, turn: int, epoch: int) -> list[int]:
        """Return which phases make an update, by index, in order and with repeats.

        Parameters
        ----------
        turn
            Batches that this stage has seen before.
        epoch
            Epochs that this stage has completed before.
        """
        if self._always is not None:
            return self._always
        if self.alternate == "epoch":
            return [self._order[epoch % len(self._order)]]
        return [
            index
            for index, phase in enumerate(self.phases)
            if turn % phase.every == 0
            for _ in range(phase.repeats)
        ]


Plan = tuple[Stage, ...]
"""The stages of a training, in order."""


class Trainable(nn.Module, ABC):
    """Networks and the plan by which they are trained: what a model must be.

    Attributes
    ----------
    divisible
        Whether several processes may each hold a part of the weights: every network is then
        only run as a whole.
    """

    divisible = True

    @abstractmethod
    def plan(self) -> Plan:
        """Return the stages of the training, in order."""

    def shown(self, batch: Batch) -> Mapping[str, Tensor]:  # noqa: ARG002
        """Return what the doctor may look at of the model, on samples; by default nothing.

        Called in evaluation mode, without gradients and in a random state that is the same every
        time. Every tensor has a row per sample. By name, as far as the model has it: ``codes``
        (n, width) and ``answers``, what it makes of each sample; ``unit_kl`` (n, width), the
        divergence of each unit; ``made``, what is made of noise, and ``real``, what that is to be
        like; ``scores_real`` and ``scores_made`` (n,), what a discriminator says of them;
        ``labels`` (n,), the class of each; of a translator ``source``, what ``made`` is made of,
        and ``cycle`` (n, 3), how far samples are from their translation there and back, as of
        `espelho.training.checkup.translation.cycles`. Of two sets, names end with ``_A`` and
        ``_B``, and each has rows of its own.

        Parameters
        ----------
        batch
            The samples.
        """
        return {}

    def continued(self) -> Plan:
        """Return the stages by which a trained model is trained further."""
        return self.plan()
