"""A panel on data: one protocol, rows that stand alone, folders that go on."""

import json
import math
import sys
import types

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA

import espelho
from espelho.errors import DataError, FileError, RunError, SettingError, ShapeError
from espelho.panel.compare import run
from espelho.panel.data import split_data
from espelho.panel.members import Member, choose
from espelho.panel.result.finding import Finding
from espelho.panel.running import measure as measuring
from espelho.panel.running.allotment import Allotment
from espelho.panel.running.baselines import Components
from espelho.panel.running.folder import Folder
from espelho.panel.running.workers import Workers
from tests.panel.conftest import ALLOTMENT, X, panel, quick, y

AUTOENCODER = "autoencoder"
FAILING = "autoencoder[hidden_sizes=4, latent_dim=2, learning_rate=-1.0, max_epochs=2]"


def test_there_is_a_row_for_each_with_what_it_has(found):
    pca, model, gan, failed = found.table
    assert [row["name"] for row in found.table][:2] == ["pca", AUTOENCODER]
    assert (pca["epochs"], model["epochs"], gan["epochs"]) == (None, 2, 1)
    assert model["trustworthiness"] > 0.5
    assert model["code_bytes"] < model["data_bytes"]
    assert model["knn_score_low"] < model["knn_score"] < model["knn_score_high"]
    assert (pca["doctor"], failed["doctor"]) == ("", "")
    assert model["doctor"] == (", ".join(found[AUTOENCODER].doctor) or "healthy")
    assert gan["classifier"] > 0
    assert gan["knn_score"] is None
    assert failed["error"].startswith("learning_rate")


def test_one_that_fails_takes_no_other_row_along(found):
    assert [finding.failed for finding in found] == [False, False, False, True]
    assert f"{FAILING} failed:" in " ".join(str(found).split())


def test_components_as_a_row_are_those_that_all_are_measured_against(found):
    pca, model = found["pca"], found[AUTOENCODER]
    for figure in ("reconstruction_error", "knn_score", "trustworthiness"):
        assert pca.value(figure) == pytest.approx(pca.value(figure, "pca"), rel=1e-6)
        assert pca.value(figure) == pytest.approx(model.value(figure, "pca"), rel=1e-6)


def test_components_are_scikit_learns_in_scaled_units():
    data = split_data(X, None, test_fraction=0.4, seed=0)
    model = Components(2, data, 0).fit(data.train)
    scaled = (data.train - data.train.mean(0)) / data.train.std(0)
    expected = PCA(2).fit(scaled)
    back = expected.inverse_transform(expected.transform(scaled))
    assert np.allclose(
        model.reconstruct(data.train), back * data.train.std(0) + data.train.mean(0)
    )
    assert model.transform(data.train.astype(np.float32)).dtype == np.float32


def test_the_rows_measured_on_were_not_learned_from():
    data = split_data(np.arange(100.0).reshape(50, 2), None, test_fraction=0.3, seed=1)
    assert (len(data.train), len(data.test)) == (35, 15)
    assert not set(data.train[:, 0]) & set(data.test[:, 0])


def test_fitted_models_are_kept(found, tmp_path):
    folder = tmp_path / "panel"
    name = panel([quick()], folder).findings[1].name
    model = espelho.load(Folder(folder).model(name))
    assert model.transform(X).shape == (150, 2)


def test_a_second_run_goes_on_and_force_begins_anew(tmp_path, monkeypatch):
    folder, seen = tmp_path / "panel", []
    watch = lambda finding, number, total: seen.append((finding.name, number, total))  # noqa: E731
    first = panel([quick()], folder, watch=watch)
    again = panel([quick(), quick(max_epochs=3)], folder, watch=watch)
    assert seen[-1][0] == "autoencoder[hidden_sizes=4, latent_dim=2, max_epochs=3]"
    assert [number for _, number, _ in seen] == [1, 2, 3]
    assert again[AUTOENCODER].to_dict() == first[AUTOENCODER].to_dict()
    assert again[AUTOENCODER].pictures == first[AUTOENCODER].pictures
    assert again.facts == first.facts
    panel([quick()], folder, force=True, watch=watch)
    assert len(seen) == 5


