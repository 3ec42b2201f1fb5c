"""The models by name: the one table from which names become classes."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from espelho.data.nearest import did_you_mean
from espelho.errors import SettingError

__all__ = ["MODELS", "Entry", "command_name", "find"]


class Entry(NamedTuple):
    """Where a model's class is, what it is listed under, and what it does in a line."""

    module: str
    group: str
    purpose: str


MODELS: Mapping[str, Entry] = {
    "Autoencoder": Entry(
        "espelho.estimators.autoencoders.autoencoder",
        "lower dimension",
        "dense networks, or your own, that rebuild the data from a code",
    ),
    "LSTMAutoencoder": Entry(
        "espelho.estimators.autoencoders.lstm",
        "lower dimension",
        "recurrent networks that rebuild sequences of any length from a code",
    ),
}
"""Estimators by the name of their class."""


def find(name: str) -> Any:
    """Return the estimator class of a name.

    Parameters
    ----------
    name
        The name of a class, or as the command line has it: ``autoencoder``.

    Raises
    ------
    SettingError
        If there is no such model.
    """
    by_command = {command_name(model): model for model in MODELS}
    model = by_command.get(name, name)
    if model not in MODELS:
        known = ", ".join(by_command)
        hint = did_you_mean(name, by_command)
        raise SettingError(f"There is no model {name!r}.{hint} The models are: {known}.")
    return getattr(import_module(MODELS[model].module), model)


def command_name(name: str) -> str:
    """Return the name of a class as the command line has it.

    Examples
    --------
    >>> command_name("LSTMAutoencoder"), command_name("ConditionalGAN"), command_name("Pix2Pix")
    ('lstm-autoencoder', 'conditional-gan', 'pix2pix')
    """
    parts: list[str] = []
    for index, letter in enumerate(name):
        before, after = name[index - 1 : index], name[index + 1 : index + 2]
        starts = letter.isupper() and (before.islower() or (before.isupper() and after.islower()))
        parts.append(f"-{letter}" if starts else letter)
    return "".join(parts).lower()
