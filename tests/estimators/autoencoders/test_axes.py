"""Structures, losses, corruptions and penalties combine freely: every pair is tried."""

from itertools import combinations, product

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

import espelho
from espelho.data.scaling import Scaling
from espelho.errors import SettingError
from espelho.losses.correntropy import median_bandwidth
from espelho.testing import check_plan
from espelho.training.batches import Batch
from espelho.training.environment.processes import Processes

DIGITS = load_digits()
AXES = {
    "structure": {
        "dense": {},
        "deep": {"hidden_sizes": (12, 6)},
        "tied": {"tied": True},
        "convolutional": {"channels": (3, 4), "hidden_sizes": (5,)},
        "normalised": {"hidden_sizes": (6,), "normalization": "batch"},
        "thinned": {"hidden_sizes": (6,), "dropout": 0.3},
    },
    "loss": {
        name: {"loss": name}
        for name in ("squared_error", "absolute_error", "bernoulli", "correntropy")
    },
    "corruption": {
        "none": {},
        "masking": {"corruption": "masking"},
        "counted": {"corruption": "masking", "corruption_count": 9},
        "gaussian": {"corruption": "gaussian"},
        "salt and pepper": {"corruption": "salt_and_pepper"},
    },
    "sparsity": {
        "none": {},
        "kl": {"sparsity": 0.5},
        "remembered": {"sparsity": 0.5, "sparsity_memory": 0.8},
        "l1": {"sparsity": 0.1, "sparsity_kind": "l1"},
        "k": {"active_units": 2},
    },
    "contraction": {
        "none": {},
        "auto": {"contraction": 0.1},
        "probes": {"contraction": 0.1, "contraction_method": "hutchinson"},
    },
    "decay": {"none": {}, "decay": {"weight_decay": 1e-3}},
    "latent": {
        "point": {},
        "normal": {"latent": "gaussian"},
        "importance": {"latent": "gaussian", "importance_samples": 2, "kl_warm_up": 1},
    },
    "pretraining": {"none": {}, "greedy": {"pretraining": "greedy", "pretraining_epochs": 1}},
}
REFUSED = {
    ("convolutional", "greedy"),
    *product(("normal", "importance"), ["greedy"]),
    *product(["correntropy"], ("normal", "importance")),
}
FIXED = {"max_epochs": 2, "batch_size": 40, "latent_dim": 4, "random_state": 0}


def made(**choices):
    settings = dict(FIXED)
    for axis, choice in choices.items():
        settings |= AXES[axis][choice]
    cls = espelho.Autoencoder
    if "channels" in settings:
        cls = espelho.ConvolutionalAutoencoder
    return cls(**{"hidden_sizes": (), "code_activation": "logistic", **settings})


def pairs():
    for first, second in combinations(AXES, 2):
        for one, other in product(AXES[first], AXES[second]):
            if not {"none", "point"} & {one, other} and (one, other) not in REFUSED:
                yield {first: one, second: other}


@pytest.mark.parametrize("choices", list(pairs()), ids=lambda c: "-".join(c.values()))
def test_every_pair_trains_and_obeys_the_laws(choices):
    X = DIGITS.images[:120]
    model = made(**choices).fit(X)

    assert np.isfinite(model.history_["reconstruct"]).all()
    assert model.reconstruct(X).shape == X.shape
    assert np.array_equal(model.transform(X), model.transform(X))
    shape = model._network_shape()
    x = torch.rand(8, *shape, dtype=next(model.model_.parameters()).dtype)
    divergence = choices.get("sparsity") in ("kl", "remembered")
    if not (choices.get("pretraining") == "greedy" and choices.get("structure") == "tied"):
        check_plan(model.model_, Batch(x), not_means=["reconstruct/sparsity"] * divergence)


@pytest.mark.parametrize(
    "choices",
    [
        {
            "structure": "convolutional",
            "corruption": "masking",
            "sparsity": "kl",
            "decay": "decay",
        },
        {"structure": "deep", "loss": "correntropy", "corruption": "salt and pepper"},
        {
            "structure": "tied",
            "loss": "bernoulli",
            "corruption": "gaussian",
            "contraction": "auto",
        },
    ],
    ids=lambda c: "-".join(c.values()),
)
def test_triples_learn_and_are_saved_and_resumed(choices, tmp_path):
    X, more = DIGITS.images, {"max_epochs": 6, "validation_fraction": 0.1}
    model = made(**choices).set_params(**more).fit(X)

    losses = model.history_["validation/reconstruct"]
    assert losses[-1] < losses[0]
    again = espelho.load(model.save(tmp_path / "saved"))
    np.testing.assert_array_equal(again.transform(X), model.transform(X))
    np.testing.assert_array_equal(again.score_samples(X), model.score_samples(X))
    run = tmp_path / "run"
    half = made(**choices).set_params(**{**more, "max_epochs": 3})
    half.set_params(callbacks=(espelho.Checkpoint(run),)).fit(X)
    resumed = espelho.resume(run, X, max_epochs=6)
    for name, value in model.model_.state_dict().items():
        assert torch.equal(resumed.model_.state_dict()[name], value), name


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"bandwidth": 1.0}, "bandwidth and loss='squared_error'"),
        ({"corruption_count": 3}, "corruption_count and corruption='none'"),
        ({"corruption": "masking", "corruption_level": 1.5}, "corruption_level"),
        ({"loss": "bernoulli", "scaling": "standard"}, "scaling='standard'"),
        ({"loss": "bernoulli", "output_activation": "relu"}, "output_activation='relu'"),
        (
            {"contraction": 1.0, "contraction_method": "exact", "normalization": "batch"},
            "exact contraction",
        ),
        ({"corruption": "masking", "corruption_count": 99}, "99"),
    ],
)
def test_what_cannot_work_together_is_one_error_that_names_both(settings, said):
    with pytest.raises(SettingError, match=said):
        espelho.Autoencoder(**{**FIXED, **settings}).fit(DIGITS.data)


