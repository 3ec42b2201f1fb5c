"""The conditional network as an estimator: labels in, samples of each label out."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from espelho import Checkpoint, ConditionalGAN, load, load_data, resume
from espelho.errors import DataError, EspelhoWarning, SettingError, ShapeError
from espelho.training.callbacks.base import Callback

TINY = {
    "hidden_sizes": (16,),
    "discriminator_sizes": (16,),
    "channels": (4,),
    "max_epochs": 2,
    "random_state": 0,
}
X = np.random.default_rng(0).normal(size=(90, 5))
NAMES = np.repeat(["ant", "bee", "cow"], [45, 30, 15])


def fitted(X=X, y=NAMES, **settings):
    return ConditionalGAN(**{**TINY, **settings}).fit(X, y)


SIZES = np.random.default_rng(5).uniform(2, 4, 90)
TABLE = pd.DataFrame({"kind": NAMES, "size": SIZES, "old": np.arange(90) % 2 == 0})
CONDITIONINGS = ["projection", "concatenation", "auxiliary"]


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
@pytest.mark.parametrize("shape", [None, (1, 4, 5)])
def test_every_label_has_samples(conditioning, shape):
    data = X if shape is None else np.random.default_rng(1).normal(size=(90, *shape[1:]))
    model = fitted(data, sample_shape=shape, conditioning=conditioning)
    assert model.classes_.tolist() == ["ant", "bee", "cow"]
    one, each = (
        model.sample(3, y="bee", random_state=0),
        model.sample(3, y=["bee", "ant", "cow"], random_state=0),
    )
    assert one.shape == each.shape == (3, *data.shape[1:])
    np.testing.assert_allclose(one[0], each[0])
    assert not np.allclose(one[1], each[1])


@pytest.mark.parametrize(
    "labels",
    [
        np.repeat([3, 7], 45),
        np.repeat([True, False], 45),
        np.repeat([-1, 1], 45),
        np.repeat([0.0, 2.0], 45),
        torch.arange(90) % 2,
        list("ab" * 45),
    ],
)
def test_labels_are_integers_strings_or_booleans_in_any_container(labels):
    model = fitted(y=labels)
    assert len(model.classes_) == 2
    for label in model.classes_:
        assert model.sample(2, y=label).shape == (2, 5)
        assert model.sample(2, y=label.item()).shape == (2, 5)


def test_labels_are_drawn_as_often_as_they_came():
    model = fitted()
    np.testing.assert_allclose(model.label_frequencies_, [1 / 2, 1 / 3, 1 / 6])
    drawn = model.sample_labels(3000, random_state=0)
    shares = [(drawn == label).mean() for label in model.classes_]
    np.testing.assert_allclose(shares, model.label_frequencies_, atol=0.03)
    weight = np.r_[np.ones(45), np.full(30, 1.5), np.full(15, 6.0)]
    weighted = ConditionalGAN(**TINY).fit(X, NAMES, sample_weight=weight)
    np.testing.assert_allclose(weighted.label_frequencies_, [1 / 4, 1 / 4, 1 / 2])
    np.testing.assert_array_equal(*(model.sample(5, random_state=3) for _ in range(2)))


@pytest.mark.parametrize("y", [NAMES, TABLE])
def test_samples_without_labels_are_of_the_labels_that_are_drawn(y):
    model, (first, second) = fitted(y=y), (np.random.default_rng(3) for _ in range(2))
    labels = model.sample_labels(9, random_state=first)
    asked = model.sample(9, y=labels, random_state=first)
    np.testing.assert_allclose(model.sample(9, random_state=second), asked, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_samples_of_a_label_are_like_its_data(conditioning):
    """Two clumps far apart: each label's samples are in its own."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    data = rng.normal(size=(400, 2)) * 0.3 + np.where(y, 5, -5)[:, None]
    model = fitted(
        data,
        y,
        max_epochs=40,
        learning_rate=5e-3,
        penalty_weight=0.5,
        conditioning=conditioning,
    )
    for label, sign in ((0, -1), (1, 1)):
        assert (sign * model.sample(200, y=label, random_state=0) > 0).mean() > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_samples_follow_a_continuous_label(conditioning):
    """Data around twice its label: so are samples, of labels that never came between those."""
    rng = np.random.default_rng(0)
    y = rng.uniform(-3, 3, 400)
    y = y[np.abs(y - 1) > 0.2]
    data = rng.normal(size=(len(y), 2)) * 0.3 + 2 * y[:, None]
    model = fitted(
        data,
        y,
        max_epochs=150,
        learning_rate=5e-3,
        penalty_weight=0.5,
        conditioning=conditioning,
    )
    assert model.label_kinds_ == ("continuous",)
    assert not hasattr(model, "classes_")
    for label in (-2.0, 1.0, 2.0):
        made = model.sample(200, y=label, random_state=0)
        np.testing.assert_allclose(made.mean(0), 2 * label, atol=0.8)


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, "objects"])
def test_labels_have_several_columns(conditioning, kind):
    y = TABLE.to_numpy(dtype=object) if kind == "objects" else kind(TABLE.to_dict("list"))
    model = fitted(y=y, conditioning=conditioning)
    assert model.label_kinds_ == ("categorical", "continuous", "categorical")
    assert model.condition_.names == (None if kind == "objects" else ("kind", "size", "old"))
    assert not hasattr(model, "classes_")
    row = ("bee", 3.0, True)
    one = model.sample(3, y=row, random_state=0)
    each = model.sample(3, y=[row, ("ant", 2.5, True), ("bee", 3.5, False)], random_state=0)
    np.testing.assert_allclose(one[0], each[0])
    assert not np.allclose(one[1], each[1])
    assert not np.allclose(one[2], each[2])
    assert model.sample(90, y=y).shape == X.shape
    assert model.discriminate(X, y).shape == (90,)
    assert model.sample_labels(4, random_state=0).shape == (4, 3)


