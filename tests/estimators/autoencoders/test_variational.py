"""Variational autoencoders: an axis of every autoencoder, and what can be asked of one."""

import warnings

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

import espelho
from espelho import (
    Autoencoder,
    ConvolutionalAutoencoder,
    LSTMAutoencoder,
    RobustAutoencoder,
    VariationalAutoencoder,
)
from espelho.errors import DataError, EspelhoWarning, SettingError

DIGITS = load_digits()
X = DIGITS.data[:300]
PIXELS = (DIGITS.images[:60] * 15).astype(np.uint8)
SETTINGS = {"latent_dim": 4, "hidden_sizes": (16,), "max_epochs": 2, "random_state": 0}
SERIES = [np.sin(np.arange(n) / 3) for n in (12, 7, 9, 12) * 3]
GAUSSIAN_ONLY = (
    "encode_distribution",
    "sample_posterior",
    "sample_observation",
    "unit_kl",
    "log_likelihood",
    "sample",
)


def dense(**changes):
    return VariationalAutoencoder(**{**SETTINGS, **changes})


MEMBERS = {
    "dense": (dense, X),
    "tied": (lambda: dense(tied=True, active_units=2), X),
    "bernoulli": (lambda: dense(loss="bernoulli", binarize=True, kl_warm_up=1), X),
    "laplace": (lambda: dense(loss="absolute_error", variance="per_feature"), X),
    "pixels": (lambda: dense(loss="discretized_logistic"), PIXELS.reshape(60, 64)),
    "convolutional": (
        lambda: ConvolutionalAutoencoder(
            latent="gaussian", channels=(3,), latent_dim=4, max_epochs=2, random_state=0
        ),
        PIXELS,
    ),
    "recurrent": (lambda: LSTMAutoencoder(latent="gaussian", **SETTINGS), SERIES),
    "own networks": (
        lambda: dense(
            encoder=torch.nn.Linear(64, 9), decoder=torch.nn.Linear(4, 64), active_units=3
        ),
        X,
    ),
}


@pytest.fixture(scope="module", params=MEMBERS)
def member(request):
    make, data = MEMBERS[request.param]
    return make().fit(data), data


def test_the_codes_are_the_means_and_the_same_each_time(member):
    model, data = member

    means, deviations = model.encode_distribution(data)

    np.testing.assert_array_equal(means, model.transform(data))
    np.testing.assert_array_equal(means, model.transform(data))
    assert means.shape == deviations.shape == (len(data), 4)
    assert (deviations > 0).all()


def test_samples_are_like_the_data_and_the_same_for_a_seed(member):
    model, _ = member

    drawn = model.sample(5, random_state=0)

    np.testing.assert_array_equal(drawn, model.sample(5, random_state=0))
    assert not np.array_equal(drawn, model.sample(5, random_state=1))
    assert drawn.dtype == model.dtype_
    assert drawn.shape == (5, *model.row_shape_)


def test_observations_spread_around_what_a_code_is_decoded_to(member):
    model, _ = member
    code = model.sample_codes(1, random_state=0)

    drawn = model.sample_observation(np.repeat(code, 3000, axis=0), random_state=0)

    assert drawn.dtype == model.dtype_
    assert drawn.shape == (3000, *model.row_shape_)
    again = model.sample_observation(np.repeat(code, 3000, axis=0), random_state=0)
    np.testing.assert_array_equal(drawn, again)
    rows = drawn.reshape(3000, -1).astype(np.float64)
    mean = model.inverse_transform(code).reshape(-1).astype(np.float64)
    if drawn.dtype.kind == "f":  # pixels are rounded, and cut off at 0 and 255
        assert (np.abs(rows.mean(0) - mean) <= 5 * rows.std(0) / np.sqrt(3000) + 1e-9).all()


def test_observations_have_the_variance_that_was_given():
    model = dense(loss="squared_error", variance=0.04, scaling="standard").fit(X)

    drawn = model.sample_observation(np.zeros((4000, 4)), random_state=0)

    spread = drawn.std(0) / model.scaling_.scale
    np.testing.assert_allclose(spread, 0.2, rtol=0.06)


def test_codes_are_drawn_from_the_posterior(member):
    model, data = member
    means, deviations = model.encode_distribution(data[:3])

    codes = model.sample_posterior(data[:3], 2000, random_state=0)

    np.testing.assert_allclose(codes.mean(1), means, atol=0.15)
    np.testing.assert_allclose(codes.std(1), deviations, rtol=0.1)


def test_a_likelihood_grows_with_the_number_of_samples(member):
    model, data = member

    few, more = (model.log_likelihood(data, n, random_state=0).mean() for n in (1, 100))

    assert few < more
    assert np.isfinite(model.score_samples(data)).all()
    assert model.score(data) == model.score_samples(data).mean()


