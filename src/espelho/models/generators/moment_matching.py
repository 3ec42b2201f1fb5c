"""The moment matching network: noise made into samples that a kernel cannot tell from data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor, nn

from espelho.losses.discrepancy.fast_mmd import linear_mmd, random_feature_mmd
from espelho.losses.discrepancy.kernels import Kernel
from espelho.losses.discrepancy.mmd import mmd
from espelho.models.generators.noise import Noise
from espelho.training.batches import Batch
from espelho.training.environment.gathering import gathered, gathered_weights
from espelho.training.environment.processes import current
from espelho.training.plan import Phase, Plan, Stage, Terms, Trainable

__all__ = ["Discrepancy", "MomentMatchingModel"]


@dataclass(frozen=True, kw_only=True)
class Discrepancy:
    """The maximum mean discrepancy between two samples, as it is minimised.

    Attributes
    ----------
    kernel
        How alike two samples are.
    method
        ``exact``: `mmd`, from all pairs. ``linear``: `linear_mmd`. ``random_features``:
        `random_feature_mmd`, with features that are drawn anew at every step.
    root
        Whether the square root is taken.
    n_features
        Number of random features for each kernel of the sum.
    """

    kernel: Kernel
    method: Literal["exact", "linear", "random_features"] = "exact"
    root: bool = True
    n_features: int = 500

    def __call__(self, x: Tensor, y: Tensor, weight: Tensor | None = None) -> Tensor:
        """Return the discrepancy of samples x from samples y, which may have weights."""
        if self.method == "exact":
            return mmd(x, y, self.kernel, weight=weight, root=self.root)
        if self.method == "linear":
            return linear_mmd(x, y, self.kernel, weight=weight)
        frequencies = self.kernel.frequencies(self.n_features, like=y.flatten(1))
        current().align([frequencies])
        return random_feature_mmd(x, y, self.kernel, frequencies, weight=weight, root=self.root)


class MomentMatchingModel(Trainable):
    """Minimise, over generator g, how far samples g(z) are from data x by a kernel.

    ``MMD(g(z), x)`` or its square, with as many z as there are x in the batch. It is no mean
    over samples: several processes gather what they hold of a batch before it is computed.

    Parameters
    ----------
    generator
        From noise ``(n, latent_dim)`` to samples ``(n, *sample)``.
    latent_dim
        Width of the noise.
    noise
        What it is drawn from.
    discrepancy
        What is minimised.
    augment
        Changes the data of a batch in training; ``None`` for as it is.
    settle
        Makes categories of their probabilities, as of `GANModel`.
    """

    def __init__(
        self,
        generator: nn.Module,
        latent_dim: int,
        *,
        noise: Noise,
        discrepancy: Discrepancy,
        augment: Callable[[Tensor], Tensor] | None = None,
        settle: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.generator = generator
        self.discrepancy = discrepancy
        self.settle = settle
        self._latent_dim = latent_dim
        self._noise = noise
        self._augment = augment

    def generate(self, z: Tensor) -> Tensor:
        """Return the samples ``(n, *sample)`` that noise stands for."""
        found: Tensor = self.generator(z)
        return found

    def shown(self, batch: Batch) -> Mapping[str, Tensor]:
        """Return samples, and as many made ones."""
        made = self.generate(self._noise.like(batch.x, self._latent_dim))
        return {"real": batch.x, "made": made if self.settle is None else self.settle(made)}

    def plan(self) -> Plan:
        """Return the one stage and its one phase."""
        return (Stage(Phase("match", owns=(self.generator,), loss=self._match)),)

    def _match(self, batch: Batch) -> Terms:
        data, augment = batch.x, self._augment
        if augment is not None and self.training:
            data = augment(data)
        drawn = self.generate(self._noise.like(data, self._latent_dim))
        weight = gathered_weights(batch.weight, data)
        found = self.discrepancy(gathered(drawn), gathered(data), weight)
        return {"mmd" if self.discrepancy.root else "squared_mmd": found}
