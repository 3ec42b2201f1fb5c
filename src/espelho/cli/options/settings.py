"""Settings for the command line: of a preset, of a file, of flags."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from espelho.cli.options.flags import NONE
from espelho.data.nearest import did_you_mean
from espelho.errors import FileError, SettingError
from espelho.estimators import registry
from espelho.estimators.presets import preset as settings_of

__all__ = ["chosen_settings"]


def chosen_settings(
    cls: type, preset: str | None, file: str | None, flags: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the settings that were asked for: flags win over a file, and that over a preset.

    Parameters
    ----------
    cls
        The estimator class.
    preset
        The name of a preset.
    file
        A TOML file.
    flags
        What flags said, ``None`` where there was none; a file may name the same settings.

    Raises
    ------
    FileError
        If the file cannot be read.
    SettingError
        If it names what is no setting.
    """
    settings = {} if preset is None else settings_of(preset)
    settings |= {} if file is None else _from_file(cls, file, flags)
    given = {name: value for name, value in flags.items() if value is not None}
    settings |= {name: None if value is NONE else value for name, value in given.items()}
    verbose = settings.setdefault("verbose", 1)
    settings["verbose"] = int(verbose) if verbose in ("0", "1", "2") else verbose
    return settings


def _from_file(cls: type, file: str, flags: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{file} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(f"{file} is no TOML: {error}.") from error
    known = tuple(flags)
    settings = {name.replace("-", "_"): value for name, value in found.items()}
    for name in settings:
        if name not in known:
            hint = did_you_mean(name, known)
            raise SettingError(
                f"{file}: {cls.__name__} has no setting {name!r}.{hint} "
                f"'espelho fit {registry.command_name(cls.__name__)} --help' lists them."
            )
    return {n: tuple(v) if isinstance(v, list) else v for n, v in settings.items()}
