"""The dense autoencoder as a scikit-learn estimator: what it learns and gives back."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from scipy import sparse
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from torch import nn

from espelho import Autoencoder
from espelho.errors import DataError, EspelhoWarning, SettingError, ShapeError

TINY = {"hidden_sizes": (8,), "max_epochs": 3, "random_state": 0}


@pytest.fixture(scope="module")
def iris():
    return load_iris().data


@pytest.fixture(scope="module")
def model(iris):
    return Autoencoder(latent_dim=2, **TINY).fit(iris)


def test_it_learns_more_than_the_principal_components():
    X = load_digits().data
    model = Autoencoder(
        latent_dim=8, hidden_sizes=(128,), max_epochs=60, learning_rate=5e-3, random_state=0
    ).fit(X)
    pca = PCA(8).fit(X)
    by_pca = np.square(X - pca.inverse_transform(pca.transform(X))).sum(axis=1).mean()
    assert -model.score(X) < 0.75 * by_pca


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(iris):
    codes = [
        Autoencoder(latent_dim=2, **{**TINY, "random_state": seed}).fit_transform(iris)
        for seed in (1, 1, 2)
    ]
    np.testing.assert_array_equal(codes[0], codes[1])
    assert not np.allclose(codes[0], codes[2])


def test_the_callers_random_state_is_left_alone(iris):
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    Autoencoder(latent_dim=2, **TINY).fit(iris).transform(iris)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()


def test_codes_are_the_same_twice_and_alone(model, iris):
    np.testing.assert_array_equal(model.transform(iris), model.transform(iris))
    alone = np.concatenate([model.transform(row[None]) for row in iris])
    np.testing.assert_allclose(alone, model.transform(iris), atol=1e-12)


def test_decoding_the_codes_is_reconstructing(model, iris):
    decoded = model.inverse_transform(model.transform(iris))
    np.testing.assert_allclose(decoded, model.reconstruct(iris), rtol=1e-10)


def test_errors_by_sample_feature_and_element_agree(model, iris):
    each = np.square(iris - model.reconstruct(iris))
    np.testing.assert_allclose(model.reconstruction_error(iris, per="element"), each, atol=1e-10)
    np.testing.assert_allclose(model.reconstruction_error(iris), each.sum(axis=1), atol=1e-10)
    by_feature = model.reconstruction_error(iris, per="feature")
    np.testing.assert_allclose(by_feature, each.mean(axis=0), atol=1e-10)
    np.testing.assert_allclose(model.score_samples(iris), -each.sum(axis=1), atol=1e-10)
    assert model.score(iris) == pytest.approx(-each.sum(axis=1).mean())


def test_the_absolute_error_is_in_the_datas_units(iris):
    model = Autoencoder(latent_dim=2, loss="absolute_error", **TINY).fit(iris)
    expected = np.abs(iris - model.reconstruct(iris)).sum(axis=1)
    np.testing.assert_allclose(model.reconstruction_error(iris), expected, atol=1e-10)


def test_the_bernoulli_error_is_in_nats():
    X = load_digits().data[:100]
    model = Autoencoder(latent_dim=4, loss="bernoulli", **TINY).fit(X)
    p = (model.reconstruct(X) - model.scaling_.shift) / model.scaling_.scale
    x = model.scaling_.forward(X)
    nats = -(x * np.log(p) + (1 - x) * np.log1p(-p)).sum(axis=1)
    np.testing.assert_allclose(model.reconstruction_error(X), nats, rtol=1e-6)


def test_an_unknown_kind_of_error_is_refused(model, iris):
    with pytest.raises(SettingError, match="'pixel'"):
        model.reconstruction_error(iris, per="pixel")


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "uint16", "int32", "bool"])
def test_results_have_the_type_that_came_in(dtype):
    X = np.random.default_rng(0).integers(0, 2 if dtype == "bool" else 200, (40, 6)).astype(dtype)
    model = Autoencoder(latent_dim=2, **TINY).fit(X)
    rebuilt = model.reconstruct(X)
    assert rebuilt.dtype == X.dtype
    assert model.transform(X).dtype == (dtype if dtype == "float64" else np.float32)
    assert model.inverse_transform(model.transform(X)).dtype == X.dtype


def test_images_come_back_as_images():
    X = load_digits().images.astype(np.uint8)
    model = Autoencoder(latent_dim=3, **TINY).fit(X)
    assert model.sample_shape_ == (8, 8)
    assert model.n_features_in_ == 64
    assert model.reconstruct(X[:5]).shape == (5, 8, 8)
    assert model.reconstruction_error(X, per="feature").shape == (8, 8)
    assert model.reconstruction_error(X[:5], per="element").shape == (5, 8, 8)
    assert model.inverse_transform(model.transform(X[:5])).shape == (5, 8, 8)
    assert model.scaling_.kind == "range"


@pytest.mark.parametrize("library", [pd, pl])
def test_tables_come_back_as_tables(library):
    columns = {"age": [30, 41, 52, 63] * 5, "height": [1.6, 1.7, 1.8, 1.9] * 5}
    table = library.DataFrame(columns)
    model = Autoencoder(latent_dim=1, **TINY).fit(table)
    rebuilt = model.reconstruct(table)
    assert type(rebuilt) is type(table)
    assert list(rebuilt.columns) == ["age", "height"]
    assert list(rebuilt.dtypes) == list(table.dtypes)
    assert list(model.feature_names_in_) == ["age", "height"]


def test_an_index_is_kept():
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3.0, 2.0, 1.0]}, index=["x", "y", "z"])
    assert list(Autoencoder(latent_dim=1, **TINY).fit(table).reconstruct(table).index) == [*"xyz"]


def test_pandas_own_integers_come_back():
    table = pd.DataFrame({"a": pd.array([1, 2, 3, 4], dtype="Int64"), "b": [1.0, 2.0, 3.0, 5.0]})
    rebuilt = Autoencoder(latent_dim=1, **TINY).fit(table).reconstruct(table)
    assert str(rebuilt["a"].dtype) == "Int64"


def test_tensors_come_back_as_tensors(iris):
    X = torch.tensor(iris, dtype=torch.float32)
    model = Autoencoder(latent_dim=2, **TINY).fit(X)
    rebuilt = model.reconstruct(X)
    assert isinstance(rebuilt, torch.Tensor)
    assert rebuilt.dtype == torch.float32


def test_sparse_data_learns_what_dense_data_does():
    X = np.random.default_rng(0).poisson(0.3, (60, 20)).astype(float)
    dense = Autoencoder(latent_dim=3, batch_size=16, **TINY).fit(X)
    thin = Autoencoder(latent_dim=3, batch_size=16, **TINY).fit(sparse.csr_matrix(X))
    np.testing.assert_allclose(thin.transform(sparse.csr_array(X)), dense.transform(X), atol=1e-9)
    np.testing.assert_allclose(thin.reconstruct(sparse.csc_matrix(X)), dense.reconstruct(X))


def test_set_output_makes_named_tables_of_codes(iris):
    model = Autoencoder(latent_dim=2, **TINY).set_output(transform="pandas").fit(iris)
    codes = model.transform(iris)
    assert list(codes.columns) == ["autoencoder0", "autoencoder1"]


def test_a_pipeline_and_a_grid_search_work():
    X, y = load_iris(return_X_y=True)
    steps = make_pipeline(Autoencoder(**TINY), LogisticRegression(max_iter=1000))
    grid = {"autoencoder__latent_dim": np.array([1, 2]), "autoencoder__hidden_sizes": [(8,), [4]]}
    search = GridSearchCV(steps, grid, cv=2).fit(X, y)
    assert search.best_score_ > 0.5


def test_a_search_by_its_own_score_prefers_the_wider_code(iris):
    search = GridSearchCV(
        Autoencoder(hidden_sizes=(16,), max_epochs=60, random_state=0),
        {"latent_dim": [1, 3]},
        cv=2,
    )
    assert search.fit(iris).best_params_ == {"latent_dim": 3}


def test_clones_and_pickles_are_equal(model, iris):
    again = clone(model).fit(iris)
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.transform(iris), model.transform(iris))
    np.testing.assert_array_equal(copied.transform(iris), model.transform(iris))


def test_weights_count_like_repetitions_and_zero_like_absence(iris):
    weight = np.random.default_rng(0).integers(0, 3, len(iris))
    repeated = Autoencoder(latent_dim=2, batch_size=500, **TINY).fit(
        np.repeat(iris, weight, axis=0)
    )
    weighted = Autoencoder(latent_dim=2, batch_size=500, **TINY).fit(iris, sample_weight=weight)
    np.testing.assert_allclose(weighted.transform(iris), repeated.transform(iris), rtol=1e-8)


@pytest.mark.parametrize(
    "weight", [np.zeros(150), -np.ones(150), np.ones(149), np.full(150, np.nan), np.ones((150, 1))]
)
def test_weights_that_weigh_nothing_are_refused(iris, weight):
    with pytest.raises(DataError, match="sample_weight"):
        Autoencoder(**TINY).fit(iris, sample_weight=weight)


def test_one_row_few_rows_and_constant_columns_are_learned_from(iris):
    for X in (iris[:1], iris[:3], np.ones((20, 4)), np.column_stack([iris, np.full(150, 7.0)])):
        model = Autoencoder(latent_dim=1, **TINY).fit(X)
        assert np.isfinite(model.reconstruct(X)).all()
    # The constant column's scaled value is 0 for every row, so it costs next to nothing.
    assert model.reconstruct(X)[:, -1] == pytest.approx(7.0, abs=2.0)


def test_epochs_go_on_from_where_they_were_with_partial_fit(iris):
    model = Autoencoder(latent_dim=2, hidden_sizes=(8,), random_state=0)
    scores = [model.partial_fit(iris).score(iris) for _ in range(30)]
    assert scores[-1] > scores[0]
    assert model.n_epochs_ == len(model.history_) == 30
    assert [record["epoch"] for record in model.history_] == list(range(1, 31))


def test_partial_fit_keeps_the_optimisers_state(iris):
    once = Autoencoder(latent_dim=2, hidden_sizes=(8,), random_state=0, batch_size=500)
    whole = clone(once).set_params(max_epochs=5).fit(iris)
    for _ in range(5):
        once.partial_fit(iris)
    # With one batch an epoch the order of the rows changes rounding only.
    np.testing.assert_allclose(once.transform(iris), whole.transform(iris), rtol=1e-6)


def test_a_warm_start_goes_on_and_a_cold_one_starts_again(iris):
    warm = Autoencoder(latent_dim=2, warm_start=True, **TINY).fit(iris)
    first = warm.score(iris)
    assert warm.fit(iris).score(iris) > first
    cold = Autoencoder(latent_dim=2, **TINY).fit(iris)
    assert cold.score(iris) == cold.fit(iris).score(iris)


RESTRICTIONS = (
    {"weight_decay": 1e-3},
    {"code_activation": "binary"},
    {"corruption": "masking"},
    {"sparsity": 0.1},
    {"contraction": 0.1},
    {"active_units": 2},
)


def test_a_wide_code_without_restriction_warns_of_the_identity_and_names_all_restrictions(iris):
    with pytest.warns(EspelhoWarning, match="identity") as caught:
        Autoencoder(latent_dim=4, **TINY).fit(iris)
    text = str(caught[0].message)
    assert [name for restriction in RESTRICTIONS for name in restriction if name not in text] == []


@pytest.mark.parametrize("restriction", [*RESTRICTIONS, {"hidden_sizes": (3,)}])
def test_a_restricted_wide_code_does_not_warn(iris, restriction):
    Autoencoder(latent_dim=6, **{**TINY, **restriction}).fit(iris)


def test_a_wide_code_learns_the_identity_and_a_dead_one_the_mean(iris):
    with pytest.warns(EspelhoWarning):
        wide = Autoencoder(
            latent_dim=8, hidden_sizes=(), max_epochs=400, learning_rate=1e-2, random_state=0
        ).fit(iris)
    assert -wide.score(iris) < 1e-3
    dead = Autoencoder(
        latent_dim=1, hidden_sizes=(), code_activation="binary", weight_decay=100.0,
        max_epochs=300, learning_rate=1e-2, random_state=0,
    ).fit(iris)  # fmt: skip
    constant = np.square(iris - iris.mean(axis=0)).sum(axis=1).mean()
    assert -dead.score(iris) == pytest.approx(constant, rel=0.02)


def test_binary_codes_are_binary(iris):
    codes = Autoencoder(latent_dim=3, code_activation="binary", **TINY).fit_transform(iris)
    assert set(np.unique(codes)) <= {0.0, 1.0}


def test_tied_weights_are_fewer(iris):
    free = Autoencoder(latent_dim=2, **TINY).fit(iris).model_
    tied = Autoencoder(latent_dim=2, tied=True, **TINY).fit(iris).model_
    count = [sum(p.numel() for p in m.parameters() if p.ndim > 1) for m in (free, tied)]
    assert count[0] == 2 * count[1]


def test_weight_decay_shrinks_the_weights_and_is_recorded(iris):
    plain = Autoencoder(latent_dim=2, **TINY).fit(iris)
    decayed = Autoencoder(latent_dim=2, weight_decay=1.0, **TINY).fit(iris)
    size = [sum(p.square().sum() for p in m.model_.parameters()).item() for m in (plain, decayed)]
    assert size[1] < size[0]
    assert set(decayed.history_.figures) == {
        "reconstruct/squared_error",
        "reconstruct/weight_decay",
    }


def test_validation_patience_averaging_and_schedules_work_together(iris):
    model = Autoencoder(
        latent_dim=2, hidden_sizes=(8,), max_epochs=200, validation_fraction=0.2, patience=3,
        averaging=500.0, schedule="plateau", schedule_options={"patience": 1}, random_state=0,
        optimizer="adamw", optimizer_options={"weight_decay": 0.1}, gradient_clip=1.0,
        learning_rate=0.1,
    ).fit(iris)  # fmt: skip
    assert model.stop_reason_ == "early stopping"
    assert "validation/reconstruct/squared_error" in model.history_.figures


def test_a_validation_share_that_leaves_nothing_is_refused(iris):
    with pytest.raises(DataError, match="leaves none"):
        Autoencoder(validation_fraction=0.9, **TINY).fit(iris[:1])


def test_precision_follows_the_data_or_the_setting(iris):
    assert Autoencoder(latent_dim=2, **TINY).fit(iris).precision_ == "float64"
    assert Autoencoder(latent_dim=2, precision="float32", **TINY).fit(iris).precision_ == "float32"
    wide = np.zeros((2**11, 2**9 + 1))
    narrow = Autoencoder(latent_dim=1, hidden_sizes=(), max_epochs=1, random_state=0).fit(wide)
    assert narrow.precision_ == "float32"
    assert narrow.transform(wide).dtype == np.float64


class Folded(nn.Module):
    """A user's own network on images."""

    def __init__(self, width=3):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(72, width)
        )

    def forward(self, x):
        return self.layers(x)


