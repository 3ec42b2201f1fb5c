"""The generative adversarial network as an estimator: samples, settings, runs, bad input."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits
from torch import nn

from espelho import GAN, Checkpoint, ConditionalGAN, load, resume
from espelho.errors import DataError, EspelhoWarning, SettingError, ShapeError
from espelho.random_variables import Sampler
from espelho.training.callbacks.base import Callback

TINY = {
    "hidden_sizes": (16,),
    "discriminator_sizes": (16,),
    "channels": (4, 6),
    "max_epochs": 2,
    "random_state": 0,
}
IMAGES = (1, 8, 8)


@pytest.fixture(scope="module")
def digits():
    return load_digits().data[:120]


def fitted(X, **settings):
    return GAN(**{**TINY, **settings}).fit(X)


def same(a, b, atol=0):
    a, b = a.model_.state_dict(), b.model_.state_dict()
    return a.keys() == b.keys() and all(torch.allclose(a[n], b[n], rtol=0, atol=atol) for n in a)


def kinds(network):
    return {type(module) for module in network.modules()}


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int64"])
def test_samples_have_the_shape_and_type_of_the_data(digits, dtype):
    X = digits.astype(dtype)
    model = fitted(X)
    drawn = model.sample(5, random_state=0)
    assert drawn.dtype == dtype
    assert drawn.shape == (5, 64)
    assert isinstance(model, Sampler)
    np.testing.assert_array_equal(drawn, model.sample(5, random_state=0))
    assert not np.array_equal(drawn, model.sample(5, random_state=1))


@pytest.mark.parametrize("shape", [(8, 8), (1, 8, 8), (4, 4, 4), (2, 8, 4)])
def test_images_have_convolutions_and_come_out_as_they_came_in(digits, shape):
    X = digits.reshape(-1, *shape)
    model = fitted(X)
    assert nn.ConvTranspose2d in kinds(model.model_.generator)
    assert nn.Conv2d in kinds(model.model_.discriminator)
    assert model.sample(3).shape == (3, *shape)


@pytest.mark.parametrize("size", [(4, 4), (5, 7), (13, 6)])
@pytest.mark.parametrize("channels", [1, 3])
def test_images_of_any_size_have_samples(size, channels):
    X = np.random.default_rng(0).integers(0, 256, (20, channels, *size)).astype("uint8")
    drawn = fitted(X, max_epochs=1).sample(2)
    assert drawn.shape == (2, channels, *size)
    assert drawn.dtype == np.uint8


def test_the_structure_can_be_chosen(digits):
    flat = fitted(digits, sample_shape=IMAGES, structure="dense")
    assert nn.Conv2d not in kinds(flat.model_)
    signal = fitted(digits, structure="convolutional")
    assert nn.Conv1d in kinds(signal.model_) or nn.Conv2d in kinds(signal.model_)
    assert signal.sample(2).shape == (2, 64)


@pytest.mark.parametrize(
    "of", [lambda X: pd.DataFrame(X).add_prefix("pixel"), sparse.csr_array, torch.from_numpy, list]
)
def test_it_learns_the_same_from_any_container(digits, of):
    assert same(fitted(of(digits)), fitted(digits), atol=1e-9)


@pytest.mark.parametrize(
    "settings",
    [
        {"game": "relativistic", "noise": "uniform"},
        {"game": "wasserstein", "discriminator_updates": 3},
        {"game": "wasserstein", "spectral_norm": True},
        {"game": "least-squares", "label_smoothing": 0.1},
        {"game": "hinge", "spectral_norm": True, "minibatch_deviation": True},
        {"penalty": "r2", "penalty_every": 2},
        {"penalty": "dragan", "penalty_weight": 1.0, "generator_updates": 2},
        {"penalty": "none", "instance_noise": 0.2},
        {"alternate": "epoch", "max_epochs": 4, "discriminator_learning_rate": 1e-3},
        {"optimizer": "rmsprop", "averaging": None, "normalization": "layer", "shifts": 1},
        {"optimizer_options": {"betas": (0.0, 0.9)}, "learning_rate": 1e-4},
    ],
)
@pytest.mark.parametrize("shape", [None, IMAGES])
def test_every_setting_trains(digits, settings, shape):
    if shape is None:
        settings = {**settings, "shifts": 0}
    model = fitted(digits, sample_shape=shape, **settings)
    assert np.isfinite(model.sample(3)).all()
    assert all(
        np.isfinite(v)
        for record in model.history_.records
        for v in record.values()
        if isinstance(v, float)
    )


@pytest.mark.parametrize(
    ("settings", "terms"),
    [
        ({}, {"r1"}),
        ({"game": "wasserstein"}, {"wasserstein"}),
        ({"spectral_norm": True}, set()),
        ({"penalty": "r2", "spectral_norm": True}, {"r2"}),
        ({"penalty": "dragan"}, {"dragan"}),
        ({"penalty_weight": 0}, set()),
        ({"penalty": "none"}, set()),
    ],
)
def test_the_penalty_suits_the_other_settings(digits, settings, terms):
    model = fitted(digits, max_epochs=1, **settings)
    found = {name.split("/")[1] for name in model.history_.records[0] if "discriminate/" in name}
    assert found == {"real", "fake"} | terms


def test_defaults_suit_the_structure(digits):
    assert GAN()._optimizer_options() == {"betas": (0.5, 0.99)}
    assert GAN(optimizer="sgd")._optimizer_options() == {}
    assert nn.BatchNorm2d in kinds(fitted(digits, sample_shape=IMAGES).model_.generator)
    assert nn.BatchNorm1d not in kinds(fitted(digits).model_.generator)
    assert [fitted(X, max_epochs=1).latent_dim_ for X in (digits, digits[:, 20:22])] == [32, 2]
    assert fitted(digits, max_epochs=1, latent_dim=3).sample_codes(2).shape == (2, 3)


def test_the_generator_is_averaged_with_its_buffers(digits):
    averaged = fitted(digits, sample_shape=IMAGES)
    last = fitted(digits, sample_shape=IMAGES, averaging=None)
    assert (
        averaged.history_.records[0]["generate/fool"] == last.history_.records[0]["generate/fool"]
    )
    a, b = averaged.model_.generator.state_dict(), last.model_.generator.state_dict()
    floats = [name for name in a if a[name].is_floating_point()]
    assert any("running_var" in name for name in floats)
    assert not any(torch.equal(a[name], b[name]) for name in floats)


def test_the_score_is_higher_for_data_it_has_learned(digits):
    X = np.random.default_rng(0).normal(3, 1, (200, 2))
    model = fitted(X, max_epochs=40)
    assert model.score(X) == model.score(X)
    assert model.score(X) > model.score(X + 10)


def test_the_discriminator_gives_probabilities(digits):
    model = fitted(digits)
    p = model.discriminate(digits)
    x = torch.from_numpy(model.scaling_.forward(digits))
    torch.testing.assert_close(
        torch.from_numpy(p), model.model_.discriminator(x).sigmoid().detach()
    )
    assert model.discriminate(digits[:1]).shape == (1,)


@pytest.mark.parametrize("shape", [None, IMAGES])
def test_weights_of_two_and_rows_given_twice_have_the_same_scaling(digits, shape):
    weight = np.r_[np.full(60, 2.0), np.ones(60)]
    model = fitted(digits, sample_shape=shape).fit(digits, sample_weight=weight)
    twice = fitted(np.concatenate([digits, digits[:60]]), sample_shape=shape)
    np.testing.assert_allclose(model.scaling_.shift, twice.scaling_.shift)
    assert model.median_distance_ == pytest.approx(twice.median_distance_, rel=0.05)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"sample_shape": IMAGES, "minibatch_deviation": True, "latent_dim": 5},
        {"spectral_norm": True, "game": "hinge"},
        {"penalty_every": 3, "structure": "convolutional", "optimizer_options": {"eps": 1e-6}},
    ],
)
def test_saved_is_loaded(digits, tmp_path, settings):
    model = fitted(digits, **settings)
    for again in (load(model.save(tmp_path / "run")), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(
            again.sample(4, random_state=1), model.sample(4, random_state=1)
        )
        assert again.score(digits) == model.score(digits)
        assert repr(again) == repr(model)
    again.partial_fit(digits)
    assert again.n_epochs_ == 3
    assert same(clone(model).fit(digits), model)


class Stop(Callback):
    """Interrupts training, as Ctrl-C does, at a step."""

    def __init__(self, step):
        self.step = step

    def on_step(self, trainer):
        if trainer.position.step == self.step:
            trainer._interruption.requested = True


@pytest.mark.parametrize(
    "settings",
    [
        {"penalty_every": 3, "discriminator_updates": 2},
        {"sample_shape": IMAGES, "instance_noise": 0.3},
        {"spectral_norm": True, "shifts": 0},
        {"alternate": "epoch", "generator_updates": 2},
    ],
)
def test_resumed_is_uninterrupted(digits, tmp_path, settings):
    settings = {**TINY, **settings, "max_epochs": 3, "batch_size": 30}
    whole = GAN(**settings).fit(digits)
    with pytest.warns(EspelhoWarning, match="interrupted"):
        GAN(**settings, callbacks=(Checkpoint(tmp_path / "run"), Stop(6))).fit(digits)
    again = resume(tmp_path / "run", digits)
    assert same(again, whole)
    assert again.history_.figures == whole.history_.figures


def test_warm_start_goes_on_and_refuses_other_rules(digits):
    model = fitted(digits, warm_start=True)
    before = model.model_
    assert model.fit(digits).model_ is before
    with pytest.raises(SettingError, match="whose spectral_norm is False, not True"):
        model.set_params(spectral_norm=True).fit(digits)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"batch_size": 1}, "batch_size of GAN must be at least 2, got 1"),
        ({"penalty": "none", "penalty_weight": 1.0}, "penalty_weight=1.0 weighs no penalty"),
        ({"game": "wasserstein", "penalty": "none"}, "nothing limits how fast"),
        ({"game": "wasserstein", "penalty_weight": 0}, "nothing limits how fast"),
        ({"game": "wasserstien"}, "Did you mean 'wasserstein'?"),
        ({"label_smoothing": 1.0}, "label_smoothing of GAN must be less than 1"),
        ({"structure": "recursive"}, "structure of GAN must be"),
    ],
)
def test_settings_that_cannot_work_say_so(digits, settings, said):
    with pytest.raises(SettingError) as raised:
        fitted(digits, **settings)
    assert said in str(raised.value)


@pytest.mark.parametrize("shape", [(3, 8), (1, 2, 2), (3, 5, 3)])
def test_images_that_are_too_small_say_so(shape):
    X = np.random.default_rng(0).normal(size=(10, *shape))
    with pytest.raises(ShapeError, match="at least 4 x 4 pixels"):
        fitted(X)
    assert fitted(X, structure="dense").sample(2).shape == (2, *shape)


@pytest.mark.parametrize("X", [np.ones((10, 8, 8)), np.tile(np.arange(64.0), (10, 1))])
def test_samples_that_are_all_the_same_say_so(X):
    with pytest.raises(DataError, match="10 samples that are all the same"):
        fitted(X)
    with pytest.raises(DataError, match="all the same"):
        fitted(sparse.csr_array(X.reshape(10, -1)))


def test_one_sample_says_so(digits):
    with pytest.raises(DataError, match="1 sample, and GAN compares samples"):
        fitted(digits[:1])
    with pytest.raises(DataError, match="it needs at least 2"):
        fitted(digits).score(digits[:1])


def test_a_last_batch_of_one_is_no_trouble(digits):
    assert fitted(digits[:61], sample_shape=IMAGES, batch_size=20).n_epochs_ == 2


@pytest.mark.parametrize(("n_rows", "epochs"), [(8, 400), (2250, 400), (48_000, 20), (10**7, 1)])
def test_many_rows_are_seen_fewer_times_than_few(n_rows, epochs):
    steps = epochs * -(-n_rows // 64)
    assert GAN()._epochs(n_rows) == epochs
    assert steps >= 15_000 or epochs == 400


def test_epochs_that_are_asked_for_are_those_that_are_trained(digits):
    few, tiny = digits[:8, 20:24], {"hidden_sizes": (2,), "discriminator_sizes": (2,)}
    assert GAN(**tiny, max_epochs=2).fit(few).n_epochs_ == 2
    assert GAN(**tiny).fit(few).n_epochs_ == 400
    assert GAN(**tiny).partial_fit(few).n_epochs_ == 1


def test_slopes_weigh_more_where_samples_are_images(digits):
    images = digits.reshape(-1, 8, 8)
    (_, weight) = fitted(images).model_.contest.penalties["r1"]
    (_, of_rows) = fitted(images, structure="dense").model_.contest.penalties["r1"]
    labelled = ConditionalGAN(**TINY).fit(images, np.arange(len(images)) % 2)
    assert weight == pytest.approx(500 * of_rows)
    assert labelled.model_.contest.penalties["r1"][1] == pytest.approx(of_rows)
