"""Any autoencoder can sample once it is said what its codes are drawn from."""

import signal

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

import espelho
from espelho.errors import DivergenceError, SettingError
from espelho.estimators.autoencoders.codes.matched_codes import fit_moment_matching
from espelho.evaluation import latent_regularity
from espelho.training.callbacks.base import Callback

SAMPLERS = ("normal", "gaussian-mixture", "kernel-density", "moment-matching")
TINY = {"latent_dim": 2, "max_epochs": 2, "random_state": 0}
RNG = np.random.default_rng(0)
VECTORS = RNG.normal(size=(60, 5)).astype(np.float32)
IMAGES = RNG.integers(0, 256, size=(40, 1, 8, 8)).astype(np.uint8)
SEQUENCES = [RNG.normal(size=(n, 2)) for n in (6, 9, 5, 9, 7, 8)]

STRUCTURES = {
    "dense": (espelho.Autoencoder(hidden_sizes=(8,), **TINY), VECTORS, (5,), np.float32),
    "dense, images": (espelho.Autoencoder(hidden_sizes=(8,), **TINY), IMAGES, (1, 8, 8), np.uint8),
    "stacked": (espelho.StackedAutoencoder(hidden_sizes=(4,), **TINY), VECTORS, (5,), np.float32),
    "sparse": (espelho.SparseAutoencoder(**TINY), VECTORS, (5,), np.float32),
    "contractive": (espelho.ContractiveAutoencoder(**TINY), VECTORS, (5,), np.float32),
    "denoising": (espelho.DenoisingAutoencoder(**TINY), VECTORS, (5,), np.float32),
    "robust": (espelho.RobustAutoencoder(**TINY), VECTORS, (5,), np.float32),
    "convolutional": (
        espelho.ConvolutionalAutoencoder(channels=(2,), **TINY), IMAGES, (1, 8, 8), np.uint8,
    ),
    "variational": (espelho.VariationalAutoencoder(**TINY), VECTORS, (5,), np.float32),
    "lstm": (espelho.LSTMAutoencoder(hidden_sizes=(4,), **TINY), SEQUENCES, (9, 2), np.float64),
}  # fmt: skip


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("name", STRUCTURES)
def test_samples_are_as_the_data_and_the_same_after_saving(name, sampler, tmp_path):
    model, X, shape, dtype = STRUCTURES[name]
    model = clone(model).set_params(sampler=sampler)
    if sampler == "moment-matching":
        model.set_params(sampler_updates=3)
    model.fit(X)

    drawn = model.sample(7, random_state=3)

    assert (drawn.shape, drawn.dtype) == ((7, *shape), dtype)
    codes = model.sample_codes(7, random_state=3)
    np.testing.assert_array_equal(model.inverse_transform(codes), drawn)
    loaded = espelho.load(model.save(tmp_path / "run"))
    np.testing.assert_array_equal(loaded.sample(7, random_state=3), drawn)
    again = espelho.load(loaded.save(tmp_path / "run", overwrite=True))
    np.testing.assert_array_equal(again.sample(7, random_state=3), drawn)
    assert not np.array_equal(model.sample(7, random_state=4), drawn)


class Doubled(torch.nn.Module):
    """A map that learns nothing: codes are half the data."""

    def __init__(self, factor):
        super().__init__()
        self.factor = torch.nn.Parameter(torch.tensor(factor), requires_grad=False)
        self.idle = torch.nn.Parameter(torch.tensor(0.0))

    def forward(self, x):
        return self.factor * x + self.idle * 0


def two_clusters(sampler, n=400, **settings):
    """Return a fitted autoencoder whose codes lie in two clusters, and the data."""
    which = np.random.default_rng(0).integers(0, 2, n)[:, np.newaxis]
    X = np.random.default_rng(1).normal(size=(n, 2)) * 0.1 + np.where(which, 5.0, -5.0)
    networks = {"encoder": Doubled(0.5), "decoder": Doubled(2.0), "latent_dim": 2}
    model = espelho.Autoencoder(
        **networks, scaling="none", max_epochs=1, random_state=0, sampler=sampler, **settings
    )
    return model.fit(X), X


def points(model):
    """Return the codes around which a kernel density lies."""
    sampler = model.sampler_
    return sampler.shift + sampler.scale * sampler.base.points


def distances(drawn, X):
    return np.linalg.norm(drawn[:, np.newaxis] - X, axis=2).min(axis=1)


@pytest.mark.parametrize("sampler", ["gaussian-mixture", "kernel-density"])
def test_what_is_fitted_finds_both_clusters_and_a_standard_normal_does_not(sampler):
    model, X = two_clusters(sampler)
    normal, _ = two_clusters("normal")

    drawn = model.sample(200, random_state=0)

    assert np.quantile(distances(drawn, X), 0.95) < 0.3
    assert 0.35 < (drawn[:, 0] > 0).mean() < 0.65
    assert np.quantile(distances(normal.sample(200, random_state=0), X), 0.5) > 2


