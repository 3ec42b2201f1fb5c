"""Learning across gaps: what is missing counts for nothing, and is filled."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits
from torch import nn

import espelho
from espelho import (
    GAN,
    AdversarialAutoencoder,
    AnomalyDetector,
    Autoencoder,
    ContractiveAutoencoder,
    ConvolutionalAutoencoder,
    DenoisingAutoencoder,
    RobustAutoencoder,
    SparseAutoencoder,
    StackedAutoencoder,
    VariationalAutoencoder,
)
from espelho.data.corruption import Hiding, Masking
from espelho.data.files import read
from espelho.data.writing import write
from espelho.errors import DataError, SettingError
from espelho.training.callbacks import checkpoint

TINY = {"hidden_sizes": (8,), "latent_dim": 3, "max_epochs": 3, "random_state": 0}

MEMBERS = [
    Autoencoder(missing="mask", **TINY),
    Autoencoder(missing="mask", loss="bernoulli", **TINY),
    Autoencoder(missing="mask", loss="absolute_error", tied=True, scaling="none", **TINY),
    Autoencoder(missing="mask", normalization="batch", precision="float32", **TINY),
    DenoisingAutoencoder(missing="mask", **TINY),
    DenoisingAutoencoder(missing="mask", corruption="salt_and_pepper", **TINY),
    RobustAutoencoder(missing="mask", **TINY),
    SparseAutoencoder(missing="mask", **TINY),
    ContractiveAutoencoder(missing="mask", **TINY),
    StackedAutoencoder(missing="mask", **TINY),
    AdversarialAutoencoder(missing="mask", discriminator_sizes=(4,), **TINY),
    VariationalAutoencoder(missing="mask", **TINY),
    VariationalAutoencoder(missing="mask", importance_samples=3, variance="learned", **TINY),
    VariationalAutoencoder(missing="mask", loss="bernoulli", **TINY),
]


def names(member):
    return type(member).__name__ + "-" + member.loss


@pytest.fixture
def table():
    rng = np.random.default_rng(0)
    X = rng.normal([3, 0, -2, 50, 1], [1, 5, 0.1, 9, 2], (80, 5))
    X[:, 4] = X[:, 0] + rng.normal(0, 0.3, 80)
    X[rng.random(X.shape) < 0.3] = np.nan
    X[7] = np.nan
    return X


def weights(model):
    return {name: value.numpy() for name, value in model.model_.state_dict().items()}


def assert_same(a, b):
    assert list(a) == list(b)
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


@pytest.mark.parametrize("member", MEMBERS, ids=names)
def test_every_dense_member_takes_gaps_and_fills_them(member, table):
    model = clone(member).fit(table)
    assert np.isfinite(model.transform(table)).all()
    assert np.isfinite(model.reconstruct(table)).all()
    assert np.isfinite(model.score_samples(table)).all()
    assert np.isfinite(model.score(table))
    filled, known = model.impute(table), ~np.isnan(table)
    assert np.isfinite(filled).all()
    np.testing.assert_array_equal(filled[known], table[known])
    np.testing.assert_allclose(filled[7], np.nanmean(table, axis=0))


@pytest.mark.parametrize("member", MEMBERS, ids=names)
def test_saved_is_loaded(member, table, tmp_path):
    model = clone(member).fit(table)
    again = espelho.load(model.save(tmp_path / "run"))
    np.testing.assert_array_equal(again.impute(table), model.impute(table))
    np.testing.assert_array_equal(again.score_samples(table), model.score_samples(table))


@pytest.mark.parametrize("member", MEMBERS, ids=names)
def test_without_gaps_or_hiding_the_weights_are_those_of_error(member):
    X = np.random.default_rng(0).normal(size=(40, 5))
    masked = clone(member)
    if masked.corruption == "none":
        masked.set_params(missing_noise=0.0)
    plain = clone(member).set_params(missing="error", missing_noise=None)
    assert_same(weights(masked.fit(X)), weights(plain.fit(X)))


def test_batches_have_no_mask_where_nothing_is_missing(table):
    from espelho.estimators.training.fitting import _data

    model = Autoencoder(missing="mask", **TINY).fit(table)
    whole = model._check_part(np.nan_to_num(table), None, reset=False)
    with_gaps = model._check_part(table, None, reset=False)
    assert _data(model, whole).columns.observed is None
    np.testing.assert_array_equal(_data(model, with_gaps).columns.observed, ~np.isnan(table))


@pytest.mark.parametrize("payload", [1, 2**51 - 1])
def test_no_bit_that_stands_at_a_gap_changes_anything(table, payload):
    """A NaN carries 51 bits of its own, which is all that can hide in a gap."""
    other = table.copy()
    bits = other.view(np.int64)
    bits[np.isnan(table)] |= payload
    assert np.isnan(other[np.isnan(table)]).all()
    a, b = (Autoencoder(missing="mask", **TINY).fit(X) for X in (table, other))
    assert_same(weights(a), weights(b))


def test_a_weight_of_two_is_a_row_given_twice(table):
    twice = np.concatenate([table, table[:20]])
    weight = np.where(np.arange(80) < 20, 2.0, 1.0)
    settings = TINY | {"batch_size": 200, "missing": "mask", "missing_noise": 0.0}
    a = Autoencoder(**settings).fit(table, sample_weight=weight)
    b = Autoencoder(**settings).fit(twice)
    for one, other in zip(weights(a).values(), weights(b).values(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)


def test_errors_are_of_what_was_observed(table):
    model = Autoencoder(missing="mask", **TINY).fit(table)
    known = ~np.isnan(table)
    squares = np.where(known, table - model.reconstruct(table), 0) ** 2
    np.testing.assert_allclose(model.reconstruction_error(table, "element"), squares)
    np.testing.assert_allclose(model.reconstruction_error(table), squares.sum(axis=1))
    by_feature = squares.sum(axis=0) / known.sum(axis=0)
    np.testing.assert_allclose(model.reconstruction_error(table, "feature"), by_feature)


def test_likelihoods_are_of_what_was_observed(table):
    model = VariationalAutoencoder(missing="mask", variance=1.0, **TINY).fit(table)
    found = model.log_likelihood(table, 500, random_state=0)
    assert abs(found[7]) < 0.2  # of nothing the density is 1
    assert (found[:7] < -1).all()


@pytest.mark.parametrize("kind", ["npy", "parquet"])
def test_data_on_disk_gives_the_weights_of_the_same_data_in_memory(table, tmp_path, kind):
    whole = np.nan_to_num(table[:6])
    X = np.concatenate([table, whole])
    stored = read(write(tmp_path / f"X.{kind}", X), memory_limit=1).X
    settings = TINY | {"batch_size": 200, "missing": "mask", "missing_noise": 0.0}
    a, b = Autoencoder(**settings).fit(X), Autoencoder(**settings).fit(stored)
    for one, other in zip(weights(a).values(), weights(b).values(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(b.impute(stored), a.impute(X))


def test_batches_streamed_from_disk_have_masks_where_there_are_gaps(tmp_path):
    X = np.arange(40.0).reshape(20, 2)
    X[3, 1] = np.nan
    stored = read(write(tmp_path / "X.npy", X), memory_limit=1).X
    model = Autoencoder(missing="mask", **(TINY | {"latent_dim": 1})).fit(stored)
    from espelho.estimators.training.fitting import _data
    from espelho.training.batches import Cuts

    part = model._check_part(stored, None, reset=False)
    first, second = _data(model, part).arrange(Cuts(20, 10))
    assert second.observed is None
    assert first.observed.tolist() == (~np.isnan(X[:10])).tolist()
    assert first.x[3, 1] == 0


def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(table, tmp_path):
    settings = TINY | {"missing": "mask", "batch_size": 16, "max_epochs": 4}
    whole = Autoencoder(**settings).fit(table)
    run = str(tmp_path / "run")
    first = checkpoint.Checkpoint(run)
    Autoencoder(**(settings | {"max_epochs": 2}), callbacks=(first,)).fit(table)
    resumed = espelho.resume(run, table, max_epochs=4)
    assert_same(weights(resumed), weights(whole))


def test_a_table_keeps_its_names_and_types(table):
    frame = pd.DataFrame(table, columns=list("abcde"))
    frame["n"] = pd.array([None, *range(79)], dtype="Int64")
    model = Autoencoder(missing="mask", **TINY).fit(frame)
    filled = model.impute(frame)
    assert filled.dtypes.equals(frame.dtypes)
    assert not filled.isna().any().any()
    assert filled["n"].tolist()[1:] == list(range(79))
    assert model.reconstruct(frame).dtypes.equals(frame.dtypes)


def test_lists_with_none_are_data_with_gaps():
    rows = [[1.0, None, 2.0], [2.0, 1.0, 3.0], [0.5, 0.0, float("nan")], [3.0, 2.0, 1.0]]
    filled = Autoencoder(missing="mask", max_epochs=1, random_state=0).fit(rows).impute(rows)
    assert filled[1].tolist() == [2, 1, 3]
    assert np.isfinite(filled.astype(float)).all()


def test_data_without_gaps_comes_back_as_a_copy(table):
    model = Autoencoder(missing="mask", **TINY).fit(table)
    whole = np.nan_to_num(table)
    filled = model.impute(whole)
    np.testing.assert_array_equal(filled, whole)
    assert filled is not whole
    np.testing.assert_array_equal(model.impute(sparse.csr_array(whole)), whole)


def test_networks_of_your_own_take_images_with_gaps():
    images = load_digits().images[:60].copy()
    images[np.random.default_rng(0).random(images.shape) < 0.3] = np.nan
    images[:, 0, 0] = 0.0
    model = Autoencoder(
        encoder=nn.Sequential(nn.Flatten(), nn.Linear(64, 4)),
        missing="mask", max_epochs=2, random_state=0,
    ).fit(images)  # fmt: skip
    filled = model.impute(images)
    assert filled.shape == images.shape
    assert np.isfinite(filled).all()


@pytest.mark.parametrize("data", [load_breast_cancer, load_digits])
def test_it_beats_the_means_of_columns(data):
    X = data().data[:500]
    X = X[:, X.std(axis=0) > 0]
    hidden = np.random.default_rng(0).random(X.shape) < 0.3
    seen = np.where(hidden, np.nan, X)
    scale = np.nanstd(seen, axis=0)
    scale[scale == 0] = 1
    model = Autoencoder(missing="mask", max_epochs=40, random_state=0).fit(seen)
    answers, means = model.impute(seen), np.broadcast_to(np.nanmean(seen, axis=0), X.shape)
    by_model, by_means = (
        np.square((found - X) / scale)[hidden].mean() ** 0.5 for found in (answers, means)
    )
    assert by_model < 0.85 * by_means


def test_hiding_teaches_to_fill_rows_with_more_gaps_than_those_learned_from():
    X = load_breast_cancer().data
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    hidden = np.random.default_rng(0).random(X.shape) < 0.5
    seen = np.where(hidden, np.nan, X)

    def error(**settings):
        model = Autoencoder(missing="mask", max_epochs=30, random_state=0, **settings)
        answers = model.fit(X[:400]).impute(seen[400:])
        return np.square(answers - X[400:])[hidden[400:]].mean() ** 0.5

    assert error() < 0.9 * error(missing_noise=0.0)


def test_the_preset_for_imputation_fills_gaps(table):
    model = Autoencoder(**espelho.preset("imputation", max_epochs=1, random_state=0)).fit(table)
    assert np.isfinite(model.impute(table)).all()


def test_a_detector_of_anomalies_takes_gaps(table):
    detector = AnomalyDetector(Autoencoder(missing="mask", **TINY)).fit(table)
    assert detector.__sklearn_tags__().input_tags.allow_nan
    assert set(detector.predict(table)) <= {-1, 1}
    found = detector.explain(table)
    assert (found.contributions[np.isnan(table)] == 0).all()
    assert detector.score_samples(table)[7] == 0
    assert not AnomalyDetector().__sklearn_tags__().input_tags.allow_nan


def test_tags_say_whether_gaps_are_let_in():
    assert Autoencoder(missing="mask").__sklearn_tags__().input_tags.allow_nan
    assert not Autoencoder().__sklearn_tags__().input_tags.allow_nan


def test_what_hides_features_is_said_by_the_settings(table):
    def corruption(**settings):
        return Autoencoder(missing="mask", **(TINY | settings)).fit(table)._corruption()

    assert isinstance(corruption(), Hiding)
    assert corruption(missing_noise=0.0) is None
    assert isinstance(corruption(corruption="masking"), Masking)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinity_is_still_refused(table, value):
    table[2, 3] = value
    with pytest.raises(DataError, match=r"holds 1 value of infinity: in row 2 .*column 3\."):
        Autoencoder(missing="mask", **TINY).fit(table)


def test_gaps_in_sparse_data_are_refused(table):
    with pytest.raises(DataError, match="NaN"):
        Autoencoder(missing="mask", **TINY).fit(sparse.csr_array(table))


def test_a_column_of_which_nothing_is_known_is_refused_by_its_name(table):
    table[:, 3] = np.nan
    frame = pd.DataFrame(table, columns=["a", "b", "c", "weight", "e"])
    with pytest.raises(DataError, match="Nothing was observed of column 'weight'"):
        Autoencoder(missing="mask", **TINY).fit(frame)


def test_a_column_that_is_known_in_held_out_rows_alone_is_refused(table):
    table[:, 3] = np.nan
    table[0, 3] = 1.0
    refused = 0
    for seed in range(6):
        model = Autoencoder(
            missing="mask", validation_fraction=0.5, **(TINY | {"random_state": seed})
        )
        try:
            model.fit(table)
        except DataError as error:
            refused += "column 3" in str(error)
    assert 0 < refused < 6


def test_the_message_says_what_to_do_where_there_is_something(table):
    with pytest.raises(DataError, match=r"Or let Autoencoder learn .*missing='mask'"):
        Autoencoder(**TINY).fit(table)
    for other in (GAN(max_epochs=1), ConvolutionalAutoencoder(max_epochs=1)):
        with pytest.raises(DataError, match="SimpleImputer") as caught:
            other.fit(table)
        assert "mask" not in str(caught.value)
        assert "missing" not in other.get_params()


def test_only_what_learned_across_gaps_fills_them(table):
    assert not hasattr(Autoencoder(), "impute")
    with pytest.raises(AttributeError) as caught:
        Autoencoder().impute(table)
    assert "missing='mask'" in str(caught.value.__cause__)
    model = Autoencoder(**TINY).fit(np.nan_to_num(table)).set_params(missing="mask")
    with pytest.raises(DataError, match="NaN"):
        model.impute(table)


def test_another_fit_with_warm_start_cannot_begin_to_take_gaps(table):
    model = Autoencoder(warm_start=True, **TINY).fit(np.nan_to_num(table))
    with pytest.raises(SettingError, match="missing"):
        model.set_params(missing="mask").fit(np.nan_to_num(table))


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"missing_noise": 0.2}, "missing_noise=0.2 and missing='error' cannot work together"),
        (
            {"missing": "mask", "missing_noise": 0.2, "corruption": "masking"},
            "missing_noise=0.2 and corruption='masking' cannot work together",
        ),
        ({"missing": "mask", "shifts": 1}, "shifts=1 and missing='mask' cannot work together"),
        (
            {"missing": "mask", "binarize": True, "loss": "bernoulli"},
            "binarize=True and missing='mask' cannot work together",
        ),
        ({"missing": "fill"}, "missing of Autoencoder must be 'error' or 'mask'"),
    ],
)
def test_settings_that_cannot_work_together_are_named(settings, expected, table):
    with pytest.raises(SettingError, match=expected):
        Autoencoder(**TINY, **settings).fit(table)
