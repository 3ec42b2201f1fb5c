"""Presets: settings that were found to work well together, by name."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from espelho.data.nearest import did_you_mean
from espelho.errors import SettingError

__all__ = ["PRESETS", "Preset", "preset"]


class Preset(NamedTuple):
    """Settings of a model, and what they are for in a line."""

    model: str
    purpose: str
    settings: Mapping[str, Any]


PRESETS: Mapping[str, Preset] = {
    "deep-images": Preset(
        "Autoencoder",
        "images of a few thousand pixels and 10,000 or more of them: least error, some minutes",
        {
            "hidden_sizes": (1000, 500, 250),
            "latent_dim": 30,
            "activation": "gelu",
            "output_activation": "logistic",
            "normalization": "batch",
            "shifts": 1,
            "optimizer": "adamw",
            "learning_rate": 1e-3,
            "schedule": "one-cycle",
            "schedule_options": {"peak": 3.0},
            "batch_size": 256,
            "max_epochs": 60,
        },
    ),
    "imputation": Preset(
        "Autoencoder",
        "tables with gaps to fill: less error than with the defaults, some times as long",
        {
            "missing": "mask",
            "latent_dim": 64,
            "learning_rate": 3e-3,
            "schedule": "cosine",
            "max_epochs": 300,
            "batch_size": 32,
        },
    ),
}
"""Presets by name. ``deep-images`` has the widths of Hinton and Salakhutdinov (2006), whose error
on MNIST it goes below (benchmark A3); ``imputation`` was chosen on other tables than those that
benchmark IM reports."""


def preset(name: str, **changes: Any) -> dict[str, Any]:
    """Return the settings of a preset.

    Parameters
    ----------
    name
        A name of ``PRESETS``: ``deep-images``, ``imputation``.
    **changes
        Settings that are to differ.

    Returns
    -------
    dict
        Keyword arguments of the model's class.

    Raises
    ------
    SettingError
        If there is no such preset.

    Examples
    --------
    >>> import espelho
    >>> model = espelho.Autoencoder(**espelho.preset("deep-images", latent_dim=10))
    >>> model.hidden_sizes, model.latent_dim
    ((1000, 500, 250), 10)
    """
    if name not in PRESETS:
        hint = did_you_mean(name, PRESETS)
        raise SettingError(
            f"There is no preset {name!r}.{hint} The presets are: {', '.join(PRESETS)}."
        )
    return {**PRESETS[name].settings, **changes}
