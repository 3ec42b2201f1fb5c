"""The classifier: an encoder, and a head that tells classes apart by its codes."""

from typing import Self

from torch import Tensor, nn

from espelho.data.corruption import Corruption
from espelho.losses.classification import cross_entropy
from espelho.losses.penalties.weight_decay import weight_decay, weights
from espelho.training.batches import Batch
from espelho.training.plan import Phase, Plan, Stage, Terms, Trainable

__all__ = ["ClassifierModel"]


class ClassifierModel(Trainable):
    """Minimise, over encoder and head, how unlikely they hold the true classes.

    ``mean_i -w_i log p(y_i | c(x_i)) + weight_decay * sum W^2`` with
    ``p(. | x) = softmax(head(encoder(x)))`` and the corruption c, in training only.

    Parameters
    ----------
    encoder
        From samples ``(n, *sample)`` to codes ``(n, latent_dim)``.
    head
        From codes to logits ``(n, classes)``.
    train_encoder
        Whether the encoder is moved too. Otherwise it stays in evaluation mode, so that no
        statistic of it changes either.
    weight_decay
        What the sum of the squared weights of what is moved is multiplied with.
    corruption
        Spoils what the encoder sees in a training step; ``None`` for nothing.
    """

    def __init__(
        self,
        encoder: nn.Module,
        head: nn.Module,
        *,
        train_encoder: bool = True,
        weight_decay: float = 0.0,
        corruption: Corruption | None = None,
    ) -> None:
        super().__init__()
        self.encoder = encoder.requires_grad_(train_encoder)
        self.head = head
        self._moved = (encoder, head) if train_encoder else (head,)
        self._weight_decay = weight_decay
        self._corruption = corruption

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002
        """Turn to training mode, or to evaluation mode, as far as there is something to train."""
        super().train(mode)
        self.encoder.train(mode and self.encoder in self._moved)
        return self

    def logits(self, x: Tensor) -> Tensor:
        """Return one number per class ``(n, classes)``, before the softmax."""
        found: Tensor = self.head(self.encoder(x))
        return found

    def plan(self) -> Plan:
        """Return the one stage and its one phase."""
        networks = (self.encoder, self.head)
        return (Stage(Phase("classify", owns=networks, loss=self._classify)),)

    def _corrupted(self, x: Tensor) -> Tensor:
        return self._corruption(x) if self._corruption is not None and self.training else x

    def _classify(self, batch: Batch) -> Terms:
        if batch.y is None:
            raise TypeError("A classifier needs batches with labels: Batch(x, y).")
        logits = self.logits(self._corrupted(batch.x))
        terms = {"cross_entropy": cross_entropy(logits, batch.y, batch.weight)}
        if self._weight_decay:
            terms["weight_decay"] = self._weight_decay * weight_decay(weights(self._moved))
        return terms
