"""What a hyper-parameter may be: bounds and choices, stated in the annotation."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Interval

__all__ = [
    "ActivationName",
    "Augmentations",
    "Bandwidths",
    "ConditioningName",
    "ContractionName",
    "CorruptionName",
    "Count",
    "DeviceName",
    "DiscrepancyName",
    "EncoderName",
    "FinetuningName",
    "GameName",
    "ImageGeneratorName",
    "ImageNormalizationName",
    "Inside",
    "KeepName",
    "KernelName",
    "LatentName",
    "MissingName",
    "NoiseName",
    "NonNegative",
    "NormalizationName",
    "Number",
    "OptimizerName",
    "Options",
    "ParallelName",
    "PatchName",
    "PenaltyName",
    "Positive",
    "PrecisionName",
    "PretrainingName",
    "PriorName",
    "RandomState",
    "ReconstructionName",
    "SamplerName",
    "ScalingName",
    "ScheduleName",
    "Share",
    "Sizes",
    "SparsityName",
    "StructureName",
    "ThresholdName",
    "TranslationName",
    "UpsamplingName",
    "VarianceName",
    "Verbosity",
]

Count = Annotated[int, Interval(ge=1)]
Number = Annotated[int, Interval(ge=0)]
Positive = Annotated[float, Interval(gt=0)]
NonNegative = Annotated[float, Interval(ge=0)]
Share = Annotated[float, Interval(ge=0, lt=1)]
Inside = Annotated[float, Interval(gt=0, lt=1)]
Sizes = tuple[Count, ...]
Bandwidths = tuple[Positive, ...]
Options = Mapping[str, Any]
RandomState = Annotated[int, Interval(ge=0, lt=2**32)] | np.random.RandomState | None
DeviceName = str

# The names of tables whose entries need torch. A test holds them against the tables, so
# that the command line can offer them without importing it.
ActivationName = Literal[
    "linear", "binary", "relu", "logistic", "tanh", "selu",
    "elu", "leaky-relu", "gelu", "silu", "mish", "softplus",
]  # fmt: skip
OptimizerName = Literal["sgd", "momentum", "adam", "adamw", "rmsprop"]
ScheduleName = Literal["constant", "step", "cosine", "one-cycle", "linear", "plateau"]
ReconstructionName = Literal[
    "squared_error", "absolute_error", "bernoulli", "correntropy", "discretized_logistic"
]
LatentName = Literal["point", "gaussian"]
VarianceName = Literal["learned", "per_feature", "optimal"]
CorruptionName = Literal["none", "masking", "gaussian", "salt_and_pepper"]
ContractionName = Literal["auto", "exact", "hutchinson"]

PretrainingName = Literal["none", "greedy"]
FinetuningName = Literal["with penalties", "plain"]

SparsityName = Literal["kl", "l1"]

MissingName = Literal["error", "mask"]

SamplerName = Literal["none", "normal", "gaussian-mixture", "kernel-density", "moment-matching"]

NormalizationName = Literal["none", "batch", "layer"]

NoiseName = Literal["uniform", "gaussian"]
KernelName = Literal["gaussian", "rational_quadratic"]
DiscrepancyName = Literal["exact", "linear", "random_features"]
GameName = Literal[
    "non-saturating", "minimax", "least-squares", "hinge", "wasserstein", "relativistic"
]
PenaltyName = Literal["r1", "r2", "wasserstein", "dragan"]
KeepName = Literal["best", "last"]
StructureName = Literal["auto", "dense", "convolutional", "recurrent"]
Augmentations = tuple[Literal["color", "translation", "cutout"], ...]
ConditioningName = Literal["projection", "concatenation", "auxiliary"]
TranslationName = Literal["auto", "dense", "convolutional"]
ImageGeneratorName = Literal["unet", "residual"]
ImageNormalizationName = Literal["auto", "none", "instance", "batch"]
UpsamplingName = Literal["resize", "transposed"]
PatchName = Literal["auto", "pixel", "16x16", "34x34", "70x70", "image"]
ThresholdName = Literal["quantile", "extreme-value", "validation"]

PriorName = Literal["gaussian", "uniform", "gaussian-mixture", "swiss-roll"]
EncoderName = Literal["deterministic", "gaussian", "universal"]

ScalingName = Literal["auto", "none", "standard", "minmax"]
PrecisionName = Literal["auto", "float32", "float64", "mixed"]
ParallelName = Literal["replicate", "shard", "none"]
Verbosity = Literal[0, 1, 2]
