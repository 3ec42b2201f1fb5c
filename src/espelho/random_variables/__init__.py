"""Random variables: how samples are drawn from distributions, known or learned."""

from espelho.random_variables.fitted import Scaled
from espelho.random_variables.kernel_density import KernelDensity
from espelho.random_variables.mixture import GaussianMixture
from espelho.random_variables.noise_network import NoiseNetwork
from espelho.random_variables.sampler import Sampler
from espelho.random_variables.simple import Normal, Uniform

__all__ = [
    "GaussianMixture",
    "KernelDensity",
    "NoiseNetwork",
    "Normal",
    "Sampler",
    "Scaled",
    "Uniform",
]
