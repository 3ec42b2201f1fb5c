"""Gaussian encoders: a trunk, and two heads that say where codes are and how far they spread."""

from jaxtyping import Float
from torch import Tensor, nn

from espelho.networks.activations import initialise
from espelho.networks.sequences.recurrent import LSTMEncoder

__all__ = ["GaussianEncoder", "with_two_heads"]


class GaussianEncoder(nn.Module):
    """Networks from a sample x to a normal distribution of its code, ``q(z | x)``.

    ``h = trunk(x)``; the mean is one head of h, and the logarithm of the variance the other
    one (Kingma and Welling 2014, https://arxiv.org/abs/1312.6114), before it is brought into
    bounds.

    Parameters
    ----------
    trunk
        From samples to ``h``, ``(n, width)``.
    mean
        From ``h`` to codes ``(n, latent_dim)``.
    log_variance
        From ``h`` to one number a unit.

    Examples
    --------
    >>> import torch
    >>> encoder = GaussianEncoder(nn.Tanh(), nn.Linear(4, 2), nn.Linear(4, 2))
    >>> mean, log_variance = encoder.heads(torch.zeros(3, 4))
    >>> mean.shape == log_variance.shape == encoder(torch.zeros(3, 4)).shape
    True
    """

    def __init__(self, trunk: nn.Module, mean: nn.Module, log_variance: nn.Module) -> None:
        super().__init__()
        self.trunk = trunk
        self.mean = mean
        self.log_variance = log_variance

    def forward(
        self, x: Float[Tensor, "n *sample"], lengths: Tensor | None = None
    ) -> Float[Tensor, "n latent_dim"]:
        """Return the means: codes, as of an encoder without a spread.

        Parameters
        ----------
        x
            Samples.
        lengths
            Numbers of steps, where samples are sequences that differ in it.
        """
        codes: Tensor = self.mean(self._read(x, lengths))
        return codes

    def heads(
        self, x: Float[Tensor, "n *sample"], lengths: Tensor | None = None
    ) -> tuple[Float[Tensor, "n latent_dim"], Float[Tensor, "n latent_dim"]]:
        """Return the means, and what the other head says of the variances.

        Parameters
        ----------
        x, lengths
            As in `forward`.
        """
        h = self._read(x, lengths)
        return self.mean(h), self.log_variance(h)

    def _read(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        h: Tensor = self.trunk(x) if lengths is None else self.trunk(x, lengths)
        return h


def with_two_heads(encoder: nn.Sequential | LSTMEncoder) -> GaussianEncoder:
    """Give an encoder a second head: all before its last linear layer is shared.

    Parameters
    ----------
    encoder
        A network that ends in a linear layer, and what follows it; its layers are used, not
        copied.

    Examples
    --------
    >>> from espelho.networks.dense import dense
    >>> encoder = with_two_heads(dense((4, 3, 2), "tanh", "linear"))
    >>> len(encoder.trunk), encoder.mean[0].out_features, encoder.log_variance.out_features
    (2, 2, 2)
    """
    layers = list(encoder.code if isinstance(encoder, LSTMEncoder) else encoder)
    last, head = [(i, part) for i, part in enumerate(layers) if isinstance(part, nn.Linear)][-1]
    spread = nn.Linear(head.in_features, head.out_features)
    initialise(spread, "linear", last=True)
    trunk: nn.Module = nn.Sequential(*layers[:last])
    if isinstance(encoder, LSTMEncoder):
        encoder.code, trunk = nn.Sequential(*layers[:last]), encoder
    return GaussianEncoder(trunk, nn.Sequential(*layers[last:]), spread)
