"""The adversarial autoencoder: codes that a discriminator cannot tell from draws of a prior."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from espelho.losses.adversarial.games import Game, mean_cost
from espelho.models.autoencoders.autoencoder import AutoencoderModel, Objective
from espelho.random_variables.sampler import Sampler
from espelho.training.batches import Batch
from espelho.training.plan import Phase, Plan, Stage, Terms

__all__ = ["AdversarialAutoencoderModel"]


class AdversarialAutoencoderModel(AutoencoderModel):
    """Rebuild samples, from codes that are distributed as a prior (Makhzani et al. 2015).

    With encoder f, decoder g and discriminator d, each step's phases move

    - reconstruct: f and g, by the whole objective of an autoencoder;
    - discriminate: d, to score draws of the prior high and codes low,
      ``mean_i w_i real(d(z_i)) + mean_i w_i fake(d(f(x_i)))``;
    - confuse: f, so that its codes are scored high, ``mean_i w_i fool(d(f(x_i)))``.

    A corruption spoils what the encoder sees in the first phase alone: it is the codes of clean
    samples that are to have the prior's distribution. With labels the discriminator sees each
    code beside its label (and the prior's draws are of the component that belongs to it); samples
    without one have an extra class, and draws from the whole prior.

    Parameters
    ----------
    encoder, decoder, objective
        As of `AutoencoderModel`.
    discriminator
        From codes ``(n, latent_dim)``, with labels from ``(n, latent_dim + n_labels + 1)``, to
        scores ``(n, 1)``.
    prior
        What codes are to be distributed as; a `LabelledSampler` where there are labels. Its
        draws come from torch's random state, so that a resumed training sees the same.
    game
        What is paid for the discriminator's scores.
    n_labels
        How many labels the discriminator is told of; none without.
    learning_rates
        Of the phases discriminate and confuse, where they are not the trainer's.
    """

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        objective: Objective,
        *,
        discriminator: nn.Module,
        prior: Sampler,
        game: Game,
        n_labels: int = 0,
        learning_rates: tuple[float | None, float | None] = (None, None),
    ) -> None:
        super().__init__(encoder, decoder, objective)
        self.discriminator = discriminator
        self.prior = prior
        self._game = game
        self._n_labels = n_labels
        self._learning_rates = learning_rates

    def plan(self) -> Plan:
        """Return the one stage and its three phases."""
        discriminating, confusing = self._learning_rates
        discriminate = Phase(
            "discriminate",
            owns=(self.discriminator,),
            loss=self._discriminate,
            learning_rate=discriminating,
        )
        confuse = Phase(
            "confuse", owns=(self.encoder,), loss=self._confuse, learning_rate=confusing
        )
        return (Stage(self.reconstruct_phase(), discriminate, confuse),)

    def scores(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """Return the discriminator's score of each code ``(n,)``.

        Parameters
        ----------
        z
            Codes ``(n, latent_dim)``.
        y
            Numbers of their labels ``(n,)``, -1 where there is none; ``None`` for none at all.
        """
        if self._n_labels:
            z = torch.cat([z, self._one_hot(y, len(z)).to(z)], dim=1)
        found: Tensor = self.discriminator(z)
        return found.squeeze(1)

    def shown(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return what an autoencoder shows, and its codes beside draws of the prior."""
        found = super().shown(batch)
        drawn, codes = self._drawn(batch), found["codes"]
        return {
            **found,
            "real": drawn,
            "made": codes,
            "scores_real": self.scores(drawn, batch.y),
            "scores_made": self.scores(codes, batch.y),
        }

    def _discriminate(self, batch: Batch) -> Terms:
        drawn, coded = self._drawn(batch), self.encoder(self._augmented(batch).x)
        real, fake = self.scores(drawn, batch.y), self.scores(coded, batch.y)
        game = self._game
        return {
            "real": mean_cost(game.real, game.against(real, lambda: fake), batch.weight),
            "fake": mean_cost(game.fake, game.against(fake, lambda: real), batch.weight),
        }

    def _confuse(self, batch: Batch) -> Terms:
        coded = self.encoder(self._augmented(batch).x)
        score = self._game.against(
            self.scores(coded, batch.y), lambda: self.scores(self._drawn(batch), batch.y)
        )
        return {"fool": mean_cost(self._game.fool, score, batch.weight)}

    def _drawn(self, batch: Batch) -> Tensor:
        """Return a draw of the prior for each sample, with the sample's label where it has one."""
        generator = np.random.default_rng(int(torch.randint(2**63 - 1, ())))
        prior, n = self.prior, len(batch.x)
        if self._n_labels:
            labels = np.full(n, -1) if batch.y is None else batch.y.cpu().numpy()
            z = prior.sample_labelled(labels, random_state=generator)  # type: ignore[attr-defined]
        else:
            z = prior.sample(n, random_state=generator)
        return torch.from_numpy(z).to(batch.x)

    def _one_hot(self, y: Tensor | None, n: int) -> Tensor:
        """Return labels as rows of zeros with a one; the last place is that of no label."""
        if y is None:
            y = torch.full((n,), -1, device=next(self.parameters()).device)
        return F.one_hot(y.remainder(self._n_labels + 1), self._n_labels + 1)
