"""Random variables: how samples are drawn from distributions, known or learned."""

from espelho.random_variables.cdf import InverseCDF
from espelho.random_variables.filtered import Filtered
from espelho.random_variables.learned.fitted import Scaled
from espelho.random_variables.learned.kernel_density import KernelDensity
from espelho.random_variables.learned.noise_network import NoiseNetwork
from espelho.random_variables.monotone import Monotone
from espelho.random_variables.priors import GaussianMixture, LabelledSampler, SwissRoll
from espelho.random_variables.quantile import Discrete, Empirical, InverseTransform
from espelho.random_variables.rejection import Rejection
from espelho.random_variables.sampler import Sampler
from espelho.random_variables.simple import Normal, Uniform
from espelho.random_variables.transformed import Transformed

__all__ = [
    "Discrete",
    "Empirical",
    "Filtered",
    "GaussianMixture",
    "InverseCDF",
    "InverseTransform",
    "KernelDensity",
    "LabelledSampler",
    "Monotone",
    "NoiseNetwork",
    "Normal",
    "Rejection",
    "Sampler",
    "Scaled",
    "SwissRoll",
    "Transformed",
    "Uniform",
]
