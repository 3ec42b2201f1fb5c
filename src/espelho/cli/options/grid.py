"""Grids: values of settings to try, as the command line and TOML files have them."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from espelho.cli.options.flags import NONE, flags
from espelho.errors import FileError, SettingError
from espelho.estimators import registry

__all__ = ["make_grid"]


def make_grid(words: Sequence[str]) -> dict[str, list[Any]]:
    """Return the grid that words say.

    Parameters
    ----------
    words
        Each ``model.setting=value,value`` (with ``;`` between values that have commas), or
        ``latent_dim=value,value`` for all, or the name of a TOML file with a table for each
        model: ``[autoencoder]``, ``latent_dim = [2, 8]``.

    Raises
    ------
    FileError
        If a file cannot be read.
    SettingError
        If a word says no setting of a model, or a value is none.
    """
    grid: dict[str, list[Any]] = {}
    for word in words:
        grid |= _from_file(word) if word.endswith(".toml") else dict([_from_word(word)])
    return grid


def _from_word(word: str) -> tuple[str, list[Any]]:
    key, equals, text = word.partition("=")
    owner, _, setting = key.strip().rpartition(".")
    setting = setting.replace("-", "_")
    if not (equals and text and setting):
        raise SettingError(
            f"--grid takes model.setting=value,value or a .toml file, got {word!r}; such as "
            "autoencoder.latent_dim=2,8."
        )
    parts = [part.strip() for part in text.split(";" if ";" in text else ",")]
    key = f"{owner}.{setting}" if owner else setting
    return key, [_value(owner, setting, part) for part in parts]


def _value(owner: str, setting: str, text: str) -> Any:
    """Return the value of a text, by the type of the setting's own flag."""
    if owner in ("pca", "umap") or not owner:
        return _plain(text)
    cls = registry.find(owner)
    option = next((flag for flag in flags(cls) if flag.name == setting), None)
    if option is None:
        return text  # the comparison says that there is no such setting
    value = option.type.convert(text, option, None)
    return None if value is NONE else value


def _plain(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _from_file(name: str) -> dict[str, list[Any]]:
    try:
        found = tomllib.loads(Path(name).read_text("utf-8"))
    except OSError as error:
        raise FileError(f"{name} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(f"{name} is no TOML: {error}.") from error
    grid: dict[str, list[Any]] = {}
    for key, values in found.items():
        own = values if isinstance(values, Mapping) else {"": values}
        for setting, several in own.items():
            if not isinstance(several, list):
                raise SettingError(f"{name}: {key}.{setting} must be a list of values to try.")
            dotted = ".".join(part for part in (key, setting.replace("-", "_")) if part)
            grid[dotted] = [tuple(v) if isinstance(v, list) else v for v in several]
    return grid
