"""The networks of translators: dense or convolutional, by settings and the shapes of samples."""

from typing import Any

from torch import nn

from espelho.errors import SettingError, ShapeError
from espelho.estimators.translators.domain import Domain
from espelho.networks.dense import dense
from espelho.networks.discriminator import Discriminator
from espelho.networks.images.patch import PatchDiscriminator, fitting_patch
from espelho.networks.images.residual import ResidualNetwork
from espelho.networks.images.unet import UNet

__all__ = ["build_discriminator", "build_generator", "check_domains", "is_convolutional"]

_OUTPUTS = {"centred": "tanh", "minmax": "logistic"}
"""Activations of outputs by the scaling of what is made; linear for the others."""


def is_convolutional(estimator: Any) -> bool:
    """Return whether the networks slide kernels over samples: by the setting, or for images."""
    if estimator.structure == "auto":
        return bool(estimator.domain_A_.is_image and estimator.domain_B_.is_image)
    return bool(estimator.structure == "convolutional")


def check_domains(estimator: Any) -> None:
    """Raise if samples of A and B cannot be translated by networks of the settings.

    Raises
    ------
    ShapeError
        If they are no images of one size where kernels slide over them, or are smaller than a
        crop or a patch.
    SettingError
        If there is nothing that can be cropped or mirrored.
    """
    a, b = estimator.domain_A_, estimator.domain_B_
    if not is_convolutional(estimator):
        if estimator.crop is not None or estimator.flips or estimator.normalization == "instance":
            raise SettingError(
                "crop, flips and normalization='instance' need images with structure="
                f"'convolutional', and samples have the shapes {a.sample_shape_} and "
                f"{b.sample_shape_}. Say their shape by sample_shape and target_shape."
            )
        return
    if not (a.is_image and b.is_image):
        raise ShapeError(
            "structure='convolutional' needs images, and samples of A and B have the shapes "
            f"{a.sample_shape_} and {b.sample_shape_}. Say their shape by sample_shape and "
            "target_shape, or use structure='dense'."
        )
    if a.places != b.places:
        raise ShapeError(
            f"Images of A have {a.places[0]} x {a.places[1]} pixels, those of B {b.places[0]} x "
            f"{b.places[1]}. Resize one of them: they may differ in channels and type only."
        )
    if estimator.crop is not None and estimator.crop > min(a.places):
        raise ShapeError(
            f"crop={estimator.crop} is larger than the images of {a.places[0]} x {a.places[1]} "
            "pixels. Use a smaller one, or leave it out."
        )


def trained_places(estimator: Any) -> tuple[int, int]:
    """Return height and width of what the networks learn from: images, or crops of them."""
    height, width = estimator.domain_A_.places
    return (height, width) if estimator.crop is None else (int(estimator.crop),) * 2


def build_generator(estimator: Any, source: Domain, target: Domain) -> nn.Module:
    """Return a network from samples of one domain to samples of another.

    Parameters
    ----------
    estimator
        Whose settings are read.
    source, target
        The domains.
    """
    output = _OUTPUTS.get(target.scaling_.kind, "linear")
    kind = estimator.normalization
    if not is_convolutional(estimator):
        sizes = (source.n_features_in_, *estimator.hidden_sizes, target.n_features_in_)
        kind = "none" if kind == "auto" else kind
        return dense(
            [int(n) for n in sizes], estimator.activation, output, kind, float(estimator.dropout)
        )
    options = {
        "normalization": "instance" if kind == "auto" else kind,
        "upsampling": estimator.upsampling,
        "dropout": float(estimator.dropout),
        "output_activation": output,
    }
    channels = [int(n) for n in estimator.channels]
    if estimator.generator == "unet":
        return UNet(source.channels, target.channels, channels, **options)
    blocks = int(estimator.blocks)
    return ResidualNetwork(source.channels, target.channels, channels, blocks, **options)


def build_discriminator(estimator: Any, *domains: Domain) -> nn.Module:
    """Return a network from samples of domains, side by side, to scores.

    Parameters
    ----------
    estimator
        Whose settings are read.
    *domains
        The domains that it sees.
    """
    if not is_convolutional(estimator):
        widths = [sum(d.n_features_in_ for d in domains), *map(int, estimator.discriminator_sizes)]
        *features, _ = dense([*widths, 1], "leaky-relu", "linear")
        return Discriminator(nn.Sequential(*features), widths[-1])
    places = trained_places(estimator)
    kind = estimator.normalization
    return PatchDiscriminator(
        sum(domain.channels for domain in domains),
        places,
        patch=fitting_patch(places) if estimator.patch == "auto" else estimator.patch,
        channels=int(estimator.discriminator_channels),
        normalization="instance" if kind == "auto" else kind,
    )