def test_units_say_nats_that_add_up_to_the_divergence(member):
    model, data = member
    means, deviations = (part.astype(np.float64) for part in model.encode_distribution(data))

    kl = 0.5 * (means**2 + deviations**2 - 1 - 2 * np.log(deviations)).mean(0)

    np.testing.assert_allclose(model.unit_kl(data), kl, rtol=1e-3, atol=1e-6)


def test_it_is_saved_loaded_and_cloned(member, tmp_path):
    model, data = member
    own = getattr(model, "encoder", None) is not None
    networks = {"encoder": model.encoder, "decoder": model.decoder} if own else {}

    again = espelho.load(model.save(tmp_path / "run"), **networks)

    np.testing.assert_array_equal(again.transform(data), model.transform(data))
    np.testing.assert_array_equal(again.score_samples(data), model.score_samples(data))
    likelihoods = (m.log_likelihood(data, 9, random_state=0) for m in (model, again))
    np.testing.assert_array_equal(*likelihoods)


@pytest.mark.parametrize("name", GAUSSIAN_ONLY)
def test_a_point_has_none_of_what_distributions_have(name):
    assert not hasattr(Autoencoder(), name)
    assert hasattr(Autoencoder(latent="gaussian"), name)


def test_what_points_lack_says_what_has_it():
    with pytest.raises(AttributeError) as error:
        _ = Autoencoder().log_likelihood
    assert "VariationalAutoencoder" in str(error.value.__cause__)


def test_a_likelihood_is_the_same_in_blocks(monkeypatch):
    from espelho.estimators.autoencoders.codes import distributions

    model = dense(loss="bernoulli").fit(X)
    whole = model.log_likelihood(X[:20], 200, random_state=0)
    for elements in (64 * 7, 64 * 90, 64 * 900):
        monkeypatch.setattr(distributions, "_ELEMENTS", elements)
        found = model.log_likelihood(X[:20], 200, random_state=1)
        assert abs((found - whole).mean()) < 0.2


def test_a_likelihood_does_not_touch_torchs_random_state():
    model = dense().fit(X)
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)

    model.log_likelihood(X, 5)

    assert torch.equal(torch.rand(1), expected)


def test_a_larger_variance_lowers_the_divergence():
    kls = [
        dense(variance=c, max_epochs=15, learning_rate=0.01).fit(X).unit_kl(X).sum()
        for c in (0.1, 1.0, 10.0)
    ]

    assert kls == sorted(kls, reverse=True)


def test_a_larger_beta_lowers_it_too():
    kls = [
        dense(beta=beta, max_epochs=15, learning_rate=0.01).fit(X).unit_kl(X).sum()
        for beta in (0.1, 1.0, 10.0)
    ]

    assert kls == sorted(kls, reverse=True)


class Weights(espelho.Callback):
    def __init__(self):
        self.seen = []

    def on_step(self, trainer):
        self.seen.append(trainer.model.kl_weight)


def test_the_weight_of_the_divergence_grows_to_beta_over_the_warm_up():
    watch = Weights()

    model = dense(beta=2.0, kl_warm_up=2, max_epochs=4, batch_size=100, callbacks=(watch,))
    model.fit(X)  # three batches an epoch; callbacks of one's own see the weight before

    np.testing.assert_allclose(watch.seen, [2 * min(1, n / 6) for n in range(12)])
    kl, off = (model.history_[f"reconstruct/{name}"] for name in ("kl", "kl_weighting"))
    assert off[0] < 0 < kl[0]
    np.testing.assert_allclose(off[2:], kl[2:])


def test_a_training_that_was_cut_off_within_the_warm_up_goes_on_to_the_same_weights(tmp_path):
    class Stop(espelho.Callback):
        def on_step(self, trainer):
            if trainer.position.step == 4:
                raise KeyboardInterrupt

    settings = {**SETTINGS, "max_epochs": 4, "batch_size": 100, "kl_warm_up": 3}
    settings |= {"loss": "bernoulli", "binarize": True, "importance_samples": 2}
    whole = VariationalAutoencoder(**settings).fit(X)
    checkpoint = espelho.Checkpoint(tmp_path / "run", every_steps=1)
    with pytest.raises(KeyboardInterrupt):
        VariationalAutoencoder(**settings, callbacks=(checkpoint, Stop())).fit(X)

    resumed = espelho.resume(tmp_path / "run", X)

    for name, value in whole.model_.state_dict().items():
        assert torch.equal(resumed.model_.state_dict()[name], value), name
    np.testing.assert_array_equal(
        resumed.history_["reconstruct/kl"], whole.history_["reconstruct/kl"]
    )


def test_training_on_warms_up_by_its_own_epochs():
    model = dense(kl_warm_up=4, batch_size=len(X))
    weights = []
    for _ in range(5):
        model.partial_fit(X)
        weights.append(model.model_.kl_weight)

    np.testing.assert_allclose(weights, [0.25, 0.5, 0.75, 1, 1])
    kl, off = (model.history_[f"reconstruct/{name}"] for name in ("kl", "kl_weighting"))
    np.testing.assert_allclose(off / kl + 1, [0, 0.25, 0.5, 0.75, 1], atol=1e-9)


