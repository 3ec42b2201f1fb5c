"""Planted illnesses get their verdicts by name, and runs tell the doctor what they know."""

import re
from dataclasses import fields

import numpy as np
import pytest
from benchmarks.published.doctor import examined
from benchmarks.published.doctor_cases import HEALTHY
from sklearn.datasets import load_digits, load_iris

import espelho
from espelho import (
    GAN,
    Autoencoder,
    ConditionalGAN,
    CycleGAN,
    MomentMatchingNetwork,
    VariationalAutoencoder,
)
from espelho.errors import DivergenceError
from espelho.estimators import registry
from espelho.estimators.training import checkups
from espelho.training.checkup import Checkup
from espelho.training.doctor import ILLNESSES, translations
from espelho.training.doctor.examine import RULES
from espelho.training.doctor.translations import REMEDIES

TINY = {"hidden_sizes": (16,), "max_epochs": 12, "random_state": 0}
GAME = {"hidden_sizes": (32,), "discriminator_sizes": (32,), "random_state": 0, "batch_size": 50}


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:200].astype(np.float32), y[:200]


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    """Small data would be looked at so rarely that there is little to see."""
    monkeypatch.setattr(Checkup, "epochs_between", staticmethod(lambda n_updates: 2))


ILL = {
    "output range": Autoencoder(
        output_activation="logistic", scaling="standard", learning_rate=0.02, hidden_sizes=(16,),
        max_epochs=40, random_state=0,
    ),
    "no better than PCA": Autoencoder(hidden_sizes=(), max_epochs=3, random_state=0),
    "underfitting": Autoencoder(weight_decay=10.0, **TINY),
    "identity": Autoencoder(
        hidden_sizes=(), latent_dim=64, learning_rate=0.01, max_epochs=100, batch_size=20,
        random_state=0,
    ),
    "overfitting": Autoencoder(
        hidden_sizes=(128,), learning_rate=0.01, max_epochs=60, batch_size=20,
        validation_fraction=0.5, random_state=0,
    ),
    "dead units": Autoencoder(code_activation="relu", learning_rate=1.0, **TINY),
    "not converged": Autoencoder(learning_rate=1e-3, **TINY),
    "posterior collapse": VariationalAutoencoder(
        beta=1000.0, learning_rate=0.01, hidden_sizes=(16,), max_epochs=30, random_state=0
    ),
    "mode collapse": GAN(
        penalty="none", generator_updates=20, learning_rate=5e-3, max_epochs=12, **GAME
    ),
    "saturated discriminator": GAN(
        penalty="none", discriminator_updates=10, discriminator_learning_rate=0.01,
        learning_rate=1e-5, max_epochs=8, **GAME,
    ),
    "vanishing gradient": GAN(
        game="minimax", penalty="none", discriminator_updates=10, learning_rate=1e-5,
        discriminator_learning_rate=0.05, max_epochs=15, **GAME,
    ),
    "blind discriminator": GAN(penalty="r1", penalty_weight=1e6, max_epochs=4, **GAME),
    "overfitting discriminator": GAN(
        penalty="none", discriminator_learning_rate=0.003, learning_rate=1e-3, max_epochs=200,
        validation_fraction=0.6, **{**GAME, "discriminator_sizes": (256, 256)},
    ),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::espelho.errors.EspelhoWarning")
@pytest.mark.parametrize("illness", ILL)
def test_a_planted_illness_gets_its_verdict_by_name(digits, illness):
    found = espelho.doctor(ILL[illness].fit(digits[0]))
    assert illness in found
    verdict = found[illness]
    assert verdict.evidence
    assert 1 <= verdict.epoch <= ILL[illness].max_epochs
    assert verdict.step


@pytest.mark.parametrize("kind", [Autoencoder, GAN])
def test_a_training_that_diverged_is_a_divergence_and_its_estimator_can_be_asked(digits, kind):
    model = kind(
        optimizer="sgd", optimizer_options={}, learning_rate=1e4, max_epochs=5, random_state=0
    )
    with pytest.raises(DivergenceError):
        model.fit(digits[0])
    verdict = espelho.doctor(model)["divergence"]
    assert "put back" in verdict.said
    assert "learning_rate" in verdict.remedy


IRIS = load_iris().data[::4]
TOLD = {
    "Pix2Pix": (IRIS[:, :2], IRIS[:, 2:]),
    "CycleGAN": (IRIS[:, :2], IRIS[5:, 2:]),
    "ProgressiveGAN": (load_digits().images[:32].astype(np.float32),),
}
SHORT = {"ProgressiveGAN": {"max_epochs": 1, "batch_size": 32}}


@pytest.mark.filterwarnings("ignore::espelho.errors.EspelhoWarning")
@pytest.mark.parametrize("name", registry.MODELS)
def test_every_member_shows_the_doctor_something(name):
    kind = registry.class_of(name)
    told = TOLD.get(name, (IRIS, load_iris().target[::4]))
    model = kind(**SHORT.get(name, {"max_epochs": 2}), random_state=0).fit(*told)
    read = set().union(*model.signals_.records)
    assert read & {"answers/train", "samples/diversity", "samples/diversity_A"}
    assert not set(espelho.doctor(model).names) - set(ILLNESSES)


def test_remedies_name_settings_that_there_are():
    entries = (*registry.MODELS, *registry.WRAPPERS)
    known = {field.name for name in entries for field in fields(registry.class_of(name))}
    assert _named(rule.remedy for rule in RULES) - known == set()
    settings = [{field.name for field in fields(kind)} for kind in (espelho.Pix2Pix, CycleGAN)]
    own = (*REMEDIES.values(), *(rule.remedy for rule in translations.RULES))
    assert _named(own) - settings[0] - settings[1] == set()
    assert set(REMEDIES) <= set(ILLNESSES)


def _named(remedies):
    patterns = (r"\b([a-z_0-9]+)=", r"\b[a-z]+_[a-z_]+\b")
    return {n for text in remedies for p in patterns for n in re.findall(p, text)}


def test_an_untrained_partial_fit_has_no_signals(digits):
    model = Autoencoder(**TINY).partial_fit(digits[0])
    assert "dead units" in espelho.doctor(model).unjudged


def test_wide_samples_are_not_compared_with_principal_components(digits, monkeypatch):
    monkeypatch.setattr(checkups, "_WIDEST", 10)
    model = Autoencoder(**TINY).fit(digits[0])
    assert "linear/train" not in model.signals_.records[-1]


@pytest.mark.filterwarnings("ignore::espelho.errors.EspelhoWarning")
@pytest.mark.parametrize("kind", [ConditionalGAN, MomentMatchingNetwork])
def test_other_generators_collapse_too(digits, kind):
    ways = {
        ConditionalGAN: {
            "penalty": "none",
            "generator_updates": 20,
            "learning_rate": 5e-3,
            **GAME,
        },
        MomentMatchingNetwork: {"bandwidths": (100.0,), "hidden_sizes": (32,), "random_state": 0},
    }
    model = kind(**ways[kind], max_epochs=10).fit(*digits)
    assert "mode collapse" in espelho.doctor(model)


CHEAP = ("Autoencoder", "StackedAutoencoder", "DenoisingAutoencoder", "RobustAutoencoder")
SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in HEALTHY if name not in CHEAP]


@pytest.mark.parametrize("name", [*CHEAP, *SLOW])
def test_a_healthy_training_of_a_member_gets_no_verdict(name):
    assert examined(HEALTHY[name], seed=2).names == ()
