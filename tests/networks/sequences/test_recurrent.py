"""Recurrent networks treat a padded sequence as one alone, and unroll what they are told to."""

import copy
from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from espelho.errors import SettingError, ShapeError
from espelho.losses.masking import valid_sum
from espelho.networks.sequences.lstm import lstm
from espelho.networks.sequences.recurrent import LSTMDecoder, LSTMEncoder
from espelho.networks.sequences.steps import clear_padding, valid_steps

ENCODERS = {
    "plain": {},
    "bidirectional": {"bidirectional": True},
}
DECODERS = {
    "code at every step": {},
    "reverse": {"reverse": True},
    "feedback": {"feedback": True},
    "feedback of logits": {"feedback": True, "feedback_activation": "logistic"},
    "feedback in reverse": {"feedback": True, "reverse": True},
    "sampled": {"feedback": True, "teacher_forcing": 0.5},
    "forced": {"feedback": True, "teacher_forcing": 1.0},
    "forced in reverse": {"feedback": True, "teacher_forcing": 1.0, "reverse": True},
}
PAIRS = list(product(ENCODERS, DECODERS))


def pair(encoder, decoder, features=2, hidden=(5, 3), latent_dim=4, n_steps=6):
    return (
        LSTMEncoder(features, hidden, latent_dim, "tanh", **ENCODERS[encoder]),
        LSTMDecoder(latent_dim, hidden[::-1], features, n_steps, **DECODERS[decoder]),
    )