def test_failed_and_damaged_rows_are_made_again(tmp_path):
    folder, seen = tmp_path / "panel", []
    watch = lambda finding, *_: seen.append(finding.name)  # noqa: E731
    panel([quick(learning_rate=-1.0)], folder)
    (folder / "rows" / "pca" / "row.json").write_text("{")
    panel([quick(learning_rate=-1.0)], folder, watch=watch)
    assert seen == ["pca", AUTOENCODER]


def test_a_row_of_other_settings_is_another(tmp_path):
    first, again = (panel([quick(max_epochs=n)], tmp_path / "panel") for n in (1, 2))
    assert [first[AUTOENCODER].epochs, again[AUTOENCODER].epochs] == [1, 2]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"random_state": 1}, "content of the data|seed"),
        ({"budget": "599s"}, "another budget"),
        ({"latent_dim": 3}, "another width"),
        ({"test_fraction": 0.3}, "another"),
    ],
)
def test_rows_made_in_another_way_are_not_mixed(tmp_path, change, said):
    panel([], tmp_path / "panel")
    with pytest.raises(FileError, match=said):
        panel([], tmp_path / "panel", **change)


def test_a_folder_that_is_none_of_ours_is_left_alone(tmp_path):
    (tmp_path / "photo.png").touch()
    with pytest.raises(FileError, match="holds no comparison"):
        panel([], tmp_path, force=True)
    (tmp_path / "protocol.json").write_text("{")
    with pytest.raises(RunError, match="damaged"):
        panel([], tmp_path)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        ({"y": np.zeros(150)}, DataError, "one value only"),
        ({"y": np.zeros(7)}, ShapeError, "7 labels for 150"),
        ({"test_fraction": 1.0}, SettingError, "between 0 and 1"),
        ({"test_fraction": 0.01}, DataError, "148 and 2"),
        ({"kind": "tables"}, SettingError, "Did you mean 'table'"),
        ({"X": [["a"] * 3] * 40}, DataError, "real numbers"),
        ({"X": np.full((40, 2), np.nan)}, DataError, "NaN"),
    ],
)
def test_what_cannot_be_compared_is_one_error(change, error, said):
    asked = {"test_fraction": 0.4, "seed": 0, **change}
    with pytest.raises(error, match=said):
        split_data(asked.pop("X", X), asked.pop("y", None), **asked)


def test_a_dataset_brings_labels_names_and_shape():
    data = split_data(espelho.load_data("digits"), None, test_fraction=0.4, seed=0)
    assert (data.kind, data.sample_shape, data.name) == ("images", (1, 8, 8), "digits")
    assert data.has_classes
    (_, model, *_) = choose(data, 4)
    assert model.settings["sample_shape"] == (1, 8, 8)


def test_sequences_of_any_length_are_compared():
    random = np.random.default_rng(0)
    lengths = [14, *random.integers(5, 9, 39)]  # the longest is learned from
    series = [random.normal(size=(n, 2)).cumsum(axis=0) for n in lengths]
    assert len(split_data(series, None, test_fraction=0.4, seed=0).train[0]) == 14
    lstm = espelho.LSTMAutoencoder(max_epochs=1, hidden_sizes=(3,), latent_dim=2)
    found = espelho.compare(series, np.arange(40) % 2, models=[lstm], n_jobs=1, test_fraction=0.4)
    assert [finding.error for finding in found] == ["", ""]
    assert math.isfinite(found["pca"].value("reconstruction_error"))


def test_umap_has_codes_and_rebuilds_nothing(monkeypatch):
    class Fake:
        def __init__(self, n_components, **_):
            self.n_components = n_components

        def fit(self, rows):
            return self

        def transform(self, rows):
            return rows[:, : self.n_components]

    monkeypatch.setitem(sys.modules, "umap", types.SimpleNamespace(UMAP=Fake))
    monkeypatch.setattr("espelho.panel.members.find_spec", lambda name: name)
    found = panel(["umap"])
    assert found["umap"].error == ""
    assert math.isnan(found["umap"].value("reconstruction_error"))
    assert found["umap"].value("knn_score") > 0.5
    assert found["umap"].picture("Map of codes") is not None
    assert "umap" in str(found)