def test_a_network_of_ones_own_is_copied_trained_and_saved(tmp_path):
    from espelho import load

    X = load_digits().data
    own = Folded()
    before = [p.clone() for p in own.parameters()]
    model = Autoencoder(encoder=own, sample_shape=(1, 8, 8), **TINY).fit(X)
    assert model.latent_dim_ == 3
    assert all(torch.equal(a, b) for a, b in zip(before, own.parameters(), strict=True))
    model.save(tmp_path / "own")
    with pytest.raises(ValueError, match=r"encoder=\.\.\."):
        load(tmp_path / "own")
    again = load(tmp_path / "own", encoder=Folded())
    np.testing.assert_array_equal(again.transform(X), model.transform(X))


def test_a_decoder_of_ones_own_gets_an_encoder(iris):
    decoder = nn.Sequential(nn.Linear(2, 5), nn.Tanh(), nn.Linear(5, 4))
    model = Autoencoder(latent_dim=2, decoder=decoder, **TINY).fit(iris)
    assert model.reconstruct(iris).shape == iris.shape


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"encoder": nn.Linear}, SettingError, "an instance, not a class"),
        ({"encoder": nn.Linear(5, 2)}, ShapeError, "encoder cannot take"),
        ({"encoder": nn.Linear(4, 2), "latent_dim": 3}, ShapeError, "(n, 3), as latent_dim says"),
        ({"encoder": nn.Unflatten(1, (2, 2))}, ShapeError, "(n, latent_dim)"),
        ({"decoder": nn.Linear(2, 5), "latent_dim": 2}, ShapeError, "decoder must return"),
        ({"tied": True, "decoder_sizes": (3,)}, SettingError, "tied=True and decoder_sizes"),
        ({"tied": True, "encoder": nn.Linear(4, 2)}, SettingError, "tied=True and encoder"),
        ({"loss": "bernoulli", "scaling": "standard"}, SettingError, "scaling='standard'"),
        ({"loss": "bernoulli", "output_activation": "tanh"}, SettingError, "'tanh'"),
        ({"loss": "bernoulli", "scaling": "none"}, DataError, "[0, 1]"),
        ({"sample_shape": (3, 3)}, ShapeError, "sample_shape=(3, 3)"),
        ({"shifts": 1}, SettingError, "shifts=1 needs images"),
        ({"device": "cuda:99"}, RuntimeError, "not available here"),
        ({"optimizer_options": {"x": 1}}, SettingError, "'adam' has no option 'x'"),
    ],
)
def test_what_cannot_work_is_one_clear_error(iris, settings, error, said):
    with pytest.raises(error) as raised:
        Autoencoder(**{**TINY, **settings}).fit(iris)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("X", "said"),
    [
        ([[1.0, np.nan], [2.0, 3.0]], "NaN"),
        ([[1.0, np.inf], [2.0, 3.0]], "infinity"),
        ([1.0, 2.0], "2D array"),
        (np.empty((0, 3)), "0 sample"),
        (pd.DataFrame({"a": [1.0, 2.0], "word": ["x", None]}), "'word' holds no value"),
    ],
)
def test_data_that_cannot_be_learned_from_is_one_clear_error(X, said):
    with pytest.raises(ValueError, match=said):
        Autoencoder(**TINY).fit(X)