def free(decoder, **settings):
    """Return a decoder with the same weights and other settings."""
    sizes = {"latent_dim": 4, "hidden_sizes": (3, 5), "features": 2, "n_steps": 6}
    other = LSTMDecoder(**sizes, **settings)
    other.load_state_dict(decoder.state_dict())
    return other


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("encoder", ENCODERS)
@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=5),
    more=st.integers(0, 3),
    features=st.integers(1, 3),
    hidden=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    seed=st.integers(0, 99),
)
@settings(max_examples=6, deadline=None)
def test_padding_changes_nothing(encoder, decoder, dtype, lengths, more, features, hidden, seed):
    torch.manual_seed(seed)
    networks = pair(encoder, decoder, features, tuple(hidden))
    encoder, decoder = (network.to(dtype).eval() for network in networks)
    alone = [torch.randn(1, k, features, dtype=dtype) for k in lengths]
    x = torch.full((len(lengths), max(lengths) + more, features), torch.nan, dtype=dtype)
    for row, sequence in zip(x, alone, strict=True):
        row[: sequence.shape[1]] = sequence[0]
    all_lengths = torch.tensor(lengths)

    z = encoder(x, all_lengths)
    x_hat = decoder(z, all_lengths, n_steps=x.shape[1])

    assert x_hat.dtype == dtype
    assert x_hat.shape == x.shape
    for index, sequence in enumerate(alone):
        k = sequence.shape[1]
        code = encoder(sequence)
        torch.testing.assert_close(z[index], code[0], atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(
            x_hat[index, :k], decoder(code, n_steps=k)[0], atol=1e-6, rtol=1e-5
        )
        assert not x_hat[index, k:].any()


@pytest.mark.parametrize(("encoder", "decoder"), PAIRS)
def test_padding_does_not_change_the_gradient_either(encoder, decoder):
    networks = [network.double() for network in pair(encoder, decoder, n_steps=5)]
    encoder, decoder = networks
    if 0 < decoder._teacher_forcing < 1:
        decoder.eval()  # otherwise each step is forced by chance
    x = torch.randn(3, 5, 2, dtype=torch.float64)
    lengths = torch.tensor([5, 1, 3])
    parameters = [p for network in networks for p in network.parameters()]

    x_hat = decoder(encoder(x, lengths), lengths, target=x)
    together = valid_sum((x_hat - x).square(), valid_steps(lengths, 5)).sum()
    alone = 0.0
    for row, k in zip(x.split(1), lengths.tolist(), strict=True):
        row = row[:, :k]
        alone = alone + (decoder(encoder(row), n_steps=k, target=row) - row).square().sum()

    torch.testing.assert_close(together, alone)
    for a, b in zip(
        torch.autograd.grad(together, parameters),
        torch.autograd.grad(alone, parameters),
        strict=True,
    ):
        torch.testing.assert_close(a, b)
        assert a.any()


@pytest.mark.parametrize(("encoder", "decoder"), PAIRS)
def test_what_stands_at_padded_steps_has_no_influence_on_gradients(encoder, decoder):
    networks = pair(encoder, decoder)
    parameters = [p for network in networks for p in network.parameters()]
    x, lengths = torch.randn(3, 6, 2), torch.tensor([6, 1, 3])
    gradients = []
    for fill in (0.0, torch.nan):
        filled = x.masked_fill(~valid_steps(lengths, 6).unsqueeze(2), fill)
        torch.manual_seed(1)
        x_hat = networks[1](networks[0](filled, lengths), lengths, target=filled)
        gradients.append(torch.autograd.grad(x_hat.square().sum(), parameters))
    for a, b in zip(*gradients, strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize(("encoder", "decoder"), PAIRS)
def test_saved_weights_loaded_and_copies_give_the_same_outputs(encoder, decoder):
    networks = [network.eval() for network in pair(encoder, decoder)]
    others = [network.eval() for network in pair(encoder, decoder)]
    for network, other in zip(networks, others, strict=True):
        other.load_state_dict(copy.deepcopy(network.state_dict()))
    x = torch.randn(4, 6, 2)
    expected = networks[1](networks[0](x))
    for a, b in (others, copy.deepcopy(networks)):
        assert torch.equal(b(a(x)), expected)


@pytest.mark.parametrize("decoder", DECODERS)
@pytest.mark.parametrize("encoder", ENCODERS)
def test_they_are_twice_differentiable(encoder, decoder):
    networks = pair(encoder, decoder, hidden=(3, 2), latent_dim=2, n_steps=3)
    encoder, decoder = (network.double().eval() for network in networks)
    lengths = torch.tensor([3, 2])
    x = torch.randn(2, 3, 2, dtype=torch.float64, requires_grad=True)
    z = torch.randn(2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(lambda x: encoder(x, lengths), x)
    assert torch.autograd.gradgradcheck(lambda z: decoder(z, lengths), z)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_second_derivatives_in_single_precision_are_those_in_double(encoder):
    encoder = LSTMEncoder(2, (8, 6), 3, **ENCODERS[encoder])
    x = torch.randn(4, 7, 2)
    results = []
    for dtype in (torch.float32, torch.float64):
        network = copy.deepcopy(encoder).to(dtype)
        leaf = x.to(dtype).requires_grad_()
        (slope,) = torch.autograd.grad(network(leaf).square().sum(), leaf, create_graph=True)
        slope.square().sum().backward()
        results.append([p.grad.double() for p in network.parameters() if p.grad is not None])
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, atol=1e-5, rtol=1e-3)


def test_the_jacobian_by_function_transform_is_that_of_autograd():
    encoder = LSTMEncoder(2, (5,), 3).double()
    x = torch.randn(1, 4, 2, dtype=torch.float64)
    by_transform = torch.func.jacrev(encoder)(x)
    torch.testing.assert_close(by_transform, torch.autograd.functional.jacobian(encoder, x))


@pytest.mark.parametrize("feedback", [False, True])
def test_in_reverse_the_same_weights_give_the_steps_backwards(feedback):
    forth = LSTMDecoder(4, (3, 5), 2, 6, feedback=feedback)
    back = free(forth, feedback=feedback, reverse=True)
    z, lengths = torch.randn(3, 4), torch.tensor([6, 1, 4])
    torch.testing.assert_close(back(z), forth(z).flip(1))
    x, reversed_ = forth(z), back(z, lengths)
    for row, other, k in zip(x, reversed_, lengths.tolist(), strict=True):
        torch.testing.assert_close(other[:k], row[:k].flip(0))


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("probability", [0.3, 1.0])
def test_forcing_a_decoder_to_its_own_outputs_changes_nothing(reverse, probability):
    decoder = LSTMDecoder(
        4, (3, 5), 2, 6, feedback=True, teacher_forcing=probability, reverse=reverse
    )
    z, lengths = torch.randn(3, 4), torch.tensor([6, 1, 4])
    own = decoder.eval()(z, lengths)
    torch.testing.assert_close(decoder.train()(z, lengths, target=own), own)


@pytest.mark.parametrize("reverse", [False, True])
def test_forced_in_one_pass_is_forced_step_by_step(reverse):
    settings = {"feedback": True, "reverse": reverse}
    whole = LSTMDecoder(4, (3, 5), 2, 6, teacher_forcing=1.0, **settings)
    by_step = free(whole, teacher_forcing=1 - 1e-12, **settings)
    z, target, lengths = torch.randn(3, 4), torch.randn(3, 6, 2), torch.tensor([6, 1, 4])
    outputs = whole(z, lengths, target=target)
    torch.testing.assert_close(by_step(z, lengths, target=target), outputs)
    assert not torch.allclose(outputs, whole.eval()(z, lengths))


def test_a_step_is_forced_as_often_as_the_probability_says():
    decoder = LSTMDecoder(4, (3, 5), 2, 2, feedback=True, teacher_forcing=0.3)
    z, target = torch.randn(1, 4).expand(4000, 4), torch.randn(1, 2, 2).expand(4000, 2, 2)
    second = decoder(z, target=target)[:, 1]
    unforced = decoder.eval()(z)[:, 1]
    share = (second - unforced).abs().amax(1).gt(1e-6).double().mean()
    assert share == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("decoder", DECODERS)
def test_in_evaluation_mode_the_target_is_not_looked_at(decoder):
    _, decoder = pair("plain", decoder)
    decoder.eval()
    z = torch.randn(3, 4)
    assert torch.equal(decoder(z), decoder(z, target=torch.randn(3, 6, 2)))


def test_what_is_fed_back_is_in_the_units_of_data():
    logits = LSTMDecoder(4, (3, 5), 2, 6, feedback=True, feedback_activation="logistic")
    ends_logistic = LSTMDecoder(4, (3, 5), 2, 6, "logistic", feedback=True)
    ends_logistic.load_state_dict(logits.state_dict())
    z = torch.randn(3, 4)
    torch.testing.assert_close(logits(z).sigmoid(), ends_logistic(z))


@pytest.mark.parametrize(("inputs", "units"), [(1, 7), (300, 100)])
def test_an_lstm_starts_with_orthogonal_states_and_open_forget_gates(inputs, units):
    weights = lstm(inputs, units).all_weights[0]
    from_input, from_state, *biases = (w.detach() for w in weights)
    eye = torch.eye(units)
    gates = from_state.chunk(4)
    for gate in gates:
        torch.testing.assert_close(gate @ gate.t(), eye, atol=1e-5, rtol=0)
    assert not torch.allclose(gates[0], gates[1])
    bias = sum(biases)
    expected = torch.cat([torch.zeros(units), torch.ones(units), torch.zeros(2 * units)])
    assert torch.equal(bias, expected)
    bound = (6 / (inputs + units)) ** 0.5
    assert from_input.abs().max() <= bound
    if inputs > 100:
        assert from_input.var().item() == pytest.approx(bound**2 / 3, rel=0.03)


def test_a_fresh_state_remembers():
    """With gates f = s(1), o = s(0) and no input, c shrinks by s(1) a step."""
    layer = lstm(1, 3)
    with torch.no_grad():
        layer.weight_hh_l0.zero_()
        _, (_, c) = layer(torch.zeros(1, 2, 1), (torch.zeros(1, 1, 3), torch.ones(1, 1, 3)))
    torch.testing.assert_close(
        c, torch.full((1, 1, 3), 1.0).mul(torch.sigmoid(torch.ones(1)) ** 2)
    )


@pytest.mark.parametrize(("encoder", "decoder"), PAIRS)
def test_training_beats_the_constant_mean_on_rows_of_digits(encoder, decoder):
    x = torch.from_numpy(load_digits().images[:96] / 16).float()
    lengths = 4 + torch.arange(96) % 5
    x = clear_padding(x, lengths)
    valid = valid_steps(lengths, 8)
    networks = pair(encoder, decoder, features=8, hidden=(32,), latent_dim=8, n_steps=8)
    optimizer = torch.optim.Adam([p for n in networks for p in n.parameters()], 2e-2)

    def error():
        x_hat = networks[1](networks[0](x, lengths), lengths, target=x)
        return valid_sum((x - x_hat).square(), valid).mean()

    for _ in range(60):
        optimizer.zero_grad()
        error().backward()
        optimizer.step()
    mean = x.sum(0) / valid.sum(0).unsqueeze(1)
    constant = valid_sum((x - mean).square(), valid).mean()
    assert error() < 0.8 * constant


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: LSTMEncoder(0, (3,), 2), "features must be at least 1, got 0"),
        (lambda: LSTMEncoder(1, (), 2), "at least one LSTM layer"),
        (lambda: LSTMEncoder(1, (3, 0), 2), "hidden_sizes must be at least 1, got 0"),
        (lambda: LSTMDecoder(0, (3,), 1, 5), "latent_dim must be at least 1"),
        (lambda: LSTMDecoder(2, (3,), 1, 0), "n_steps must be at least 1"),
        (lambda: LSTMDecoder(2, (3,), 1, 5, teacher_forcing=0.5), "0 without feedback"),
        (
            lambda: LSTMDecoder(2, (3,), 1, 5, feedback=True, teacher_forcing=1.5),
            "must be a probability",
        ),
    ],
)
def test_numbers_that_make_no_network_raise(build, message):
    with pytest.raises(SettingError, match=message):
        build()


def test_forcing_needs_a_target_of_as_many_steps():
    decoder = LSTMDecoder(2, (3,), 1, 5, feedback=True, teacher_forcing=1.0)
    with pytest.raises(SettingError, match="call it with target="):
        decoder(torch.zeros(4, 2))
    with pytest.raises(ShapeError, match="must have the 5 steps"):
        decoder(torch.zeros(4, 2), target=torch.zeros(4, 6, 1))
    assert decoder(torch.zeros(4, 2), target=torch.zeros(4, 6, 1), n_steps=6).shape == (4, 6, 1)
