"""The adversarial autoencoder as an estimator: codes like the prior, samples, labels, runs."""

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from torch import nn

import espelho
from espelho import AdversarialAutoencoder
from espelho.errors import DataError, RunError, SettingError, ShapeError
from espelho.random_variables import GaussianMixture, Normal, SwissRoll, Uniform

X, Y = load_digits(return_X_y=True)
TINY = {"hidden_sizes": (16,), "discriminator_sizes": (16,), "max_epochs": 2, "random_state": 0}


GOOD = {
    "hidden_sizes": (64,),
    "discriminator_sizes": (64, 64),
    "max_epochs": 60,
    "batch_size": 64,
    "learning_rate": 2e-3,
    "random_state": 0,
}
"""Trains in two seconds to codes that a sample of the prior is hardly told from."""


class Ring:
    """A sampler of the user's own: points on the unit circle."""

    def sample(self, n=1, *, random_state=None):
        angle = np.random.default_rng(random_state).uniform(0, 2 * np.pi, n)
        return np.column_stack([np.cos(angle), np.sin(angle)])


def energy_distance(a, b):
    """``2 E|A - B| - E|A - A'| - E|B - B'|``, 0 where both are distributed alike."""

    def mean(p, q):
        return np.linalg.norm(p[:, None] - q[None], axis=2).mean()

    return 2 * mean(a, b) - mean(a, a) - mean(b, b)


def drawn_codes(model, X):
    """Return codes as the encoder draws them in training."""
    model.model_.encoder.train()
    codes = model.transform(X)
    model.model_.encoder.eval()
    return codes


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"prior": "uniform", "prior_scale": 2.0},
        {"prior": "gaussian-mixture"},
        {"prior": "swiss-roll"},
        {"prior": Ring()},
        {"encoder_kind": "gaussian"},
        {"encoder_kind": "universal"},
        {"game": "least-squares"},
        {"game": "hinge"},
        {"latent_dim": 5, "prior_scale": 3.0},
    ],
    ids=" ".join,
)
def test_codes_are_distributed_as_the_prior(settings):
    settings, rows = {"latent_dim": 2, **GOOD, **settings}, X[:900]
    model = AdversarialAutoencoder(**settings).fit(rows)
    unjudged = {**settings, "confuse_learning_rate": 1e-12, "max_epochs": 20}
    plain = AdversarialAutoencoder(**unjudged).fit(rows)

    prior = model.prior_.sample(len(rows), random_state=0)
    scale = np.linalg.norm(prior, axis=1).mean()
    found = energy_distance(drawn_codes(model, rows), prior) / scale
    by_itself = energy_distance(drawn_codes(plain, rows), prior) / scale
    assert found < min(0.04, by_itself / 3)


def test_the_prior_is_what_its_name_and_scale_say():
    found = [
        AdversarialAutoencoder(prior=name, prior_scale=2.0, **TINY).fit(X[:40]).prior_
        for name in ("gaussian", "uniform", "gaussian-mixture", "swiss-roll")
    ]
    assert found == [
        Normal(8, 2.0),
        Uniform(8, -2.0, 2.0),
        GaussianMixture.circle(10, radius=8.0, along=2.0, across=0.5),
        SwissRoll(radius=10.0, parts=10),
    ]


def test_the_width_of_the_code_is_that_of_the_prior_where_nothing_else_is_said():
    for prior in ("gaussian-mixture", "swiss-roll", Ring(), Normal(2)):
        assert AdversarialAutoencoder(prior=prior, **TINY).fit(X[:40]).latent_dim_ == 2


