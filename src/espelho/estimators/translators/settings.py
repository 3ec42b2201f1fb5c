"""The settings that all translators share."""

from dataclasses import dataclass

from espelho.estimators import fields as f

__all__ = ["TranslatorSettings"]


@dataclass(kw_only=True, eq=False, repr=False)
class TranslatorSettings:
    """What a translator says of its networks and its data.

    Parameters
    ----------
    sample_shape
        Shape of one sample of A, where rows are flat, such as (3, 64, 64), or where channels
        come last and are not one or three.
    target_shape
        That of B; without it sample_shape where B has flat rows that are as wide.
    scaling
        How each set is brought into the network's units: none, standard (mean 0, variance 1),
        minmax (0 to 1), or auto: -1 to 1 by the range of the type for unsigned integers of 8
        and 16 bits, else standard; per channel for images.
    structure
        dense or convolutional networks; auto: convolutional where A and B are images.
    generator
        The convolutional generator: unet (steps down and up with what was seen on the way down),
        or residual (blocks whose result is added to what came in).
    channels
        Number of channels after each step down of a unet; of a residual one after the first
        convolution, and after each step down.
    blocks
        Number of blocks of a residual generator.
    upsampling
        How images are made larger: resize (pixels repeated, then a convolution, without
        checkerboards) or transposed (a transposed convolution).
    dropout
        Share of the units that are set to 0 inside the generator, in training, as its noise.
    normalization
        What is put after convolutions: none, instance (each channel of each image by itself),
        batch; auto is instance. In dense generators none or batch, and auto is none.
    hidden_sizes
        Widths of the hidden layers of a dense generator.
    activation
        Activation of a dense generator's hidden layers.
    patch
        What each score of a convolutional discriminator is of: one pixel, a patch of 16, 34 or
        70 pixels a side, or the whole image; auto: the largest that is at most 0.6 of an image.
    discriminator_channels
        Number of channels after the discriminator's first convolution; each one doubles it.
    discriminator_sizes
        Widths of the hidden layers of a dense discriminator.
    game
        What is paid for the discriminator's scores.
    label_smoothing
        Share of the real samples that the discriminator is told are made.
    crop
        Side of the squares that are cut out of images at random, in training, of both of a pair
        in the same place.
    flips
        Whether half of the images are mirrored left to right in training, both of a pair alike.
    """

    sample_shape: f.Sizes | None = None
    target_shape: f.Sizes | None = None
    scaling: f.ScalingName = "auto"
    structure: f.TranslationName = "auto"
    generator: f.ImageGeneratorName = "unet"
    channels: f.Sizes = (32, 64, 128, 128)
    blocks: f.Count = 6
    upsampling: f.UpsamplingName = "resize"
    dropout: f.Share = 0.0
    normalization: f.ImageNormalizationName = "auto"
    hidden_sizes: f.Sizes = (128, 128)
    activation: f.ActivationName = "relu"
    patch: f.PatchName = "auto"
    discriminator_channels: f.Count = 32
    discriminator_sizes: f.Sizes = (128, 128)
    game: f.GameName = "non-saturating"
    label_smoothing: f.Share = 0.0
    crop: f.Count | None = None
    flips: bool = False
