"""Laws of tables with categories, over every member that takes them."""

import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from numpy.testing import assert_array_equal
from pandas.testing import assert_frame_equal
from scipy.stats import chisquare
from torch import nn

import espelho
from espelho.data.tables.table import Table
from espelho.errors import DataError, ShapeError
from espelho.estimators import registry

N = 120
DENSE = (
    "Autoencoder", "StackedAutoencoder", "SparseAutoencoder", "ContractiveAutoencoder",
    "DenoisingAutoencoder", "RobustAutoencoder", "VariationalAutoencoder",
    "MomentMatchingNetwork", "GAN", "ConditionalGAN", "AdversarialAutoencoder",
)  # fmt: skip
ENCODERS = tuple(name for name in DENSE if name.endswith("Autoencoder"))
SMALL = {"max_epochs": 2, "random_state": 0, "hidden_sizes": (8, 6)}
VARIANTS = {
    "importance": {"importance_samples": 3},
    "per feature": {"variance": "per_feature"},
    "absolute": {"loss": "absolute_error"},
    "bernoulli": {"loss": "bernoulli", "importance_samples": 2},
    "warm-up": {"kl_warm_up": 2, "beta": 0.5, "contraction": 0.1, "sparsity": 0.1},
}


def frame(n=N, seed=0):
    random = np.random.default_rng(seed)
    work = random.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2])
    size = pd.Categorical(random.choice(["S", "M"], n), categories=["S", "M", "L"], ordered=True)
    return pd.DataFrame(
        {
            "work": work,
            "age": random.integers(18, 80, n),
            "own": random.random(n) < 0.3,
            "wage": random.normal(1e3, 1e2, n) + 500 * (work == "a"),
            "size": size,
        }
    )


def fitted(name, X=None, **settings):
    X = frame() if X is None else X
    cls = registry.class_of(name)
    if issubclass(cls, espelho.Autoencoder):
        settings = {"latent_dim": min(2, X.shape[1] - 1), **settings}
    labels = np.arange(len(X)) % 2
    return cls(**{**SMALL, **settings}).fit(X, labels)


def drawing(name, **settings):
    """Return a fitted member that can sample."""
    point = name in ENCODERS and name not in ("VariationalAutoencoder", "AdversarialAutoencoder")
    return fitted(name, **({"sampler": "normal"} if point else {}), **settings)


def refused(call, said, error=DataError):
    with pytest.raises(error, match=said):
        call()


def test_dense_members_take_tables_and_others_do_not():
    takes = [n for n in registry.MODELS if getattr(registry.class_of(n)(), "_takes_tables", False)]
    assert sorted(takes) == sorted(DENSE)


@pytest.mark.parametrize("name", ["ConvolutionalAutoencoder", "LSTMAutoencoder", "ProgressiveGAN"])
def test_others_name_the_columns_that_they_do_not_take(name):
    refused(lambda: registry.class_of(name)().fit(frame()), "2 columns without numbers: 'work'")


def test_a_convolutional_gan_does_not_either():
    refused(lambda: espelho.GAN(structure="convolutional").fit(frame()), "columns without numbers")


@pytest.mark.parametrize("name", ENCODERS)
def test_what_is_given_back_has_the_columns_types_and_categories_of_what_came(name):
    X, model = frame(), fitted(name)
    X.index = X.index + 7
    for found in (model.reconstruct(X), model.inverse_transform(model.transform(X))):
        assert (found.dtypes == X.dtypes).all()
        assert found["work"].isin(["a", "b", "c"]).all()
    assert model.reconstruct(X).index.equals(X.index)
    assert model.n_features_in_ == 5
    assert list(model.feature_names_in_) == list(X.columns)
    assert len(model.get_feature_names_out()) == 2


@pytest.mark.parametrize("name", DENSE)
def test_samples_are_tables_and_the_same_for_a_seed(name):
    model = drawing(name)
    found = model.sample(9, random_state=1)
    assert (found.dtypes == frame().dtypes).all()
    assert_frame_equal(found, model.sample(9, random_state=1))
    assert not found.equals(model.sample(9, random_state=2))


@pytest.mark.parametrize("name", DENSE)
def test_saved_is_loaded_and_pickled(name, tmp_path):
    model = drawing(name)
    for again in (espelho.load(model.save(tmp_path / "run")), pickle.loads(pickle.dumps(model))):
        assert again.layout_.fields == model.layout_.fields
        assert_frame_equal(again.sample(4, random_state=0), model.sample(4, random_state=0))
        assert again.score(frame()) == model.score(frame())


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_of_the_variational_one_learn_of_tables(variant):
    model = fitted("VariationalAutoencoder", **VARIANTS[variant])
    bound = model.score_samples(frame())
    assert np.isfinite(bound).all()
    assert (model.log_likelihood(frame(), 200, random_state=0) > bound - 10).all()
    drawn = model.sample_observation(model.sample_codes(5, random_state=0), random_state=0)
    assert (drawn.dtypes == frame().dtypes).all()