@pytest.mark.parametrize("kind", ["deterministic", "gaussian", "universal"])
def test_codes_are_the_same_twice_and_samples_by_seed(kind):
    model = AdversarialAutoencoder(encoder_kind=kind, dropout=0.2, **TINY).fit(X)

    np.testing.assert_array_equal(model.transform(X), model.transform(X))
    first, again, other = (model.sample(4, random_state=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert first.shape == (4, 64)
    assert first.dtype == X.dtype
    codes = model.prior_.sample(4, random_state=0)
    np.testing.assert_array_equal(model.inverse_transform(codes), first)


def test_samples_have_the_type_shape_and_range_of_the_data():
    images = (load_digits().images * 15).astype(np.uint8)
    samples = AdversarialAutoencoder(**TINY).fit(images).sample(3, random_state=0)
    assert samples.shape == (3, 8, 8)
    assert samples.dtype == np.uint8


@pytest.mark.slow
@pytest.mark.parametrize("prior", ["gaussian-mixture", "swiss-roll"])
def test_labels_put_each_digit_into_its_component(prior):
    model = AdversarialAutoencoder(prior=prior, **GOOD).fit(X, Y)

    centres = np.stack(
        [
            model.prior_.sample_labelled(np.full(500, label), random_state=0).mean(axis=0)
            for label in range(10)
        ]
    )
    codes = model.transform(X)
    means = np.stack([codes[label == Y].mean(axis=0) for label in range(10)])
    nearest = np.linalg.norm(means[:, None] - centres, axis=2).argmin(axis=1)
    assert (nearest == np.arange(10)).mean() >= 0.8
    np.testing.assert_array_equal(model.classes_, np.arange(10))


@pytest.mark.slow
def test_a_sample_of_a_label_looks_like_it():
    model = AdversarialAutoencoder(prior="gaussian-mixture", **GOOD).fit(X, Y)
    y = np.repeat(np.arange(10), 20)

    samples = model.sample(len(y), y=y, random_state=0)

    centroids = np.stack([X[label == Y].mean(axis=0) for label in range(10)])
    guessed = np.linalg.norm(samples[:, None] - centroids, axis=2).argmin(axis=1)
    assert (guessed == y).mean() > 0.5
    sevens = model.sample(30, y=7, random_state=1)
    assert (np.linalg.norm(sevens[:, None] - centroids, axis=2).argmin(axis=1) == 7).mean() > 0.4


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (np.where(np.arange(60) < 30, -1, Y[:60]), np.arange(10)),
        (np.where(np.arange(60) < 30, np.nan, Y[:60]), np.arange(10.0)),
        ([None if i < 30 else f"digit {y}" for i, y in enumerate(Y[:60])],
         np.array([f"digit {y}" for y in range(10)])),
        (Y[:60] > 4, np.array([False, True])),
        (torch.from_numpy(Y[:60]), np.arange(10)),
    ],
    ids=["-1", "NaN", "None", "booleans", "torch"],
)  # fmt: skip
def test_labels_may_be_of_any_kind_and_some_unknown(y, classes):
    model = AdversarialAutoencoder(prior="swiss-roll", **TINY).fit(X[:60], y)

    np.testing.assert_array_equal(model.classes_, classes)
    assert model.prior_.n_labels == len(classes)
    assert model.model_.discriminator[0].in_features == 2 + len(classes) + 1
    assert model.sample(3, y=classes[0]).shape == (3, 64)


def test_rows_without_any_label_are_as_no_labels():
    plain = AdversarialAutoencoder(prior="swiss-roll", **TINY).fit(X[:60])
    model = AdversarialAutoencoder(prior="swiss-roll", **TINY).fit(X[:60], np.full(60, -1))
    assert not hasattr(model, "classes_")
    np.testing.assert_array_equal(model.transform(X), plain.transform(X))


def test_a_prior_without_components_does_not_look_at_labels():
    plain = AdversarialAutoencoder(**TINY).fit(X)
    model = AdversarialAutoencoder(**TINY).fit(X, Y)
    np.testing.assert_array_equal(model.transform(X), plain.transform(X))


def test_labels_are_forgotten_by_another_fit_without_them():
    model = AdversarialAutoencoder(prior="gaussian-mixture", **TINY).fit(X[:60], Y[:60])
    assert not hasattr(model.fit(X[:60]), "classes_")


def test_training_goes_on_with_labels_or_without():
    model = AdversarialAutoencoder(prior="gaussian-mixture", warm_start=True, **TINY)
    model.fit(X[:60], Y[:60]).fit(X[60:90]).partial_fit(X[:60], Y[:60]).partial_fit(X[:60])
    assert len(model.classes_) == 10
    with pytest.raises(DataError, match="y holds 11, a label that never came in the data: 0, 1"):
        model.partial_fit(X[:1], [11])
    unlabelled = AdversarialAutoencoder(prior="gaussian-mixture", **TINY).fit(X[:60])
    with pytest.raises(DataError, match="fitted without any"):
        unlabelled.partial_fit(X[:60], Y[:60])