def test_data_of_another_width_is_refused_after_fitting(model, iris):
    for X in (iris[:, :3], np.zeros((2, 2, 3))):
        with pytest.raises(ValueError, match="expecting 4 features"):
            model.transform(X)
    with pytest.raises(ShapeError, match="takes codes"):
        model.inverse_transform(iris)


def test_divergence_is_an_error_that_leaves_the_last_good_weights(iris):
    model = Autoencoder(
        latent_dim=2, optimizer="sgd", learning_rate=1e6, precision="float32", **TINY
    )
    with pytest.raises(RuntimeError, match=r"Training diverged.*learning_rate"):
        model.fit(iris)
    assert np.isfinite(model.transform(iris)).all()


def test_a_history_names_what_was_recorded(model):
    assert len(model.history_["reconstruct/squared_error"]) == 3
    with pytest.raises(KeyError, match="reconstruct/squared_error"):
        model.history_["nothing"]


@pytest.mark.parametrize("normalization", ["batch", "layer"])
def test_normalised_networks_learn_save_and_resume(iris, tmp_path, normalization):
    from espelho import Checkpoint, load

    settings = {**TINY, "latent_dim": 2, "normalization": normalization, "batch_size": 149}
    model = Autoencoder(**settings, callbacks=(Checkpoint(tmp_path / "run"),)).fit(iris)
    np.testing.assert_array_equal(load(tmp_path / "run").transform(iris), model.transform(iris))
    alone = np.concatenate([model.transform(row[None]) for row in iris])
    np.testing.assert_allclose(alone, model.transform(iris), atol=1e-12)


