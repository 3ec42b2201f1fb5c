"""The structure of a model: its modules and parameters, found once where a stage is entered."""

from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor, nn

__all__ = ["Structure"]


class Structure:
    """A model's modules and parameters, looked for anew only where one was replaced.

    Walking through a small network takes as long as a step of its training.

    Parameters
    ----------
    model
        The model.

    Examples
    --------
    >>> structure = Structure(nn.Sequential(nn.Linear(2, 1)))
    >>> list(structure.parameters())
    ['0.weight', '0.bias']
    """

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self._look()

    def _look(self) -> None:
        self._modules = list(self.model.modules())
        self._parameters = dict(self.model.named_parameters())
        self._places = [
            (places, name, held)
            for module in self._modules
            for places in (module._modules, module._parameters)
            for name, held in places.items()
        ]
        self._flags = [vars(module) for module in self._modules]
        self._usual = all(map(_only_takes_note, self._modules))

    def parameters(self) -> Mapping[str, nn.Parameter]:
        """Return the parameters by name, as they are now."""
        if any(places.get(name) is not held for places, name, held in self._places):
            self._look()
        return self._parameters

    def check(self, groups: Iterable[Any]) -> None:
        """Raise if a parameter is no longer where the storage given holds it.

        Parameters
        ----------
        groups
            The storage of the parameters that are trained.
        """
        parameters = self.parameters()
        for group in groups:
            group.check(parameters)

    def buffers(self) -> list[Tensor]:
        """Return the buffers as they are now."""
        return [
            buffer
            for module in self._modules
            for buffer in module._buffers.values()
            if buffer is not None
        ]

    def train(self, mode: bool = True) -> None:  # noqa: FBT001, FBT002
        """Put the model into training mode, or out of it.

        Parameters
        ----------
        mode
            Whether it is to train.
        """
        if not self._usual:
            self.model.train(mode)
            return
        # Past nn.Module.__setattr__, which asks of every flag whether it is a parameter.
        for attributes in self._flags:
            attributes["training"] = mode


def _only_takes_note(module: nn.Module) -> bool:
    """Return whether being put into training mode changes a module's flag and nothing else."""
    usual = getattr(module.train, "__func__", None) is nn.Module.train
    kept_plainly = type(module).__setattr__ is nn.Module.__setattr__ and "training" in vars(module)
    return usual and kept_plainly
