"""Learning across gaps in tables with categories: what is missing counts for nothing."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import torch
from pandas.testing import assert_frame_equal
from sklearn.datasets import load_breast_cancer

import espelho
from espelho import (
    GAN,
    AdversarialAutoencoder,
    AnomalyDetector,
    Autoencoder,
    ContractiveAutoencoder,
    DenoisingAutoencoder,
    RobustAutoencoder,
    SparseAutoencoder,
    StackedAutoencoder,
    VariationalAutoencoder,
)
from espelho.errors import DataError
from espelho.training.batches import Batch
from espelho.training.callbacks.checkpoint import Checkpoint

N = 120
TINY = {"hidden_sizes": (8,), "latent_dim": 3, "max_epochs": 3, "random_state": 0}
SIMPLE = [
    Autoencoder(missing="mask", **TINY),
    Autoencoder(missing="mask", loss="bernoulli", **TINY),
    Autoencoder(missing="mask", loss="absolute_error", tied=True, **TINY),
    RobustAutoencoder(missing="mask", **TINY),
    VariationalAutoencoder(missing="mask", **TINY),
    VariationalAutoencoder(missing="mask", variance="learned", importance_samples=3, **TINY),
    VariationalAutoencoder(missing="mask", loss="bernoulli", importance_samples=2, **TINY),
]
MEMBERS = [
    *SIMPLE,
    SparseAutoencoder(missing="mask", **TINY),
    ContractiveAutoencoder(missing="mask", **TINY),
    StackedAutoencoder(missing="mask", **TINY),
    DenoisingAutoencoder(missing="mask", corruption="masking", **TINY),
    DenoisingAutoencoder(missing="mask", corruption="salt_and_pepper", **TINY),
    AdversarialAutoencoder(missing="mask", discriminator_sizes=(4,), **TINY),
]


def names(member):
    return type(member).__name__ + "-" + member.loss


def whole():
    random = np.random.default_rng(0)
    work = random.choice(["a", "b", "c"], N, p=[0.5, 0.3, 0.2])
    size = pd.Categorical(random.choice(["S", "M"], N), categories=["L", "M", "S"], ordered=True)
    return pd.DataFrame(
        {
            "work": work,
            "age": pd.array(random.integers(18, 80, N), dtype="Int64"),
            "own": pd.Series(random.random(N) < 0.3).astype(object),
            "wage": random.normal(1e3, 1e2, N) + 500 * (work == "a"),
            "size": size,
            "perhaps": pd.array(random.random(N) < 0.5, dtype="boolean"),
        }
    )


def hidden():
    marks = np.random.default_rng(1).random((N, 6)) < 0.25
    marks[7] = True
    return marks


def frame():
    return whole().mask(hidden())


def fitted(member, X=None):
    X = frame() if X is None else X
    return type(member)(**member.get_params()).fit(X)


def assert_same_weights(a, b):
    for one, other in zip(a.model_.parameters(), b.model_.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("member", MEMBERS, ids=names)
def test_every_dense_member_takes_gaps_and_fills_them(member):
    X, model = frame(), fitted(member)
    assert np.isfinite(model.transform(X)).all()
    assert np.isfinite(model.score_samples(X)).all()
    assert np.isfinite(model.reconstruction_error(X, per="feature")).all()
    found, known = model.impute(X), ~hidden()
    assert (found.dtypes == X.dtypes).all()
    assert found["size"].dtype == X["size"].dtype
    assert not found.isna().any().any()
    for place, name in enumerate(X.columns):
        assert found[name][known[:, place]].tolist() == X[name][known[:, place]].tolist()
    assert found["work"].isin(["a", "b", "c"]).all()


@pytest.mark.parametrize("member", MEMBERS, ids=names)
def test_without_gaps_or_hiding_the_weights_are_those_of_error(member):
    masked = type(member)(**member.get_params())
    if masked.corruption == "none":
        masked.set_params(missing_noise=0.0)
    plain = type(member)(**masked.get_params()).set_params(missing="error", missing_noise=None)
    assert_same_weights(masked.fit(whole()), plain.fit(whole()))


@pytest.mark.parametrize("member", SIMPLE, ids=names)
def test_what_stands_in_a_hidden_cell_changes_no_loss_and_no_gradient(member):
    model = fitted(member)
    values = model.layout_.encode(frame(), gaps=True)
    x = torch.from_numpy(model.scaling_.forward(values, np.float32))
    observed = torch.from_numpy(~model.scaling_.gaps(values))
    stand_ins = torch.from_numpy(model.scaling_.stand_ins).float()
    full = model.layout_.encode(whole())
    told = torch.from_numpy(model.scaling_.forward(full, np.float32))
    assert torch.equal(told[observed], x[observed])

    def paid(target):
        """The loss and its gradient, where the encoder sees gaps and the target has none."""
        torch.manual_seed(0)
        hide = lambda x: torch.where(observed, x, stand_ins)  # noqa: E731
        model.model_.objective = replace(model.model_.objective, corruption=hide)
        model.model_.train().zero_grad()
        phase = model.model_.reconstruct_phase()
        terms = phase.loss(Batch(target, observed=observed))
        sum(terms.values()).backward()
        gradients = [p.grad.clone() for p in model.model_.parameters()]
        return [*(term.detach() for term in terms.values()), *gradients]

    for one, other in zip(paid(x), paid(told), strict=True):
        assert torch.equal(one, other)
    everywhere = told.clone()
    everywhere[:, -2:] = 1 - everywhere[:, -2:]  # what was observed does change them
    assert not torch.equal(paid(x)[0], paid(everywhere)[0])


def test_nothing_by_any_name_stands_in_a_hidden_cell():
    X, other = frame(), frame()
    work = X["work"].astype(object)
    work[X["work"].isna()] = None
    other["work"] = work
    own = X["own"].copy()
    own[X["own"].isna()] = pd.NA
    other["own"] = own
    bits = other["wage"].to_numpy().copy().view(np.int64)
    bits[X["wage"].isna()] |= 2**51 - 1
    other["wage"] = bits.view(np.float64)
    member = Autoencoder(missing="mask", **TINY)
    assert_same_weights(fitted(member, X), fitted(member, other))


def test_a_row_of_which_nothing_is_known_gets_means_and_the_most_frequent_categories():
    model, X = fitted(Autoencoder(missing="mask", **TINY)), frame()
    row = model.impute(X).iloc[7]
    for name in ("work", "own", "size", "perhaps"):
        assert row[name] == X[name].mode()[0]
    assert row["wage"] == pytest.approx(X["wage"].mean())
    assert row["age"] == round(X["age"].mean())


def test_of_nothing_the_likelihood_is_one():
    member = VariationalAutoencoder(missing="mask", variance=1.0, **TINY)
    found = fitted(member).log_likelihood(frame(), 500, random_state=0)
    assert abs(found[7]) < 0.2
    assert (found[:7] < -0.3).all()


def test_errors_are_of_what_was_observed():
    model = fitted(Autoencoder(missing="mask", **TINY))
    errors = model.reconstruction_error(frame(), per="element")
    assert (errors[hidden()] == 0).all()
    assert (errors[~hidden()] > 0).all()
    np.testing.assert_allclose(errors.sum(1), model.reconstruction_error(frame()), rtol=1e-5)


def test_training_hides_whole_columns():
    model = fitted(Autoencoder(missing="mask", missing_noise=0.5, **TINY))
    x = torch.full((300, model.layout_.width), 7.0)
    seen = model._corruption()(x)
    gone = seen != 7
    stand_ins = torch.from_numpy(model.scaling_.stand_ins).float().expand_as(x)
    assert torch.equal(seen[gone], stand_ins[gone])
    ends = np.cumsum([len(model.layout_.numbers), *model.layout_.sizes])
    for start, stop in pairwise(ends):
        assert (gone[:, start:stop].any(1) == gone[:, start:stop].all(1)).all()
    assert 0.4 < gone[:, 2].double().mean() < 0.6
    assert not (gone[:, 0] == gone[:, 2]).all()


def test_a_weight_of_two_is_a_row_given_twice():
    X = frame()
    twice = pd.concat([X, X.iloc[:20]], ignore_index=True)
    settings = TINY | {"batch_size": 200, "missing_noise": 0.0, "precision": "float64"}
    weight = np.where(np.arange(N) < 20, 2.0, 1.0)
    a = Autoencoder(missing="mask", **settings).fit(X, sample_weight=weight)
    b = Autoencoder(missing="mask", **settings).fit(twice)
    np.testing.assert_allclose(a.scaling_.stand_ins, b.scaling_.stand_ins, atol=1e-12)
    for one, other in zip(a.model_.parameters(), b.model_.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("other", [None, "other"])
def test_categories_that_never_came_are_never_filled_in(other):
    member = Autoencoder(missing="mask", other_category=other, **(TINY | {"max_epochs": 1}))
    X = frame()
    for seed in range(3):
        found = fitted(member.set_params(random_state=seed), X).impute(X)
        assert set(found["size"]) == {"M", "S"}
        assert set(found["work"]) == {"a", "b", "c"}


def test_rare_categories_may_be_filled_in_as_one():
    X = frame()
    X["size"] = pd.Categorical([*"xyzuvw", *"M" * (N - 7), None])
    model = fitted(Autoencoder(missing="mask", rare_share=0.02, **TINY), X)
    assert model.layout_.fields[4].values == ("M", "other")
    assert model.scaling_.stand_ins[-3] == pytest.approx(6 / (N - 1))  # of size, before perhaps
    assert not model.impute(X)["size"].isna().any()


def test_saved_is_loaded_and_stopped_is_not(tmp_path):
    settings = TINY | {"missing": "mask", "batch_size": 16, "max_epochs": 4}
    model = Autoencoder(**settings).fit(frame())
    again = espelho.load(model.save(tmp_path / "run"))
    assert_frame_equal(again.impute(frame()), model.impute(frame()))
    stopped = str(tmp_path / "stopped")
    first = {**settings, "max_epochs": 2, "callbacks": (Checkpoint(stopped),)}
    Autoencoder(**first).fit(frame())
    assert_same_weights(espelho.resume(stopped, frame(), max_epochs=4), model)


def test_a_detector_takes_tables_with_gaps():
    detector = AnomalyDetector(Autoencoder(missing="mask", **TINY)).fit(frame())
    found = detector.explain(frame())
    assert (found.contributions[hidden()] == 0).all()
    np.testing.assert_allclose(found.contributions.sum(1) + found.code, -found.scores)


def test_a_table_without_gaps_and_columns_without_values_come_in_too():
    model = fitted(Autoencoder(missing="mask", **TINY))
    assert_frame_equal(model.impute(whole()), whole())
    row = whole().iloc[:2].assign(work=np.nan, age=None, own=np.nan, size=None)
    found = model.impute(row)
    assert found["work"].isin(["a", "b", "c"]).all()
    assert found["size"].isin(["M", "S"]).all()
    assert found["own"].isin([True, False]).all()
    assert found["age"].between(0, 100).all()


def test_a_column_of_which_nothing_is_known_is_refused_by_its_name():
    model = Autoencoder(missing="mask", **TINY)
    for name in ("work", "own", "size", "perhaps", "wage"):
        X = frame()
        X[name] = X[name].where(np.zeros(N, dtype=bool))
        with pytest.raises(DataError, match=f"Nothing was observed of column '{name}'"):
            model.fit(X)


def test_the_message_says_what_to_do_where_there_is_something():
    for name in ("work", "wage"):
        X = whole()
        X.loc[3, name] = None
        with pytest.raises(DataError, match=r"Or let Autoencoder learn .*missing='mask'"):
            Autoencoder(**TINY).fit(X)
        model = Autoencoder(**TINY).fit(whole())
        with pytest.raises(DataError, match=r"missing='mask'"):
            model.transform(X)
        with pytest.raises(DataError) as caught:
            GAN(max_epochs=1).fit(X)
        assert "mask" not in str(caught.value)


def test_categories_are_filled_better_than_by_the_most_frequent():
    data = load_breast_cancer(as_frame=True)
    X = data.data.iloc[:, :10].copy()
    cut = list(X.columns[1:10:2])
    for name in cut:
        X[name] = pd.qcut(X[name], 3, labels=["low", "middle", "high"])
    X["tumour"] = data.target.map({0: "malignant", 1: "benign"})
    cut.append("tumour")
    gone = np.random.default_rng(0).random(X.shape) < 0.3
    seen = X.mask(gone)
    filled = Autoencoder(missing="mask", max_epochs=40, random_state=0).fit(seen).impute(seen)
    own = {name: gone[:, X.columns.get_loc(name)] for name in cut}
    right = np.array([(filled[n] == X[n])[own[n]].mean() for n in cut])
    modes = np.array([(seen[n].mode()[0] == X[n])[own[n]].mean() for n in cut])
    assert (right > modes).all()
    assert right.mean() > modes.mean() + 0.15