def test_the_bound_is_the_likelihood_of_numbers_and_categories():
    model = fitted("VariationalAutoencoder", precision="float64", variance=0.5)
    X = frame()
    x = torch.from_numpy(model.scaling_.forward(model.layout_.encode(X)))
    with torch.no_grad():
        posterior = model.model_.posterior(x)
        output = model.model_.decoder(posterior.mean)
    numbers = torch.distributions.Normal(output[:, :2], 0.5**0.5).log_prob(x[:, :2]).sum(1)
    parts = zip(output[:, 2:].split((3, 2, 3), 1), x[:, 2:].split((3, 2, 3), 1), strict=True)
    words = sum(
        torch.distributions.Categorical(logits=logits).log_prob(one.argmax(1))
        for logits, one in parts
    )
    expected = numbers + words - posterior.kl().sum(1)
    np.testing.assert_allclose(model.score_samples(X), expected.numpy(), rtol=1e-9)


def test_the_variance_is_that_of_numbers_alone():
    words = frame()[["work", "size"]]
    both = words.assign(a=1.0 * np.arange(N), b=1.0 * np.arange(N) ** 2)
    for X in (both, words):
        model = fitted("VariationalAutoencoder", X, max_epochs=1, batch_size=N)
        assert np.isfinite(float(model.model_.observation.log_variance()))
    observation = model.model_.observation.train()
    x, output = _batch(model, words).x, torch.zeros(N, 1, 6)
    assert observation.fitted(x, output, None).exp() < 1e-4  # there are no numbers
    model = fitted("VariationalAutoencoder", both, precision="float64")
    x = _batch(model, both).x.double()
    output = torch.randn(N, 1, x.shape[1], dtype=torch.float64)
    found = model.model_.observation.train().fitted(x, output, None).exp()
    torch.testing.assert_close(found, (x[:, :2] - output[:, 0, :2]).square().mean())
    model = fitted("VariationalAutoencoder", both, variance="per_feature")
    assert model.model_.observation.log_variance().shape == (2,)


@pytest.mark.parametrize("name", ENCODERS)
def test_errors_are_of_columns_and_add_up(name):
    model = fitted(name)
    errors = model.reconstruction_error(frame(), per="element")
    assert errors.shape == (N, 5)
    np.testing.assert_allclose(errors.sum(1), model.reconstruction_error(frame()), rtol=1e-5)
    np.testing.assert_allclose(
        errors.mean(0), model.reconstruction_error(frame(), per="feature"), rtol=1e-5
    )


def test_the_error_is_the_loss_of_training():
    model = fitted("Autoencoder", precision="float64", learning_rate=1e-12, batch_size=N)
    loss = model.history_["reconstruct/squared_error_and_categories"][-1]
    np.testing.assert_allclose(model.reconstruction_error(frame()).mean(), loss, rtol=1e-6)


@pytest.mark.parametrize("name", ["VariationalAutoencoder", "GAN"])
def test_categories_come_as_often_as_the_decoder_says(name):
    model = drawing(name)
    codes = np.tile(model.sample_codes(1, random_state=0), (4000, 1))
    z = torch.from_numpy(codes[:1]).float()
    with torch.no_grad():
        model_ = model.model_
        p = (model_.decode(z) if name in ENCODERS else model_.generate(z))[0, 2:5].double()
    found = model._generate(codes, random=np.random.default_rng(0))["work"]
    counts = [int((found == value).sum()) for value in ("a", "b", "c")]
    assert chisquare(counts, (4000 * p / p.sum()).numpy()).pvalue > 0.01
    most = model._generate(codes[:1])["work"]
    assert most.tolist() == ["abc"[int(p.argmax())]]


def test_frames_of_numbers_alone_go_as_they_went():
    X = frame()[["age", "wage"]].astype(float)
    for name in ("Autoencoder", "VariationalAutoencoder", "GAN", "MomentMatchingNetwork"):
        of_frame, of_array = fitted(name, X), fitted(name, X.to_numpy())
        assert not hasattr(of_frame, "layout_")
        for a, b in zip(of_frame.model_.parameters(), of_array.model_.parameters(), strict=True):
            assert torch.equal(a, b)
        assert isinstance(drawing(name, X=X).sample(2, random_state=0), np.ndarray)


def test_a_fit_on_numbers_forgets_the_table_before():
    model = fitted("Autoencoder").set_params(latent_dim=1).fit(frame()[["age", "wage"]])
    assert not hasattr(model, "layout_")
    assert model.transform(frame()[["age", "wage"]]).shape == (N, 1)
    refused(
        lambda: model.transform(frame()[["age", "wage"]].assign(age="old")),
        "'age' held numbers in fit, and holds categories .*'old'",
    )