def test_rows_of_weight_zero_do_not_count():
    weight = (Y[:60] < 5).astype(float) + (np.arange(60) % 3) * (Y[:60] < 5)
    model = AdversarialAutoencoder(prior="gaussian-mixture", **TINY)
    model.fit(X[:60], Y[:60], sample_weight=weight)
    assert model.classes_.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "settings",
    [
        {"prior": "gaussian-mixture", "dropout": 0.1},
        {"prior": "swiss-roll", "encoder_kind": "universal"},
        {"prior": GaussianMixture([[-2, 0], [2, 0]], weights=[1, 2]), "encoder_kind": "gaussian"},
        {"prior": Normal(3, 2.0), "discriminate_learning_rate": 1e-4, "sparsity": 0.1},
        {"corruption": "masking", "shifts": 1, "sample_shape": (8, 8), "contraction": 0.01},
    ],
    ids=str,
)
def test_it_is_saved_and_resumed_to_the_last_bit(settings, tmp_path):
    y = Y % 2
    settings = {**TINY, **settings, "max_epochs": 4, "validation_fraction": 0.2}
    model = AdversarialAutoencoder(**settings).fit(X, y)

    again = espelho.load(model.save(tmp_path / "saved"))
    assert again.prior_ == model.prior_
    np.testing.assert_array_equal(again.transform(X), model.transform(X))
    np.testing.assert_array_equal(again.sample(5, random_state=0), model.sample(5, random_state=0))
    run = tmp_path / "run"
    half = AdversarialAutoencoder(**{**settings, "max_epochs": 2})
    half.set_params(callbacks=(espelho.Checkpoint(run),)).fit(X, y)
    resumed = espelho.resume(run, X, y, max_epochs=4)
    for name, value in model.model_.state_dict().items():
        assert torch.equal(resumed.model_.state_dict()[name], value), name
    names = ("reconstruct", "discriminate", "confuse")
    for name in (*names, *(f"validation/{name}" for name in names)):
        np.testing.assert_array_equal(resumed.history_[name], model.history_[name])


def test_a_prior_of_ones_own_is_given_again_when_it_is_loaded(tmp_path):
    model = AdversarialAutoencoder(prior=Ring(), **TINY).fit(X)
    path = model.save(tmp_path / "ring")

    with pytest.raises(RunError, match=r"parts of your own.*prior=\.\.\."):
        espelho.load(path)
    again = espelho.load(path, prior=Ring())
    np.testing.assert_array_equal(again.sample(2, random_state=0), model.sample(2, random_state=0))


def test_a_clone_has_its_prior():
    model = AdversarialAutoencoder(prior=SwissRoll(noise=0.1), **TINY)
    assert clone(model).get_params()["prior"] == SwissRoll(noise=0.1)


