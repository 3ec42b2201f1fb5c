"""Sequences from the command line: from a .ts file to codes, tables, scores and a report."""

import numpy as np
import pandas as pd
import pytest

from espelho import load, load_data

FIT = ("fit", "lstm-autoencoder", "series.ts", "--hidden-sizes", "6", "--latent-dim", "3",
       "--max-epochs", "2", "--random-state", "0", "--verbose", "0", "--run", "run")  # fmt: skip


def write_ts(path, lengths, features=6):
    rng = np.random.default_rng(0)
    lines = []
    for i, n in enumerate(lengths):
        rows = (rng.normal(size=(features, n)).cumsum(axis=1) + i % 2).round(4)
        lines.append(":".join(",".join(map(str, row)) for row in rows) + f":{'ab'[i % 2]}")
    head = "@problemName toy\n@timeStamps false\n@classLabel true a b\n@data\n"
    path.write_text(head + "\n".join(lines) + "\n")


@pytest.fixture
def kind(request, tmp_path, call):
    """Write a file of 60 sequences, "ragged" or "equal" in length."""
    ragged = np.random.default_rng(1).integers(4, 12, 60)
    lengths = ragged if request.param == "ragged" else [9] * 60
    write_ts(tmp_path / "series.ts", lengths)
    return request.param


@pytest.mark.parametrize("kind", ["ragged", "equal"], indirect=True)
def test_a_file_of_sequences_goes_all_the_way(call, tmp_path, kind):
    out = call(*FIT, "--json").json
    assert out["evaluation"]["rows"]
    X = load_data("series.ts").X
    model = load(tmp_path / "run")
    assert call("encode", "run", "series.ts", "-o", "codes.npy").status == 0
    np.testing.assert_array_equal(np.load("codes.npy"), model.transform(X))
    assert call("score", "run", "series.ts", "-o", "scores.csv").status == 0
    np.testing.assert_allclose(pd.read_csv("scores.csv")["score"], model.score_samples(X))
    assert call("report", "run").status == 0
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "rebuilt.csv" in page
    assert ("steps of 6 numbers" in page) == (kind == "ragged")
    assert call("reconstruct", "run", "series.ts", "-o", "rebuilt.parquet").status == 0
    table, rebuilt = pd.read_parquet("rebuilt.parquet"), model.reconstruct(X)
    if kind == "equal":
        np.testing.assert_array_equal(table.to_numpy(), rebuilt.reshape(60, -1))
        return
    assert list(table.columns) == ["sequence", "step", *(f"x{i}" for i in range(6))]
    for i, rows in table.groupby("sequence"):
        assert rows["step"].tolist() == list(range(len(X[i])))
        np.testing.assert_array_equal(rows.iloc[:, 2:], rebuilt[i])


@pytest.mark.parametrize("kind", ["equal"], indirect=True)
def test_other_lengths_are_measured_on(call, tmp_path, kind):
    write_ts(tmp_path / "test.ts", [3, 20, 7, 5, 8, 4, 6, 6])
    out = call(*FIT, "--test", "test.ts", "--json").json
    X = load_data("test.ts").X
    model = load(tmp_path / "run")
    row = next(r for r in out["evaluation"]["rows"] if r["name"] == "reconstruction_error")
    assert row["value"] == pytest.approx(-model.score(X))


@pytest.mark.parametrize("kind", ["ragged"], indirect=True)
def test_an_array_cannot_hold_sequences_of_other_lengths(call, kind):
    call(*FIT)
    failed = call("reconstruct", "run", "series.ts", "-o", "rebuilt.npy")
    assert (failed.status, ".parquet" in failed.err) == (2, True)


@pytest.mark.parametrize("kind", ["ragged"], indirect=True)
def test_models_of_rows_say_that_they_take_none(call, kind):
    failed = call("fit", "autoencoder", "series.ts", "--run", "other")
    assert (failed.status, "LSTMAutoencoder" in failed.err) == (2, True)


@pytest.mark.parametrize("name", ["gan", "conditional-gan"])
@pytest.mark.parametrize("kind", ["ragged"], indirect=True)
def test_new_sequences_are_a_table_of_steps(call, tmp_path, name, kind):
    write_ts(tmp_path / "series.ts", np.random.default_rng(1).integers(4, 12, 100))
    made = call("fit", name, *FIT[2:], "--discriminator-sizes", "4")
    assert made.status == 0, made.err
    model = load(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "samples.csv" in page
    assert (tmp_path / "run" / "pictures" / "new-samples.png").exists()
    assert call("evaluate", "run").status == 0
    told = ("--label", "b") if name == "conditional-gan" else ()
    done = call("sample", "run", "-n", 5, "--seed", 3, *told, "-o", "new.csv")
    assert done.status == 0, done.err
    labels = {"y": "b"} if told else {}
    expected = model.sample(5, random_state=np.random.default_rng(3), **labels)
    table = pd.read_csv("new.csv")
    assert list(table.columns) == ["sequence", "step", *(f"x{i}" for i in range(6))]
    for i, rows in table.groupby("sequence"):
        np.testing.assert_allclose(rows.iloc[:, 2:], expected[i])
    failed = call("sample", "run", "-o", "new.npy")
    assert (failed.status, ".parquet" in failed.err) == (2, True)


@pytest.mark.parametrize("kind", ["equal"], indirect=True)
def test_new_sequences_of_one_length_are_an_array(call, tmp_path, kind):
    write_ts(tmp_path / "series.ts", [9] * 100)
    made = call("fit", "gan", *FIT[2:], "--discriminator-sizes", "4", "--structure", "recurrent")
    assert made.status == 0, made.err
    assert call("sample", "run", "-n", 5, "-o", "new.npy").status == 0
    assert np.load("new.npy").shape == (5, 9, 6)
