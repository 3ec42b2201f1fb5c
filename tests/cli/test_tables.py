"""Tables with categories from the command line: in, through, and out as files."""

import json

import numpy as np
import pandas as pd
import pytest

from espelho.data.files import read
from espelho.data.tables.table import Table
from espelho.errors import DataError

SMALL = ("--max-epochs", "1", "--hidden-sizes", "8")


def frame(n=60):
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": random.integers(18, 80, n),
            "work": random.choice(["private", "state", "?"], n),
            "wage": random.normal(size=n),
            "member": random.random(n) < 0.5,
            "rich": random.choice(["yes", "no"], n),
        }
    )


@pytest.fixture
def succeeded(call):
    """Call the command line and see to it that all is well."""

    def succeeded(*words):
        found = call(*words)
        assert found.status == 0, found.err
        return found

    return succeeded


@pytest.fixture
def files(tmp_path):
    frame().to_csv(tmp_path / "rows.csv", index=False)
    frame().to_parquet(tmp_path / "rows.parquet")
    return tmp_path


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_files_with_words_are_read_as_tables_where_that_is_asked_for(files, suffix):
    path = files / f"rows.{suffix}"
    found = read(path, categories=True, target="rich").X
    assert isinstance(found, Table)
    assert [array.dtype.kind for array in found.arrays] == ["i", "O", "f", "b"]
    for name, array in zip(found.names, found.arrays, strict=True):
        assert array.tolist() == frame()[name].tolist()
    with pytest.raises(DataError, match=r"columns? without numbers: 'work'"):
        read(path)
    assert isinstance(read(path, categories=True, columns=["age", "wage"]).X, np.ndarray)


def test_only_empty_cells_of_words_are_missing(tmp_path, call):
    (tmp_path / "rows.csv").write_text("a,b,c\nx,1,true\n,2,\nNA,,false\n")
    words, numbers, flags = read(tmp_path / "rows.csv", categories=True).X.arrays
    assert words.tolist() == ["x", None, "NA"]
    assert numbers[:2].tolist() == [1, 2]
    assert np.isnan(numbers[2])
    assert flags.tolist() == [True, None, False]
    found = call("fit", "autoencoder", tmp_path / "rows.csv", "--run", tmp_path / "run", *SMALL)
    assert found.status == 2
    assert "'a' holds no value in row 1" in found.err
    assert "--missing mask" in found.err


@pytest.mark.parametrize("column", ["age", "work", "member"])
def test_what_is_missing_is_named_by_its_row_in_the_file(files, column, call):
    cells = frame().astype({"member": "boolean", "age": "Int64"})
    cells.loc[[31, 47], column] = None
    cells.to_csv(files / "cells.csv", index=False)
    found = call("fit", "autoencoder", files / "cells.csv", "--run", files / "run", *SMALL)
    assert found.status == 2
    assert f"'{column}' holds no value in 2 rows, the first is row 31 " in found.err
    assert "--drop" in found.err
    assert not (files / "run").exists()


def test_among_true_and_false_marks_of_nothing_are_words(tmp_path):
    (tmp_path / "rows.csv").write_text("a,c\nx,true\ny,?\nz,\n")
    assert read(tmp_path / "rows.csv", categories=True).X.arrays[1].tolist() == ["true", "?", None]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_empty_cells_are_filled_and_all_others_are_as_they_were(files, suffix, succeeded):
    gone = np.random.default_rng(1).random((60, 5)) < 0.2
    cells = frame().astype({"member": "boolean", "age": "Int64"}).mask(gone)
    path, made = files / f"cells.{suffix}", files / f"filled.{suffix}"
    cells.to_csv(path, index=False) if suffix == "csv" else cells.to_parquet(path)
    words = ("--missing", "mask", "--test-fraction", "0", *SMALL)
    succeeded("fit", "autoencoder", path, "--run", files / "run", *words)
    result = succeeded("impute", files / "run", path, "-o", made)
    assert f"{gone.sum()} of 300 values were missing and are filled" in result.err
    found = getattr(pd, f"read_{suffix}")(made)
    assert not found.isna().any().any()
    for place, name in enumerate(frame()):
        known = ~gone[:, place]
        assert found[name][known].tolist() == frame()[name][known].tolist()
    assert found["work"].isin(["private", "state", "?"]).all()
    assert found["member"].dtype == bool
    if suffix == "parquet":
        assert found["age"].dtype == np.int64
    succeeded("score", files / "run", made)
    succeeded("impute", files / "run", "-o", files / "again.csv")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_run_of_a_table_makes_its_columns_again(files, suffix, succeeded):
    path, made = files / f"rows.{suffix}", files / f"made.{suffix}"
    fitted = succeeded("fit", "variational-autoencoder", path, "--run", files / "run", *SMALL)
    assert "score" in fitted.out
    assert "Learned as categories: work, member, rich." in fitted.out
    succeeded("sample", files / "run", "-n", 20, "-o", made, "--seed", 1)
    samples = read(made, categories=True)
    assert samples.feature_names == tuple(frame().columns)
    assert len(samples.X) == 20
    kinds = [array.dtype.kind for array in samples.X.arrays]
    assert kinds == ["i", "O", "f", "b", "O"]
    succeeded("encode", files / "run", path, "-o", files / "codes.csv")
    succeeded("decode", files / "run", files / "codes.csv", "-o", files / "decoded.csv")
    succeeded("reconstruct", files / "run", path, "-o", files / "rebuilt.csv")
    decoded, rebuilt = (pd.read_csv(files / f"{name}.csv") for name in ("decoded", "rebuilt"))
    assert (decoded["work"] == rebuilt["work"]).all()
    assert decoded.dtypes.equals(frame().dtypes)
    score = succeeded("score", files / "run", path, "--json")
    assert json.loads(score.out)["rows"] == 60


