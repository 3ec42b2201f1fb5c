"""The contractive autoencoder: codes that small changes of a sample hardly move."""

from dataclasses import dataclass

from espelho.estimators import fields as f
from espelho.estimators.autoencoders.autoencoder import Autoencoder

__all__ = ["ContractiveAutoencoder"]


@dataclass(kw_only=True, eq=False, repr=False)
class ContractiveAutoencoder(Autoencoder):
    """Contractive autoencoder: learn codes that small changes of a sample hardly move.

    Minimises ``mean_i loss(x_i, g(f(x_i))) + contraction * mean_i ||J_f(x_i)||_F^2`` with the
    encoder's Jacobian ``J_f`` (Rifai et al. 2011, ICML). For dense networks the norm is exact:
    in closed form for one layer, ``sum_j s'(a_j)^2 sum_k W_jk^2``, by products along a deeper
    one. For a linear encoder it is the squared Frobenius norm of its weights.

    An `Autoencoder` with other defaults: no hidden layers, a logistic code, and
    ``contraction``. Its settings, methods and attributes are those of `Autoencoder`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from espelho import ContractiveAutoencoder
    >>> X = load_digits().data
    >>> model = ContractiveAutoencoder(latent_dim=32, max_epochs=2, random_state=0).fit(X)
    >>> model.history_.figures
    ('reconstruct/squared_error', 'reconstruct/contraction')
    """

    hidden_sizes: f.Sizes = ()
    code_activation: f.ActivationName = "logistic"
    contraction: f.NonNegative = 0.1