def test_an_interrupted_training_is_no_row(tmp_path, monkeypatch):
    task = measuring.Task(split_data(X, y, test_fraction=0.4, seed=0), ALLOTMENT, 0, tmp_path)

    def interrupted(self, *_, **__):
        self.stop_reason_ = "interrupted"
        return self

    monkeypatch.setattr(espelho.Autoencoder, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        measuring.measure(Member("a", "Autoencoder"), task)
    assert not list(tmp_path.iterdir())


def test_a_comparison_ends_with_all_rows_within_a_tenth_more_than_its_budget(monkeypatch):
    asked = []

    def measured(self, members, task, limit, each):
        asked.append((limit, each, task.allotment.share, len(members)))
        return iter([Finding(name=member.name, model="", error="no") for member in members])

    monkeypatch.setattr(Workers, "measured", measured)
    panel([quick(), "gan", "sparse-autoencoder", "robust-autoencoder"], budget="100s")
    ((limit, each, share, members),) = asked
    assert share * members == 100
    assert limit == pytest.approx(110)
    assert each == 1.5 * share


def test_rows_say_on_how_many_rows_they_were_measured(tmp_path, monkeypatch):
    few = Allotment(600.0, 450.0, 45, 41)
    monkeypatch.setattr(sys.modules[run.__module__], "allot", lambda *_, **__: few)
    found = panel([quick(), espelho.GAN(max_epochs=1, hidden_sizes=(4,))])
    pca, model, gan = found.table
    assert pca["reconstruction_error_rows"] == model["reconstruction_error_rows"] == 60
    assert pca["trustworthiness_rows"] == model["trustworthiness_rows"] == 45
    assert pca["knn_score_rows"] == model["probe_score_rows"] == 45
    assert gan["precision_rows"] == 41
    assert (gan["knn_score_rows"], model["precision_rows"]) == (None, None)
    said = "errors on 60, trust and cont. on 45, k-NN and probe on 45, told apart on 41"
    assert said in " ".join(str(found).split())
    assert said in found.write_html(tmp_path / "found.html").read_text("utf-8")
    assert (found.facts["codes"], found.facts["samples"]) == (45, 41)


def test_what_it_found_is_written_as_json_csv_and_page(found, tmp_path):
    told = json.loads(found.to_json(tmp_path / "new" / "found.json"))
    assert told["rows"][1]["name"] == AUTOENCODER
    assert told["verdict"] == list(found.verdict)
    found.to_csv(tmp_path / "found.csv")
    table = pd.read_csv(tmp_path / "found.csv")
    assert list(table["name"]) == [finding.name for finding in found]
    assert table["knn_score"][1] == found[AUTOENCODER].value("knn_score")
    page = found.write_html(tmp_path / "found.html").read_text("utf-8")
    assert page.count("<img") == 2 + 2 + 1
    assert "http" not in page.replace("http-equiv", "")
    assert "learning_rate" in page
    with pytest.raises(FileError, match="cannot be written"):
        found.to_csv(tmp_path / "found.csv" / "no")


def test_rows_are_found_by_name(found):
    assert len(found) == 4
    with pytest.raises(KeyError, match="this comparison has"):
        found["nobody"]


def test_the_text_fits_a_terminal_of_80_columns(found):
    assert max(len(line) for line in str(found).splitlines()) <= 80


def test_those_that_were_out_of_time_are_named(found):
    late = espelho.panel.Comparison(
        (
            found.findings[0],
            espelho.panel.Finding.of({**found.findings[1].to_dict(), "stopped": "out of time"}),
        ),
        found.facts,
    )
    assert "Out of time after 112 s of training" in late.verdict[-1]
    assert AUTOENCODER in late.verdict[-1]