def test_a_label_is_asked_for_of_a_conditional_gan(files, succeeded):
    run_, made = files / "run", files / "made.csv"
    words = ("--target", "rich", "--max-epochs", "1", "--json")
    found = succeeded("fit", "conditional-gan", files / "rows.csv", "--run", run_, *words)
    assert json.loads(found.out.splitlines()[-1])["score"] < 1
    succeeded("sample", run_, "-n", 3, "--label", "yes", "-o", made)
    assert list(pd.read_csv(made).columns) == ["age", "work", "wage", "member"]


def test_a_detector_says_which_categories_are_strange(files, succeeded):
    path, run_ = files / "rows.csv", files / "run"
    succeeded("fit", "anomaly-detector", path, "--run", run_, *SMALL)
    scored = succeeded("score", run_, path, "--explain", "-o", files / "why.csv")
    assert "work" in scored.out
    assert "nan" not in scored.out
    why = pd.read_csv(files / "why.csv")
    np.testing.assert_allclose(
        why.filter(like="contribution").sum(axis=1), -why["score"], rtol=1e-6
    )
    rows = json.loads(succeeded("score", run_, path, "--json").out)["lowest"]
    assert any(part["value"] is None for row in rows for part in row["why"])


def test_what_is_not_for_tables_says_so(files, succeeded, call):
    path, run_ = files / "rows.csv", files / "run"
    succeeded("fit", "autoencoder", path, "--run", run_, "--test-fraction", 0, *SMALL)
    for command in ("evaluate", "report"):
        found = call(command, run_)
        assert found.status == 2
        assert "tables of numbers" in found.err
    found = call("reconstruct", run_, path, "-o", files / "made.npy")
    assert found.status == 2
    assert "cannot hold categories" in found.err
    assert "without numbers: 'work'" in call("fit", "convolutional-autoencoder", path).err
    assert "without numbers: 'work'" in call("compare", path).err


def test_names_that_are_numbers_are_told_from_data(tmp_path, succeeded):
    rows = frame()[["age", "work"]]
    rows.to_csv(tmp_path / "rows.csv", index=False, header=False)
    succeeded("fit", "gan", tmp_path / "rows.csv", "--run", tmp_path / "run", "--max-epochs", 1)
    succeeded("sample", tmp_path / "run", "-n", 2, "-o", tmp_path / "made.csv")
    assert list(pd.read_csv(tmp_path / "made.csv").columns) == ["x0", "x1"]


def test_a_training_that_was_ended_goes_on(files, succeeded):
    succeeded("fit", "autoencoder", files / "rows.csv", "--run", files / "run", *SMALL)
    found = succeeded("resume", files / "run", "--max-epochs", 2)
    assert "2 epochs" in found.out


@pytest.mark.parametrize(
    ("fraction", "said"), [("0.2", "12 rows that were set aside"), ("0", "all rows, which it")]
)
def test_the_score_says_what_it_was_measured_on(files, fraction, said, succeeded):
    words = ("--run", files / "run", "--test-fraction", fraction, *SMALL)
    assert said in succeeded("fit", "autoencoder", files / "rows.csv", *words).out
    again = ("--run", files / "other", "--test", files / "rows.parquet", *SMALL)
    assert "on 60 rows of " in succeeded("fit", "autoencoder", files / "rows.csv", *again).out
    told = succeeded("info", files / "run").out
    assert "5 columns (2 numbers, 2 categories, 1 boolean), scaling standard" in told


def test_one_word_among_numbers_is_named(files, succeeded, call):
    succeeded("fit", "autoencoder", files / "rows.csv", "--run", files / "run", *SMALL)
    spoiled = frame().astype({"age": object})
    spoiled.loc[7, "age"] = "old"
    spoiled.to_csv(files / "spoiled.csv", index=False)
    found = call("encode", files / "run", files / "spoiled.csv", "-o", "codes.csv")
    assert found.status == 2
    assert "'age' held numbers in fit" in found.err
    assert "such as 'old'" in found.err


def test_a_renamed_column_is_not_taken_for_another_that_is_there(files, succeeded, call):
    table = frame().assign(works=frame()["wage"])
    table.to_csv(files / "rows.csv", index=False)
    succeeded("fit", "autoencoder", files / "rows.csv", "--run", files / "run", *SMALL)
    table.rename(columns={"work": "employer"}).to_csv(files / "renamed.csv", index=False)
    found = call("encode", files / "run", files / "renamed.csv", "-o", "codes.csv")
    assert "has no column 'work'" in found.err
    assert "Did you mean" not in found.err


def test_words_that_hardly_come_twice_are_named(files, succeeded):
    frame().assign(id=[f"id {i}" for i in range(60)]).to_csv(files / "ids.csv", index=False)
    found = succeeded("fit", "autoencoder", files / "ids.csv", "--run", files / "run", *SMALL)
    assert "Words that hardly come twice: id. " in found.out
    found = succeeded("fit", "autoencoder", files / "rows.csv", "--run", files / "own", *SMALL)
    assert "come twice" not in found.out
