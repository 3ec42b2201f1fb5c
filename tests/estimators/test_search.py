"""Searches of scikit-learn over every kind of member, by its own score."""

import numpy as np
import pytest
import torch
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from espelho import (
    GAN,
    AnomalyDetector,
    Autoencoder,
    DenoisingAutoencoder,
    LSTMAutoencoder,
    MomentMatchingNetwork,
    Pix2Pix,
    StackedAutoencoder,
    VariationalAutoencoder,
)
from espelho.errors import SettingError

X = np.random.default_rng(0).normal(size=(48, 6)) @ np.random.default_rng(1).normal(size=(6, 6))
TINY = {"hidden_sizes": (6,), "max_epochs": 2, "random_state": 0}
MEMBERS = (
    Autoencoder(**TINY),
    VariationalAutoencoder(**TINY),
    DenoisingAutoencoder(**TINY),
    StackedAutoencoder(**TINY),
    LSTMAutoencoder(**TINY),
    MomentMatchingNetwork(**TINY),
    GAN(**TINY, discriminator_sizes=(6,)),
)


def kind(estimator):
    return type(estimator).__name__


@pytest.mark.parametrize("member", MEMBERS, ids=kind)
def test_a_random_search_takes_the_setting_that_scores_best(member):
    space = {"latent_dim": [1, 2, 3], "learning_rate": [1e-3, 1e-2]}
    search = RandomizedSearchCV(member, space, n_iter=3, cv=2, random_state=0).fit(X)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert search.best_score_ == scores.max()
    assert search.best_estimator_.get_params().items() >= search.best_params_.items()
    assert search.score(X) == pytest.approx(search.best_estimator_.score(X))


@pytest.mark.parametrize("member", MEMBERS[:2] + MEMBERS[-1:], ids=kind)
@pytest.mark.parametrize("resource", ["max_epochs", "n_samples"])
def test_halving_gives_more_to_fewer(member, resource):
    amounts = {"max_epochs": (1, 4), "n_samples": (12, 48)}[resource]
    search = HalvingGridSearchCV(
        member, {"latent_dim": [1, 2, 3, 4]}, cv=2, factor=2, random_state=0,
        resource=resource, min_resources=amounts[0], max_resources=amounts[1],
    ).fit(X)  # fmt: skip
    assert search.n_candidates_ == [4, 2, 1]
    assert search.n_resources_ == [amounts[0] * 2**i for i in range(3)]
    if resource == "max_epochs":
        assert search.best_estimator_.n_epochs_ == 4


def test_a_random_search_can_be_halved_too():
    space = {"latent_dim": [1, 2, 3], "activation": ["relu", "tanh"]}
    search = HalvingRandomSearchCV(
        Autoencoder(**TINY), space, resource="max_epochs", max_resources=4, cv=2, random_state=0
    )
    assert search.fit(X).best_estimator_.n_epochs_ <= 4


def test_a_search_reaches_into_pipelines_and_detectors():
    y = (X[:, 0] > 0).astype(int)
    pipeline = make_pipeline(StandardScaler(), Autoencoder(**TINY), LogisticRegression())
    search = RandomizedSearchCV(
        pipeline, {"autoencoder__latent_dim": [1, 4]}, n_iter=2, cv=2, random_state=0
    )
    assert 0.4 < search.fit(X, y).best_score_ <= 1
    detector = AnomalyDetector(Autoencoder(**TINY), random_state=0)
    score = {"scoring": lambda estimator, X, y=None: float(estimator.score_samples(X).mean())}
    search = GridSearchCV(detector, {"estimator__latent_dim": [1, 4]}, cv=2, **score).fit(X)
    assert (
        search.best_estimator_.estimator_.latent_dim
        == search.best_params_["estimator__latent_dim"]
    )


@pytest.mark.parametrize(
    ("estimator", "grid", "said"),
    [
        (Autoencoder(**TINY), "latent_dims", "Autoencoder has no setting 'latent_dims'. Did you "
         "mean 'latent_dim'?"),
        (GAN(**TINY), "discriminator_size", "Did you mean 'discriminator_sizes'?"),
        (make_pipeline(Autoencoder(**TINY)), "autoencoder__lerning_rate", "'learning_rate'?"),
        (AnomalyDetector(Autoencoder(**TINY)), "estimator__latentdim", "'latent_dim'?"),
        (AnomalyDetector(), "estimator__latent_dim", "estimator of this AnomalyDetector is None"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("search", [GridSearchCV, HalvingGridSearchCV])
def test_a_grid_with_a_setting_that_does_not_exist_names_the_nearest(
    search, estimator, grid, said
):
    scoring = {"scoring": lambda *_: 0.0}
    with pytest.raises(SettingError) as error:
        search(estimator, {grid: [1, 2]}, cv=2, **scoring).fit(X)
    assert said in str(error.value)


def test_settings_are_set_by_name_and_a_name_like_none_lists_them_all():
    model = Autoencoder().set_params(latent_dim=3, max_epochs=5)
    assert (model.latent_dim, model.max_epochs) == (3, 5)
    assert model.set_params() is model
    detector = AnomalyDetector().set_params(estimator=model, estimator__latent_dim=7)
    assert detector.estimator.latent_dim == 7
    with pytest.raises(SettingError, match=r"no setting 'qqq'. Its settings are: .*latent_dim"):
        model.set_params(qqq=1)
    with pytest.raises(SettingError, match="'patch'"):
        Pix2Pix().set_params(ptach="auto")


def threads(estimator, X, y=None):
    """Score by the threads that this process computes with, and train on as many."""
    estimator.score(X)
    return torch.get_num_threads()


@pytest.mark.slow
def test_processes_side_by_side_share_the_cores(monkeypatch):
    from joblib import cpu_count

    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    search = GridSearchCV(
        Autoencoder(**TINY), {"latent_dim": [1, 2]}, cv=2, n_jobs=2, refit=False, scoring=threads
    ).fit(X)
    used = search.cv_results_["mean_test_score"]
    assert (2 * used <= max(2, cpu_count())).all()
    alone = GridSearchCV(Autoencoder(**TINY), {"latent_dim": [1, 2]}, cv=2, n_jobs=2).fit(X)
    here = GridSearchCV(Autoencoder(**TINY), {"latent_dim": [1, 2]}, cv=2).fit(X)
    np.testing.assert_allclose(
        alone.cv_results_["mean_test_score"], here.cv_results_["mean_test_score"], rtol=1e-5
    )