@pytest.mark.parametrize("name", ["Autoencoder", "ConditionalGAN"])
def test_what_was_not_in_fit_is_refused_by_name(name):
    model = fitted(name)
    refused(
        lambda: model.score(frame().assign(work="z")), "'work' holds the category 'z' in row 0"
    )
    refused(lambda: model.score(frame().assign(work=None)), "'work' holds no value")
    refused(lambda: model.score(frame().drop(columns="age")), "no column 'age'")
    refused(lambda: model.score(frame().to_numpy()), "must be a table with the columns work, age")
    refused(lambda: model.score(frame().assign(age=np.nan)), "NaN.*column 'age'")


def test_rare_and_unseen_categories_may_be_others():
    X = frame().assign(work=["a"] * (N - 3) + ["b", "c", "d"])
    model = fitted("VariationalAutoencoder", X, rare_share=0.05, other_category="rest")
    assert model.layout_.fields[0].values == ("a", "rest")
    assert_array_equal(
        model.transform(X.assign(work="never")), model.transform(X.assign(work="c"))
    )


def test_a_table_needs_rows_and_no_shape():
    refused(
        lambda: espelho.Autoencoder(sample_shape=(1, 5)).fit(frame()), "sample_shape", ShapeError
    )
    refused(lambda: espelho.Autoencoder().fit(frame(0)), "0 rows")


def test_more_epochs_go_on_where_training_stood():
    model = espelho.Autoencoder(latent_dim=2, random_state=0, hidden_sizes=(8,))
    for _ in range(2):
        model.partial_fit(frame())
    assert len(model.history_) == 2
    model.set_params(warm_start=True, max_epochs=1).fit(frame())
    refused(lambda: model.fit(frame().assign(work="z")), "never came in fit")


def test_a_weight_of_two_is_a_row_twice():
    twice = pd.concat([frame(), frame()], ignore_index=True)
    settings = {"precision": "float64", "batch_size": 2 * N, "scaling": "none", "max_epochs": 1}
    X = frame().assign(age=0, wage=0.0)
    many = fitted("Autoencoder", twice.assign(age=0, wage=0.0), **settings)
    model = espelho.Autoencoder(**{**SMALL, "latent_dim": 2, **settings})
    weighted = model.fit(X, sample_weight=np.full(N, 2.0))
    np.testing.assert_allclose(many.transform(X), weighted.transform(X), atol=1e-9)


@pytest.mark.parametrize("corruption", ["masking", "gaussian", "salt_and_pepper"])
def test_spoiled_tables_are_learned_from(corruption):
    model = fitted("DenoisingAutoencoder", corruption=corruption)
    assert np.isfinite(model.score(frame()))


def test_masking_hides_whole_columns():
    model = fitted("DenoisingAutoencoder", corruption="masking", corruption_level=0.5)
    x = torch.ones(200, model.layout_.width)
    hidden = model._corruption()(x) == 0
    for start, stop in ((2, 5), (5, 7), (7, 10)):
        assert (hidden[:, start:stop].any(1) == hidden[:, start:stop].all(1)).all()
    assert 0.4 < hidden[:, 2].double().mean() < 0.6
    counted = fitted("DenoisingAutoencoder", corruption="masking", corruption_count=2)
    hidden = counted._corruption()(x) == 0
    assert (hidden[:, [0, 1, 2, 5, 7]].sum(1) == 2).all()


@pytest.mark.parametrize("activation", ["auto", "tanh"])
def test_an_activation_of_the_output_is_of_numbers(activation):
    for tied in (False, True):
        model = fitted("Autoencoder", output_activation=activation, tied=tied, scaling="minmax")
        with torch.no_grad():
            output = model.model_.decoder(torch.randn(50, 2) * 100)
        assert (output[:, :2].abs() <= 1).all() == (activation == "tanh")
        assert (output[:, 2:].abs() > 1).any()


def test_ways_through_codes_lead_from_table_to_table():
    model, X = fitted("VariationalAutoencoder"), frame()
    way = model.interpolate(X.iloc[[0]], X.iloc[[1]], 3)
    assert (way.dtypes == X.dtypes).all()
    ends = model.reconstruct(X.iloc[:2]).reset_index(drop=True)
    assert_frame_equal(way.iloc[[0, 2]].reset_index(drop=True), ends)
    assert len(model.traverse(X.iloc[[0]], [0, 1], [-1, 0, 1])) == 6
    assert len(model.traverse(X.iloc[[0]], 1, [-1, 0])) == 2
    refused(lambda: model.interpolate(X, X), "One sample is expected, got a table of 120 rows")
    refused(lambda: model.interpolate(X.iloc[0], X.iloc[1]), "must be a table with the columns")