def test_the_mixture_has_the_components_that_were_asked_for():
    model, _ = two_clusters("gaussian-mixture", sampler_components=2)
    mixture = model.sampler_
    means = mixture.shift + mixture.scale * np.asarray(mixture.base.means)
    centres = means[np.argsort(means[:, 0])]

    np.testing.assert_allclose(centres, [[-2.5, -2.5], [2.5, 2.5]], atol=0.05)


def test_a_bandwidth_is_in_standard_deviations_of_the_codes():
    model, X = two_clusters("kernel-density", sampler_bandwidth=0.25)

    assert model.sampler_.base.bandwidth == 0.25
    np.testing.assert_allclose(model.sampler_.scale, model.transform(X).std(0))


def test_a_row_of_weight_zero_has_no_part_and_a_heavy_one_a_large_part():
    X = np.concatenate([np.full((50, 2), -1.0), np.full((50, 2), 1.0), np.full((50, 2), 9.0)])
    weight = np.repeat([1.0, 4.0, 0.0], 50)
    model, _ = two_clusters("kernel-density", sampler_bandwidth=1e-6)

    drawn = model.fit_sampler(X, sample_weight=weight).sample(2000, random_state=0)
    fitted = clone(model).fit(X, sample_weight=weight).sample(2000, random_state=0)

    for found in (drawn, fitted):
        assert found.max() < 2
        assert (found[:, 0] > 0).mean() == pytest.approx(0.8, abs=0.04)


def test_a_sampler_can_be_set_and_fitted_afterwards(tmp_path):
    plain = espelho.Autoencoder(hidden_sizes=(8,), **TINY).fit(VECTORS)
    known = clone(plain).set_params(sampler="gaussian-mixture").fit(VECTORS)

    plain.set_params(sampler="gaussian-mixture")
    with pytest.raises(NotFittedError, match=r"trained without it. Call fit_sampler"):
        plain.sample()
    drawn = plain.fit_sampler(VECTORS).sample(5, random_state=0)

    np.testing.assert_array_equal(drawn, known.sample(5, random_state=0))
    loaded = espelho.load(plain.save(tmp_path / "run"))
    np.testing.assert_array_equal(loaded.sample(5, random_state=0), drawn)
    loaded.set_params(sampler="kernel-density").fit_sampler(pd.DataFrame(VECTORS))
    assert type(loaded.sampler_.base).__name__ == "KernelDensity"


class Interrupt(Callback):
    """Ends the training at the first step, as Ctrl-C does."""

    def on_step(self, trainer):
        signal.raise_signal(signal.SIGINT)


def test_a_sampler_takes_the_place_of_the_distribution_that_codes_were_learned_to_have():
    model = espelho.VariationalAutoencoder(**TINY).fit(VECTORS)
    by_prior = model.sample_codes(500, random_state=0)

    model.set_params(sampler="gaussian-mixture", sampler_components=1).fit_sampler(VECTORS)
    fitted = model.sample_codes(500, random_state=0)

    np.testing.assert_array_equal(by_prior, np.random.default_rng(0).normal(size=(500, 2)))
    assert by_prior.std(axis=0) == pytest.approx(1, rel=0.1)
    np.testing.assert_allclose(fitted.std(axis=0), model.transform(VECTORS).std(axis=0), rtol=0.1)


def test_an_interrupted_training_can_sample():
    model = espelho.Autoencoder(sampler="gaussian-mixture", callbacks=[Interrupt()], **TINY)
    with pytest.warns(UserWarning, match="interrupted"):
        model.fit(VECTORS)

    assert model.sample(3).shape == (3, 5)


def test_more_training_fits_what_is_drawn_from_anew():
    model = espelho.Autoencoder(hidden_sizes=(8,), sampler="kernel-density", **TINY).fit(VECTORS)
    before = model.sampler_

    model.partial_fit(VECTORS[:30])
    np.testing.assert_allclose(points(model), model.transform(VECTORS[:30]), atol=1e-6)
    model.set_params(warm_start=True).fit(VECTORS)
    np.testing.assert_allclose(points(model), model.transform(VECTORS), atol=1e-6)
    assert not np.array_equal(model.sampler_.shift, before.shift)
    model.set_params(sampler="none").fit(VECTORS)
    assert not hasattr(model, "sample")
    assert not hasattr(model, "sampler_")


def test_a_resumed_run_draws_as_one_that_was_never_stopped(tmp_path):
    settings = {**TINY, "max_epochs": 4, "hidden_sizes": (8,), "sampler": "gaussian-mixture"}
    whole = espelho.Autoencoder(**settings).fit(VECTORS)
    checkpoint = espelho.Checkpoint(tmp_path / "run")
    espelho.Autoencoder(**{**settings, "max_epochs": 2}, callbacks=[checkpoint]).fit(VECTORS)

    resumed = espelho.resume(tmp_path / "run", VECTORS, max_epochs=4)

    loaded = espelho.load(tmp_path / "run")
    for model in (resumed, loaded):
        drawn = model.sample(5, random_state=0)
        np.testing.assert_array_equal(drawn, whole.sample(5, random_state=0))


