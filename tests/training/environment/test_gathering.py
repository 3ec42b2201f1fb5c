"""Rows are gathered over processes so that the parts of a gradient make up the whole one."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import torch

from espelho.training.environment import processes
from espelho.training.environment.gathering import gathered, gathered_weights
from espelho.training.environment.processes import Processes

X = torch.arange(12.0).reshape(6, 2)
WEIGHT = torch.arange(1.0, 7.0)


class Together(Processes):
    """One of two processes, played by a thread."""

    __slots__ = ("barrier", "held")

    def __init__(self, rank, barrier, held):
        super().__init__(rank, 2)
        self.barrier = barrier
        self.held = held

    def add(self, tensor):
        self.held[self.rank] = tensor.clone()
        self.barrier.wait()
        total = self.held[0] + self.held[1]
        self.barrier.wait()
        return tensor.copy_(total)


def by_two(task):
    """Run a task in two threads, each as one of two processes; return what both found."""
    barrier, held = Barrier(2, timeout=30), [None, None]

    def run(rank):
        with processes._as_current(Together(rank, barrier, held)):
            return task(processes.current())

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))


def squares(x, weight):
    """Return what is no mean over samples: the square of their weighted sum."""
    return (weight @ x).square().sum()


@pytest.mark.parametrize("divided", [False, True])
@pytest.mark.parametrize("bounds", [(0, 3, 6), (0, 2, 6), (0, 6, 6)])
def test_the_parts_of_a_gradient_make_up_the_whole(bounds, divided):
    whole = X.clone().requires_grad_()
    (expected,) = torch.autograd.grad(squares(whole, WEIGHT), whole)

    def part(me):
        own = slice(*bounds[me.rank : me.rank + 2])
        me.share, me.divided = (own.stop - own.start) / 6, divided
        rows = own if me.share else slice(0, 2)  # a stand-in
        x = X[rows].clone().requires_grad_()
        given = WEIGHT[rows] * (me.share * 2 if divided else 1)
        value = squares(gathered(x), gathered_weights(given, x))
        (slope,) = torch.autograd.grad(value, x)
        total = torch.zeros_like(X)
        total[rows] = slope
        # As the trainer does it: the mean over parts, or the sum of shares.
        return value, total / 2 if divided else total * me.share

    (first, one), (second, two) = by_two(part)

    torch.testing.assert_close(first, squares(X, WEIGHT))
    assert torch.equal(first, second)
    torch.testing.assert_close(one + two, expected)


def test_rows_without_a_gradient_are_gathered_as_they_are():
    first, second = by_two(lambda me: gathered(X[3 * me.rank : 3 * me.rank + 3]))

    assert torch.equal(first, X)
    assert torch.equal(second, X)


def test_alike_weights_stay_none_unless_they_are_divided():
    def weights(me, *, divided):
        me.divided = divided
        return gathered_weights(None, X[:3])

    assert by_two(lambda me: weights(me, divided=False)) == [None, None]
    for found in by_two(lambda me: weights(me, divided=True)):
        assert torch.equal(found, torch.ones(6))


def test_one_process_has_all_rows():
    assert gathered(X) is X
    assert gathered_weights(WEIGHT, X) is WEIGHT
