"""Two sets of samples: what belongs together stays so."""

import numpy as np
import pytest

from espelho.data.pairing.pairs import Pairs, Unpaired
from espelho.errors import ShapeError


def numbered(n, *sample):
    return np.arange(n).reshape(n, *[1] * len(sample)) * np.ones((1, *sample))


def test_pairs_are_taken_with_their_names():
    names = tuple("abcd")
    pairs = Pairs(A=numbered(4, 2), B=numbered(4, 3, 3), names_A=names)

    found = pairs.take([1, 3])

    assert len(pairs) == 4
    assert found.A[:, 0].tolist() == found.B[:, 0, 0].tolist() == [1, 3]
    assert found.names_A == ("b", "d")
    assert found.names_B is None
    assert found.shapes == ((2,), (3, 3))


def test_pairs_of_different_numbers_are_refused():
    with pytest.raises(ShapeError, match="got 4 and 3"):
        Pairs(A=numbered(4, 2), B=numbered(3, 2))


def test_sets_without_pairs_may_differ_in_number():
    assert len(Unpaired(A=numbered(4, 2), B=numbered(3, 2))) == 4


def test_the_fingerprint_is_of_both_sets_in_their_order():
    a, b = numbered(4, 2), numbered(3, 2)
    found = {
        Unpaired(A=a, B=b).fingerprint(),
        Unpaired(A=b, B=a).fingerprint(),
        Unpaired(A=a, B=b + 1).fingerprint(),
    }
    assert len(found) == 3
    assert Unpaired(A=a, B=b).fingerprint() == Unpaired(A=a.copy(), B=b.copy()).fingerprint()
