"""Autoencoders and generative adversarial networks with scikit-learn's manners."""

__version__ = "0.1.0"
