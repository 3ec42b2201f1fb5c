"""The adversarial autoencoder: codes with a distribution that was chosen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from espelho.errors import DataError, SettingError
from espelho.estimators import fields as f
from espelho.estimators.autoencoders.autoencoder import Autoencoder
from espelho.estimators.autoencoders.codes.priors import has_labels, prior_of, width_of
from espelho.estimators.labels.asked import labels_asked
from espelho.estimators.labels.classes import known, numbers_of, read_labels
from espelho.random_variables.sampler import RandomState, Sampler, check_count

if TYPE_CHECKING:
    from espelho.models.autoencoders.adversarial_autoencoder import AdversarialAutoencoderModel

__all__ = ["AdversarialAutoencoder"]


@dataclass(kw_only=True, eq=False, repr=False)
class AdversarialAutoencoder(Autoencoder):
    """Adversarial autoencoder: learn codes whose distribution is a prior that you choose.

    A discriminator d learns to tell draws of the prior from codes, and the encoder f to deceive
    it, while encoder and decoder learn to rebuild the data (Makhzani et al. 2015,
    https://arxiv.org/abs/1511.05644). So a draw of the prior is a code that the decoder knows,
    and `sample` makes new data. Each step has three phases, each with an optimiser of its own:

    - reconstruct moves encoder and decoder by the loss and penalties of an `Autoencoder`;
    - discriminate moves d by ``mean_i softplus(-d(z_i)) + mean_i softplus(d(f(x_i)))`` with draws
      z of the prior (or by another ``game``);
    - confuse moves f by ``mean_i softplus(-d(f(x_i)))``.

    Where the prior has components, `fit` takes labels: each takes a component, and the
    discriminator sees labels beside codes.

    Parameters
    ----------
    prior
        What codes are distributed as: gaussian, N(0, I); uniform, between -1 and 1; and in two
        dimensions gaussian-mixture, components on a circle of radius 4, or swiss-roll, a spiral
        out to radius 5. Or a sampler of (n, latent_dim) of your own, such as those of
        espelho.random_variables.
    prior_scale
        What draws of a prior named above are multiplied with: for gaussian the standard
        deviation, for uniform the bound.
    prior_components
        Number of components of the mixture, or of parts of the roll; without it one for each
        label, or 10 where there is none.
    encoder_kind
        What a code is given a sample. deterministic: a point. gaussian: a draw from a normal
        distribution whose mean and variances the encoder returns. universal: what the encoder
        makes of the sample and of noise. Fitted, it is a point again: the mean, or what noise of
        0 gives.
    noise_dim
        Number of noisy inputs of the universal encoder.
    discriminator_sizes
        Widths of the discriminator's hidden layers, from the code on.
    game
        What is paid for the discriminator's scores.
    discriminate_learning_rate, confuse_learning_rate
        Learning rates of these phases, on which the schedule works too; without them
        learning_rate.
    encoder, decoder
        Networks of your own in place of the dense ones, torch modules from (n, *sample) to
        (n, latent_dim) and back, of which fit trains a copy. For encoder_kind='gaussian' the
        encoder returns (n, 2 * latent_dim): means, then what says the variances.

    Attributes
    ----------
    model_
        The trained networks: ``model_.encoder``, ``model_.decoder``, ``model_.discriminator``.
    prior_
        The sampler that codes are drawn from.
    classes_
        The labels in ascending order, where there were any: the first has component 0.
    history_, scaling_, latent_dim_, sample_shape_, n_features_in_
        As of `Autoencoder`.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from espelho import AdversarialAutoencoder
    >>> X, y = load_digits(return_X_y=True)
    >>> model = AdversarialAutoencoder(prior="gaussian-mixture", max_epochs=1, random_state=0)
    >>> model.fit(X, y).transform(X).shape
    (1797, 2)
    >>> model.sample(3, random_state=0).shape, model.sample(2, y=7, random_state=0).shape
    ((3, 64), (2, 64))
    """

    prior: f.PriorName | Sampler = "gaussian"
    prior_scale: f.Positive = 1.0
    prior_components: f.Count | None = None
    encoder_kind: f.EncoderName = "deterministic"
    noise_dim: f.Count = 8
    discriminator_sizes: f.Sizes = (256, 64)
    game: f.GameName = "non-saturating"
    discriminate_learning_rate: f.Positive | None = None
    confuse_learning_rate: f.Positive | None = None

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn from data, and from labels where the prior has components.

        Parameters
        ----------
        X
            Rows ``(n, d)`` (array, sparse matrix, table, tensor, nested list) or an array
            ``(n, *sample)``.
        y
            The label of each row, or -1, None or NaN where it is not known. Not used, and there
            for scikit-learn's pipelines, where the prior has no components.
        sample_weight
            Weights ``(n,)``, at least 0; a weight of 2 counts like the row given twice.

        Returns
        -------
        Self
            The estimator itself.

        Raises
        ------
        SettingError
            If a hyper-parameter is out of its bounds, or two cannot work together.
        DataError
            If data or labels hold what cannot be learned from.
        DivergenceError
            If the loss stopped being a finite number; the last good weights are kept.
        """
        if not (self.warm_start and hasattr(self, "model_")):
            self.__dict__.pop("classes_", None)
        return super().fit(X, y, sample_weight)

    def sample(
        self, n: int = 1, *, y: Any = None, random_state: RandomState = None
    ) -> NDArray[Any]:
        """Return new samples.

        Parameters
        ----------
        n
            How many, at least 1.
        y
            Their label, or a label for each ``(n,)``: codes are drawn from its component.
        random_state
            What they are drawn from: a seed, a NumPy ``Generator`` (which moves on) or
            ``RandomState``; without it other samples each time.

        Returns
        -------
        ndarray of shape (n, *sample)
            Samples in the units, shape and type of the data in `fit`.

        Raises
        ------
        SettingError
            If n is not a whole number of at least 1, or `fit` had no labels.
        DataError
            If y holds what is no label.
        """
        if y is None:
            return super().sample(n, random_state=random_state)  # type: ignore[no-any-return]
        check_is_fitted(self)
        labels = self._labels_to_draw(y, check_count(n))
        prior: Any = self.prior_
        chance = self._chance(random_state)
        random = chance.get("random", random_state)
        return self._generate(prior.sample_labelled(labels, random_state=random), **chance)  # type: ignore[no-any-return]

    def _labels_to_draw(self, y: Any, n: int) -> NDArray[np.int64]:
        if not hasattr(self, "classes_"):
            raise SettingError(
                "sample(y=...) needs labels, and this AdversarialAutoencoder was fitted without "
                "any. Use a prior with components, such as prior='gaussian-mixture', and "
                "fit(X, y)."
            )
        labels = read_labels(labels_asked(y, n), n, type(self).__name__, in_part=True)
        numbers = numbers_of(labels, self.classes_, in_part=True)
        if (numbers < 0).any():
            raise DataError("y must hold labels, and some of it says that there is none.")
        return numbers

    @property
    def _has_prior(self) -> bool:
        return True

    def _prior(self) -> Sampler:
        prior: Sampler = self.prior_
        return prior

    def _read_target(self, y: Any, n_samples: int) -> NDArray[Any] | None:
        if not has_labels(self.prior) or y is None:
            return None
        return read_labels(y, n_samples, type(self).__name__, in_part=True)

    def _number_target(
        self, labels: NDArray[Any], weight: Any, *, reset: bool
    ) -> NDArray[np.int64] | None:
        classes = np.unique(known(labels))
        if reset and len(classes):
            self.classes_ = classes
        if hasattr(self, "classes_"):
            return numbers_of(labels, self.classes_, in_part=True)
        if len(classes):
            raise DataError(
                "y holds labels, and this AdversarialAutoencoder was fitted without any, so its "
                "discriminator knows none. Leave y out, or fit it anew."
            )
        return None

    def _build(self) -> "AdversarialAutoencoderModel":
        from espelho.estimators.autoencoders.axes.networks import build_networks
        from espelho.losses.adversarial.games import GAMES
        from espelho.models.autoencoders.adversarial_autoencoder import AdversarialAutoencoderModel
        from espelho.networks.dense import dense

        found = build_networks(self, self._ends(), width_of(self.prior))
        encoder, decoder, self.latent_dim_ = found
        n_labels = len(getattr(self, "classes_", ()))
        self.prior_ = prior_of(self, self.latent_dim_, n_labels)
        inputs = self.latent_dim_ + (n_labels + 1 if n_labels else 0)
        sizes = [int(n) for n in (inputs, *self.discriminator_sizes, 1)]
        return AdversarialAutoencoderModel(
            encoder,
            decoder,
            self._objective(),
            discriminator=dense(sizes, self.activation, "linear", dropout=float(self.dropout)),
            prior=self.prior_,
            game=GAMES[self.game],
            n_labels=n_labels,
            learning_rates=(self.discriminate_learning_rate, self.confuse_learning_rate),
        )

    def _ends(self) -> Any:
        """Return what stands around the encoder's layers, by the kind of encoder."""
        from espelho.estimators.autoencoders.axes.networks import Ends
        from espelho.networks.stochastic import AppendNoise, GaussianDraw

        if self.encoder_kind == "gaussian":
            return Ends(after=(GaussianDraw(),), outputs=2)
        if self.encoder_kind == "universal":
            noise = int(self.noise_dim)
            return Ends(before=(AppendNoise(noise),), more_inputs=noise)
        return Ends()

    def _not_stackable(self) -> str:
        return f"the discriminator of {type(self).__name__}"

    @property
    def _restricted(self) -> bool:
        return True  # by the prior

    def _check_combination(self) -> None:
        super()._check_combination()
        if self.latent != "point":
            raise SettingError(
                f"latent={self.latent!r} and AdversarialAutoencoder cannot work together: its "
                "codes are distributed as the prior. Use encoder_kind='gaussian' for codes that "
                "are drawn, or VariationalAutoencoder."
            )
        if self.encoder_kind != "deterministic" and self.tied:
            raise SettingError(
                f"tied=True and encoder_kind={self.encoder_kind!r} cannot work together: a tied "
                "decoder is the encoder mirrored, and this one has more inputs or outputs. Use "
                "encoder_kind='deterministic', or leave tied out."
            )
        if self.encoder_kind == "universal" and self.encoder is not None:
            raise SettingError(
                "encoder_kind='universal' and encoder cannot work together: where a network of "
                "your own takes its noise is not known. Draw the noise inside it, from torch, "
                "while it is in training mode, and leave encoder_kind out."
            )
        if self.game == "wasserstein":
            raise SettingError(
                "game='wasserstein' and AdversarialAutoencoder cannot work together: nothing "
                "limits how fast the discriminator's scores grow. Use game='non-saturating' or "
                "another one."
            )