def test_shifts_are_seen_in_training_and_not_after_it():
    X = load_digits().data
    settings = {**TINY, "latent_dim": 8, "sample_shape": (1, 8, 8), "batch_size": 2000}
    still = Autoencoder(**settings).fit(X)
    moved = Autoencoder(**settings, shifts=1).fit(X)
    assert moved.history_["reconstruct"][0] != still.history_["reconstruct"][0]
    np.testing.assert_array_equal(moved.transform(X), moved.transform(X))


def test_a_warm_start_with_another_structure_is_refused(iris):
    model = Autoencoder(latent_dim=2, warm_start=True, **TINY).fit(iris)
    with pytest.raises(SettingError, match="latent_dim is 2, not 3"):
        model.set_params(latent_dim=3).fit(iris)


def test_single_epochs_leave_no_checkpoints(iris, tmp_path):
    from espelho import Checkpoint

    with pytest.raises(SettingError, match="partial_fit and a Checkpoint"):
        Autoencoder(callbacks=(Checkpoint(tmp_path / "run"),), **TINY).partial_fit(iris)


def test_images_lying_down_are_not_images_standing_up():
    X = np.random.default_rng(0).random((20, 4, 6))
    model = Autoencoder(latent_dim=2, **TINY).fit(X)
    assert model.transform(X.reshape(20, 24)).shape == (20, 2)
    with pytest.raises(ShapeError, match=r"rows of shape \(4, 6\)"):
        model.transform(X.transpose(0, 2, 1))


