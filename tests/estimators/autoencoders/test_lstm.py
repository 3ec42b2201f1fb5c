"""LSTMAutoencoder: sequences in, sequences out, and padding changes nothing."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from espelho import Autoencoder, Checkpoint, LSTMAutoencoder, load, resume
from espelho.data.series.sequences import Sequences
from espelho.data.series.windows import windows
from espelho.errors import DataError, EspelhoWarning, SettingError, ShapeError
from espelho.training.callbacks.base import Callback

TINY = {"hidden_sizes": (6,), "latent_dim": 3, "max_epochs": 3, "random_state": 0}
VARIANTS = [
    {},
    {"bidirectional": True, "reverse": True, "hidden_sizes": (6, 4)},
    {"feedback": True, "teacher_forcing": 0.5, "loss": "absolute_error"},
    {"feedback": True, "loss": "bernoulli", "decoder_sizes": (5, 4)},
    {"weight_decay": 1e-3, "code_activation": "tanh", "scaling": "minmax"},
    {"corruption": "salt_and_pepper", "sparsity": 0.1, "code_activation": "logistic"},
    {"corruption": "gaussian", "loss": "correntropy", "active_units": 2},
    {"corruption": "masking", "contraction": 0.1},
]


@pytest.fixture(scope="module")
def X():
    """Handwritten digits as sequences of rows, up to the last row that is not empty."""
    images = load_digits().images[:60]
    return [
        image[: np.flatnonzero(image.any(axis=1))[-1] + 1 - i % 4]
        for i, image in enumerate(images)
    ]


@pytest.fixture(scope="module", params=VARIANTS, ids=str)
def fitted(request, X):
    return LSTMAutoencoder(**{**TINY, **request.param}).fit(X)


def close(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


def test_a_sequence_alone_is_that_sequence_among_longer_ones(fitted, X):
    codes, rebuilt = fitted.transform(X), fitted.reconstruct(X)
    scores, steps = fitted.score_samples(X), fitted.score_steps(X)
    for i in (0, 1, 2, 3):
        alone = [X[i]]
        close(fitted.transform(alone), codes[i : i + 1])
        close(fitted.reconstruct(alone), rebuilt[i : i + 1])
        close(fitted.score_samples(alone), scores[i : i + 1])
        close(fitted.score_steps(alone), steps[i : i + 1])
        # An array, where nothing is padded, takes another way.
        close(fitted.transform(X[i][np.newaxis]), codes[i : i + 1])
        close(fitted.reconstruct(X[i][np.newaxis]), rebuilt[i : i + 1])
        close(fitted.score_steps(X[i][np.newaxis]), steps[i : i + 1])


def test_blocks_change_nothing(fitted, X, monkeypatch):
    codes, rebuilt, scores = fitted.transform(X), fitted.reconstruct(X), fitted.score_samples(X)
    longest = [x for x in X if len(x) == 8]
    of_array = fitted.transform(np.stack(longest))
    monkeypatch.setattr("espelho.estimators.data.sequences._STATES_AT_ONCE", 3 * 8 * 8 * 6)
    close(fitted.transform(X), codes)
    close(fitted.reconstruct(X), rebuilt)
    close(fitted.score_samples(X), scores)
    close(fitted.transform(np.stack(longest)), of_array)
    close(fitted.inverse_transform(codes, [len(x) for x in X]), rebuilt)


def test_scores_are_sums_of_errors_in_the_datas_units(fitted, X):
    if fitted.loss in ("bernoulli", "correntropy"):
        pytest.skip("its errors are not in the data's units")
    size = np.square if fitted.loss == "squared_error" else np.abs
    errors = [size(x - y) for x, y in zip(X, fitted.reconstruct(X), strict=True)]
    close(fitted.reconstruction_error(X, "element"), errors)
    close(fitted.score_steps(X), [-e.sum(axis=1) for e in errors])
    close(fitted.score_samples(X), [-e.sum() for e in errors])
    close(fitted.reconstruction_error(X, "feature"), np.concatenate(errors).mean(axis=0))
    assert fitted.score(X) == pytest.approx(np.mean([-e.sum() for e in errors]))


def test_nats_of_sequences_are_those_of_the_scaled_data(X):
    model = LSTMAutoencoder(**TINY, loss="bernoulli").fit(X)
    p = [model.scaling_.forward(y) for y in model.reconstruct(X)]
    x = [model.scaling_.forward(x) for x in X]
    nats = [-(a * np.log(b) + (1 - a) * np.log1p(-b)) for a, b in zip(x, p, strict=True)]
    np.testing.assert_allclose(model.score_samples(X), [-n.sum() for n in nats], rtol=1e-6)


def test_training_does_not_see_padding(X):
    """Zero learning: the recorded loss is the mean of what each sequence alone costs."""
    model = LSTMAutoencoder(**{**TINY, "max_epochs": 1, "learning_rate": 1e-30}).fit(X)
    scaled = [np.square(model.scaling_.forward(x - y + model.scaling_.shift)).sum()
              for x, y in zip(X, model.reconstruct(X), strict=True)]  # fmt: skip
    assert model.history_["reconstruct/squared_error"][0] == pytest.approx(np.mean(scaled))


def test_the_scaling_is_that_of_all_steps(X):
    model = LSTMAutoencoder(**TINY).fit(X)
    steps = np.concatenate(X)
    np.testing.assert_allclose(model.scaling_.shift, steps.mean(axis=0))
    spread = steps.std(axis=0)
    np.testing.assert_allclose(model.scaling_.scale, np.where(spread > 0, spread, 1))
    assert (spread == 0).any()  # A constant feature is part of this law.


def test_weights_are_rows_that_come_twice(X):
    settings = {
        **TINY,
        "batch_size": 100,
        "optimizer": "sgd",
        "learning_rate": 1e-3,
        "max_epochs": 2,
    }
    settings["latent_dim"] = 2
    weight = np.array([2, 1, 0, 1, 3])
    weighted = LSTMAutoencoder(**settings).fit(X[:5], sample_weight=weight)
    repeated = LSTMAutoencoder(**settings).fit(
        [x for x, n in zip(X, weight, strict=False) for _ in range(n)]
    )
    np.testing.assert_allclose(weighted.transform(X), repeated.transform(X), atol=1e-9)


def test_what_comes_back_is_what_came_in(X):
    model = LSTMAutoencoder(**TINY)
    narrow = [x.astype(np.float32) for x in X]
    found = model.fit(narrow).reconstruct(narrow)
    assert isinstance(found, list)
    assert [(x.shape, x.dtype) for x in found] == [(x.shape, x.dtype) for x in narrow]
    assert model.transform(narrow).dtype == np.float32
    counts = [x[:, 3].astype(np.uint8) for x in X]
    found = model.fit(counts).reconstruct(counts)
    assert [(x.shape, x.dtype) for x in found] == [(x.shape, x.dtype) for x in counts]
    assert model.inverse_transform(model.transform(counts)).shape == (60, 8)
    assert model.inverse_transform(model.transform(counts), [2] * 60)[0].shape == (2,)
    array = np.stack([x[:4] for x in X])
    assert model.fit(array).reconstruct(array).shape == array.shape
    assert model.reconstruct(array[:, :3]).shape == (60, 3, 8)
    tensor = model.reconstruct(torch.from_numpy(array[:, :3]))
    assert isinstance(tensor, torch.Tensor)
    assert tensor.shape == (60, 3, 8)
    assert isinstance(model.reconstruct(Sequences.of(X)), Sequences)
    table = pd.DataFrame(array[:, :, 3], columns=list("abcd"))
    assert list(model.fit(table).reconstruct(table).columns) == list("abcd")


def test_lists_arrays_and_flat_rows_of_the_same_numbers_are_the_same(X):
    array = np.stack([x[:4] for x in X])
    rows = array.reshape(60, 32)
    as_array = LSTMAutoencoder(**TINY).fit(array)
    as_list = LSTMAutoencoder(**TINY).fit(list(array))
    as_rows = LSTMAutoencoder(**TINY, sample_shape=(4, 8)).fit(rows)
    close(as_list.transform(list(array)), as_array.transform(array))
    close(as_rows.transform(rows), as_array.transform(array))
    close(as_rows.reconstruct(rows), as_array.reconstruct(array).reshape(60, 32))
    close(as_rows.score_steps(rows), as_array.score_steps(array))
    assert as_array.sample_shape_ == as_list.sample_shape_ == as_rows.sample_shape_ == (4, 8)


def test_it_learns_sequences_it_can_code():
    rng = np.random.default_rng(0)
    drawn = zip(
        rng.uniform(1, 3, 60), rng.uniform(0, 3, 60), rng.integers(10, 20, 60), strict=True
    )
    X = [a * np.sin(np.arange(n) / 3 + b) for a, b, n in drawn]
    model = LSTMAutoencoder(
        hidden_sizes=(24,), latent_dim=4, max_epochs=40, batch_size=20, learning_rate=0.01,
        random_state=0,
    ).fit(X)  # fmt: skip
    total = sum(np.square(x - np.concatenate(X).mean()).sum() for x in X)
    assert -model.score_samples(X).sum() < 0.1 * total


def test_saved_is_loaded(fitted, X, tmp_path):
    again = load(fitted.save(tmp_path / "run"))
    for method in ("transform", "reconstruct", "score_samples", "score_steps"):
        for one, other in zip(getattr(again, method)(X), getattr(fitted, method)(X), strict=True):
            np.testing.assert_array_equal(one, other)


class Stop(Callback):
    """Press Ctrl-C after some batches."""

    def __init__(self, steps):
        self.steps = steps

    def on_step(self, trainer):
        if trainer.position.step == self.steps:
            import signal

            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("settings", [{}, {"feedback": True, "teacher_forcing": 0.5},
                                      {"validation_fraction": 0.2, "patience": 9}])  # fmt: skip
@pytest.mark.parametrize("steps", [1, 9])
def test_stopped_and_resumed_is_never_stopped(X, tmp_path, settings, steps):
    settings = {**TINY, "batch_size": 16, **settings, "max_epochs": 4}
    whole = LSTMAutoencoder(**settings).fit(X)
    stopped = LSTMAutoencoder(
        **settings, callbacks=(Checkpoint(tmp_path / "run", every_steps=4), Stop(steps))
    )
    with pytest.warns(EspelhoWarning, match="interrupted in epoch"):
        stopped.fit(X)
    resumed = resume(tmp_path / "run", X)
    np.testing.assert_array_equal(resumed.transform(X), whole.transform(X))
    with pytest.raises(DataError, match="not what"):
        resume(tmp_path / "run", X[:-1], max_epochs=9)


def test_it_goes_on_learning(X):
    model = LSTMAutoencoder(**TINY).partial_fit(X).partial_fit([x[:3] for x in X])
    assert model.n_epochs_ == 2
    model.set_params(warm_start=True).fit(X)
    with pytest.raises(SettingError, match="whose reverse is False, not True"):
        model.set_params(reverse=True).fit(X)


def test_a_plain_step_gives_the_points_their_plain_scores():
    series = np.sin(np.arange(120) / 4) + np.random.default_rng(0).normal(0, 0.1, 120)
    cut = windows(series, 20, 5)
    model = LSTMAutoencoder(**TINY).fit(cut)
    plain = model.score_steps(series.reshape(6, 20)).ravel()
    np.testing.assert_allclose(model.score_points(series, step=20), plain)
    steps, starts = model.score_steps(cut), range(0, 101, 5)
    pairs = list(zip(steps, starts, strict=True))
    expected = [np.mean([row[t - a] for row, a in pairs if a <= t < a + 20]) for t in range(120)]
    np.testing.assert_allclose(model.score_points(series), expected)
    np.testing.assert_allclose(model.score_points(series[:, np.newaxis]), expected)
    with pytest.raises(SettingError, match="from 1 to the 120 points"):
        model.score_points(series, window=121)


def test_it_works_in_a_pipeline():
    rows = load_digits().data[:50]
    model = LSTMAutoencoder(**TINY, sample_shape=(8, 8))
    codes = make_pipeline(StandardScaler(), clone(model)).fit_transform(rows)
    assert codes.shape == (50, 3)
    assert model.fit(rows).get_feature_names_out()[0] == "lstmautoencoder0"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"hidden_sizes": ()}, "at least one LSTM layer"),
        ({"decoder_sizes": ()}, "at least one LSTM layer"),
        ({"teacher_forcing": 0.5}, "feedback=True"),
        ({"teacher_forcing": 1.5, "feedback": True}, "teacher_forcing"),
        ({"activation": "relu"}, "activation"),
        ({"normalization": "batch"}, "normalization"),
        ({"shifts": 1}, "takes sequences"),
        ({"loss": "bernoulli", "scaling": "standard"}, "cannot work together"),
        ({"loss": "bernoulli", "output_activation": "relu"}, "cannot work together"),
        ({"sample_shape": (4, 2)}, "Leave sample_shape out"),
    ],
)
def test_settings_that_make_no_sense_are_refused(X, settings, said):
    with pytest.raises(SettingError, match=said):
        LSTMAutoencoder(**settings).fit(X)


def test_data_that_does_not_fit_is_named(X):
    with pytest.raises(DataError, match="Sequence 1 is empty"):
        LSTMAutoencoder().fit([X[0], X[1][:0]])
    with pytest.raises(ShapeError, match="A sequence must have the shape"):
        LSTMAutoencoder().fit(np.zeros((3, 4, 4, 2)))
    model = LSTMAutoencoder(**TINY).fit(X)
    for other in ([x[:, :5] for x in X], np.zeros((3, 4, 5))):
        with pytest.raises(ShapeError, match=r"5 features a step, but .* expecting 8"):
            model.transform(other)
    with pytest.raises(SettingError, match="per must be"):
        model.reconstruction_error(X, "step")
    codes = model.transform(X)
    for lengths in ([3], [0] * 60, [2.5] * 60):
        with pytest.raises(ShapeError, match="lengths must hold 60 whole numbers"):
            model.inverse_transform(codes, lengths)
    for other in (X, Sequences.of(X), [[1.0, 2.0], [3.0]]):
        with pytest.raises(ShapeError, match="LSTMAutoencoder takes sequences"):
            Autoencoder().fit(other)
