"""Rows of an evaluation about labels: of every generator that is told any."""

import numpy as np
import pandas as pd
import pytest

from espelho import GAN, AdversarialAutoencoder, ConditionalGAN
from espelho.evaluation import evaluate

TINY = {"hidden_sizes": (8,), "discriminator_sizes": (8,), "max_epochs": 1, "random_state": 0}
RNG = np.random.default_rng(0)
Y = RNG.integers(0, 3, 200)
X = RNG.normal(size=(200, 4)) * 0.2 + np.eye(3, 4)[Y] * 4


def named(found):
    return {row.name: row for row in found.rows if row.name.startswith("recognised")}


def test_samples_of_a_label_are_recognised_or_not():
    model = ConditionalGAN(**TINY).fit(X, Y)
    truth = X.copy()
    model.sample = lambda n, y=None, random_state=None: truth[
        [np.flatnonzero(label == Y)[0] for label in (Y[:n] if y is None else y)]
    ]
    found = named(evaluate(model, X[::2], Y[::2], X_train=X[1::2], y_train=Y[1::2]))
    row = found["recognised"]
    assert row.values == {"model": 1.0, "real": 1.0}
    assert "1,998 samples, 95 % interval" in row.note
    assert "each label: 0 100% (99% to 100%), 1 100%" in row.note


def test_each_column_of_classes_has_a_row():
    y = pd.DataFrame({"kind": np.array(["x", "y", "z"])[Y], "at": X[:, 0], "far": X[:, 1] > 1})
    found = named(evaluate(ConditionalGAN(**TINY).fit(X, y), X, y))
    assert found.keys() == {"recognised_kind", "recognised_far"}
    assert 0 <= found["recognised_kind"].value <= 1
    assert found["recognised_kind"].baselines["real"] > 0.95


def test_without_labels_or_classes_there_is_no_row():
    assert not named(evaluate(ConditionalGAN(**TINY).fit(X, Y), X))
    assert not named(evaluate(ConditionalGAN(**TINY).fit(X, X[:, 0]), X, X[:, 0]))
    assert not named(evaluate(GAN(**TINY).fit(X), X, Y))


def test_an_adversarial_autoencoder_is_asked_too_and_unlabelled_rows_left_out():
    model = AdversarialAutoencoder(prior="gaussian-mixture", latent_dim=2, **TINY).fit(X, Y)
    some = Y.astype(object)
    some[:20] = None
    found = named(evaluate_samples(model, some))
    assert found["recognised"].baselines["real"] > 0.95
    assert "learned from 90 real rows and was tested on 90 others" in found["recognised"].note


@pytest.mark.parametrize("held_out", [True, False])
def test_sequences_of_a_label_are_recognised_padded_as_the_network_sees_them(held_out):
    lengths = RNG.integers(2, 5, 200)
    data = [x[:n, np.newaxis] + 9 for x, n in zip(X, lengths, strict=True)]
    model = ConditionalGAN(**TINY).fit(data, Y)
    learned = {"X_train": data[1::2], "y_train": Y[1::2]} if held_out else {}
    found = named(evaluate(model, data[::2], Y[::2], **learned))
    assert 0 <= found["recognised"].value <= 1
    assert found["recognised"].baselines["real"] > 0.8
    order = {label: np.flatnonzero(label == Y)[1::2] for label in range(3)}
    model.sample = lambda n, y=None, random_state=None: [
        data[np.resize(order[label], i + 1)[i]]
        for i, label in enumerate(Y[:n] if y is None else y)
    ]
    again = named(evaluate(model, data[::2], Y[::2], **learned))
    assert again["recognised"].value == pytest.approx(
        again["recognised"].baselines["real"], abs=0.1
    )


def evaluate_samples(model, y):
    from espelho.evaluation.conditional.rows import recognition_rows
    from espelho.evaluation.result import Evaluation

    rows = recognition_rows(model, X, y, X_train=None, y_train=None, random_state=0)
    return Evaluation(tuple(rows), len(X), held_out=False)


def test_rows_that_cannot_be_learned_from_say_so():
    model = ConditionalGAN(**TINY).fit(X, Y)
    for y, said in ((np.full(200, 9), "0 of 200 rows have a label"), (Y * 0, "has the label 1")):
        (row,) = evaluate_samples(model, y).rows
        assert np.isnan(row.value)
        assert said in row.note


def test_of_many_labels_the_least_recognised_are_listed():
    many = np.arange(200) % 12
    model = ConditionalGAN(**TINY).fit(X, many)
    (row,) = evaluate_samples(model, many).rows
    assert "the 10 least recognised: " in row.note


def test_figures_repeat_themselves():
    model = ConditionalGAN(**TINY).fit(X, Y)
    first, second = (evaluate_samples(model, Y).rows[0] for _ in range(2))
    assert first == second


@pytest.mark.slow
def test_trained_samples_are_recognised():
    model = ConditionalGAN(max_epochs=60, random_state=0).fit(X, Y)
    assert evaluate_samples(model, Y).rows[0].value > 0.9
