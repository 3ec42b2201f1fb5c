"""What an autoencoder does whose codes are distributions: spread, draw, and give likelihoods."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from espelho.estimators.data.samples import Samples, spread
from espelho.random_variables.sampler import RandomState, as_generator, check_count

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from espelho.models.autoencoders.variational import Posterior
    from espelho.training.batches import Batch

__all__ = ["Distributions"]

_ELEMENTS = 1 << 19
"""Elements of decoded samples at once: 2 MB of float32, which a processor's cache holds."""


def _is_variational(estimator: Any) -> bool:
    if not estimator._variational:
        raise AttributeError(
            f"The codes of {type(estimator).__name__} are points, not distributions. Use "
            "latent='gaussian', as VariationalAutoencoder does."
        )
    return True


class Distributions(ABC):
    """The methods of autoencoders with ``latent="gaussian"``; others do not have them."""

    model_: Any
    latent_dim_: int

    if TYPE_CHECKING:  # Latent has it

        @property
        def _variational(self) -> bool: ...

    @available_if(_is_variational)
    def encode_distribution(self, X: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return where the codes of samples may be: normal distributions.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        means, deviations : ndarray of shape (n, latent_dim)
            Mean and standard deviation of each unit, in the type of X where that is a float
            type; the means are what `transform` returns.
        """
        samples = self._read(X)
        shape, dtype = (len(samples), self.latent_dim_), self._float_type(samples)
        means, deviations = np.empty(shape, dtype), np.empty(shape, dtype)
        for rows, posterior in self._posteriors(samples):
            means[rows] = posterior.mean.cpu().numpy()
            deviations[rows] = (0.5 * posterior.log_variance).exp().cpu().numpy()
        return means, deviations

    @available_if(_is_variational)
    def sample_posterior(
        self, X: Any, n_samples: int = 1, *, random_state: RandomState = None
    ) -> NDArray[Any]:
        """Return codes drawn from the distributions that samples have.

        Parameters
        ----------
        X
            Samples as in `fit`.
        n_samples
            How many codes of each, at least 1.
        random_state
            What they are drawn from, as in `sample`.

        Returns
        -------
        ndarray of shape (n, n_samples, latent_dim)
            Codes.
        """
        n_samples = check_count(n_samples, "n_samples")
        means, deviations = self.encode_distribution(X)
        shape = (len(means), n_samples, self.latent_dim_)
        noise = as_generator(random_state).standard_normal(shape)
        codes: NDArray[Any] = means[:, None] + deviations[:, None] * noise.astype(means.dtype)
        return codes

    @available_if(_is_variational)
    def sample_observation(self, Z: Any, *, random_state: RandomState = None) -> NDArray[Any]:
        """Return data drawn from p(x | z), of codes.

        `inverse_transform`, and with it `sample`, returns the mean of that distribution; data
        is spread around it. ``sample_observation(sample_codes(n))`` are draws from the whole
        model, p(x).

        Parameters
        ----------
        Z
            Codes ``(n, latent_dim)``.
        random_state
            What it is drawn from, as in `sample`.

        Returns
        -------
        ndarray of shape (n, *sample)
            Samples in the units, shape and type of the data in `fit`; sequences are as long as
            the longest there.

        Raises
        ------
        ShapeError
            If Z holds something else than codes.
        """
        check_is_fitted(self)
        generator, model = self._torch_generator(random_state), self.model_
        return self._from_codes(Z, lambda z: model.observation.draw(model.decode(z), generator))

    @available_if(_is_variational)
    def unit_kl(self, X: Any) -> NDArray[np.float64]:
        """Return how much each unit of the code says about a sample, in nats.

        The mean over samples of ``KL(q(z_j | x) || N(0, 1))``; a unit with less than 0.01 says
        nothing.

        Parameters
        ----------
        X
            Samples as in `fit`.

        Returns
        -------
        ndarray of shape (latent_dim,)
            Nats.
        """
        return self._unit_kl(self._read(X))

    @available_if(_is_variational)
    def log_likelihood(
        self, X: Any, n_samples: int = 1000, *, random_state: RandomState = None
    ) -> NDArray[np.float64]:
        """Return an estimate of ``log p(x)`` of each sample, by importance sampling.

        ``log (1 / n) sum_j p(x | z_j) p(z_j) / q(z_j | x)`` with n codes drawn from q(z | x)
        (Rezende, Mohamed, Wierstra 2014, https://arxiv.org/abs/1401.4082). Its expectation is
        below log p(x), rises with n and comes to it; `score_samples` is no estimate of it.

        Parameters
        ----------
        X
            Samples as in `fit`.
        n_samples
            How many codes of each; 5000 in publications.
        random_state
            What they are drawn from, as in `sample`.

        Returns
        -------
        ndarray of shape (n,)
            Nats, of the data in scaled units; minus the sum of ``log(scaling_.scale)`` it is
            the log-density of the data in its own units (probabilities of zeros and ones and
            of 8-bit pixels have no units).

        Raises
        ------
        SettingError
            If n_samples is not a whole number of at least 1.
        DataError
            If X holds what has no likelihood: for the Bernoulli loss numbers outside 0 to 1.
        """
        n_samples = check_count(n_samples, "n_samples")
        samples = self._read(X)
        self._check_data(samples)
        generator = self._torch_generator(random_state)
        found = np.empty(len(samples))
        for rows, batch in self._batches(samples):
            found[rows] = self._likelihoods(batch, n_samples, generator)
        return found

    def _torch_generator(self, random_state: RandomState) -> "torch.Generator":
        import torch

        generator = torch.Generator(next(self.model_.parameters()).device)
        return generator.manual_seed(int(as_generator(random_state).integers(2**63 - 1)))

    def _likelihoods(
        self, batch: "Batch", n: int, generator: "torch.Generator"
    ) -> NDArray[np.float64]:
        """Return the estimates for a block of samples, which are encoded once."""
        import torch

        posterior = self.model_.posterior(batch.x, batch.lengths)
        at_once = max(1, _ELEMENTS // batch.x[0].numel())
        step, k = max(1, at_once // n), min(n, at_once)
        parts = []
        for start in range(0, len(batch.x), step):
            rows = slice(start, start + step)
            x, lengths, observed = (
                None if column is None else column[rows]
                for column in (batch.x, batch.lengths, batch.observed)
            )
            q = type(posterior)(posterior.mean[rows], posterior.log_variance[rows])
            logs = [
                self.model_.log_weights(
                    x, q, min(k, n - done), generator=generator, lengths=lengths, observed=observed
                ).double()
                for done in range(0, n, k)
            ]
            parts.append(torch.stack([log.logsumexp(1) for log in logs]).logsumexp(0))
        found: NDArray[np.float64] = torch.cat(parts).cpu().numpy() - np.log(n)
        return found

    def _evidence(self, X: Any) -> NDArray[np.float64]:
        """Return the evidence lower bound of samples at the means of their codes."""
        samples = self._read(X)
        self._check_data(samples)
        found = np.empty(len(samples))
        for rows, (x, _, _, lengths, observed) in self._batches(samples):
            bound = self.model_.evidence_at_mean(x, lengths, observed)
            found[rows] = bound.double().cpu().numpy()
        return found

    def _check_outcome(self, samples: Samples) -> None:
        if not self._variational:
            return
        from espelho.estimators.autoencoders.codes.collapse import ROWS, warn_of_collapse

        some = samples.take(spread(len(samples), ROWS))
        warn_of_collapse(self, self._unit_kl(some))

    def _unit_kl(self, samples: Samples) -> NDArray[np.float64]:
        total = np.zeros(self.latent_dim_)
        for _, posterior in self._posteriors(samples):
            total += posterior.kl().double().sum(0).cpu().numpy()
        return total / len(samples)

    def _posteriors(self, samples: Samples) -> "Iterator[tuple[slice, Posterior]]":
        for rows, batch in self._batches(samples):
            yield rows, self.model_.posterior(batch.x, batch.lengths)

    @abstractmethod
    def _read(self, X: Any) -> Samples:
        """Return samples checked, as they were in `fit`."""

    @abstractmethod
    def _batches(self, samples: Samples) -> "Iterator[tuple[slice, Batch]]":
        """Yield blocks of samples as the network sees them, with what counts of them."""

    @abstractmethod
    def _from_codes(self, Z: Any, decode: "Callable[[Tensor], Tensor]") -> NDArray[Any]:
        """Return what is made of codes, in the units, shape and type of the data."""

    @abstractmethod
    def _float_type(self, samples: Samples) -> Any:
        """Return the type of codes of samples."""

    @abstractmethod
    def _check_data(self, samples: Samples) -> None:
        """Raise if the samples are none that the likelihood is of."""
