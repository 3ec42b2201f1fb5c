"""Adversarial generators of sequences: lengths as in the data, and padding changes nothing."""

import pickle

import numpy as np
import pytest
import torch
from torch import nn

from espelho import GAN, Checkpoint, ConditionalGAN, load, resume
from espelho.data.series.sequences import Sequences
from espelho.errors import EspelhoWarning, SettingError, ShapeError
from espelho.training.callbacks.base import Callback

TINY = {
    "hidden_sizes": (6,),
    "discriminator_sizes": (5,),
    "batch_size": 16,
    "max_epochs": 2,
    "random_state": 0,
}
Y = np.arange(40) % 2
VARIANTS = [
    (GAN, {}),
    (GAN, {"game": "wasserstein", "pool": 10, "noise": "uniform"}),
    (ConditionalGAN, {"scaling": "minmax", "precision": "float64"}),
    (ConditionalGAN, {"conditioning": "concatenation", "hidden_sizes": (4, 5)}),
    (ConditionalGAN, {"conditioning": "auxiliary", "pool": 10}),
]


@pytest.fixture(scope="module")
def X():
    """Random walks: those of the first label have 3 or 4 steps, the others 6 to 8."""
    rng = np.random.default_rng(0)
    lengths = np.where(Y == 0, rng.integers(3, 5, 40), rng.integers(6, 9, 40))
    return [rng.normal(1, 2, size=(n, 2)).cumsum(axis=0) for n in lengths]


@pytest.fixture(scope="module", params=VARIANTS, ids=str)
def fitted(request, X):
    made, settings = request.param
    return made(**{**TINY, **settings}).fit(X, Y)


def judged(model, X, y):
    return model.discriminate(X, y) if isinstance(model, ConditionalGAN) else model.discriminate(X)


def same(a, b):
    a, b = a.model_.state_dict(), b.model_.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def equal(found, expected):
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_sequence_alone_is_judged_as_among_longer_ones(fitted, X):
    p = judged(fitted, X, Y)
    assert ((p > 0) & (p < 1)).all()
    for i in range(4):
        np.testing.assert_allclose(judged(fitted, [X[i]], Y[[i]]), p[[i]])
        # An array, where nothing is padded, takes another way.
        np.testing.assert_allclose(judged(fitted, X[i][np.newaxis], Y[[i]]), p[[i]])
    np.testing.assert_allclose(judged(fitted, Sequences.of(X), Y), p)


def test_a_longer_sample_of_the_same_code_begins_as_the_shorter(fitted):
    Z = fitted.sample_codes(3, random_state=0)
    labels = [np.array([[0.0], [1], [1]])] * isinstance(fitted, ConditionalGAN)
    short, long = (fitted._generate(Z, *labels, np.array(n)) for n in ([2, 3, 5], [5, 7, 8]))
    assert [x.shape for x in long] == [(5, 2), (7, 2), (8, 2)]
    for one, other in zip(short, long, strict=True):
        np.testing.assert_allclose(one, other[: len(one)])


def test_blocks_change_nothing(fitted, X, monkeypatch):
    drawn, p = fitted.sample(9, random_state=0), judged(fitted, X, Y)
    monkeypatch.setattr("espelho.estimators.data.sequences._STATES_AT_ONCE", 3 * 8 * 8 * 6)
    for one, other in zip(fitted.sample(9, random_state=0), drawn, strict=True):
        np.testing.assert_allclose(one, other)
    np.testing.assert_allclose(judged(fitted, X, Y), p)


def test_blocks_leave_packs_whole(X, monkeypatch):
    model = GAN(**TINY, packing=2).fit(X)
    p = model.discriminate(X)
    np.testing.assert_array_equal(p[::2], p[1::2])
    monkeypatch.setattr("espelho.estimators.data.sequences._STATES_AT_ONCE", 3 * 8 * 8 * 6)
    np.testing.assert_allclose(model.discriminate(X), p)


def test_lengths_come_as_often_as_in_the_data(X):
    model = GAN(**{**TINY, "max_epochs": 1}).fit(X)
    lengths = [len(x) for x in X]
    expected = np.bincount(lengths)[1:] / 40
    np.testing.assert_allclose(model.length_frequencies_, expected)
    drawn = np.bincount([len(x) for x in model.sample(3000, random_state=0)])[1:] / 3000
    np.testing.assert_allclose(drawn, expected, atol=0.03)
    assert set(np.flatnonzero(drawn)) == set(np.flatnonzero(expected))


