"""Lightning: a `LightningModule` with the regime's networks, over a `DataLoader`."""

import warnings
from time import process_time

import lightning
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.speed.regimes import Regime

__all__ = ["second_epoch"]


class _Module(lightning.LightningModule):
    def __init__(self, regime: Regime) -> None:
        super().__init__()
        self.network = nn.Sequential(regime.encoder(), regime.decoder())

    def training_step(self, batch: list[Tensor], index: int) -> Tensor:  # noqa: ARG002
        (x,) = batch
        return F.mse_loss(self.network(x), x, reduction="sum") / len(x)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.Adam(self.parameters(), lr=1e-3)


class _Clock(lightning.Callback):
    def __init__(self) -> None:
        self.marks: list[float] = []

    def on_train_epoch_end(self, *_: object) -> None:
        self.marks.append(process_time())


def second_epoch(regime: Regime) -> float:
    """Return the CPU seconds of the second epoch."""
    clock = _Clock()
    loader = DataLoader(TensorDataset(regime.data()), regime.batch_size, shuffle=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about workers, which data in memory has no use for
        trainer = lightning.Trainer(
            max_epochs=2,
            accelerator="cpu",
            devices=1,
            callbacks=[clock],
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(_Module(regime), loader)
    return clock.marks[1] - clock.marks[0]
