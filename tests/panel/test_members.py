"""Who takes part in a panel."""

import numpy as np
import pytest

from espelho import GAN, Autoencoder
from espelho.errors import MissingDependencyError, SettingError
from espelho.panel.data import split_data
from espelho.panel.members import choose


def data_of(X, y=None, **more):
    return split_data(X, y, test_fraction=0.5, seed=0, **more)


@pytest.fixture(scope="module")
def table():
    return data_of(np.random.default_rng(0).normal(size=(40, 6)))


def names(members):
    return [member.name for member in members]


def test_components_come_first_and_once(table):
    assert names(choose(table, 2, ["gan", "pca"])) == ["pca", "gan"]
    assert names(choose(table, 2))[0] == "pca"


@pytest.mark.parametrize(
    ("shape", "kind", "has", "lacks"),
    [
        ((40, 6), "table", "sparse-autoencoder", "convolutional-autoencoder"),
        ((40, 8, 8), "images", "convolutional-autoencoder", "lstm-autoencoder"),
        ((40, 3, 8, 8), "images", "convolutional-autoencoder", "lstm-autoencoder"),
        ((40, 30, 2), "sequences", "lstm-autoencoder[latent=gaussian]", "autoencoder"),
    ],
)
def test_who_suits_is_told_by_the_shape(shape, kind, has, lacks):
    data = data_of(np.random.default_rng(0).normal(size=shape))
    found = names(choose(data, 2))
    assert data.kind == kind
    assert has in found
    assert lacks not in found


def test_lists_of_any_length_are_sequences():
    X = [np.ones((n, 2)) for n in range(20, 45)]
    assert data_of(X).kind == "sequences"


def test_classes_bring_who_learns_from_them():
    X = np.random.default_rng(0).normal(size=(40, 6))
    assert "conditional-gan" in names(choose(data_of(X, np.arange(40) % 2), 2))
    assert "conditional-gan" not in names(choose(data_of(X, X[:, 0]), 2))


def test_a_grid_is_every_combination_and_names_its_rows(table):
    grid = {"autoencoder.latent_dim": [1, 2], "autoencoder.hidden_sizes": [(4,), (8, 4)]}
    found = choose(table, 3, ["autoencoder", "gan"], grid)
    assert names(found) == [
        "pca",
        "autoencoder[latent_dim=1, hidden_sizes=4]",
        "autoencoder[latent_dim=1, hidden_sizes=8-4]",
        "autoencoder[latent_dim=2, hidden_sizes=4]",
        "autoencoder[latent_dim=2, hidden_sizes=8-4]",
        "gan",
    ]
    assert found[3].settings["latent_dim"] == 2


def test_a_setting_without_a_model_is_for_all_that_have_it(table):
    found = choose(table, 3, ["autoencoder"], {"latent_dim": [1, 2]})
    assert [m.settings["latent_dim"] for m in found] == [1, 2, 1, 2]


def test_an_estimator_brings_its_own_settings(table):
    own = Autoencoder(max_epochs=7, latent_dim=4)
    (_, member) = choose(table, 2, [own])
    assert (member.settings["max_epochs"], member.settings["latent_dim"]) == (7, 4)
    names = [member.name for member in choose(table, 2, [own, Autoencoder(max_epochs=9)])]
    assert names == ["pca", "autoencoder", "autoencoder[max_epochs=9]"]


def test_all_codes_have_one_width_and_noise_has_its_own(table):
    found = {m.model: m.settings for m in choose(table, 3)}
    assert found["pca"]["latent_dim"] == found["Autoencoder"]["latent_dim"] == 3
    assert "latent_dim" not in found["GAN"]


@pytest.mark.parametrize(
    ("models", "grid", "said"),
    [
        (["autoencodr"], None, "no model 'autoencodr'. Did you mean 'autoencoder'"),
        (["pix2pix"], None, "learns from two sets"),
        ([table], None, "names or unfitted estimators"),
        (["gan", "pca", GAN()], None, "gan is named twice"),
        (["gan"], {"autoencoder.latent_dim": [2]}, "does not take part"),
        (["gan"], {"gan.latent_dims": [2]}, "no setting of gan. Did you mean 'latent_dim'"),
        (["gan"], {"gan.latent_dim": []}, "list of values"),
        (["gan"], {"gan.noise": "gaussian"}, "list of values"),
    ],
)
def test_what_makes_no_sense_is_one_error(table, models, grid, said):
    with pytest.raises(SettingError, match=said):
        choose(table, 2, models, grid)


def test_umap_takes_part_where_it_is_installed(table, monkeypatch):
    with pytest.raises(MissingDependencyError, match="umap-learn"):
        choose(table, 2, ["umap"])
    monkeypatch.setattr("espelho.panel.members.find_spec", lambda name: name)
    assert names(choose(table, 2))[:2] == ["pca", "umap"]
    assert names(choose(table, 2, ["umap"])) == ["pca", "umap"]
