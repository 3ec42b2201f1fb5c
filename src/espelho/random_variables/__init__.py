"""Random variables: how samples are drawn from distributions, known or learned."""

from espelho.random_variables.fitted import Scaled
from espelho.random_variables.kernel_density import KernelDensity
from espelho.random_variables.priors import GaussianMixture, LabelledSampler, SwissRoll
from espelho.random_variables.sampler import Sampler
from espelho.random_variables.simple import Normal, Uniform

__all__ = [
    "GaussianMixture",
    "KernelDensity",
    "LabelledSampler",
    "Normal",
    "Sampler",
    "Scaled",
    "SwissRoll",
    "Uniform",
]
