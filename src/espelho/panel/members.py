"""Who takes part in a panel: models by name or as estimators, and grids of their settings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from importlib.util import find_spec
from itertools import product
from typing import Any

from espelho.data.nearest import did_you_mean
from espelho.errors import MissingDependencyError, SettingError
from espelho.estimators import registry
from espelho.panel.data import PanelData
from espelho.panel.settings import BASELINES, default_settings, suitable

__all__ = ["Grid", "Member", "choose"]

Grid = Mapping[str, Sequence[Any]]
"""Values to try by ``model.setting``, or by ``setting`` for everybody that has it."""

WIDTH = "latent_dim"


@dataclass(frozen=True)
class Member:
    """One that takes part.

    Attributes
    ----------
    name
        What its row is called, which no other row is.
    model
        The name of its class, or of a baseline.
    settings
        Keyword arguments of the class.
    """

    name: str
    model: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_baseline(self) -> bool:
        """Whether it is no member of the family."""
        return self.model in BASELINES


def choose(
    data: PanelData, width: int, models: Sequence[Any] | None = None, grid: Grid | None = None
) -> tuple[Member, ...]:
    """Return who takes part: principal components first.

    Parameters
    ----------
    data
        The data.
    width
        Width of the code, for those for whom the grid does not say another.
    models
        Names, as on the command line or of classes, or unfitted estimators; all that suit the
        data by default. Principal components always take part.
    grid
        Values of settings to try, each with each.

    Raises
    ------
    SettingError
        If there is no such model or setting, a model takes two sets, or rows have one name.
    MissingDependencyError
        If UMAP was asked for and is not installed.
    """
    grid = dict(grid or {})
    named = list(_named(data, models))
    _check_grid(grid, [model for model, _ in named])
    found = [
        (model, own, told, _settings(model, data, width, own) | told)
        for model, own in named
        for told in _points(model, grid)
    ]
    names = _row_names([(model, own, told) for model, own, told, _ in found])
    return tuple(
        Member(name, model, settings)
        for name, (model, _, _, settings) in zip(names, found, strict=True)
    )


def _row_names(found: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]]) -> list[str]:
    """Return names by the grid, and by settings of their own where that is not enough."""
    names = [_row_name(model, told) for model, _, told in found]
    longer = [_row_name(model, {**told, **own}) for model, own, told in found]
    once = [
        name if names.index(name) == i else more
        for i, (name, more) in enumerate(zip(names, longer, strict=True))
    ]
    if twice := sorted({name for name in once if once.count(name) > 1}):
        raise SettingError(f"{twice[0]} is named twice. Leave one out, or give it other settings.")
    return once


def _named(data: PanelData, models: Sequence[Any] | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield classes or baselines, with settings that are not those of the panel."""
    asked = None if models is None else [_known(model) for model in models]
    yield "pca", {}
    if asked is None:
        if find_spec("umap") is not None:
            yield "umap", {}
        yield from ((model, dict(own)) for model, own in suitable(data))
        return
    yield from (one for one in asked if one[0] != "pca")


def _known(model: Any) -> tuple[str, dict[str, Any]]:
    if isinstance(model, str):
        if model == "umap" and find_spec("umap") is None:
            raise MissingDependencyError(
                "umap needs the package umap-learn: pip install umap-learn."
            )
        return (model if model in BASELINES else _class_name(model)), {}
    name = type(model).__name__
    if name not in registry.MODELS:
        raise SettingError(
            f"models must be names or unfitted estimators of espelho, got a {name}."
        )
    _check_one_set(name)
    defaults = {f.name: f.default for f in fields(model)}
    return name, {k: v for k, v in model.get_params(deep=False).items() if v != defaults[k]}


def _class_name(model: str) -> str:
    known = [*BASELINES, *map(registry.command_name, registry.MODELS)]
    by_name = {registry.command_name(name).replace("-", ""): name for name in registry.MODELS}
    name = by_name.get(model.replace("-", "").lower(), model)
    if name not in registry.MODELS:
        raise SettingError(
            f"There is no model {model!r}.{did_you_mean(model, known)} "
            f"Those to compare are: {', '.join(known)}."
        )
    _check_one_set(name)
    return name


def _check_one_set(name: str) -> None:
    if registry.MODELS[name].group == "translation":
        raise SettingError(
            f"{registry.command_name(name)} learns from two sets of samples, and a comparison is "
            "of what is learned from one. Leave it out."
        )


def _settings(model: str, data: PanelData, width: int, own: Mapping[str, Any]) -> dict[str, Any]:
    found = {WIDTH: width} if model in BASELINES else default_settings(model, data, width)
    return found | dict(own)


def _names_of(model: str) -> tuple[str, ...]:
    if model in BASELINES:
        return (WIDTH,)
    return tuple(f.name for f in fields(registry.class_of(model)))


def _points(model: str, grid: Grid) -> Iterator[dict[str, Any]]:
    """Yield every combination of the values that a grid has for a model."""
    own = {}
    known, command = _names_of(model), registry.command_name(model)
    for key, values in grid.items():
        owner, _, setting = key.rpartition(".")
        if setting in known and owner in ("", model, command):
            own[setting] = values
    for values in product(*own.values()):
        yield dict(zip(own, values, strict=True))


def _check_grid(grid: Grid, models: Iterable[str]) -> None:
    models = list(models)
    commands = {registry.command_name(model): model for model in models}
    for key, values in grid.items():
        owner, _, setting = key.rpartition(".")
        model = commands.get(owner, owner)
        if owner and model not in models:
            raise SettingError(
                f"grid has values for {owner!r}, which does not take part."
                f"{did_you_mean(owner, commands)} Those that do: {', '.join(commands)}."
            )
        known = {name for m in ([model] if owner else models) for name in _names_of(m)}
        if setting not in known:
            raise SettingError(
                f"grid has values for {setting!r}, which is no setting of "
                f"{owner or 'any model that takes part'}.{did_you_mean(setting, known)}"
            )
        if isinstance(values, str) or not len(values):
            raise SettingError(f"grid must hold a list of values for {key}, got {values!r}.")


def _row_name(model: str, told: Mapping[str, Any]) -> str:
    name = registry.command_name(model)
    said = ", ".join(f"{key}={_word(value)}" for key, value in told.items() if _is_word(value))
    return f"{name}[{said}]" if said else name


def _is_word(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float, tuple, list))


def _word(value: Any) -> str:
    return "-".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