def test_the_kernels_width_is_the_median_deviation_in_scaled_units_or_what_was_asked():
    X = DIGITS.data
    model = espelho.RobustAutoencoder(**FIXED).fit(X)

    scaled = Scaling.fit(X, "standard").forward(X)
    assert model.bandwidth_ == pytest.approx(median_bandwidth(torch.from_numpy(scaled)))
    chosen = espelho.RobustAutoencoder(**FIXED, bandwidth=0.7).fit(X)
    assert chosen.bandwidth_ == 0.7
    at_best = chosen.score_samples(X).max()
    assert at_best <= 64 / (np.sqrt(2 * np.pi) * 0.7)


def test_nothing_is_corrupted_once_a_model_is_fitted():
    X = DIGITS.data
    plain = espelho.Autoencoder(**FIXED).fit(X)
    spoiled = espelho.DenoisingAutoencoder(**FIXED, corruption_level=0.9).fit(X)
    spoiled.model_.load_state_dict(plain.model_.state_dict())

    np.testing.assert_array_equal(spoiled.reconstruct(X), plain.reconstruct(X))
    np.testing.assert_array_equal(spoiled.denoise(X), spoiled.reconstruct(X))


def test_salt_and_pepper_are_the_least_and_the_greatest_value_of_each_column():
    X = DIGITS.data
    model = espelho.DenoisingAutoencoder(**FIXED, corruption="salt_and_pepper").fit(X)

    seen = model.model_.objective.corruption(torch.zeros(4000, 64, dtype=torch.float64))
    seen = model.scaling_.inverse(seen.numpy())
    changed = np.abs(seen - model.scaling_.inverse(np.zeros((1, 64)))) > 1e-9
    expected = np.where(seen > seen.mean(axis=0), X.max(axis=0), X.min(axis=0))
    varies = X.std(axis=0) > 0
    assert changed[:, varies].mean() == pytest.approx(0.3, abs=0.02)
    np.testing.assert_allclose(
        seen[:, varies][changed[:, varies]], expected[:, varies][changed[:, varies]], atol=1e-4
    )


def test_sparse_codes_are_less_active_and_k_sparse_ones_have_k_units():
    X = DIGITS.data
    settings = {"latent_dim": 32, "max_epochs": 20, "learning_rate": 0.01, "random_state": 0}
    sparse = espelho.SparseAutoencoder(**settings).fit(X)
    kept = espelho.Autoencoder(hidden_sizes=(), active_units=5, **settings).fit(X)

    activity = sparse.unit_activity(X)
    np.testing.assert_allclose(activity, sparse.transform(X).mean(axis=0), rtol=1e-9)
    assert activity.mean() < 0.25
    assert set((kept.transform(X) != 0).sum(axis=1)) == {5}


@pytest.mark.parametrize("shape", [(1, 7, 5), (3, 8, 6), (9, 11), (1, 1, 13)])
def test_images_of_any_size_come_back_in_their_shape_and_type(shape):
    X = np.random.default_rng(0).integers(0, 256, (50, *shape)).astype(np.uint8)

    model = espelho.ConvolutionalAutoencoder(max_epochs=1, random_state=0).fit(X)

    assert model.reconstruct(X).shape == X.shape
    assert model.reconstruct(X).dtype == np.uint8
    flat = X.reshape(50, -1)
    rows = espelho.ConvolutionalAutoencoder(max_epochs=1, random_state=0, sample_shape=shape)
    np.testing.assert_array_equal(rows.fit_transform(flat), model.transform(X))


def test_the_sparsity_penalty_is_that_of_all_processes_together():
    """The mean activity over two parts, with their weights, as two processes take it."""
    from espelho.models.autoencoders import sparsity as module
    from espelho.models.autoencoders.sparsity import Sparsity

    z = torch.rand(10, 3, dtype=torch.float64, requires_grad=True)
    weight = torch.rand(10, dtype=torch.float64)
    penalty = Sparsity("kl", 2.0, target=0.1, activity=module_activity(), width=3)
    whole = penalty(z, weight)
    (slope,) = torch.autograd.grad(whole, z)
    total = torch.cat([weight @ z.detach(), weight.sum().reshape(1)])
    sizes = (4, 6)

    class Two(Processes):
        def add(self, tensor):
            return total

    for divided in (False, True):
        found = torch.zeros_like(slope)
        for start, n in zip((0, 4), sizes, strict=True):
            rows, own = slice(start, start + n), n / 10
            two = Two(1, 2)
            two.share, two.divided = own, divided
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(module, "current", lambda two=two: two)
                part = penalty(z[rows], weight[rows] * (own * 2 if divided else 1))
            torch.testing.assert_close(part, whole)
            counted = 1 / 2 if divided else own
            found += counted * torch.autograd.grad(part, z)[0]
        torch.testing.assert_close(found, slope)


def module_activity():
    from espelho.losses.penalties.sparsity import ACTIVITIES

    return ACTIVITIES["logistic"]
