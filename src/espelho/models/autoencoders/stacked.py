"""The stacked autoencoder: trained layer by layer, then as a whole."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import torch
from torch import Tensor, nn

from espelho.models.autoencoders.autoencoder import AutoencoderModel, Objective
from espelho.networks.dense import TiedLinear
from espelho.training.batches import Cuts, Data, mapped
from espelho.training.plan import Plan, Stage

__all__ = ["StackedAutoencoderModel", "layers_of"]

Bounds = tuple[Tensor, Tensor]
LayerObjective = Callable[[int, int], Objective]


class StackedAutoencoderModel(AutoencoderModel):
    """An autoencoder whose layers are shallow autoencoders first (Bengio et al. 2007).

    Stage ``layer i``: layer i of the encoder and a bias of its own, ``g_i(h) = s(W_i^T h + b_i)``,
    learn to give back the clean codes of the layers below. Before the stage ``fine-tuning`` the
    decoder gets the transposed weights of the encoder and these biases.

    Parameters
    ----------
    encoder, decoder
        Dense stacks that mirror each other.
    objective
        What is paid in the fine-tuning.
    layer_objective
        From a layer's number and its width to what is paid for this layer.
    epochs
        How long each layer is trained; ``None`` for as long as the whole.
    """

    def __init__(
        self,
        encoder: nn.Sequential,
        decoder: nn.Sequential,
        objective: Objective,
        *,
        layer_objective: LayerObjective,
        epochs: int | None,
    ) -> None:
        super().__init__(encoder, decoder, objective)
        self.divisible = False
        self._epochs = epochs
        blocks: list[Any] = layers_of(encoder)
        top: Any = layers_of(decoder)[-1][1:]
        above: list[Any] = [top, *(_ends(block) for block in blocks[:-1])]
        self.shallow = nn.ModuleList(
            nn.Sequential(TiedLinear(block[0]), *end)
            for block, end in zip(blocks, above, strict=True)
        )
        objectives = [layer_objective(i, block[0].out_features) for i, block in enumerate(blocks)]
        self.shallow_sparsity = nn.ModuleList(
            o.sparsity for o in objectives if o.sparsity is not None
        )
        # Not registered: their parts are, here or in the encoder.
        self._layers = tuple(
            AutoencoderModel(block, decoder, o)
            for block, decoder, o in zip(blocks, self.shallow, objectives, strict=True)
        )

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002
        """Switch between training and evaluation, in the shallow autoencoders as well."""
        super().train(mode)
        for layer in self._layers:
            layer.training = mode
        return self

    def plan(self) -> Plan:
        """Return a stage for each layer, and the one for the whole."""
        stages = [
            Stage(
                layer.reconstruct_phase(),
                name=f"layer {index + 1}",
                epochs=self._epochs,
                data=self._seen_by(index),
            )
            for index, layer in enumerate(self._layers)
        ]
        phase = self.reconstruct_phase()
        return (*stages, Stage(phase, name="fine-tuning", on_entry=self.mirror))

    def continued(self) -> Plan:
        """Return the stage for the whole, from the weights as they are."""
        return (Stage(self.reconstruct_phase(), name="fine-tuning"),)

    def _seen_by(self, index: int) -> Callable[[Data], Data]:
        """Return what makes, of data, the codes of the layers below one."""
        encoders: list[Any] = [layer.encoder for layer in self._layers[:index]]
        below = nn.Sequential(*encoders)

        def codes(data: Data) -> Data:
            found = mapped(data, below) if index else data
            corruption: Any = self._layers[index].objective.corruption
            if index and hasattr(corruption, "set_bounds"):
                corruption.set_bounds(*_bounds(found))
            return found

        return codes

    @torch.no_grad()
    def mirror(self) -> None:
        """Give the decoder the encoder's weights, transposed, and the shallow biases."""
        mirrored: Any = layers_of(self.decoder)[::-1]
        shallow: Any
        for layer, shallow, block in zip(self._layers, self.shallow, mirrored, strict=True):
            encoder: Any = layer.encoder
            linear = block[0]
            if isinstance(linear, nn.Linear):
                linear.weight.copy_(encoder[0].weight.t())
            if linear.bias is not None:
                linear.bias.copy_(shallow[0].bias)


def layers_of(network: Any) -> list[nn.Sequential]:
    """Return the layers of a dense stack, each with what follows its linear part."""
    parts: list[list[nn.Module]] = []
    for module in network:
        if isinstance(module, (nn.Linear, TiedLinear)):
            parts.append([])
        parts[-1].append(module)
    return [nn.Sequential(*part) for part in parts]


def _ends(block: Any) -> Sequence[nn.Module]:
    """Return the activation of a layer, in which the one above gives its codes back."""
    others = (nn.BatchNorm1d, nn.LayerNorm, nn.Dropout)
    return [module for module in block[1:] if not isinstance(module, others)]


def _bounds(data: Data) -> Bounds:
    lows, highs = [], []
    for batch in data.arrange(Cuts(len(data), 8192)):
        lows.append(batch.x.amin(0))
        highs.append(batch.x.amax(0))
    return torch.stack(lows).amin(0), torch.stack(highs).amax(0)
