"""The sparse autoencoder: few units of the code are active at a time."""

from dataclasses import dataclass

from espelho.estimators import fields as f
from espelho.estimators.autoencoders.autoencoder import Autoencoder

__all__ = ["SparseAutoencoder"]


@dataclass(kw_only=True, eq=False, repr=False)
class SparseAutoencoder(Autoencoder):
    """Sparse autoencoder: learn codes of which few units are active for each sample.

    Minimises ``mean_i loss(x_i, g(f(x_i))) + sparsity * sum_j KL(t || a_j)`` with the target
    ``t = sparsity_target``, the mean activity ``a_j`` of unit j over a batch, from 0 at rest to
    1, and ``KL(t || a) = t log(t / a) + (1 - t) log((1 - t) / (1 - a))`` (Ng 2011, CS294A).
    A unit's activity is ``(z - rest) / span`` for activations between two bounds, and
    ``u / (1 + u)`` with ``u = z - rest`` for those without an upper one; rest is 0 for logistic
    and ReLU, -1 for tanh, -1.758 for SELU.

    An `Autoencoder` with other defaults: no hidden layers, a logistic code, and ``sparsity``.
    ``sparsity_kind="l1"`` asks for small codes instead, ``active_units`` keeps the k largest
    units of each sample (Makhzani and Frey 2013). Its settings, methods and attributes are
    those of `Autoencoder`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from espelho import SparseAutoencoder
    >>> X = load_digits().data
    >>> settings = {"latent_dim": 32, "max_epochs": 20, "learning_rate": 0.01, "random_state": 0}
    >>> plain, sparse = (
    ...     SparseAutoencoder(sparsity=weight, **settings).fit(X) for weight in (0, 3)
    ... )
    >>> bool(sparse.unit_activity(X).mean() < plain.unit_activity(X).mean() / 2)
    True
    """

    hidden_sizes: f.Sizes = ()
    code_activation: f.ActivationName = "logistic"
    sparsity: f.NonNegative = 3.0
