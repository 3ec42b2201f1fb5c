"""Random variables: how samples are drawn from distributions, known or learned."""

from espelho.random_variables.sampler import Sampler
from espelho.random_variables.simple import Normal, Uniform

__all__ = ["Normal", "Sampler", "Uniform"]