def test_labels_of_several_columns_are_drawn_together():
    y = np.c_[np.arange(90) % 3, np.arange(90) % 3]
    drawn = fitted(y=y).sample_labels(300, random_state=0)
    np.testing.assert_array_equal(drawn[:, 0], drawn[:, 1])
    assert set(drawn[:, 0]) == {0, 1, 2}


def test_numbers_outside_those_of_the_data_warn():
    model = fitted(y=SIZES)
    with pytest.warns(EspelhoWarning, match="y holds 9, outside the 2"):
        assert model.sample(2, y=9.0).shape == (2, 5)
    assert model.sample(2, y=3).shape == (2, 5)


def test_another_fit_forgets_what_the_labels_were():
    model = fitted()
    model.fit(X, SIZES)
    assert not hasattr(model, "classes_")
    assert model.fit(X, NAMES).label_kinds_ == ("categorical",)
    with pytest.raises(DataError, match="'dog', a label that never came"):
        model.set_params(warm_start=True).fit(X, ["dog"] * 90)


def test_held_out_rows_are_of_every_label():
    model = fitted(validation_fraction=0.2)
    np.testing.assert_allclose(model.label_frequencies_, [1 / 2, 1 / 3, 1 / 6])
    assert len(fitted(y=TABLE, validation_fraction=0.2).label_frequencies_) == 72


def test_a_weight_of_guesses_needs_guesses():
    with pytest.raises(SettingError, match="conditioning='projection' none are made"):
        fitted(auxiliary_weight=2.0)
    light, heavy = (fitted(conditioning="auxiliary", auxiliary_weight=w) for w in (1e-9, 1.0))
    paid = [m.history_["discriminate/labels_of_real"][0] for m in (light, heavy)]
    assert paid[0] < 1e-6 < paid[1]


def test_the_discriminator_judges_beside_the_label():
    model = fitted()
    p = model.discriminate(X, NAMES)
    assert p.shape == (90,)
    assert not np.allclose(p, model.discriminate(X, NAMES[::-1]))
    with pytest.raises(DataError, match="'dog', a label that never came in the data"):
        model.discriminate(X[:1], ["dog"])


def test_saved_is_loaded(tmp_path):
    model = fitted()
    again = load(model.save(tmp_path / "run"))
    np.testing.assert_array_equal(again.sample(9, random_state=1), model.sample(9, random_state=1))
    np.testing.assert_array_equal(
        again.sample(9, y="cow", random_state=1), model.sample(9, y="cow", random_state=1)
    )
    assert again.score(X) == model.score(X)
    again.partial_fit(X, NAMES)


