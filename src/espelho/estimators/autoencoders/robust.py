"""The robust autoencoder: learn from data with outliers."""

from dataclasses import dataclass

from espelho.estimators import fields as f
from espelho.estimators.autoencoders.autoencoder import Autoencoder

__all__ = ["RobustAutoencoder"]


@dataclass(kw_only=True, eq=False, repr=False)
class RobustAutoencoder(Autoencoder):
    """Robust autoencoder: learn from data in which some values are far off.

    Minimises ``- mean_i sum_k K(x_ik - g(f(x_i))_k)``, minus the correntropy, with the kernel
    ``K(a) = exp(-a^2 / (2 s^2)) / (sqrt(2 pi) s)`` of width ``s = bandwidth`` (Liu, Pokharel and
    Principe 2007; Qi et al. 2014, ICASSP). Small errors cost their square; the pull of an error
    has its greatest value at s and goes to 0 beyond, so that outliers are let go.

    An `Autoencoder` with ``loss="correntropy"``; with ``pretraining="greedy"`` it is the robust
    stacked autoencoder. Its settings, methods and attributes are those of `Autoencoder`.

    Attributes
    ----------
    bandwidth_
        Width of the kernel, in scaled units: ``bandwidth``, or 1.4826 times the median
        deviation of the values from the medians of their columns.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from espelho import RobustAutoencoder
    >>> X = load_digits().data
    >>> model = RobustAutoencoder(latent_dim=8, max_epochs=2, random_state=0).fit(X)
    >>> model.transform(X).shape
    (1797, 8)
    """

    loss: f.ReconstructionName = "correntropy"
