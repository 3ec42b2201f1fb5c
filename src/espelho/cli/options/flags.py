"""Flags: the options of a model's command, made from the fields of its estimator."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import click

from espelho.estimators.settings import field_help, field_hints

__all__ = ["NONE", "Sizes", "flags", "setting_names"]

NONE = object()
"""What a flag says that sets a setting to ``None``, where that is not its default."""

_NOT_FLAGS = ("callbacks", "encoder", "decoder", "autoencoder", "warm_start")
"""Settings that hold objects, or make no sense in a program that fits once."""


class _Numbers(click.ParamType[Any]):
    """Numbers of a kind with commas between them."""

    def __init__(self, kind: type, wanted: str) -> None:
        self.name = "N,N,..."
        self._kind = kind
        self._wanted = wanted

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any, ...]:
        """Return the numbers of a text, or a sequence as a tuple."""
        if not isinstance(value, str):
            return tuple(value)
        try:
            return tuple(self._kind(part) for part in value.split(",") if part.strip())
        except ValueError:
            self.fail(f"{value!r} must be {self._wanted}.", param, ctx)


class Sizes(_Numbers):
    """Whole numbers with commas between them: ``256,64``."""

    def __init__(self) -> None:
        super().__init__(int, "whole numbers with commas, such as 256,64")


class _Widths(_Numbers):
    """Numbers with commas between them: ``0.5,2``."""

    def __init__(self) -> None:
        super().__init__(float, "numbers with commas, such as 0.5,2")


class _Names(click.ParamType[Any]):
    """Names with commas between them: ``translation,cutout``."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self.name = ",".join(names)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Return the names of a text, or a sequence as a tuple."""
        parts = value.split(",") if isinstance(value, str) else value
        found = tuple(part.strip() for part in parts if part.strip())
        if unknown := [part for part in found if part not in self._names]:
            known = ", ".join(self._names)
            self.fail(f"{unknown[0]!r} must be one of {known}.", param, ctx)
        return found


class _NumberOr(click.ParamType[Any]):
    """A number, or one of some names: ``0.1``, ``learned``."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self.name = "|".join(("NUMBER", *names))

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        if value in self._names:
            return str(value)
        try:
            return float(value)
        except ValueError:
            known = ", ".join(self._names)
            self.fail(f"{value!r} must be a number or one of {known}.", param, ctx)


class _OrNone(click.ParamType[Any]):
    """What another type takes, or ``none``."""

    def __init__(self, kind: click.ParamType[Any]) -> None:
        self._kind = kind
        self.name = f"{kind.name}|none"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return NONE if value == "none" else self._kind.convert(value, param, ctx)


class _Options(click.ParamType[Any]):
    """Names with values: ``betas=[0.5,0.999] eps=1e-6``, or a JSON object."""

    name = "NAME=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        if isinstance(value, Mapping):
            return dict(value)
        try:
            if value.lstrip().startswith("{"):
                found: dict[str, Any] = json.loads(value)
                return found
            pairs = (part.split("=", 1) for part in value.split())
            return {name: json.loads(text) for name, text in pairs}
        except ValueError:
            self.fail(f"{value!r} must be like betas=[0.5,0.999] or a JSON object.", param, ctx)


def setting_names(cls: type) -> tuple[str, ...]:
    """Return the names of the settings that have a flag."""
    return tuple(field.name for field in fields(cls) if field.name not in _NOT_FLAGS)


def flags(cls: type) -> list[click.Option]:
    """Return an option for each setting of an estimator class, with its help.

    Parameters
    ----------
    cls
        An estimator class.
    """
    return [_flag(cls, name) for name in setting_names(cls)]


def _flag(cls: type, name: str) -> click.Option:
    default = next(f.default for f in fields(cls) if f.name == name)
    default = None if default is MISSING else default
    if name == "verbose":
        default = 1
    dashed = name.replace("_", "-")
    hint = field_hints(cls)[name]
    kind = _kind(hint)
    if default is not None and _takes_none(hint):
        kind = _OrNone(kind)
    declaration = f"--{dashed}/--no-{dashed}" if kind is bool else f"--{dashed}"
    return click.Option(
        [declaration, name],
        type=None if kind is bool else kind,
        default=None,
        help=field_help(cls)[name] + _shown(default),
    )


def _shown(default: Any) -> str:
    if default is None:
        return ""
    if isinstance(default, tuple):
        default = ",".join(str(part) for part in default) or "none"
    if isinstance(default, bool):
        default = "yes" if default else "no"
    return f"  [default: {default}]"


def _kind(hint: Any) -> Any:
    """Return the click type of an annotation."""
    parts = _parts(hint)
    choices, names = _choices(parts), _choices(_members(parts))
    origins = [get_origin(part) or part for part in parts]
    numbers = _Widths() if float in _members(parts) else Sizes()
    if choices:
        return _NumberOr(choices) if float in origins else click.Choice(choices)
    if names:
        return _Names(names)
    for origin, kind in ((tuple, numbers), (bool, bool), (int, click.INT), (float, click.FLOAT)):
        if origin in origins:
            return kind
    return click.STRING if str in origins else _Options()


def _choices(parts: list[Any]) -> list[str]:
    return [str(v) for part in parts if get_origin(part) is Literal for v in get_args(part)]


def _members(parts: list[Any]) -> list[Any]:
    """Return the types of what tuples hold."""
    return [
        kind
        for part in parts
        if get_origin(part) is tuple
        for member in get_args(part)
        for kind in _parts(member)
    ]


def _takes_none(hint: Any) -> bool:
    """Return whether None is a member of a union."""
    return get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint)


def _parts(hint: Any) -> list[Any]:
    """Return the members of a union, without None and without bounds."""
    if get_origin(hint) is Annotated:
        return _parts(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return [part for member in get_args(hint) for part in _parts(member)]
    return [] if hint is NoneType else [hint]