@pytest.mark.parametrize("conditioning", CONDITIONINGS)
def test_what_labels_were_is_saved(tmp_path, conditioning):
    model = fitted(y=TABLE, conditioning=conditioning)
    again = load(model.save(tmp_path / "run"))
    assert again.label_kinds_ == model.label_kinds_
    assert again.condition_.names == ("kind", "size", "old")
    row = ("cow", 2.75, False)
    for asked in ({}, {"y": row}):
        np.testing.assert_array_equal(
            *(m.sample(9, random_state=1, **asked) for m in (again, model))
        )
    np.testing.assert_array_equal(*(m.sample_labels(9, random_state=1) for m in (again, model)))
    again.partial_fit(X, TABLE)
    with pytest.raises(DataError, match="'dog' in column 'kind'"):
        again.sample(1, y=("dog", 3.0, True))


class Stop(Callback):
    """Interrupts training, as Ctrl-C does, at a step."""

    def on_step(self, trainer):
        if trainer.position.step == 4:
            trainer._interruption.requested = True


def test_resumed_is_uninterrupted(tmp_path):
    settings = {**TINY, "max_epochs": 3, "batch_size": 30}
    whole = ConditionalGAN(**settings).fit(X, NAMES)
    with pytest.warns(EspelhoWarning, match="interrupted"):
        ConditionalGAN(**settings, callbacks=(Checkpoint(tmp_path / "run"), Stop())).fit(X, NAMES)
    again = resume(tmp_path / "run", X, NAMES)
    expected = whole.model_.state_dict()
    assert all(torch.equal(expected[n], v) for n, v in again.model_.state_dict().items())


@pytest.mark.parametrize(
    ("labels", "error", "said"),
    [
        (None, DataError, "ConditionalGAN requires y to be passed, but the target y is None"),
        (NAMES[:80], ShapeError, "y must have shape (90,) or (90, columns), a label or a row of"),
        (np.ones(90, dtype=int), DataError, "at least two classes, got one class only, 1"),
        (np.full(90, 0.5), DataError, "more than one value, got 0.5 only"),
        (TABLE.assign(old=True), DataError, "two classes in column 'old', got one class only"),
        (np.r_[np.nan, np.zeros(89)], DataError, "contains NaN: 1 rows have no label"),
        ([None, *NAMES[1:]], DataError, "contains NaN: 1 rows have no label"),
    ],
)
def test_labels_that_cannot_be_learned_from_say_so(labels, error, said):
    with pytest.raises(error) as raised:
        fitted(y=labels)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("y", "error", "said"),
    [
        ("dog", DataError, "'dog', a label that never came in the data: 'ant', 'bee', 'cow'."),
        (["ant", "dog", "bee"], DataError, "'dog', a label that never came"),
        (7, DataError, "7, a label that never came"),
        (["ant", "bee"], ShapeError, "have shape (3,), one for each of the 3 samples, got (2,)"),
        (["ant", None, "bee"], DataError, "contains NaN: 1 rows have no label"),
    ],
)
def test_labels_that_cannot_be_drawn_say_so(y, error, said):
    with pytest.raises(error) as raised:
        fitted(max_epochs=1).sample(3, y=y)
    assert said in str(raised.value)


def test_rows_of_labels_that_cannot_be_drawn_say_so():
    model = fitted(y=TABLE, max_epochs=1)
    with pytest.raises(ShapeError, match=r"one row of 3 labels or have shape \(2, 3\)"):
        model.sample(2, y="bee")
    with pytest.raises(DataError, match="'big' in column 'size'"):
        model.sample(2, y=("bee", "big", True))


def test_many_labels_are_not_all_listed():
    model = fitted(y=np.arange(90) % 15, max_epochs=1)
    with pytest.raises(DataError, match=r"99, a label that never came .*: 0, 1, .*, 9, \.\.\.\."):
        model.sample(1, y=99)


def test_a_number_of_samples_is_at_least_one():
    with pytest.raises(SettingError, match="at least 1"):
        fitted(max_epochs=1).sample(0)


def test_labels_of_digits_are_numbers():
    digits = load_data("digits")
    model = fitted(digits.X[:100], digits.y[:100], sample_shape=(1, 8, 8))
    assert model.sample(10, y=range(10)).shape == (10, 64)