def test_a_training_that_diverges_leaves_nothing_of_the_one_before():
    model = espelho.Autoencoder(sampler="normal", **TINY).fit(VECTORS)
    model.set_params(learning_rate=1e30, optimizer="sgd")
    with pytest.raises(DivergenceError):
        model.fit(VECTORS)
    with pytest.raises(NotFittedError, match="Call fit_sampler"):
        model.sample()


def test_of_many_rows_those_evenly_spread_are_used(tmp_path, monkeypatch):
    monkeypatch.setattr("espelho.estimators.autoencoders.codes.latent_sampling._ROWS", 20)
    np.save(tmp_path / "X.npy", VECTORS)
    stored = espelho.load_data(tmp_path / "X.npy", memory_limit=0).X
    for X in (VECTORS, stored):
        model = espelho.Autoencoder(sampler="kernel-density", **TINY).fit(X)
        expected = model.transform(VECTORS[1::3])
        np.testing.assert_allclose(points(model), expected, atol=1e-5)
        model.fit_sampler(X, sample_weight=np.repeat([1e-3, 3.0], 30))
        used = points(model)
        assert len(used) == 20


def test_numbers_of_samples_and_settings_are_checked():
    model = espelho.Autoencoder(sampler="normal", **TINY).fit(VECTORS)
    for n in (0, -3, 2.0, True):
        with pytest.raises(SettingError, match="n must be a whole number of at least 1"):
            model.sample(n)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sampler": "gaussian-mixtur"}, r"Did you mean 'gaussian-mixture'"),
        (
            {"sampler": "gaussian-mixture", "sampler_components": 61},
            "sampler_components=61 must be at most .* which is 60",
        ),
        (
            {"sampler": "normal", "sampler_components": 2},
            "sampler_components and sampler='normal'",
        ),
        ({"sampler": "kernel-density", "sampler_updates": 9}, "Use sampler='moment-matching'"),
        ({"sampler_bandwidth": 0.1}, "sampler_bandwidth and sampler='none' cannot work together"),
        ({"sampler": "kernel-density", "sampler_bandwidth": 0.0}, "sampler_bandwidth .* greater"),
        (
            {"sampler": "gaussian-mixture", "sampler_components": 0},
            "sampler_components .* greater",
        ),
    ],
)
def test_settings_that_cannot_be_are_told_before_training(settings, message):
    model = espelho.Autoencoder(**settings, **TINY)
    with pytest.raises(SettingError, match=message):
        model.fit(VECTORS)
    assert not hasattr(model, "model_")


def test_a_network_draws_as_the_one_that_was_trained():
    """The layers taken out of a moment matching network make the same of the same noise."""
    codes = np.random.default_rng(0).normal(size=(300, 3)) * [1.0, 5.0, 0.1] + 7
    found = fit_moment_matching(codes, 2, seed=5, device="cpu")
    scaled = (codes - codes.mean(axis=0)) / codes.std(axis=0)
    network = espelho.MomentMatchingNetwork(
        latent_dim=3, batch_size=200, max_epochs=2, schedule="cosine", scaling="none",
        precision="float32", random_state=5, learning_rate=1e-2,
        bandwidths=tuple(6**0.5 * width for width in (0.25, 0.5, 1, 2)),
    ).fit(scaled)  # fmt: skip

    expected = network.sample(9, random_state=0) * codes.std(axis=0) + codes.mean(axis=0)

    np.testing.assert_allclose(found.sample(9, random_state=0), expected, rtol=1e-4)


def test_a_network_comes_nearer_to_codes_than_a_normal_distribution_of_their_moments():
    model, X = two_clusters("moment-matching", sampler_updates=100)

    found = latent_regularity(model, X)

    assert found.distance < 0.25 * found.normal_distance


def test_a_network_needs_two_rows():
    model = espelho.Autoencoder(sampler="moment-matching", **TINY)
    with pytest.raises(SettingError, match="there is one row"):
        model.fit(VECTORS[:1])


def test_there_is_nothing_to_fit_without_a_sampler():
    model = espelho.Autoencoder(**TINY).fit(VECTORS)
    with pytest.raises(SettingError, match="Set sampler='gaussian-mixture' first"):
        model.fit_sampler(VECTORS)
    model.set_params(sampler="gaussian-mixture", sampler_components=50)
    with pytest.raises(SettingError, match="which is 40"):
        model.fit_sampler(VECTORS, sample_weight=np.repeat([1.0, 0.0], [40, 20]))


def test_samples_need_a_fitted_model():
    with pytest.raises(NotFittedError):
        espelho.Autoencoder(sampler="normal").sample()
