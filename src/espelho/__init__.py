"""Autoencoders and generative adversarial networks with scikit-learn's manners."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from espelho.estimators.registry import MODELS, WRAPPERS

if TYPE_CHECKING:
    from espelho.data.files import read as load_data
    from espelho.data.pairing.reading import read_pairs as load_pairs
    from espelho.data.pairing.reading import read_unpaired as load_unpaired
    from espelho.data.series.reading import load_series
    from espelho.estimators.anomalies.detector import AnomalyDetector
    from espelho.estimators.autoencoders.adversarial import AdversarialAutoencoder
    from espelho.estimators.autoencoders.autoencoder import Autoencoder
    from espelho.estimators.autoencoders.contractive import ContractiveAutoencoder
    from espelho.estimators.autoencoders.convolutional import ConvolutionalAutoencoder
    from espelho.estimators.autoencoders.denoising import DenoisingAutoencoder
    from espelho.estimators.autoencoders.robust import RobustAutoencoder
    from espelho.estimators.autoencoders.sequences.lstm import LSTMAutoencoder
    from espelho.estimators.autoencoders.sparse import SparseAutoencoder
    from espelho.estimators.autoencoders.stacked import StackedAutoencoder
    from espelho.estimators.autoencoders.variational import VariationalAutoencoder
    from espelho.estimators.classifiers.pretrained import PretrainedClassifier
    from espelho.estimators.generators.conditional_gan import ConditionalGAN
    from espelho.estimators.generators.gan import GAN
    from espelho.estimators.generators.moment_matching import MomentMatchingNetwork
    from espelho.estimators.generators.progressive_gan import ProgressiveGAN
    from espelho.estimators.presets import preset
    from espelho.estimators.runs.diagnosis import doctor
    from espelho.estimators.runs.loading import load, resume
    from espelho.estimators.translators.cyclegan import CycleGAN
    from espelho.estimators.translators.pix2pix import Pix2Pix
    from espelho.evaluation import evaluate
    from espelho.exporting.export import export
    from espelho.panel.compare import compare
    from espelho.training.callbacks.base import Callback
    from espelho.training.callbacks.checkpoint import Checkpoint
    from espelho.training.callbacks.early_stopping import EarlyStopping
    from espelho.training.callbacks.optuna_pruning import OptunaPruning
    from espelho.training.callbacks.sample_pictures import SamplePictures
    from espelho.training.callbacks.weight_averaging import WeightAveraging

__all__ = [  # noqa: RUF022 (GAN is no constant)
    "AdversarialAutoencoder",
    "AnomalyDetector",
    "Autoencoder",
    "Callback",
    "Checkpoint",
    "ConditionalGAN",
    "ContractiveAutoencoder",
    "ConvolutionalAutoencoder",
    "CycleGAN",
    "DenoisingAutoencoder",
    "EarlyStopping",
    "GAN",
    "LSTMAutoencoder",
    "MomentMatchingNetwork",
    "OptunaPruning",
    "Pix2Pix",
    "PretrainedClassifier",
    "ProgressiveGAN",
    "RobustAutoencoder",
    "SamplePictures",
    "SparseAutoencoder",
    "StackedAutoencoder",
    "VariationalAutoencoder",
    "WeightAveraging",
    "compare",
    "doctor",
    "evaluate",
    "export",
    "load",
    "load_data",
    "load_pairs",
    "load_series",
    "load_unpaired",
    "preset",
    "resume",
]

__version__ = "0.1.0"

_PLACES = {
    "Callback": ("espelho.training.callbacks.base", "Callback"),
    "Checkpoint": ("espelho.training.callbacks.checkpoint", "Checkpoint"),
    "EarlyStopping": ("espelho.training.callbacks.early_stopping", "EarlyStopping"),
    "OptunaPruning": ("espelho.training.callbacks.optuna_pruning", "OptunaPruning"),
    "SamplePictures": ("espelho.training.callbacks.sample_pictures", "SamplePictures"),
    "WeightAveraging": ("espelho.training.callbacks.weight_averaging", "WeightAveraging"),
    "compare": ("espelho.panel.compare", "compare"),
    "doctor": ("espelho.estimators.runs.diagnosis", "doctor"),
    "evaluate": ("espelho.evaluation", "evaluate"),
    "export": ("espelho.exporting.export", "export"),
    "load": ("espelho.estimators.runs.loading", "load"),
    "load_data": ("espelho.data.files", "read"),
    "load_pairs": ("espelho.data.pairing.reading", "read_pairs"),
    "load_series": ("espelho.data.series.reading", "load_series"),
    "load_unpaired": ("espelho.data.pairing.reading", "read_unpaired"),
    "preset": ("espelho.estimators.presets", "preset"),
    "resume": ("espelho.estimators.runs.loading", "resume"),
} | {name: (entry.module, name) for name, entry in {**MODELS, **WRAPPERS}.items()}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that the rest stays unloaded."""
    if name not in _PLACES:
        raise AttributeError(f"module 'espelho' has no attribute {name!r}")
    module, attribute = _PLACES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
