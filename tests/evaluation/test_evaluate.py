"""An evaluation against figures computed another way."""

import subprocess
import sys
from importlib import import_module

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from scipy import sparse
from sklearn.datasets import load_digits, load_iris, load_wine

from espelho import Autoencoder, LSTMAutoencoder
from espelho.data.scaling import Scaling
from espelho.errors import DataError, SettingError, ShapeError
from espelho.evaluation import evaluate, mean_error, pca_error, trustworthiness
from espelho.evaluation.baselines import principal_components

TINY = {"hidden_sizes": (16,), "latent_dim": 2, "max_epochs": 2, "random_state": 0}


class Linear:
    """Principal components with the manners of an autoencoder; `loss` worsens them."""

    def __init__(self, X, width, worse=0.0):
        rows = np.asarray(X, dtype=float).reshape(len(X), -1)
        self.scaling_ = Scaling.fit(rows, "standard")
        self.pca, self.worse = principal_components(self.scaling_.forward(rows), width), worse
        self.latent_dim_, self.fit_seconds_ = width, 0.5

    def _rows(self, X):
        return self.scaling_.forward(np.asarray(X, dtype=float).reshape(len(X), -1))

    def transform(self, X):
        return self.pca.transform(self._rows(X))

    def reconstruct(self, X):
        rows = self.pca.inverse_transform(self.transform(X)) + self.worse
        return self.scaling_.inverse(rows).reshape(np.shape(X))


@pytest.fixture(scope="module")
def wine():
    return load_wine(return_X_y=True)


@pytest.fixture(scope="module")
def fitted(wine):
    return Autoencoder(**TINY).fit(wine[0][::2])


@pytest.fixture(scope="module")
def evaluation(fitted, wine):
    X, y = wine
    return evaluate(fitted, X[1::2], y[1::2], X_train=X[::2], y_train=y[::2])


def test_errors_are_those_of_the_estimator(evaluation, fitted, wine):
    X = wine[0][1::2]
    scaled = fitted.scaling_.forward(X) - fitted.scaling_.forward(fitted.reconstruct(X))

    assert evaluation["reconstruction_error"].value == pytest.approx(-fitted.score(X))
    assert evaluation["reconstruction_error_scaled"].value == pytest.approx(
        np.square(scaled).sum(axis=1).mean()
    )


def test_baselines_are_fitted_on_training_data_in_scaled_units(evaluation, fitted, wine):
    X = wine[0]
    train, held = fitted.scaling_.forward(X[::2]), fitted.scaling_.forward(X[1::2])
    row = evaluation["reconstruction_error_scaled"]

    assert row.baselines["pca"] == pytest.approx(pca_error(train, held, 2))
    assert row.baselines["mean"] == pytest.approx(mean_error(train, held))
    assert evaluation["reconstruction_error"].baselines["mean"] == pytest.approx(
        mean_error(X[::2], X[1::2])
    )
    assert "89 training rows" in evaluation["reconstruction_error"].note
    assert evaluation.held_out


def test_variance_explained_is_one_less_the_ratio_of_errors(evaluation):
    errors, row = evaluation["reconstruction_error_scaled"], evaluation["variance_explained"]

    assert row.value == pytest.approx(1 - errors.value / errors.baselines["mean"])
    assert row.baselines["mean"] == 0


def test_neighbourhoods_are_those_of_codes_and_scaled_data(evaluation, fitted, wine):
    X = wine[0][1::2]
    expected = trustworthiness(fitted.scaling_.forward(X), fitted.transform(X))

    assert evaluation["trustworthiness"].value == pytest.approx(expected)


def test_codes_are_tested_on_held_out_labels(evaluation):
    row = evaluation["knn_score"]

    assert row.baselines.keys() == {"pca", "raw"}
    assert row.note.endswith("trained on 89 rows, tested on 89")
    assert "accuracy" in row.unit


def test_costs_are_those_of_the_estimator(evaluation, fitted):
    assert evaluation["fit_seconds"].value == fitted.fit_seconds_
    assert evaluation["transform_microseconds"].value > 0
    assert evaluation["code_bytes"].value == 2 * 8
    assert evaluation["code_bytes"].baselines == {"raw": 13 * 8}


