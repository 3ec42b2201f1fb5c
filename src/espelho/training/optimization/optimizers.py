"""Optimisers over flat storage, by name."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from espelho.errors import RunError, SettingError

__all__ = ["OPTIMIZERS", "Optimizer", "complete_options"]

Options = Mapping[str, Any]


class _Slots(NamedTuple):
    """A group's values, gradient, running averages and number of updates."""

    data: Tensor
    grad: Tensor
    state: list[Tensor]
    step: Tensor


class Rule(NamedTuple):
    """How an optimiser moves: its running averages, its options, and one update."""

    slots: tuple[str, ...]
    options: Options
    update: Callable[[_Slots, float, Options], None]


def _sgd(group: _Slots, lr: float, options: Options) -> None:
    group.data.add_(group.grad, alpha=-lr)


def _momentum(group: _Slots, lr: float, options: Options) -> None:
    velocity = group.state[0].mul_(options["momentum"]).add_(group.grad)
    if options["nesterov"]:
        velocity = group.grad.add(velocity, alpha=options["momentum"])
    group.data.add_(velocity, alpha=-lr)


def _rmsprop(group: _Slots, lr: float, options: Options) -> None:
    square = group.state[0].mul_(options["alpha"])
    square.addcmul_(group.grad, group.grad, value=1 - options["alpha"])
    group.data.addcdiv_(group.grad, square.sqrt().add_(options["eps"]), value=-lr)


def _adam(group: _Slots, lr: float, options: Options) -> None:
    _fused(torch._fused_adam_, group, lr, options, weight_decay=0.0)


def _adamw(group: _Slots, lr: float, options: Options) -> None:
    _fused(torch._fused_adamw_, group, lr, options, weight_decay=options["weight_decay"])


def _fused(
    function: Callable[..., None], group: _Slots, lr: float, options: Options, weight_decay: float
) -> None:
    # The kernel alone: on a small network torch.optim's way to it takes twice its time again.
    group.step.add_(_ONE)
    function(
        [group.data],
        [group.grad],
        [group.state[0]],
        [group.state[1]],
        [],
        [group.step],
        amsgrad=False,
        beta1=options["betas"][0],
        beta2=options["betas"][1],
        lr=lr,
        weight_decay=weight_decay,
        eps=options["eps"],
        maximize=False,
    )


# Torch makes a tensor of every number that it is given, which takes longer than adding it.
_ONE = torch.ones((), dtype=torch.float32, device="cpu")

_ADAM = {"betas": (0.9, 0.999), "eps": 1e-8}

OPTIMIZERS: Mapping[str, Rule] = {
    "sgd": Rule((), {}, _sgd),
    "momentum": Rule(("velocity",), {"momentum": 0.9, "nesterov": False}, _momentum),
    "adam": Rule(("exp_avg", "exp_avg_sq"), _ADAM, _adam),
    "adamw": Rule(("exp_avg", "exp_avg_sq"), {**_ADAM, "weight_decay": 0.01}, _adamw),
    "rmsprop": Rule(("square_avg",), {"alpha": 0.99, "eps": 1e-8}, _rmsprop),
}
"""Optimisers by name: stochastic gradient descent; with (Nesterov) momentum, Sutskever
et al. (2013); Adam, Kingma and Ba (2015); AdamW, Loshchilov and Hutter (2019); RMSprop,
Tieleman and Hinton (2012)."""


class Optimizer:
    """One phase's optimiser: running averages over the groups that the phase owns.

    Parameters
    ----------
    name
        A name of `OPTIMIZERS`.
    options
        Options of the optimiser that differ from its defaults, such as
        ``{"betas": (0.5, 0.999)}``.
    groups
        The flat storage that it moves.

    Raises
    ------
    SettingError
        If the optimiser has no such option.
    """

    def __init__(self, name: str, options: Options, groups: Sequence[Any]) -> None:
        self._rule = OPTIMIZERS[name]
        self._options = complete_options(name, options, self._rule.options)
        self._flats = list(groups)
        self._groups = [
            _Slots(
                group.data,
                group.grad,
                [torch.zeros_like(group.data) for _ in self._rule.slots],
                torch.zeros((), dtype=torch.float32, device=group.data.device),
            )
            for group in groups
        ]

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move every owned parameter against its gradient."""
        for group in self._groups:
            self._rule.update(group, learning_rate, self._options)

    def state(self) -> dict[str, Tensor]:
        """Return the running averages, as views, as ``parameter/slot``."""
        found: dict[str, Tensor] = {}
        for flat, group in zip(self._flats, self._groups, strict=True):
            for slot, values in zip(self._rule.slots, group.state, strict=True):
                parts = flat.unpack(values).items()
                found |= {f"{name}/{slot}": part for name, part in parts}
            if self._rule.slots:
                found |= {f"{name}/step": group.step for name in flat.parameters}
        return found

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Take running averages over, as `state` returns them.

        Raises
        ------
        RunError
            If they are not those of the same parameters and the same optimiser.
        """
        expected = self.state().keys()
        if state.keys() != expected:
            raise RunError(
                f"The saved optimiser has {len(state)} states where {len(expected)} belong: it is "
                f"of another optimiser or another network. The first that differ: "
                f"{sorted(state.keys() ^ expected)[:3]}."
            )
        for flat, group in zip(self._flats, self._groups, strict=True):
            for slot, values in zip(self._rule.slots, group.state, strict=True):
                values.copy_(flat.pack({n: state[f"{n}/{slot}"] for n in flat.parameters}))
            if self._rule.slots:
                group.step.copy_(state[f"{next(iter(flat.parameters))}/step"])


def complete_options(name: str, given: Options, defaults: Options) -> dict[str, Any]:
    """Return the defaults with the given options put in, or say which is unknown."""
    if unknown := sorted(given.keys() - defaults.keys()):
        known = ", ".join(sorted(defaults)) or "none"
        raise SettingError(f"{name!r} has no option {unknown[0]!r}; its options are: {known}.")
    for option, value in given.items():
        default = defaults[option]
        pair = isinstance(default, tuple)
        parts = tuple(value) if pair and isinstance(value, (list, tuple)) else (value,)
        numbers = all(isinstance(part, (int, float)) and part >= 0 for part in parts)
        if not numbers or len(parts) != (len(default) if pair else 1):
            raise SettingError(
                f"{option} of {name!r} must be like {default!r}, numbers of at least 0, "
                f"got {value!r}."
            )
    return {**defaults, **given}
