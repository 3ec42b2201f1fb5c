"""The variational autoencoder: codes that are distributions, and data that has a likelihood."""

from dataclasses import dataclass

from espelho.estimators import fields as f
from espelho.estimators.autoencoders.autoencoder import Autoencoder

__all__ = ["VariationalAutoencoder"]


@dataclass(kw_only=True, eq=False, repr=False)
class VariationalAutoencoder(Autoencoder):
    """Variational autoencoder: learn a distribution of the data that samples can be drawn from.

    Data comes of a code z that is drawn from N(0, I): ``p(x) = E_z p(x | z)``, where a decoder
    says p(x | z) by the loss: the squared error is a normal distribution, the absolute error
    Laplace's, bernoulli and discretized_logistic are of zeros and ones and of 8-bit pixels. An
    encoder says ``q(z | x)``, a normal distribution with a mean and a variance for each unit.
    Minimises ``mean_i -E_q log p(x_i | z) + beta KL(q(z | x_i) || N(0, I))``, an upper bound of
    minus the log-likelihood for ``beta=1`` (Kingma and Welling 2014,
    https://arxiv.org/abs/1312.6114), in nats; or with ``importance_samples=k`` the tighter
    ``-mean_i log mean_j p(x_i, z_j) / q(z_j | x_i)`` over k draws (Burda, Grosse, Salakhutdinov
    2015, https://arxiv.org/abs/1509.00519).

    An `Autoencoder` with ``latent="gaussian"``, a setting that every autoencoder takes:
    ``ConvolutionalAutoencoder(latent="gaussian")`` is a convolutional one. `transform` returns
    the means, `score_samples` the bound at the mean, `sample` new data. Densities are of the
    data in scaled units; those of the data in its own units are less by the sum of
    ``log(scaling_.scale)``. Its settings, methods and attributes are those of `Autoencoder`; an
    ``encoder`` of your own may return any width, which two linear heads read.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from espelho import VariationalAutoencoder
    >>> X = load_digits().data
    >>> model = VariationalAutoencoder(latent_dim=2, max_epochs=2, random_state=0).fit(X)
    >>> model.sample(5, random_state=0).shape
    (5, 64)
    >>> means, deviations = model.encode_distribution(X)
    >>> bool((model.log_likelihood(X, 50, random_state=0) > model.score_samples(X) - 50).all())
    True
    """

    latent: f.LatentName = "gaussian"
