"""The models by name: the one table from which names become classes."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

from espelho.data.nearest import did_you_mean
from espelho.errors import SettingError

__all__ = ["COMMANDS", "MODELS", "WRAPPERS", "Entry", "class_of", "command_name", "find"]


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
    "ConvolutionalAutoencoder": Entry(
        "espelho.estimators.autoencoders.convolutional",
        "lower dimension",
        "kernels that slide over images of any size, or over signals",
    ),
    "StackedAutoencoder": Entry(
        "espelho.estimators.autoencoders.stacked",
        "lower dimension",
        "deep networks, trained layer by layer first",
    ),
    "SparseAutoencoder": Entry(
        "espelho.estimators.autoencoders.sparse",
        "features",
        "codes of which few units are active for each sample",
    ),
    "ContractiveAutoencoder": Entry(
        "espelho.estimators.autoencoders.contractive",
        "features",
        "codes that small changes of a sample hardly move",
    ),
    "DenoisingAutoencoder": Entry(
        "espelho.estimators.autoencoders.denoising",
        "cleaned data",
        "clean samples from spoiled ones",
    ),
    "RobustAutoencoder": Entry(
        "espelho.estimators.autoencoders.robust",
        "cleaned data",
        "learns from data with outliers, and lets them go",
    ),
    "VariationalAutoencoder": Entry(
        "espelho.estimators.autoencoders.variational",
        "new samples",
        "codes that are distributions: samples can be drawn, and data has a likelihood",
    ),
    "LSTMAutoencoder": Entry(
        "espelho.estimators.autoencoders.sequences.lstm",
        "lower dimension",
        "recurrent networks that rebuild sequences of any length from a code",
    ),
    "MomentMatchingNetwork": Entry(
        "espelho.estimators.generators.moment_matching",
        "new samples",
        "samples made of noise, which a kernel cannot tell from the data",
    ),
    "GAN": Entry(
        "espelho.estimators.generators.gan",
        "new samples",
        "samples made of noise, which an adversary cannot tell from the data",
    ),
    "ConditionalGAN": Entry(
        "espelho.estimators.generators.conditional_gan",
        "new samples",
        "new samples of the class that you ask for, learned from labelled ones",
    ),
    "ProgressiveGAN": Entry(
        "espelho.estimators.generators.progressive_gan",
        "new samples",
        "new images, learned from small to large by networks that grow",
    ),
    "AdversarialAutoencoder": Entry(
        "espelho.estimators.autoencoders.adversarial",
        "new samples",
        "codes with a distribution that you choose, and new samples drawn from it",
    ),
    "Pix2Pix": Entry(
        "espelho.estimators.translators.pix2pix",
        "translation",
        "samples of one kind made into another, learned from pairs",
    ),
    "CycleGAN": Entry(
        "espelho.estimators.translators.cyclegan",
        "translation",
        "samples of two kinds made into each other, learned without pairs",
    ),
}
"""Estimators by the name of their class."""

WRAPPERS: Mapping[str, Entry] = {
    "PretrainedClassifier": Entry(
        "espelho.estimators.classifiers.pretrained",
        "prediction",
        "an autoencoder's encoder, and a softmax on its codes that is fine-tuned with it",
    ),
    "AnomalyDetector": Entry(
        "espelho.estimators.anomalies.detector",
        "anomalies",
        "rows that an autoencoder does not give back, and the features that are to blame",
    ),
}
"""Estimators that hold another one; by the name of their class."""

COMMANDS: Mapping[str, Entry] = {**MODELS, "AnomalyDetector": WRAPPERS["AnomalyDetector"]}
"""What a command fits: the models, and the detector, whose autoencoder an option names."""


def find(name: str) -> Any:
    """Return the estimator class of a name.

    Parameters
    ----------
    name
        The name of a class, or as the command line has it: ``conditional-gan``, with or without
        the dashes.

    Raises
    ------
    SettingError
        If there is no such model.
    """
    by_command = {command_name(model): model for model in MODELS}
    plain = {command.replace("-", ""): model for command, model in by_command.items()}
    model = by_command.get(name) or plain.get(name, name)
    if model not in MODELS:
        known = ", ".join(by_command)
        hint = did_you_mean(name, by_command)
        raise SettingError(f"There is no model {name!r}.{hint} The models are: {known}.")
    return class_of(model)


def class_of(name: str) -> Any:
    """Return the class of an estimator, one that holds another included.

    Parameters
    ----------
    name
        The name of the class.

    Raises
    ------
    SettingError
        If there is no such estimator.
    """
    entries = {**MODELS, **WRAPPERS}
    if name not in entries:
        raise SettingError(
            f"There is no estimator {name!r}.{did_you_mean(name, entries)} The estimators are: "
            f"{', '.join(entries)}."
        )
    return getattr(import_module(entries[name].module), name)


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
