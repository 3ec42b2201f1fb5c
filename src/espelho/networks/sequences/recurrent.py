"""Recurrent networks: LSTMs from sequences of any length to codes, and back.

Sequences that differ in length are padded at the end. A state depends on nothing after its
step, so padding changes no valid step: batches are run whole, and what is valid is taken out
(2 to 10 times faster on a CPU than packed sequences, with a quarter to half of it padding).

All is twice differentiable on a CPU. cuDNN is not: a penalty on derivatives there needs
``torch.backends.cudnn.flags(enabled=False)``. ``torch.func.vmap`` cannot enter an LSTM.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from espelho.errors import SettingError, ShapeError
from espelho.networks.activations import ACTIVATIONS
from espelho.networks.dense import dense
from espelho.networks.sequences.lstm import check_sizes, lstm_layers
from espelho.networks.sequences.steps import clear_padding, last_step, reverse_steps

__all__ = ["LSTMDecoder", "LSTMEncoder"]


class LSTMEncoder(nn.Module):
    """LSTM layers that read a sequence, and the code of what the last one then knows.

    The code is an affine map of the state after the sequence's own last step, and an
    activation (Srivastava, Mansimov, Salakhutdinov 2015, https://arxiv.org/abs/1502.04681).

    Parameters
    ----------
    features
        Features of one step.
    hidden_sizes
        Width of each layer's state.
    latent_dim
        Width of the code.
    last_activation
        Name of the activation of the code.
    bidirectional
        Whether a second LSTM of each layer reads backwards, from a sequence's own last step;
        both states together go on (Schuster and Paliwal 1997).

    Raises
    ------
    SettingError
        If a number is below 1, or there is no layer.

    Examples
    --------
    >>> encoder = LSTMEncoder(2, (16, 8), 3)
    >>> encoder(torch.zeros(5, 20, 2), torch.tensor([20, 3, 1, 7, 20])).shape
    torch.Size([5, 3])
    """

    def __init__(
        self,
        features: int,
        hidden_sizes: Sequence[int],
        latent_dim: int,
        last_activation: str = "linear",
        *,
        bidirectional: bool = False,
    ) -> None:
        super().__init__()
        check_sizes(hidden_sizes, features=features, latent_dim=latent_dim)
        ways = 2 if bidirectional else 1
        self.layers = lstm_layers(features, hidden_sizes, ways)
        self.backward_layers = lstm_layers(features, hidden_sizes if bidirectional else (), ways)
        self.code = dense((ways * hidden_sizes[-1], latent_dim), "linear", last_activation)

    def forward(
        self, x: Float[Tensor, "n time features"], lengths: Int[Tensor, " n"] | None = None
    ) -> Float[Tensor, "n latent_dim"]:
        """Return the codes of sequences.

        Parameters
        ----------
        x
            Sequences, padded at the end; what stands there is not looked at.
        lengths
            Number of steps of each, at least 1; ``None`` where none is padded.
        """
        h = clear_padding(x, lengths)
        for index, layer in enumerate(self.layers):
            read, _ = layer(h)
            if self.backward_layers:
                back, _ = self.backward_layers[index](reverse_steps(h, lengths))
                read = torch.cat([read, reverse_steps(back, lengths)], 2)
            h = read
        known = last_step(h, lengths)
        if self.backward_layers:
            # On its way back an LSTM has read everything when it arrives at the first step.
            units = h.shape[2] // 2
            known = torch.cat([known[:, :units], h[:, 0, units:]], 1)
        codes: Tensor = self.code(known)
        return codes


class LSTMDecoder(nn.Module):
    """LSTM layers that unroll a code to a sequence.

    Either every step's input is the code, and the states start from 0: one pass over all
    steps. Or, with `feedback`, the states start from an affine map and tanh of the code, and
    every step's input is the output of the step before, 0 at the first (Srivastava, Mansimov,
    Salakhutdinov 2015, https://arxiv.org/abs/1502.04681): a pass per step, which takes up to
    ten times longer where states are narrow.

    Parameters
    ----------
    latent_dim
        Width of the code.
    hidden_sizes
        Width of each layer's state, from the code on.
    features
        Features of one step.
    n_steps
        Number of steps where a call names no other.
    last_activation
        Name of the activation of every step's output.
    reverse
        Whether to unroll from the last step to the first, which is easier to learn after
        an encoder that read the last step last (Sutskever, Vinyals, Le 2014). What is
        returned is in the order of time all the same.
    feedback
        Whether a step's input is the output of the step before.
    teacher_forcing
        Only with `feedback`: how probably, in training, a step of a sample is given the
        data's step before it, and not the output's. With 1 (Malhotra et al. 2016,
        https://arxiv.org/abs/1607.00148) training is one pass over all steps; between 0 and 1
        it is scheduled sampling (Bengio, Vinyals, Jaitly, Shazeer 2015,
        https://arxiv.org/abs/1506.03099). In evaluation mode nothing is forced.
    feedback_activation
        Only with `feedback`: name of what makes of an output what is fed back, which is in
        the units of data; ``"logistic"`` where outputs are logits.

    Raises
    ------
    SettingError
        If a number is below 1, there is no layer, or `teacher_forcing` is no probability or
        comes without `feedback`.

    Examples
    --------
    >>> decoder = LSTMDecoder(3, (8, 16), 2, n_steps=20)
    >>> decoder(torch.zeros(5, 3)).shape
    torch.Size([5, 20, 2])
    """

    def __init__(
        self,
        latent_dim: int,
        hidden_sizes: Sequence[int],
        features: int,
        n_steps: int,
        last_activation: str = "linear",
        *,
        reverse: bool = False,
        feedback: bool = False,
        teacher_forcing: float = 0.0,
        feedback_activation: str = "linear",
    ) -> None:
        super().__init__()
        check_sizes(hidden_sizes, features=features, latent_dim=latent_dim, n_steps=n_steps)
        if not 0 <= teacher_forcing <= float(feedback):
            raise SettingError(
                "teacher_forcing must be a probability, and 0 without feedback; got "
                f"{teacher_forcing} with feedback={feedback}."
            )
        self.n_steps = n_steps
        self._features = features
        self._hidden_sizes = tuple(hidden_sizes)
        self._reverse = reverse
        self._teacher_forcing = teacher_forcing
        self.start = (
            dense((latent_dim, 2 * sum(hidden_sizes)), "tanh", "tanh") if feedback else None
        )
        self.layers = lstm_layers(features if feedback else latent_dim, hidden_sizes)
        self.output = dense((hidden_sizes[-1], features), "linear", last_activation)
        self.feed = ACTIVATIONS[feedback_activation].build()

    def forward(
        self,
        z: Float[Tensor, "n latent_dim"],
        lengths: Int[Tensor, " n"] | None = None,
        *,
        n_steps: int | None = None,
        target: Float[Tensor, "n time features"] | None = None,
    ) -> Float[Tensor, "n time features"]:
        """Return the sequences that codes stand for, with 0 after each one's last step.

        Parameters
        ----------
        z
            Codes.
        lengths
            Number of steps of each sequence; ``None`` for all of `n_steps`. A decoder that
            unrolls in reverse starts at a sequence's own last step.
        n_steps
            Number of steps of the tensor that is returned; ``None`` for the module's own.
        target
            The sequences themselves, of `n_steps` steps, for teacher forcing in training;
            else not looked at.

        Raises
        ------
        SettingError
            If training forces, and there is no `target`.
        ShapeError
            If it forces, and the target is longer or shorter than `n_steps`.
        """
        n_steps = self.n_steps if n_steps is None else n_steps
        if self.start is None:
            h = z.unsqueeze(1).expand(-1, n_steps, -1)
            for layer in self.layers:
                h, _ = layer(h)
            x_hat = self.output(h)
        else:
            states = self._states(self.start(z))
            x_hat = self._fed_back(states, n_steps, self._teacher(lengths, n_steps, target))
        if self._reverse:
            x_hat = reverse_steps(x_hat, lengths)
        return clear_padding(x_hat, lengths)

    def _states(self, start: Tensor) -> list[tuple[Tensor, Tensor]]:
        halves = [part.chunk(2, 1) for part in start.split([2 * u for u in self._hidden_sizes], 1)]
        return [(h.contiguous(), c.contiguous()) for h, c in halves]

    def _teacher(
        self, lengths: Tensor | None, n_steps: int, target: Tensor | None
    ) -> Tensor | None:
        """Return what is given instead of outputs, in the order in which they are made."""
        if not self.training or not self._teacher_forcing:
            return None
        if target is None:
            raise SettingError(
                "teacher forcing gives the decoder the data's steps in training: call it with "
                "target=, or set teacher_forcing=0."
            )
        if target.shape[1] != n_steps:
            raise ShapeError(
                f"the target must have the {n_steps} steps that are asked for, got "
                f"{target.shape[1]}; name another number by n_steps=."
            )
        target = clear_padding(target, lengths)
        return reverse_steps(target, lengths) if self._reverse else target

    def _fed_back(
        self, states: list[tuple[Tensor, Tensor]], n_steps: int, teacher: Tensor | None
    ) -> Tensor:
        fed = states[0][0].new_zeros(states[0][0].shape[0], self._features)
        if teacher is not None and self._teacher_forcing == 1:
            return self._forced(states, torch.cat([fed.unsqueeze(1), teacher[:, :-1]], 1))
        layers = [layer.all_weights[0] for layer in self.layers if isinstance(layer, nn.LSTM)]
        outputs: list[Tensor] = []
        for step in range(n_steps):
            h = fed
            for index, weights in enumerate(layers):
                states[index] = torch.lstm_cell(h, states[index], *weights)
                h = states[index][0]
            outputs.append(self.output(h))
            fed = self.feed(outputs[-1])
            if teacher is not None:
                forced = torch.rand_like(fed[:, :1]) < self._teacher_forcing
                fed = torch.where(forced, teacher[:, step], fed)
        return torch.stack(outputs, 1)

    def _forced(self, states: list[tuple[Tensor, Tensor]], inputs: Tensor) -> Tensor:
        for layer, (h, c) in zip(self.layers, states, strict=True):
            inputs, _ = layer(inputs, (h.unsqueeze(0), c.unsqueeze(0)))
        outputs: Tensor = self.output(inputs)
        return outputs