def test_networks_of_ones_own_see_groups():
    encoder, decoder = nn.Linear(10, 3), nn.Linear(3, 10)
    model = espelho.Autoencoder(encoder=encoder, decoder=decoder, max_epochs=1).fit(frame())
    assert (model.reconstruct(frame()).dtypes == frame().dtypes).all()


def test_other_libraries_tables_are_read_and_given_back():
    model = fitted("VariationalAutoencoder")
    other = pl.from_pandas(frame())
    assert_array_equal(model.transform(other), model.transform(frame()))
    found = model.reconstruct(other)
    assert found.schema == other.schema
    of_polars = fitted("VariationalAutoencoder", other)
    assert of_polars.sample(2, random_state=0).schema == other.schema
    table = Table(["work", "age"], [np.array(["a", "b"] * 9, object), np.arange(18)])
    assert isinstance(fitted("Autoencoder", table).reconstruct(table), Table)


def test_a_network_of_an_autoencoders_codes_makes_tables():
    from sklearn.frozen import FrozenEstimator

    autoencoder = fitted("Autoencoder")
    model = espelho.MomentMatchingNetwork(
        max_epochs=1, random_state=0, autoencoder=FrozenEstimator(autoencoder)
    ).fit(frame())
    found = model.sample(5, random_state=0)
    assert (found.dtypes == frame().dtypes).all()
    assert_frame_equal(found, model.sample(5, random_state=0))


def test_adversarial_samples_have_the_label_asked_for():
    model = fitted("AdversarialAutoencoder", prior="gaussian-mixture")
    found = model.sample(3, y=1, random_state=0)
    assert_frame_equal(found, model.sample(3, y=1, random_state=0))


@pytest.mark.parametrize(
    "settings",
    [
        {"packing": 2, "pool": 20},
        {"game": "wasserstein", "validation_fraction": 0.2},
        {"keep": "last"},
    ],
    ids=str,
)
def test_games_are_played_over_tables(settings):
    model = fitted("GAN", **settings)
    assert model.discriminate(frame()).shape == (N,)
    shown = model.model_.eval().shown(_batch(model))
    assert set(shown["made"][:, 2:].unique().tolist()) == {0.0, 1.0}


def _batch(model, X=None):
    from espelho.training.batches import Batch

    X = frame() if X is None else X
    x = model.scaling_.forward(model.layout_.encode(X), np.float32)
    return Batch(torch.from_numpy(x))


@pytest.mark.parametrize("name", ["Autoencoder", "VariationalAutoencoder", "RobustAutoencoder"])
def test_a_detector_says_what_each_column_adds(name):
    made = registry.class_of(name)(latent_dim=2, **SMALL)
    detector = espelho.AnomalyDetector(made).fit(frame())
    why = detector.explain(frame())
    np.testing.assert_allclose(why.contributions.sum(1) + why.code, -why.scores)
    assert why.contributions.shape == (N, 5)
    assert np.isnan(why.residuals[:, [0, 2, 4]]).all()
    assert np.isfinite(why.residuals[:, [1, 3]]).all()
    assert set(detector.predict(frame())) <= {-1, 1}
    if name != "VariationalAutoencoder":
        errors = detector.estimator_.reconstruction_error(frame(), per="element")
        np.testing.assert_allclose(why.contributions[:, [0, 2, 4]], errors[:, [0, 2, 4]])
        scaled = why.residuals[:, [1, 3]] / detector.estimator_.scaling_.scale[[1, 3]]
        np.testing.assert_allclose(why.contributions[:, [1, 3]], scaled**2)


def test_a_detector_with_the_bernoulli_loss_adds_nats():
    made = espelho.Autoencoder(latent_dim=2, loss="bernoulli", **SMALL)
    detector = espelho.AnomalyDetector(made).fit(frame())
    errors = detector.estimator_.reconstruction_error(frame(), per="element")
    np.testing.assert_allclose(detector.explain(frame()).contributions, errors)


def test_a_run_that_was_stopped_ends_as_one_that_was_not(tmp_path):
    from espelho.training.callbacks.checkpoint import Checkpoint

    settings = {"latent_dim": 2, "hidden_sizes": (8,), "random_state": 0}
    whole = espelho.VariationalAutoencoder(max_epochs=3, **settings).fit(frame())
    rule = Checkpoint(tmp_path / "run")
    espelho.VariationalAutoencoder(max_epochs=1, callbacks=(rule,), **settings).fit(frame())
    again = espelho.resume(tmp_path / "run", frame(), max_epochs=3)
    assert_array_equal(again.transform(frame()), whole.transform(frame()))
