"""Pixel normalisation: features of one length, and the gradient by hand."""

import pytest
import torch

from espelho.networks.growing.pixel_norm import PixelNorm

SHAPES = [(5, 7), (2, 3, 4, 6), (2, 1, 4, 4)]


def slowly(a):
    return a / (a.square().mean(1, keepdim=True) + 1e-8).sqrt()


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_formula_and_so_is_its_gradient(shape, last):
    a = torch.randn(shape, dtype=torch.float64)
    if last and len(shape) == 4:
        a = a.to(memory_format=torch.channels_last)
    a.requires_grad_()
    weight = torch.randn(shape, dtype=torch.float64)
    own, other = PixelNorm()(a), slowly(a)
    torch.testing.assert_close(own, other)
    gradients = (torch.autograd.grad((b.sin() * weight).sum(), a)[0] for b in (own, other))
    torch.testing.assert_close(*gradients)


@pytest.mark.parametrize("shape", SHAPES)
def test_features_have_a_mean_square_of_one(shape):
    squares = PixelNorm()(3 * torch.randn(shape, dtype=torch.float64)).square().mean(1)
    torch.testing.assert_close(squares, torch.ones_like(squares), rtol=1e-4, atol=0)


def test_zeros_stay_zeros():
    a = torch.zeros(2, 3, 4, 4, requires_grad=True)
    PixelNorm()(a).sum().backward()
    assert not PixelNorm()(a).any()
    assert a.grad.isfinite().all()


def test_it_says_that_it_cannot_be_differentiated_twice():
    a = torch.randn(2, 3, requires_grad=True)
    (slope,) = torch.autograd.grad(PixelNorm()(a).square().sum(), a, create_graph=True)
    with pytest.raises(RuntimeError, match="differentiate twice"):
        slope.sum().backward()
