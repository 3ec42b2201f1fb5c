"""LSTM layers: states that are carried from step to step, and their first weights.

An LSTM (Hochreiter and Schmidhuber 1997, https://doi.org/10.1162/neco.1997.9.8.1735; with the
forget gate of Gers, Schmidhuber, Cummins 2000, https://doi.org/10.1162/089976600300015015)
keeps a cell ``c`` and shows a state ``h``. From one step to the next, with ``s`` the logistic
function and every gate an affine map of the input and of ``h``::

    i, f, o = s(W x + U h + b)      what is let in, what is kept, what is shown
    g = tanh(W x + U h + b)         what is new
    c <- f c + i g
    h <- o tanh(c)
"""

from collections.abc import Sequence

import torch
from torch import nn

from espelho.errors import SettingError

__all__ = ["check_sizes", "lstm", "lstm_layers"]

_GATES = 4


def lstm(inputs: int, units: int) -> nn.LSTM:
    """Build one LSTM layer over batches ``(n, time, inputs)``, with its weights drawn.

    Each gate's weights of the input are drawn after Glorot and Bengio (2010), those of the
    state as an orthogonal matrix, which neither shrinks nor blows up what it carries (Saxe,
    McClelland, Ganguli 2014). Biases are 0, but that of the forget gate is 1, so that a layer
    remembers before it has learned to (Gers et al. 2000; Jozefowicz, Zaremba, Sutskever 2015,
    https://proceedings.mlr.press/v37/jozefowicz15.html).

    Parameters
    ----------
    inputs
        Features of one step.
    units
        Width of the state.
    """
    layer = nn.LSTM(inputs, units, batch_first=True)
    from_input, from_state, bias, other_bias = layer.all_weights[0]
    with torch.no_grad():
        for gate in from_input.chunk(_GATES):
            nn.init.xavier_uniform_(gate)
        for gate in from_state.chunk(_GATES):
            nn.init.orthogonal_(gate)
        bias.zero_()
        other_bias.zero_()
        # The gates are those of input, forgetting, news and output, in this order.
        bias.chunk(_GATES)[1].fill_(1.0)
    return layer


def lstm_layers(inputs: int, hidden_sizes: Sequence[int], ways: int = 1) -> nn.ModuleList:
    """Build a stack of LSTM layers.

    Parameters
    ----------
    inputs
        Features of one step.
    hidden_sizes
        Width of each layer's state.
    ways
        How many layers of the same width stand side by side, each of which is read by those
        above.
    """
    widths = [inputs, *(ways * units for units in hidden_sizes)]
    return nn.ModuleList(lstm(*pair) for pair in zip(widths, hidden_sizes, strict=False))


def check_sizes(hidden_sizes: Sequence[int], **numbers: int) -> None:
    """Check that there is a layer, and that no number is below 1.

    Parameters
    ----------
    hidden_sizes
        Widths of layers.
    **numbers
        Other sizes, by name.

    Raises
    ------
    SettingError
        If one is.
    """
    if not hidden_sizes:
        raise SettingError(
            "hidden_sizes must name at least one LSTM layer, such as (32,); got ()."
        )
    for name, number in {"hidden_sizes": min(hidden_sizes), **numbers}.items():
        if number < 1:
            raise SettingError(f"{name} must be at least 1, got {number}.")
