"""Warm start: which settings must be what they were where training goes on."""

from typing import Any

from espelho.errors import SettingError
from espelho.estimators.runs.settings import encode_settings

__all__ = ["check_same_structure"]

_STRUCTURE = (
    "latent_dim", "hidden_sizes", "decoder_sizes", "activation", "code_activation",
    "output_activation", "normalization", "tied", "loss", "scaling", "precision", "sample_shape",
    "estimator", "train_encoder", "autoencoder", "noise", "latent", "variance",
    "bidirectional", "reverse", "feedback", "dropout", "missing",
    "prior", "prior_scale", "prior_components", "encoder_kind", "noise_dim",
    "discriminator_sizes", "game", "discriminate_learning_rate", "confuse_learning_rate",
    "structure", "channels", "discriminator_activation", "spectral_norm", "minibatch_deviation",
    "label_smoothing", "instance_noise", "penalty", "penalty_weight", "penalty_every",
    "discriminator_updates", "generator_updates", "alternate", "discriminator_learning_rate",
    "conditioning", "auxiliary_weight", "packing", "pool", "growing", "batch_sizes",
    "learning_rates", "fade_epochs", "settle_epochs",
    "generator", "blocks", "upsampling", "patch", "discriminator_channels", "target_shape", "crop",
    "augmentation", "augmentation_kinds", "augmentation_target", "augmentation_ramp",
)  # fmt: skip
"""Settings that decide what the network is and what units it sees."""


def check_same_structure(estimator: Any) -> None:
    """Raise if a setting is another that decides what the trained model is.

    Parameters
    ----------
    estimator
        The estimator, fitted before.

    Raises
    ------
    SettingError
        If there is one.
    """
    now = encode_settings(estimator)
    for name, before in estimator._fitted_settings.items():
        if name in _STRUCTURE and now[name] != before:
            raise SettingError(
                f"warm_start=True goes on with the network that is there, whose {name} is "
                f"{before!r}, not {now[name]!r}. Set it back, or warm_start=False."
            )