def test_values_too_large_for_their_squares_are_named(iris):
    with pytest.raises(DataError, match=r"column 1 .* too large"):
        Autoencoder(**TINY).fit(iris * [1, 1e200, 1, 1])


@pytest.mark.parametrize("options", [{"betas": 0.5}, {"betas": (0.5,)}, {"eps": "x"}])
def test_an_option_of_another_kind_is_refused(iris, options):
    with pytest.raises(SettingError, match="must be like"):
        Autoencoder(optimizer_options=options, **TINY).fit(iris)


def test_transform_sees_a_block_at_a_time_however_many_rows_there_are():
    X = np.random.default_rng(0).integers(0, 256, (6000, 784), dtype=np.uint8)
    model = Autoencoder(latent_dim=2, hidden_sizes=(), max_epochs=1, random_state=0).fit(X[:32])
    seen = []
    model.model_.encoder.register_forward_hook(lambda _, given, __: seen.append(given[0].shape))

    codes = model.transform(X)

    rows = max(shape[0] for shape in seen)
    assert sum(shape[0] for shape in seen) == len(X)
    assert rows * 784 <= 2**20
    both = slice(rows - 1, rows + 1)
    np.testing.assert_allclose(codes[both], model.transform(X[both]), rtol=1e-4, atol=1e-4)


def test_mixed_precision_learns_about_as_well_with_weights_in_float32():
    X = load_digits().data.astype(np.float32)
    settings = {"hidden_sizes": (32,), "latent_dim": 8, "max_epochs": 5, "random_state": 0}
    plain = Autoencoder(**settings).fit(X)
    mixed = Autoencoder(**settings, precision="mixed").fit(X)

    assert {p.dtype for p in mixed.model_.parameters()} == {torch.float32}
    assert mixed.transform(X).dtype == np.float32
    assert mixed.score(X) == pytest.approx(plain.score(X), rel=0.05)
    assert mixed.score(X) != plain.score(X)