def test_a_model_that_is_trained_on_may_be_warmed_up_then():
    model = dense(warm_start=True, batch_size=len(X)).fit(X)
    before = len(model.history_)

    model.set_params(kl_warm_up=2, max_epochs=3).fit(X)

    kl, off = (model.history_[f"reconstruct/{name}"][-3:] for name in ("kl", "kl_weighting"))
    assert before == 2
    np.testing.assert_allclose(off / kl + 1, [0, 0.5, 1], atol=1e-9)


def test_training_draws_zeros_and_ones_and_the_fitted_model_sees_what_it_is_given():
    model = dense(loss="bernoulli", binarize=True).fit(X)
    plain = dense(loss="bernoulli").fit(X)

    assert not np.array_equal(model.history_["reconstruct/kl"], plain.history_["reconstruct/kl"])
    plain.model_.load_state_dict(model.model_.state_dict())
    np.testing.assert_array_equal(plain.transform(X), model.transform(X))


def test_shifted_images_are_binarized_afterwards():
    model = ConvolutionalAutoencoder(
        latent="gaussian", loss="bernoulli", binarize=True, shifts=1, channels=(2,), max_epochs=1
    ).fit(DIGITS.images[:50])

    seen = model.model_.objective.augment(torch.rand(4, 8, 8))

    assert set(seen.unique().tolist()) == {0.0, 1.0}


def test_a_posterior_that_has_collapsed_is_told_with_what_to_try():
    with pytest.warns(EspelhoWarning, match="4 of 4 units of the code say less than 0.01 nats"):
        dense(beta=1000.0, max_epochs=30, batch_size=30, learning_rate=0.01).fit(X)


def test_a_posterior_that_speaks_is_not():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dense(max_epochs=5).fit(X)


REFUSED = [
    ({"loss": "correntropy"}, "loss='correntropy' and latent='gaussian'"),
    ({"pretraining": "greedy"}, "pretraining='greedy' and latent='gaussian'"),
    ({"importance_samples": 3, "beta": 2.0}, "importance_samples=3 and beta=2.0"),
    ({"variance": 0.5, "loss": "bernoulli"}, "variance=0.5 and loss='bernoulli'"),
    (
        {"variance": "optimal", "loss": "discretized_logistic"},
        "variance='optimal' and loss='discretized_logistic'",
    ),
    ({"binarize": True}, "binarize=True and loss='squared_error'"),
    ({"contraction": 0.1, "contraction_method": "exact"}, "exact contraction"),
    ({"variance": "large"}, "variance of VariationalAutoencoder must be"),
    ({"variance": 0.0}, "variance of VariationalAutoencoder must be greater than 0"),
]


@pytest.mark.parametrize(("settings", "said"), REFUSED)
def test_what_cannot_work_together_is_one_error_that_names_both(settings, said):
    with pytest.raises(SettingError, match=said):
        dense(**settings).fit(X)


@pytest.mark.parametrize(
    "settings",
    [
        {"beta": 2.0},
        {"kl_warm_up": 3},
        {"importance_samples": 5},
        {"variance": 0.5},
        {"loss": "discretized_logistic"},
    ],
)
def test_what_is_about_distributions_is_refused_of_points(settings):
    (name, _) = next(iter(settings.items()))
    with pytest.raises(SettingError, match=f"{name}=.* and latent='point' cannot work together"):
        Autoencoder(**SETTINGS, **settings).fit(X)


def test_a_kernel_is_no_likelihood():
    with pytest.raises(SettingError, match="no likelihood"):
        RobustAutoencoder(latent="gaussian", **SETTINGS).fit(X)


@pytest.mark.parametrize(
    ("data", "settings"),
    [(X, {}), (PIXELS.reshape(60, 64), {"scaling": "minmax"}), (PIXELS.reshape(60, 64) / 255, {})],
)
def test_pixels_that_are_not_of_8_bits_are_refused(data, settings):
    with pytest.raises(DataError, match="8-bit unsigned integers"):
        dense(loss="discretized_logistic", **settings).fit(data)


def test_zeros_and_ones_outside_0_and_1_are_refused_in_training_and_later():
    with pytest.raises(DataError, match="0"):
        dense(loss="bernoulli", scaling="none").fit(X)
    model = dense(loss="bernoulli").fit(X)
    for method in (model.log_likelihood, model.score_samples):
        with pytest.raises(DataError, match="0"):
            method(X * 2)


@pytest.mark.parametrize("n", [0, -1, 2.5, True])
def test_no_number_of_samples_is_one_error(n):
    model = dense().fit(X)
    calls = (lambda: model.log_likelihood(X, n), lambda: model.sample_posterior(X, n))
    for call in calls:
        with pytest.raises(SettingError, match="n_samples must be a whole number of at least 1"):
            call()
    with pytest.raises(SettingError, match="n must be a whole number"):
        model.sample(n)
