"""The variational autoencoder: codes are distributions, and data has a likelihood."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from espelho.losses.divergences import clamp_log_variance, gaussian_kl
from espelho.losses.masking import counted
from espelho.losses.penalties.weight_decay import weight_decay, weights
from espelho.models.autoencoders.autoencoder import AutoencoderModel, Objective
from espelho.models.autoencoders.observation import Observation
from espelho.models.autoencoders.sequence_autoencoder import SequenceAutoencoderModel
from espelho.networks.gaussian import GaussianEncoder
from espelho.networks.sequences.steps import valid_steps
from espelho.training.batches import Batch
from espelho.training.plan import Phase, Terms

__all__ = ["Posterior", "VariationalAutoencoderModel", "VariationalSequenceModel"]


@dataclass(frozen=True)
class Posterior:
    """Diagonal normal distributions q(z | x), one a sample.

    Attributes
    ----------
    mean, log_variance
        Tensors ``(n, latent_dim)``.
    """

    mean: Tensor
    log_variance: Tensor

    def kl(self) -> Tensor:
        """Return the divergence of each unit from N(0, 1), ``(n, latent_dim)``."""
        return gaussian_kl(self.mean, self.log_variance)

    def draw(self, k: int, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
        """Return codes ``z = m + s e`` and ``log p(z) - log q(z | x)`` of each.

        The noise e is drawn from N(0, I) and not from anything that is learned, so that
        gradients go through z (Kingma and Welling 2014, https://arxiv.org/abs/1312.6114).

        Parameters
        ----------
        k
            Codes of each sample.
        generator
            Where the noise comes from; ``None`` for torch's random state.

        Returns
        -------
        tuple
            Codes ``(n, k, latent_dim)``, and differences ``(n, k)``.
        """
        n, d = self.mean.shape
        like = self.mean
        device = like.device if generator is None else generator.device
        e = torch.randn(n, k, d, dtype=like.dtype, device=device, generator=generator)
        e = e.to(like.device)
        z = self.mean.unsqueeze(1) + (0.5 * self.log_variance).exp().unsqueeze(1) * e
        squares = (e.square() - z.square()).sum(2)
        return z, 0.5 * (squares + self.log_variance.sum(1, keepdim=True))


class VariationalAutoencoderModel(AutoencoderModel):
    """Maximise a lower bound of log p(x), where x comes of a code z that is drawn from N(0, I).

    Minimises ``mean_i w_i (-E_q log p(x_i | z) + beta KL(q(z | x_i) || N(0, I)))`` with one
    draw of z from ``q(z | x_i)`` (Kingma and Welling 2014, https://arxiv.org/abs/1312.6114;
    beta: Higgins et al. 2017), plus the penalties of `AutoencoderModel`, on the mean; or with
    k draws ``-mean_i w_i log (1 / k) sum_j p(x_i | z_j) p(z_j) / q(z_j | x_i)`` (Burda,
    Grosse, Salakhutdinov 2015, https://arxiv.org/abs/1509.00519).

    Parameters
    ----------
    encoder
        Its means are the codes.
    decoder, objective
        As of `AutoencoderModel`; the objective's reconstruction says what the decoder's
        output means.
    observation
        What a sample costs under the decoder's output.
    beta
        Weight of the divergence.
    n_draws
        k.

    Attributes
    ----------
    kl_weight
        Weight of the divergence in training now, while it grows to beta.
    weighted
        Whether it is ever another than 1, and the history says what that changes.
    """

    def __init__(
        self,
        encoder: GaussianEncoder,
        decoder: torch.nn.Module,
        objective: Objective,
        *,
        observation: Observation,
        beta: float = 1.0,
        n_draws: int = 1,
    ) -> None:
        super().__init__(encoder, decoder, objective)
        self.divisible = False  # the encoder is run in another way than as a whole
        self.observation = observation
        self.beta = beta
        self.kl_weight = beta
        self.weighted = beta != 1.0
        self._n_draws = n_draws

    def posterior(self, x: Tensor, lengths: Tensor | None = None) -> Posterior:
        """Return q(z | x) of samples.

        Parameters
        ----------
        x
            Samples ``(n, *sample)``.
        lengths
            Numbers of steps, where samples are sequences that differ in it.
        """
        mean, raw = self.encoder.heads(x, lengths)  # type: ignore[operator]
        return Posterior(mean, clamp_log_variance(raw))

    def evidence_at_mean(
        self, x: Tensor, lengths: Tensor | None = None, observed: Tensor | None = None
    ) -> Tensor:
        """Return ``log p(x | z = m) - KL(q(z | x) || N(0, I))`` of samples, ``(n,)``.

        Parameters
        ----------
        x, lengths
            As in `posterior`.
        observed
            Which elements count, of samples that are not known whole.
        """
        costs, kl = self.evidence_terms(x, lengths, observed)
        return -costs.flatten(1).sum(1) - kl

    def evidence_terms(
        self, x: Tensor, lengths: Tensor | None = None, observed: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return what `evidence_at_mean` is minus the sum of.

        Parameters
        ----------
        x, lengths, observed
            As in `evidence_at_mean`.

        Returns
        -------
        tuple
            ``-log p(x_j | z = m)`` of each element ``(n, *sample)``, 0 at padded steps and
            missing elements, and ``KL(q(z | x) || N(0, I))``, ``(n,)``.
        """
        posterior = self.posterior(x, lengths)
        output, valid = self._output(x, posterior.mean.unsqueeze(1), lengths)
        valid = observed if valid is None else valid
        log_variance = self.observation.fitted(x, output, None, valid)
        costs = self.observation.elements(x, output.squeeze(1), log_variance)
        return counted(costs, valid), posterior.kl().sum(1)

    def log_weights(
        self,
        x: Tensor,
        posterior: Posterior,
        k: int,
        *,
        generator: torch.Generator | None = None,
        lengths: Tensor | None = None,
        observed: Tensor | None = None,
    ) -> Tensor:
        """Return ``log p(x | z) p(z) / q(z | x)`` of k codes drawn from q, ``(n, k)``.

        The mean of the weights themselves is p(x), whatever q is.

        Parameters
        ----------
        x, lengths, observed
            As in `evidence_at_mean`.
        posterior
            q, as `posterior` returns it.
        k
            How many codes of each sample.
        generator
            Where the noise comes from; ``None`` for torch's random state.
        """
        z, prior_over_q = posterior.draw(k, generator)
        return prior_over_q - self._costs(Batch(x, lengths=lengths, observed=observed), z)

    def shown(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return what an autoencoder shows, and what each unit says of samples, in nats."""
        return {
            **super().shown(batch),
            "unit_kl": self.posterior(batch.x, batch.lengths).kl(),
        }

    def reconstruct_phase(self) -> Phase:
        """Return the phase that moves both networks, and the variance where it is learned."""
        owns = (self.encoder, self.decoder, self.observation)
        return Phase("reconstruct", owns=owns, loss=self._reconstruct)

    def _reconstruct(self, batch: Batch) -> Terms:
        batch = self._augmented(batch)
        posterior, penalties = self._posterior(batch)
        terms = {**self._bound(batch, posterior), **penalties}
        if self.objective.weight_decay:
            decayed = weights((self.encoder, self.decoder))
            terms["weight_decay"] = self.objective.weight_decay * weight_decay(decayed)
        return terms

    def _posterior(self, batch: Batch) -> tuple[Posterior, dict[str, Tensor]]:
        """Return q of what the encoder sees, and what is paid for its mean."""
        spread: list[Tensor] = []

        def mean(x: Tensor) -> Tensor:
            posterior = self.posterior(x, batch.lengths)
            spread.append(posterior.log_variance)
            return posterior.mean

        codes, penalties = self._encoded(self._corrupted(batch.x), batch.weight, mean)
        return Posterior(codes, spread[0]), penalties

    def _bound(self, batch: Batch, posterior: Posterior) -> dict[str, Tensor]:
        """Return the parts of the bound, in nats; their sum is what is minimised."""
        z, prior_over_q = posterior.draw(self._n_draws)
        costs = self._costs(batch, z)
        weight = self.kl_weight if self.training else self.beta
        cost, kl = _mean(costs.mean(1), batch), _mean(posterior.kl().sum(1), batch)
        terms = {"negative_log_likelihood": cost, "kl": kl}
        if self._n_draws > 1:
            log_w = weight * prior_over_q - costs
            bound = _mean(math.log(self._n_draws) - log_w.logsumexp(1), batch)
            # Beside the parts of the bound of one draw: how much tighter that of k is.
            terms = {name: term.detach() for name, term in terms.items()}
            terms["importance_weighting"] = bound - terms["negative_log_likelihood"] - terms["kl"]
        elif self.weighted:
            terms["kl_weighting"] = (weight - 1) * kl
        return terms

    def _costs(self, batch: Batch, z: Tensor) -> Tensor:
        """Return ``-log p(x | z)``, ``(n, k)``, of codes ``(n, k, latent_dim)``."""
        x = batch.x
        output, valid = self._output(x, z, batch.lengths)
        valid = batch.observed if valid is None else valid
        log_variance = self.observation.fitted(x, output, batch.weight, valid)
        return self.observation.by_draw(x, output, log_variance, valid)

    def _output(
        self,
        x: Tensor,
        z: Tensor,
        lengths: Tensor | None,  # noqa: ARG002 of sequences only
    ) -> tuple[Tensor, Tensor | None]:
        """Return the decoder's outputs ``(n, k, *sample)``, and which steps count."""
        n, k, _ = z.shape
        output: Tensor = self.decoder(z.flatten(0, 1))
        return output.view(n, k, *x.shape[1:]), None


class VariationalSequenceModel(VariationalAutoencoderModel, SequenceAutoencoderModel):
    """The variational autoencoder of sequences, whose likelihood is over steps of their own."""

    def _output(
        self, x: Tensor, z: Tensor, lengths: Tensor | None
    ) -> tuple[Tensor, Tensor | None]:
        n, k, _ = z.shape
        own = None if lengths is None else lengths.repeat_interleave(k)
        target = x.repeat_interleave(k, 0) if self.training else None
        output: Tensor = self.decoder(z.flatten(0, 1), own, n_steps=x.shape[1], target=target)
        valid = None if lengths is None else valid_steps(lengths, x.shape[1])
        return output.view(n, k, *x.shape[1:]), valid


def _mean(by_sample: Tensor, batch: Batch) -> Tensor:
    if batch.weight is None:
        return by_sample.mean()
    return torch.dot(batch.weight, by_sample) / len(by_sample)
