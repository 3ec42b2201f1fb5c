"""The conditional network as an estimator: labels in, samples of each label out."""

import numpy as np
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


@pytest.mark.parametrize("conditioning", ["projection", "concatenation"])
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
    drawn = model._draw_labels(3000, np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(drawn) / 3000, model.label_frequencies_, atol=0.03)
    weight = np.r_[np.ones(45), np.full(30, 1.5), np.full(15, 6.0)]
    weighted = ConditionalGAN(**TINY).fit(X, NAMES, sample_weight=weight)
    np.testing.assert_allclose(weighted.label_frequencies_, [1 / 4, 1 / 4, 1 / 2])
    np.testing.assert_array_equal(*(model.sample(5, random_state=3) for _ in range(2)))


def test_samples_of_a_label_are_like_its_data():
    """Two clumps far apart: each label's samples are in its own."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    data = rng.normal(size=(400, 2)) * 0.3 + np.where(y, 5, -5)[:, None]
    model = fitted(data, y, max_epochs=40, learning_rate=5e-3, penalty_weight=0.5)
    for label, sign in ((0, -1), (1, 1)):
        assert (sign * model.sample(200, y=label, random_state=0) > 0).mean() > 0.95


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
        (NAMES[:80], ShapeError, "y must have shape (90,), one label a row of X, got (80,)"),
        (np.ones(90, dtype=int), DataError, "at least two classes, got one class only, 1"),
        (np.linspace(0, 1, 90), DataError, "continuous"),
        (np.r_[np.nan, np.zeros(89)], DataError, "NaN"),
    ],
)
def test_labels_that_cannot_be_learned_from_say_so(labels, error, said):
    with pytest.raises(error) as raised:
        fitted(y=labels)
    assert said in str(raised.value).replace("np.int64(1)", "1")


@pytest.mark.parametrize(
    ("y", "error", "said"),
    [
        ("dog", DataError, "'dog', a label that never came in the data: 'ant', 'bee', 'cow'."),
        (["ant", "dog", "bee"], DataError, "'dog', a label that never came"),
        (7, DataError, "7, a label that never came"),
        (["ant", "bee"], ShapeError, "have shape (3,), one for each of the 3 samples, got (2,)"),
    ],
)
def test_labels_that_cannot_be_drawn_say_so(y, error, said):
    with pytest.raises(error) as raised:
        fitted(max_epochs=1).sample(3, y=y)
    assert said in str(raised.value)


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