def convolutional(outputs):
    return nn.Sequential(
        nn.Unflatten(1, (1, 8)),
        nn.Conv2d(1, 4, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(144, outputs),
    )


@pytest.mark.parametrize(("kind", "outputs"), [("deterministic", 3), ("gaussian", 6)])
def test_networks_of_ones_own_are_taken(kind, outputs):
    decoder = nn.Sequential(nn.Linear(3, 64), nn.Unflatten(1, (8, 8)))
    model = AdversarialAutoencoder(
        encoder=convolutional(outputs), decoder=decoder, encoder_kind=kind, **TINY
    ).fit(load_digits().images)
    assert model.latent_dim_ == 3
    assert model.sample(2).shape == (2, 8, 8)
    assert np.isfinite(model.history_["confuse"]).all()


def test_a_universal_encoder_goes_with_a_decoder_of_ones_own():
    decoder = nn.Sequential(nn.Linear(3, 64), nn.Unflatten(1, (8, 8)))
    model = AdversarialAutoencoder(
        decoder=decoder, latent_dim=3, encoder_kind="universal", noise_dim=4, **TINY
    ).fit(load_digits().images)
    assert model.model_.encoder[2].in_features == 68


def test_an_own_gaussian_encoder_of_odd_width_is_refused():
    with pytest.raises(ShapeError, match=r"must return \(n, 2 \* latent_dim\)"):
        AdversarialAutoencoder(encoder=convolutional(5), encoder_kind="gaussian", **TINY).fit(
            load_digits().images
        )


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"prior": "gausian"}, SettingError, "Did you mean 'gaussian'"),
        ({"prior": 3}, SettingError, "prior of AdversarialAutoencoder must be"),
        ({"prior": "swiss-roll", "latent_dim": 3}, ShapeError, "prior='swiss-roll' draws codes"),
        ({"prior": Ring(), "latent_dim": 3}, ShapeError, "prior draws codes of 2 numbers"),
        ({"game": "hinges"}, SettingError, "Did you mean 'hinge'"),
        ({"game": "wasserstein"}, SettingError, "game='wasserstein' and AdversarialAutoencoder"),
        ({"encoder_kind": "gaussian", "tied": True}, SettingError, "tied=True and encoder_kind"),
        ({"encoder_kind": "universal", "encoder": nn.Linear(64, 2)}, SettingError, "and encoder"),
        ({"pretraining": "greedy"}, SettingError, "greedy' and the discriminator of Adv"),
        ({"discriminator_sizes": (0,)}, SettingError, "discriminator_sizes"),
        ({"encoder_kind": "gaussian", "contraction": 1.0, "contraction_method": "exact"},
         SettingError, "exact contraction"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "error",
)  # fmt: skip
def test_what_cannot_be_is_one_error_that_says_why(settings, error, said):
    with pytest.raises(error, match=said):
        AdversarialAutoencoder(**{**TINY, **settings}).fit(X)


def test_a_prior_of_something_else_than_codes_is_refused():
    class Flat:
        def sample(self, n=1, *, random_state=None):
            return np.zeros(n)

    with pytest.raises(ShapeError, match=r"\(3, latent_dim\), got float64 of the shape \(3,\)"):
        AdversarialAutoencoder(prior=Flat(), **TINY).fit(X)


@pytest.mark.parametrize(
    ("y", "error", "said"),
    [
        (Y[:50], ShapeError, r"y must have shape \(60,\)"),
        (np.linspace(0, 1, 60), DataError, "Unknown label type"),
        (np.arange(60) // 2, SettingError, "30 labels, and the prior has 10 components"),
    ],
)
def test_labels_that_cannot_be_are_refused(y, error, said):
    with pytest.raises(error, match=said):
        AdversarialAutoencoder(prior="swiss-roll", prior_components=10, **TINY).fit(X[:60], y)


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"n": 0}, SettingError, "n must be a whole number"),
        ({"n": -3, "y": 1}, SettingError, "n must be a whole number"),
        ({"y": 10}, DataError, "y holds 10, a label that never came in the data: 0, 1"),
        ({"y": -1}, DataError, "must hold labels"),
        ({"n": 3, "y": [1, 2]}, ShapeError, r"one label or have shape \(3,\)"),
    ],
)
def test_samples_that_cannot_be_are_refused(settings, error, said):
    model = AdversarialAutoencoder(prior="gaussian-mixture", **{**TINY, "max_epochs": 1})
    model.fit(X[:60], Y[:60])
    with pytest.raises(error, match=said):
        model.sample(**settings)


def test_samples_by_label_need_labels():
    with pytest.raises(SettingError, match="fitted without any"):
        AdversarialAutoencoder(**TINY).fit(X[:60]).sample(y=3)


def test_a_code_as_wide_as_the_data_is_restricted_by_the_prior():
    AdversarialAutoencoder(latent_dim=64, **{**TINY, "hidden_sizes": (80,)}).fit(X[:60])


def test_another_structure_needs_another_fit():
    model = AdversarialAutoencoder(warm_start=True, **TINY).fit(X)
    with pytest.raises(SettingError, match="whose prior is 'gaussian', not 'uniform'"):
        model.set_params(prior="uniform").fit(X)
