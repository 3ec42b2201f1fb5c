"""Random variables: how samples are drawn from distributions, known or learned."""

from espelho.random_variables.priors import GaussianMixture, LabelledSampler, SwissRoll
from espelho.random_variables.sampler import Sampler
from espelho.random_variables.simple import Normal, Uniform

__all__ = [
    "GaussianMixture",
    "LabelledSampler",
    "Normal",
    "Sampler",
    "SwissRoll",
    "Uniform",
]