def test_lengths_are_those_of_the_label(X):
    model = ConditionalGAN(**TINY).fit(X, Y)
    np.testing.assert_allclose(model.length_frequencies_.sum(axis=1), 1)
    for label, known in ((0, {3, 4}), (1, {6, 7, 8})):
        assert {len(x) for x in model.sample(200, y=label, random_state=0)} == known
    assert {len(x) for x in model.sample(200, random_state=0)} == {3, 4, 6, 7, 8}


def test_lengths_of_labels_of_several_columns_or_of_a_scale_are_those_of_the_data(X):
    expected = np.bincount([len(x) for x in X])[1:] / 40
    table, scale = np.stack([Y, np.arange(40) % 3], axis=1), np.linspace(0, 1, 40)
    for y, asked in ((table, (0, 2)), (scale, 0.5)):
        model = ConditionalGAN(**{**TINY, "max_epochs": 1}).fit(X, y)
        np.testing.assert_allclose(model.length_frequencies_, expected)
        drawn = [len(x) for x in model.sample(2000, y=asked, random_state=0)]
        np.testing.assert_allclose(np.bincount(drawn)[1:] / 2000, expected, atol=0.03)
        assert model.discriminate(X, y).shape == (40,)


def test_a_label_whose_sequences_are_all_held_out_has_the_lengths_of_all(X):
    y, settings = np.where(np.arange(40) == 7, 2, Y), {**TINY, "max_epochs": 1}
    model = ConditionalGAN(**settings, validation_fraction=0.5).fit(X, y)
    assert model.label_frequencies_[2] == 0
    np.testing.assert_allclose(model.length_frequencies_.sum(axis=1), 1)
    assert len({len(x) for x in model.sample(200, y=2, random_state=0)}) > 2


@pytest.mark.parametrize("conditioning", ["projection", "concatenation", "auxiliary"])
def test_labels_go_with_every_device(X, conditioning):
    y = np.stack([Y, np.linspace(0, 1, 40)], axis=1).astype(object)
    settings = {"packing": 3, "pool": 5, "penalty": "wasserstein", "instance_noise": 0.1}
    model = ConditionalGAN(**TINY, **settings, conditioning=conditioning).fit(X, y)
    assert model.label_kinds_ == ("categorical", "continuous")
    assert all(np.isfinite(x).all() for x in model.sample(5))
    assert model.discriminate(X, y).shape == (40,)


@pytest.mark.parametrize("made", [GAN, ConditionalGAN])
def test_weights_are_rows_that_come_twice(X, made):
    weight = np.where(np.arange(40) % 3 == 0, 2, 1)
    rows = np.repeat(np.arange(40), weight)
    weighted = made(**TINY).fit(X, Y, sample_weight=weight)
    twice = made(**TINY).fit([X[i] for i in rows], Y[rows])
    np.testing.assert_allclose(weighted.length_frequencies_, twice.length_frequencies_)
    np.testing.assert_allclose(weighted.scaling_.shift, twice.scaling_.shift)


def test_the_scaling_is_that_of_all_steps(X):
    model, steps = GAN(**TINY).fit(X), np.concatenate(X)
    np.testing.assert_allclose(model.scaling_.shift, steps.mean(axis=0))
    np.testing.assert_allclose(model.scaling_.scale, steps.std(axis=0))


def test_samples_are_what_the_data_is(X):
    counts = [x[:, 0].round().astype(np.uint8) for x in X]
    drawn = GAN(**TINY).fit(counts).sample(6, random_state=0)
    assert {(x.ndim, x.dtype) for x in drawn} == {(1, np.dtype("uint8"))}
    array = np.stack([x[:3] for x in X]).astype(np.float32)
    settings = {**TINY, "structure": "recurrent"}
    as_array, as_list = (GAN(**settings).fit(data) for data in (array, list(array)))
    as_rows = GAN(**settings, sample_shape=(3, 2)).fit(array.reshape(40, 6))
    expected = as_array.sample(4, random_state=0)
    assert (expected.shape, expected.dtype) == ((4, 3, 2), np.float32)
    np.testing.assert_array_equal(as_list.sample(4, random_state=0), expected)
    np.testing.assert_array_equal(as_rows.sample(4, random_state=0), expected.reshape(4, 6))
    p = as_array.discriminate(array)
    np.testing.assert_array_equal(as_rows.discriminate(array.reshape(40, 6)), p)
    np.testing.assert_allclose(as_list.discriminate(list(array)), p)
    assert GAN(**settings).fit(array[:, :, 0]).sample(4).shape == (4, 3)


