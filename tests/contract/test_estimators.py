"""Every estimator keeps scikit-learn's contract."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from espelho import (
    GAN,
    AdversarialAutoencoder,
    AnomalyDetector,
    Autoencoder,
    ConditionalGAN,
    ContractiveAutoencoder,
    ConvolutionalAutoencoder,
    DenoisingAutoencoder,
    LSTMAutoencoder,
    MomentMatchingNetwork,
    PretrainedClassifier,
    ProgressiveGAN,
    RobustAutoencoder,
    SparseAutoencoder,
    StackedAutoencoder,
    VariationalAutoencoder,
)

TINY = {"max_epochs": 3, "random_state": 0}

ESTIMATORS = [
    Autoencoder(max_epochs=3, hidden_sizes=(8,), random_state=0),
    Autoencoder(max_epochs=3, hidden_sizes=(8,), tied=True, activation="tanh", random_state=0),
    Autoencoder(max_epochs=3, hidden_sizes=(), loss="bernoulli", random_state=0),
    Autoencoder(hidden_sizes=(8,), sampler="gaussian-mixture", **TINY),
    Autoencoder(hidden_sizes=(8,), missing="mask", missing_noise=0.0, **TINY),
    StackedAutoencoder(hidden_sizes=(6,), **TINY),
    ConvolutionalAutoencoder(channels=(3,), **TINY),
    SparseAutoencoder(sparsity_memory=0.5, **TINY),
    ContractiveAutoencoder(**TINY),
    DenoisingAutoencoder(corruption="salt_and_pepper", **TINY),
    RobustAutoencoder(hidden_sizes=(8,), **TINY),
    AdversarialAutoencoder(hidden_sizes=(8,), discriminator_sizes=(8,), dropout=0.1, **TINY),
    AdversarialAutoencoder(
        prior="gaussian-mixture",
        encoder_kind="gaussian",
        hidden_sizes=(8,),
        discriminator_sizes=(8,),
        **TINY,
    ),
    VariationalAutoencoder(hidden_sizes=(8,), **TINY),
    VariationalAutoencoder(
        hidden_sizes=(8,), loss="bernoulli", importance_samples=2, kl_warm_up=2, **TINY
    ),
    PretrainedClassifier(
        Autoencoder(max_epochs=3, hidden_sizes=(8,)),
        max_epochs=30,
        learning_rate=0.03,
        random_state=0,
    ),
    PretrainedClassifier(
        Autoencoder(max_epochs=3, hidden_sizes=(8,)),
        corruption="gaussian",
        max_epochs=30,
        learning_rate=0.03,
        random_state=0,
    ),
    AnomalyDetector(Autoencoder(max_epochs=3, hidden_sizes=(8,)), random_state=0),
    AnomalyDetector(VariationalAutoencoder(max_epochs=3, hidden_sizes=(8,)), random_state=0),
    LSTMAutoencoder(max_epochs=2, hidden_sizes=(6,), random_state=0),
    MomentMatchingNetwork(hidden_sizes=(8,), **TINY),
    GAN(hidden_sizes=(8,), discriminator_sizes=(8,), **TINY),
    GAN(structure="recurrent", hidden_sizes=(4,), discriminator_sizes=(4,), **TINY),
    ConditionalGAN(hidden_sizes=(8,), discriminator_sizes=(8,), **TINY),
    LSTMAutoencoder(
        max_epochs=2, hidden_sizes=(6,), feedback=True, bidirectional=True, random_state=0
    ),
]

DRAWN = "noise is drawn for each row: a row given twice is spoiled, or coded, in two ways"
JUDGED = "the prior is drawn from for each row: a row given twice gets two draws"


def expected_failures(estimator):
    """Name the checks that no estimator of the kind could pass, and why."""
    spoils = getattr(estimator, "corruption", "none") != "none"
    draws = getattr(getattr(estimator, "estimator", estimator), "latent", "point") != "point"
    if not (spoils or draws or isinstance(estimator, AdversarialAutoencoder)):
        return {}
    reason = DRAWN if spoils or draws else JUDGED
    checks = ("dense", "sparse")
    return {f"check_sample_weight_equivalence_on_{kind}_data": reason for kind in checks}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_failures)
def test_scikit_learn_checks_pass(estimator, check):
    check(estimator)


WITHOUT_ROWS = (
    "check_estimator_cloneable",
    "check_estimator_repr",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_parameters_default_constructible",
    "check_set_params",
    "check_valid_tag_types",
)
"""Checks that fit nothing. All others give rows to learn from, which are no images."""


@pytest.mark.parametrize("name", WITHOUT_ROWS)
def test_scikit_learn_checks_that_need_no_rows_pass_for_images(name):
    getattr(estimator_checks, name)("ProgressiveGAN", ProgressiveGAN(channels=(4,), **TINY))


def test_images_are_fitted_as_scikit_learn_has_it():
    images = np.random.default_rng(0).normal(size=(12, 8, 8))
    before = images.copy()
    estimator = ProgressiveGAN(channels=(4,), precision="float32", **TINY)
    settings = estimator.get_params()
    assert estimator.fit(images, np.zeros(12)) is estimator
    assert estimator.get_params() == settings
    assert estimator.n_features_in_ == 64
    np.testing.assert_array_equal(images, before)
    first = estimator.score(images)
    assert clone(estimator).fit(images).score(images) == first
    assert estimator.fit(images).score(images) == first
    assert not estimator.__sklearn_tags__().input_tags.two_d_array
    rows = ProgressiveGAN(sample_shape=(1, 8, 8)).__sklearn_tags__()
    assert rows.input_tags.two_d_array
