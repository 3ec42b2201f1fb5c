"""Pythae: `AE` with networks of the regime, an epoch each `train_step` of its trainer.

Without what `train` does around an epoch: the progress bar, the copy of the best model, the
files.
"""

from tempfile import TemporaryDirectory
from time import process_time

from pythae.data.datasets import BaseDataset
from pythae.models import AE, AEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from pythae.trainers.training_callbacks import CallbackHandler, TrainingCallback
from torch import Tensor, zeros

from benchmarks.speed.regimes import Regime

__all__ = ["second_epoch"]


class _Encoder(BaseEncoder):
    def __init__(self, regime: Regime) -> None:
        super().__init__()
        self.layers = regime.encoder()

    def forward(self, x: Tensor) -> ModelOutput:
        return ModelOutput(embedding=self.layers(x))


class _Decoder(BaseDecoder):
    def __init__(self, regime: Regime) -> None:
        super().__init__()
        self.layers = regime.decoder()

    def forward(self, z: Tensor) -> ModelOutput:
        return ModelOutput(reconstruction=self.layers(z))


def second_epoch(regime: Regime) -> float:
    """Return the CPU seconds of the second epoch."""
    config = AEConfig(input_dim=(regime.sizes[0],), latent_dim=regime.latent_dim)
    model = AE(config, encoder=_Encoder(regime), decoder=_Decoder(regime))
    data = regime.data()
    with TemporaryDirectory() as folder:
        settings = BaseTrainerConfig(
            output_dir=folder,
            per_device_train_batch_size=regime.batch_size,
            learning_rate=1e-3,
            optimizer_cls="Adam",
        )
        trainer = BaseTrainer(model, BaseDataset(data, zeros(len(data))), None, settings)
    trainer.set_optimizer()
    trainer.set_scheduler()
    trainer.callback_handler = CallbackHandler([TrainingCallback()], model)
    trainer.train_step(1)
    started = process_time()
    trainer.train_step(2)
    return process_time() - started
