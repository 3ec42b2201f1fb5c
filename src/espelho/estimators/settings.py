"""Settings: the fields of an estimator, checked against their own annotations."""

import inspect
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, get_type_hints

import numpy as np

from espelho.data.nearest import did_you_mean
from espelho.errors import SettingError

__all__ = ["check_settings", "field_help", "field_hints"]


def check_settings(estimator: Any) -> None:
    """Raise unless every hyper-parameter is what its annotation says.

    Parameters
    ----------
    estimator
        The estimator, whose values are read and never changed.

    Raises
    ------
    SettingError
        If one is not: with its name, what it must be, and what it is.
    """
    from pydantic import ValidationError

    cls: type = type(estimator)
    _check_declaration(cls)

    values = {name: _plain(value) for name, value in estimator.get_params(deep=False).items()}
    try:
        _schema(cls).model_validate(values, strict=True)
    except ValidationError as error:
        raise SettingError(_sentence(cls.__name__, error.errors(), values)) from None


@cache
def field_hints(cls: type) -> Mapping[str, Any]:
    """Return the annotation of every hyper-parameter of an estimator class, by name."""
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in fields(cls)}


@cache
def field_help(cls: type) -> Mapping[str, str]:
    """Return what the docstrings say of every hyper-parameter, by name.

    Parameters
    ----------
    cls
        An estimator class; what its own docstring leaves out is looked up in its bases.
    """
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        found |= _parameters_section(base.__doc__ or "")
    return {field.name: found[field.name] for field in fields(cls)}


@cache
def _schema(cls: type) -> Any:
    from pydantic import ConfigDict, create_model

    config = ConfigDict(arbitrary_types_allowed=True, allow_inf_nan=False, extra="forbid")
    members: dict[str, Any] = {name: (hint, ...) for name, hint in field_hints(cls).items()}
    return create_model(cls.__name__, __config__=config, **members)


def _check_declaration(cls: type) -> None:
    known = {field.name for field in fields(cls)}
    for base in cls.__mro__:
        lost = [
            name
            for name in inspect.get_annotations(base)
            if name not in known and not name.endswith("_") and not name.startswith("_")
        ]
        if lost and hasattr(base, "__dataclass_fields__"):
            raise SettingError(
                f"{base.__name__} declares {lost[0]!r}, which is no setting of it: the class "
                "needs the decorator @dataclass(kw_only=True, eq=False, repr=False)."
            )


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (list, tuple)):
        return tuple(_plain(part) for part in value)
    return value


def _sentence(owner: str, errors: Any, values: Mapping[str, Any]) -> str:
    name = str(errors[0]["loc"][0])
    reasons = [e for e in errors if e["loc"][0] == name and e["type"] != "none_required"]
    value = values[name]
    wanted = " or ".join(dict.fromkeys(_wanted(error) for error in reasons))
    place = [str(part) for part in reasons[0]["loc"][1:] if isinstance(part, int)]
    item = f" (item {place[0]})" if place else ""
    choices = [part for error in reasons for part in _choices(error)]
    hint = did_you_mean(str(value), choices) if choices and isinstance(value, str) else ""
    return f"{name}{item} of {owner} must be {wanted}, got {value!r}.{hint}"


def _wanted(error: Mapping[str, Any]) -> str:
    message = str(error["msg"]).removeprefix("Input should be ")
    return message.replace("a valid ", "a ").replace("a integer", "an integer")


def _choices(error: Mapping[str, Any]) -> list[str]:
    expected = str(error.get("ctx", {}).get("expected", ""))
    return [part.strip(" '") for part in expected.replace(" or ", ", ").split(",") if part]


def _parameters_section(docstring: str) -> dict[str, str]:
    """Read the section ``Parameters`` of a numpydoc docstring."""
    lines = inspect.cleandoc(docstring).splitlines()
    if "Parameters" not in lines:
        return {}
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for line in lines[lines.index("Parameters") + 2 :]:
        if line.startswith("---"):
            found.pop(names[0], None)
            break
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.split(":")[0].split(",")]
            found |= {name: [] for name in names}
        elif line:
            for name in names:
                found[name].append(line.strip())
    return {name: " ".join(text) for name, text in found.items()}