def test_the_structure_follows_the_data(X):
    model = GAN(**TINY, channels=(4,))
    assert any(isinstance(m, nn.LSTM) for m in model.fit(X).model_.modules())
    assert model.n_step_features_ == 2
    array = np.stack([x[:3] for x in X])
    model.fit(list(array.reshape(40, 6)))
    assert not any(isinstance(m, nn.LSTM) for m in model.model_.modules())
    assert not hasattr(model, "length_frequencies_")
    assert not hasattr(model, "n_step_features_")
    assert model.sample(2).shape == (2, 6)


@pytest.mark.parametrize(
    "settings",
    [
        {"game": "relativistic", "penalty": "r2", "penalty_every": 2},
        {"packing": 3, "instance_noise": 0.2, "label_smoothing": 0.1},
        {"alternate": "epoch", "averaging": None, "validation_fraction": 0.2, "pool": 8},
        {"optimizer": "rmsprop", "discriminator_updates": 2, "minibatch_deviation": True},
    ],
)
def test_every_setting_trains(X, settings):
    model = GAN(**{**TINY, "hidden_sizes": (5, 4), **settings}).fit(X)
    assert all(np.isfinite(x).all() for x in model.sample(5))
    assert model.discriminate(X).shape == (40,)


def test_the_score_is_about_sequences_of_any_length(X):
    model = GAN(**TINY).fit(X)
    assert model.score(X) == model.score(X) < 0
    longer = [np.concatenate([x, x]) for x in X]
    assert model.score(longer) < model.score(X)
    assert np.isfinite(GAN(**TINY, structure="recurrent").fit(np.stack([x[:3] for x in X]))
                       .score(X))  # fmt: skip


def test_saved_is_loaded(fitted, X, tmp_path):
    again = load(fitted.save(tmp_path / "run"))
    for other in (again, pickle.loads(pickle.dumps(fitted))):
        equal(other.sample(6, random_state=1), fitted.sample(6, random_state=1))
        np.testing.assert_array_equal(judged(other, X, Y), judged(fitted, X, Y))
        assert other.score(X) == fitted.score(X)
    again.partial_fit([x[:3] for x in X], Y)
    assert again.n_epochs_ == 3


class Stop(Callback):
    """Interrupts training, as Ctrl-C does, at a step."""

    def on_step(self, trainer):
        if trainer.position.step == 4:
            trainer._interruption.requested = True


@pytest.mark.parametrize("settings", [{"pool": 6}, {"packing": 2, "penalty_every": 3}])
def test_resumed_is_uninterrupted(X, tmp_path, settings):
    settings = {**TINY, **settings, "max_epochs": 3}
    whole = ConditionalGAN(**settings).fit(X, Y)
    with pytest.warns(EspelhoWarning, match="interrupted"):
        ConditionalGAN(**settings, callbacks=(Checkpoint(tmp_path / "run"), Stop())).fit(X, Y)
    again = resume(tmp_path / "run", X, Y)
    assert same(again, whole)
    equal(again.sample(6, random_state=1), whole.sample(6, random_state=1))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"spectral_norm": True}, "spectral_norm=True and sequences cannot work together"),
        ({"normalization": "batch"}, "normalization='batch' and sequences"),
        ({"shifts": 1}, "shifts=1 and sequences"),
        ({"augmentation": "always"}, "augmentation='always' and sequences"),
        ({"penalty": "dragan"}, "penalty='dragan' and sequences that differ in length"),
        ({"hidden_sizes": ()}, "hidden_sizes must name at least one LSTM layer"),
        ({"discriminator_sizes": ()}, "discriminator_sizes must name at least one LSTM layer"),
        ({"structure": "dense"}, "structure='dense' takes samples of one shape"),
        ({"sample_shape": (8, 2)}, "sample_shape=(8, 2) says what flat rows hold"),
    ],
)
def test_settings_that_cannot_work_say_so(X, settings, said):
    with pytest.raises(SettingError) as raised:
        GAN(**{**TINY, **settings}).fit(X)
    assert said in str(raised.value)


def test_data_that_cannot_be_learned_from_says_so(X):
    with pytest.raises(ShapeError, match="A sequence must have the shape"):
        GAN(**TINY, structure="recurrent").fit(np.ones((4, 3, 2, 2)))
    model = GAN(**TINY, pool=4).fit([x[:4] for x in X[:2]] + [X[0][:2]])
    with pytest.raises(ShapeError, match="The pool keeps sequences of up to 4 steps"):
        model.partial_fit(X)
    with pytest.raises(ShapeError, match="3 features a step"):
        model.discriminate([np.ones((5, 3)), np.ones((2, 3))])
    equal_ones = np.stack([x[:3] for x in X])
    settings = {**TINY, "structure": "recurrent", "penalty": "dragan"}
    assert GAN(**settings).fit(equal_ones).sample(2).shape == (2, 3, 2)