def test_a_perfect_reconstruction_explains_all_variance(wine):
    X = wine[0]
    found = evaluate(Linear(X, width=13), X)

    assert found["variance_explained"].value == pytest.approx(1)
    assert found.outcome == "exact"


def test_the_verdict_flips_with_the_better_model(wine):
    X = wine[0]
    same, worse = evaluate(Linear(X, 3), X), evaluate(Linear(X, 3, worse=0.5), X)

    assert same.outcome == "unclear"
    assert worse.outcome == "worse"
    assert "PCA of the same width does better here" in worse.verdict
    assert same["variance_explained"].value > worse["variance_explained"].value


def test_an_untrained_model_loses_to_components(evaluation):
    assert evaluation.outcome == "worse"
    assert evaluation["reconstruction_error_scaled"].best == {"pca"}


def test_a_trained_model_beats_components_on_a_curve():
    angle = np.random.default_rng(0).uniform(0, 2 * np.pi, 400)
    X = np.c_[np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)]
    model = Autoencoder(
        hidden_sizes=(32,), latent_dim=2, max_epochs=40, learning_rate=1e-2, random_state=0
    ).fit(X[:300])
    found = evaluate(model, X[300:], X_train=X[:300])

    assert found.outcome == "better"
    assert "below PCA's of the same width" in found.verdict


def test_without_training_data_baselines_are_fitted_on_the_same_rows(fitted, wine):
    found = evaluate(fitted, wine[0])

    assert not found.held_out
    assert "the same 178 rows" in found["reconstruction_error"].note
    assert "training may have seen" in found.verdict
    assert "knn_score" not in found


def test_labels_without_training_labels_are_cross_validated(fitted, wine):
    X, y = wine
    found = evaluate(fitted, X[1::2], y[1::2], X_train=X[::2])

    assert "5-fold cross-validation on 89 rows" in found["probe_score"].note


def test_continuous_labels_get_r_squared(fitted, wine):
    X = wine[0]

    assert evaluate(fitted, X, X[:, 0])["knn_score"].unit == "R², at most 1"


def test_labels_that_cannot_be_predicted_leave_a_reason(fitted, wine):
    found = evaluate(fitted, wine[0], np.zeros(178))

    assert np.isnan(found["knn_score"].value)
    assert "two different labels" in found["probe_score"].note


def test_integers_are_not_rounded_before_they_are_compared():
    X = load_digits().data.astype(np.uint8)[:200]
    model = Autoencoder(**TINY).fit(X)
    found = evaluate(model, X)

    assert found["reconstruction_error"].value == pytest.approx(-model.score(X), rel=1e-5)
    assert found["code_bytes"].baselines["raw"] == 64


def test_images_are_flattened():
    X = load_digits().images[:100]
    model = Autoencoder(**TINY).fit(X)

    assert evaluate(model, X)["code_bytes"].baselines["raw"] == 64 * 8


@pytest.mark.parametrize(
    "container",
    [
        lambda X: pd.DataFrame(X.astype(int), columns=list("abcd")),
        lambda X: pl.DataFrame(X.astype(int), schema=list("abcd")),
        lambda X: torch.tensor(X.astype(int)),
        lambda X: sparse.csr_array(X.astype(int)),
        lambda X: X.astype(int).tolist(),
    ],
)
def test_every_container_gives_the_same_figures(container):
    iris = load_iris()
    X = np.round(10 * iris.data)
    model = Autoencoder(**TINY).fit(X)
    other = Autoencoder(**TINY).fit(container(X))
    expected, found = evaluate(model, X, iris.target), evaluate(other, container(X), iris.target)

    for name in ("reconstruction_error", "trustworthiness", "knn_score"):
        assert found[name].value == pytest.approx(expected[name].value, rel=1e-3), name


def test_another_loss_is_told(wine):
    model = Autoencoder(**TINY, loss="absolute_error").fit(wine[0])

    assert "absolute_error" in evaluate(model, wine[0])["reconstruction_error"].note


