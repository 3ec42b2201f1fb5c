"""Recognition of labels: closed forms, what perfect and wrong samples get, and errors."""

import math
import sys

import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import KNeighborsClassifier

from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation import recognition


def clumps(n, seed=0, names=("a", "b", "c")):
    """Return rows around three points far apart, and which."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    return rng.normal(size=(n, 2)) * 0.1 + np.eye(3, 2)[y] * 5, np.array(names)[y]


X, Y = clumps(300)


def test_data_in_the_place_of_samples_is_recognised_as_well_as_data():
    found = recognition(*clumps(200, 1), X, Y)
    assert (found.share, found.real) == (1, 1)
    assert [one.label for one in found.by_class] == ["a", "b", "c"]
    assert (found.n, found.n_real, found.n_learned) == (200, 150, 150)


def test_samples_of_another_label_are_found_out_class_by_class():
    made, asked = clumps(300, 1)
    swapped = np.where(asked == "a", "b", asked)
    found = recognition(made, swapped, X, Y)
    count = {name: (asked == name).sum() for name in "abc"}
    assert found.share == pytest.approx(1 - count["a"] / 300)
    b, c = found.by_class
    assert (b.label, c.label) == ("b", "c")
    assert b.share == pytest.approx(count["b"] / (count["a"] + count["b"]))
    assert c.share == 1


def test_the_interval_is_wilsons():
    made, asked = clumps(60, 1)
    asked = np.where(np.arange(60) < 20, "a", asked)
    for one in recognition(made, asked, X, Y).by_class:
        k = round(one.share * one.n)
        expected = stats.binomtest(k, one.n).proportion_ci(method="wilson")
        assert (one.low, one.high) == pytest.approx((expected.low, expected.high))


def test_what_real_rows_get_is_in_the_proportions_that_were_asked_for():
    """A classifier that always says "a" is right for the share of samples asked to be "a"."""
    rng = np.random.default_rng(0)
    y = np.repeat(["a", "b"], [10, 90])
    blind = KNeighborsClassifier(100)
    found = recognition(
        rng.normal(size=(40, 2)),
        np.repeat(["a", "b"], 20),
        rng.normal(size=(100, 2)),
        y,
        X_train=rng.normal(size=(100, 2)),
        y_train=np.repeat(["a", "b"], [90, 10]),
        classifier=blind,
    )
    assert found.share == found.real == 0.5


def test_a_label_without_other_real_rows_says_nothing_of_real_rows():
    made, asked = clumps(30, 1)
    found = recognition(made, np.full(30, "a"), X[Y != "a"], Y[Y != "a"], X_train=X, y_train=Y)
    assert math.isnan(found.real)
    assert found.share == pytest.approx((asked == "a").mean())


def test_few_rows_are_learned_from_where_they_are_wide(monkeypatch):
    module = sys.modules[recognition.__module__]
    monkeypatch.setattr(module, "_ELEMENTS", 10)
    monkeypatch.setattr(module, "_FEWEST", 40)
    found = recognition(*clumps(30, 1), X, Y, X_train=X, y_train=Y)
    assert (found.n_learned, found.n_real) == (40, 300)


@pytest.mark.parametrize(
    ("changed", "error", "said"),
    [
        ({"asked": np.full(30, "z")}, DataError, "has the label 'z', which samples were asked"),
        ({"y": np.full(300, "a"), "asked": np.full(30, "a")}, DataError, "at least two labels"),
        ({"y": Y[:10]}, ShapeError, r"y must have shape (300,), a label a row, got (10,)"),
        ({"asked": Y[:10]}, ShapeError, r"asked must have shape (30,)"),
        ({"samples": np.zeros((30, 3))}, ShapeError, "rows of one size"),
        ({"classifier": "svc"}, SettingError, "must be a scikit-learn classifier, got 'svc'"),
    ],
)
def test_what_cannot_be_recognised_says_why(changed, error, said):
    samples, asked = clumps(30, 1)
    given = {"samples": samples, "asked": asked, "X": X, "y": Y, **changed}
    with pytest.raises(error) as raised:
        recognition(**given)
    assert said in str(raised.value)
