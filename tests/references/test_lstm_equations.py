"""The recurrent networks are the published equations, written out in NumPy step by step.

Hochreiter and Schmidhuber (1997), Neural Computation 9; with the forget gate of Gers,
Schmidhuber and Cummins (2000), Neural Computation 12.
"""

import numpy as np
import pytest
import torch
from scipy.special import expit

from espelho.networks.sequences.recurrent import LSTMDecoder, LSTMEncoder


def arrays(layer):
    return [w.detach().double().numpy() for w in layer.all_weights[0]]


def cell(x, h, c, layer):
    """Return the state after one step of one sequence."""
    W, U, b, other_b = arrays(layer)
    units = len(h)
    a = W @ x + U @ h + b + other_b
    i, f, g, o = (a[k * units : (k + 1) * units] for k in range(4))
    c = expit(f) * c + expit(i) * np.tanh(g)
    return expit(o) * np.tanh(c), c


def unroll(xs, layer, h=None, c=None):
    h = np.zeros(layer.hidden_size) if h is None else h
    c = np.zeros(layer.hidden_size) if c is None else c
    states = []
    for x in xs:
        h, c = cell(x, h, c, layer)
        states.append(h)
    return np.array(states)


def affine(x, network):
    weight, bias = (p.detach().numpy() for p in network[0].parameters())
    return weight @ x + bias


def drawn(network):
    """Draw every parameter anew, so that no bias is 0 by chance."""
    network = network.double()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.5)
    return network.eval()


@pytest.mark.parametrize("hidden", [(3,), (4, 2, 3)])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_encoder(hidden, bidirectional):
    encoder = drawn(LSTMEncoder(2, hidden, 3, "tanh", bidirectional=bidirectional))
    x = torch.randn(4, 6, 2, dtype=torch.float64)
    lengths = torch.tensor([6, 1, 3, 5])

    codes = []
    for row, k in zip(x.numpy(), lengths.tolist(), strict=True):
        h = row[:k]
        for index, layer in enumerate(encoder.layers):
            forth = unroll(h, layer)
            known = forth[-1]
            if bidirectional:
                back = unroll(h[::-1], encoder.backward_layers[index])
                known = np.concatenate([known, back[-1]])
                forth = np.concatenate([forth, back[::-1]], axis=1)
            h = forth
        codes.append(np.tanh(affine(known, encoder.code)))

    np.testing.assert_allclose(encoder(x, lengths).detach().numpy(), codes, atol=1e-12)


@pytest.mark.parametrize("hidden", [(3,), (4, 2, 3)])
def test_the_decoder_that_sees_the_code_at_every_step(hidden):
    decoder = drawn(LSTMDecoder(3, hidden, 2, 5, "logistic"))
    z = torch.randn(4, 3, dtype=torch.float64)

    rows = []
    for code in z.numpy():
        h = np.tile(code, (5, 1))
        for layer in decoder.layers:
            h = unroll(h, layer)
        rows.append([expit(affine(step, decoder.output)) for step in h])

    np.testing.assert_allclose(decoder(z).detach().numpy(), rows, atol=1e-12)


@pytest.mark.parametrize("forced", [False, True])
@pytest.mark.parametrize("hidden", [(3,), (4, 2, 3)])
def test_the_decoder_that_sees_the_step_before(hidden, forced):
    decoder = LSTMDecoder(3, hidden, 2, 5, feedback=True, teacher_forcing=float(forced))
    decoder = drawn(decoder).train(forced)
    z = torch.randn(4, 3, dtype=torch.float64)
    x = torch.randn(4, 5, 2, dtype=torch.float64)

    rows = []
    for code, target in zip(z.numpy(), x.numpy(), strict=True):
        start = np.tanh(affine(code, decoder.start))
        states = []
        for units in hidden:
            h, c, start = start[:units], start[units : 2 * units], start[2 * units :]
            states.append((h, c))
        row, fed = [], np.zeros(2)
        for step in range(5):
            for index, layer in enumerate(decoder.layers):
                states[index] = cell(fed, *states[index], layer)
                fed = states[index][0]
            row.append(affine(fed, decoder.output))
            fed = target[step] if forced else row[-1]
        rows.append(row)

    np.testing.assert_allclose(decoder(z, target=x).detach().numpy(), rows, atol=1e-12)