def test_large_data_are_drawn_and_that_is_told(fitted, wine, monkeypatch):
    X, y = wine
    monkeypatch.setattr("espelho.evaluation.reconstruction.PCA_ELEMENTS", 50 * 13)
    module = import_module("espelho.evaluation.codes.figures")
    monkeypatch.setattr(module, "MAX_SAMPLES", 60)
    monkeypatch.setattr(module, "NEIGHBOURHOOD_SAMPLES", 70)
    found = evaluate(fitted, X, y)

    assert "the same 50 of 178 rows" in found["reconstruction_error"].note
    assert "drawn from 178" in found["knn_score"].note
    assert "70 of 178 rows" in found["continuity"].note
    split = evaluate(fitted, X[1::2], y[1::2], X_train=X[::2], y_train=y[::2])
    assert "drawn from 89 and 89" in split["knn_score"].note
    assert "50 of 89 training rows" in split["reconstruction_error"].note


def test_of_large_samples_fewer_are_drawn(fitted, wine, monkeypatch):
    module = import_module("espelho.evaluation.codes.figures")
    monkeypatch.setattr(module, "DRAWN_ELEMENTS", 13 * 90)
    monkeypatch.setattr(module, "FEWEST_SAMPLES", 20)
    found = evaluate(fitted, *wine)

    assert "90 of 178 rows" in found["trustworthiness"].note
    assert "90 rows, drawn from 178" in found["probe_score"].note


def test_constant_data_have_no_variance_to_explain():
    X = np.ones((20, 3))
    found = evaluate(Linear(X, 2), X)

    assert np.isnan(found["variance_explained"].value)
    assert found.to_dict()["rows"][2]["value"] is None


def test_what_cannot_be_evaluated_is_refused(fitted, wine):
    X, y = wine
    with pytest.raises(DataError, match="at least 3 samples, got 2"):
        evaluate(fitted, X[:2])
    with pytest.raises(ShapeError, match="13 elements in X and 12 in X_train"):
        evaluate(fitted, X, X_train=X[:, :12])
    with pytest.raises(ShapeError, match="y must have a label per sample, got 10 labels for 178"):
        evaluate(fitted, X, y[:10])
    with pytest.raises(ShapeError, match="y_train must have"):
        evaluate(fitted, X, y, y_train=y)


@pytest.mark.slow
def test_importing_evaluation_and_report_does_not_import_torch():
    code = (
        "import sys, espelho.evaluation, espelho.report; "
        "sys.exit('torch' in sys.modules or 'matplotlib.pyplot' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_tables_with_columns_of_several_types_are_measured(tmp_path):
    import pandas as pd

    from espelho import Autoencoder

    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"a": rng.random(30), "n": rng.integers(0, 9, 30), "s": rng.random(30).astype(np.float32)}
    )
    model = Autoencoder(hidden_sizes=(4,), latent_dim=1, max_epochs=2, random_state=0).fit(table)
    assert evaluate(model, table)["reconstruction_error"].value > 0
    model.fit(table.assign(b=table["a"] > 0.5))
    with pytest.raises(SettingError, match="this Autoencoder was fitted with categories or bool"):
        evaluate(model, table.assign(b=table["a"] > 0.5))


def test_sequences_are_measured_on_their_own_steps():
    rng = np.random.default_rng(0)
    X = [rng.normal(5, 1, size=(n, 2)) for n in rng.integers(3, 9, 40)]
    train = [rng.normal(5, 1, size=(n, 2)) for n in rng.integers(3, 12, 40)]
    model = LSTMAutoencoder(hidden_sizes=(4,), latent_dim=2, max_epochs=1, random_state=0)
    found = evaluate(model.fit(train), X, X_train=train)["reconstruction_error"]
    assert found.value == pytest.approx(-model.score(X))
    padded = [np.vstack([x, np.zeros((11 - len(x), 2))]) for x in train]
    mean = np.mean(padded, axis=0)
    own = [np.square(x - mean[: len(x)]).sum() for x in X]
    assert found.baselines["mean"] == pytest.approx(np.mean(own))
