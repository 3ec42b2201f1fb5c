"""What codes are: points, or normal distributions, as settings on any structure."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from espelho.errors import DataError, SettingError
from espelho.estimators import fields as f
from espelho.estimators.autoencoders.axes.objective import Objective
from espelho.estimators.data.samples import Samples

if TYPE_CHECKING:
    from torch import nn

    from espelho.models.autoencoders.variational import VariationalAutoencoderModel
    from espelho.training.callbacks.base import Callback

__all__ = ["Latent"]


@dataclass(kw_only=True, eq=False, repr=False)
class Latent(Objective):
    """What the code of a sample is, and what comes with it.

    Parameters
    ----------
    latent
        point: one code a sample. gaussian: a normal distribution of codes, so that new
        samples can be drawn and data has a likelihood (variational).
    beta
        With gaussian: what the divergence of codes from N(0, I) is multiplied with.
    kl_warm_up
        With gaussian: epochs over which that weight grows from 0 to beta.
    importance_samples
        With gaussian: codes drawn for each sample; with more than one the bound is the
        importance-weighted one.
    variance
        With gaussian: variance of the data around the decoder's output, in scaled units: a
        number, learned (one for all, or per_feature), or optimal for each batch; without it
        optimal, and learned for the discretized logistic.
    binarize
        Whether training draws each feature's 0 or 1 anew at every step, with the feature as
        the probability; for the Bernoulli loss.
    """

    latent: f.LatentName = "point"
    beta: f.NonNegative = 1.0
    kl_warm_up: f.Number = 0
    importance_samples: f.Count = 1
    variance: f.Positive | f.VarianceName | None = None
    binarize: bool = False

    @property
    def _variational(self) -> bool:
        return self.latent == "gaussian"

    def _check_combination(self) -> None:
        super()._check_combination()
        if self.binarize and self.loss != "bernoulli":
            raise SettingError(
                f"binarize=True and loss={self.loss!r} cannot work together: zeros and ones are "
                "what the Bernoulli loss is of. Use loss='bernoulli', or binarize=False."
            )
        if self._variational:
            self._check_gaussian()
        else:
            self._check_point()

    def _check_point(self) -> None:
        default = {field.name: field.default for field in fields(Latent)}
        for name in ("beta", "kl_warm_up", "importance_samples", "variance"):
            if getattr(self, name) != default[name]:
                raise SettingError(
                    f"{name}={getattr(self, name)!r} and latent='point' cannot work together: it "
                    f"is about distributions of codes. Use latent='gaussian', or leave {name} out."
                )
        if self.loss == "discretized_logistic":
            raise SettingError(
                "loss='discretized_logistic' and latent='point' cannot work together: its spread "
                "is learned beside distributions of codes. Use latent='gaussian', or "
                "loss='squared_error'."
            )

    def _check_gaussian(self) -> None:
        if self.loss == "correntropy":
            raise SettingError(
                "loss='correntropy' and latent='gaussian' cannot work together: it is no "
                "likelihood. Use loss='absolute_error', which outliers pull less than the squared "
                "error, or latent='point'."
            )
        if self.importance_samples > 1 and self.beta != 1:
            raise SettingError(
                f"importance_samples={self.importance_samples} and beta={self.beta} cannot work "
                "together: the importance-weighted bound is of log p(x), and has no weight. Use "
                "beta=1, or importance_samples=1."
            )
        if self.variance is not None and self.loss == "bernoulli":
            raise SettingError(
                f"variance={self.variance!r} and loss='bernoulli' cannot work together: the "
                "variance of a Bernoulli variable follows from its mean. Leave variance out."
            )
        if self.variance == "optimal" and self.loss == "discretized_logistic":
            raise SettingError(
                "variance='optimal' and loss='discretized_logistic' cannot work together: there "
                "is no formula for it. Use variance='learned' or a number."
            )

    def _check_pixels(self, samples: Samples) -> None:
        """Raise unless the data is 8-bit, where the loss asks for that."""
        if self.loss != "discretized_logistic":
            return
        dtype = samples.container.dtype
        if dtype != "uint8" or self.scaling_.kind != "range":
            raise DataError(
                "loss='discretized_logistic' needs 8-bit unsigned integers (uint8) and "
                f"scaling='auto', got {dtype} and scaling={self.scaling!r}. Use "
                "loss='squared_error' for other data."
            )

    def _own_callbacks(self) -> "Sequence[Callback]":
        if not self.kl_warm_up:
            return ()
        from espelho.models.autoencoders.kl_warm_up import KLWarmUp

        return (KLWarmUp(int(self.kl_warm_up)),)

    def _augmentation(self) -> Any:
        from espelho.data.images.augmentation import Binarize

        shift = super()._augmentation()
        return Binarize(shift) if self.binarize else shift

    def _variational_model(
        self, encoder: "nn.Module", decoder: "nn.Module", *, sequences: bool = False
    ) -> "VariationalAutoencoderModel":
        """Return the model of an encoder, which is given a second head, and a decoder."""
        from espelho.models.autoencoders.observation import Observation, TableObservation
        from espelho.models.autoencoders.variational import (
            VariationalAutoencoderModel,
            VariationalSequenceModel,
        )
        from espelho.networks.gaussian import GaussianEncoder, with_two_heads

        if not isinstance(encoder, GaussianEncoder):
            encoder = with_two_heads(encoder)  # type: ignore[arg-type]
        model = VariationalSequenceModel if sequences else VariationalAutoencoderModel
        if (groups := self._groups) is None:
            observation = Observation(self.loss, self._variance(), self._step_shape())
        else:
            observation = TableObservation(self.loss, self._variance(), groups)
        return model(
            encoder,
            decoder,
            self._objective(),
            observation=observation,
            beta=float(self.beta),
            n_draws=int(self.importance_samples),
        )

    def _variance(self) -> Any:
        if self.loss == "bernoulli":
            return 1.0  # not looked at
        known = "learned" if self.loss == "discretized_logistic" else "optimal"
        return known if self.variance is None else self.variance

    def _step_shape(self) -> tuple[int, ...]:
        """Return the shape of what has one variance an element."""
        return self._network_shape()

    @property
    def _restricted(self) -> bool:
        return self._variational or super()._restricted
