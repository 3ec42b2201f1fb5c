"""What wrong guesses of labels cost: closed forms, column by column."""

import pytest
import torch
from torch.nn import functional as F

from espelho.losses.recognition import recognition

SIZES = (3, 0, 2)
Y = torch.tensor([[2.0, 0.5, 0.0], [0.0, -1.5, 1.0]], dtype=torch.float64)


def guesses():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 6, generator=generator, dtype=torch.float64, requires_grad=True)


def test_it_is_the_sum_over_columns_of_cross_entropies_and_squared_errors():
    guess = guesses()
    each = [
        -guess[i, :3].log_softmax(0)[int(a)]
        + (guess[i, 3] - s) ** 2
        - guess[i, 4:].log_softmax(0)[int(b)]
        for i, (a, s, b) in enumerate(Y)
    ]
    torch.testing.assert_close(recognition(guess, Y, SIZES), torch.stack(each).mean())
    weight = torch.tensor([0.5, 1.5], dtype=torch.float64)
    expected = (weight * torch.stack(each)).mean()
    torch.testing.assert_close(recognition(guess, Y, SIZES, weight), expected)


def test_its_slope_is_probability_minus_one_at_the_class_and_twice_the_error():
    guess = guesses()
    recognition(guess, Y, SIZES).backward()
    expected = torch.cat(
        [
            guess[:, :3].softmax(1) - F.one_hot(Y[:, 0].long(), 3),
            2 * (guess[:, 3:4] - Y[:, 1:2]),
            guess[:, 4:].softmax(1) - F.one_hot(Y[:, 2].long(), 2),
        ],
        dim=1,
    )
    torch.testing.assert_close(guess.grad, expected.detach() / 2)


def test_a_sure_and_right_guess_costs_nothing():
    guess = torch.tensor([[-50.0, -50, 50, 0.5, 50, -50]], dtype=torch.float64)
    assert recognition(guess, Y[:1], SIZES).item() == pytest.approx(0)
