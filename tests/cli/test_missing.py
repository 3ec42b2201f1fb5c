"""From a file with empty cells to one without: fit --missing mask, and impute."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris

from espelho import load
from espelho.cli.main import run as espelho
from tests.cli.conftest import TINY


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a table that has gaps, as text and as Parquet, and a run on it."""
    folder = tmp_path_factory.mktemp("gaps")
    frame = load_iris(as_frame=True).data
    frame["count"] = np.arange(150)
    frame = frame.mask(np.random.default_rng(0).random(frame.shape) < 0.2)
    frame["count"] = frame["count"].astype("Int64")
    frame.to_csv(folder / "cells.csv", index=False)
    frame.to_parquet(folder / "cells.parquet")
    words = ["fit", "autoencoder", folder / "cells.csv", "--missing", "mask", *TINY]
    with pytest.raises(SystemExit) as stop:
        espelho([*map(str, words), "--run", str(folder / "run")])
    assert stop.value.code == 0
    return folder


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_empty_cells_are_filled_and_all_others_are_as_they_were(call, folder, suffix):
    cells = folder / f"cells.{suffix}"
    result = call("impute", folder / "run", cells, "-o", f"filled.{suffix}")
    assert result.status == 0
    read = getattr(pd, f"read_{suffix}")
    before, after = read(cells), read(f"filled.{suffix}")
    known = before.notna().to_numpy()
    assert f"{(~known).sum()} of 750 values were missing and are filled" in result.err
    assert list(after.columns) == list(before.columns)
    assert not after.isna().any().any()
    np.testing.assert_array_equal(
        after.to_numpy(float)[known], before.to_numpy(float, na_value=np.nan)[known]
    )


def test_whole_numbers_of_parquet_stay_whole(call, folder):
    call("impute", folder / "run", folder / "cells.parquet", "-o", "filled.parquet")
    assert pd.read_parquet("filled.parquet")["count"].dtype == np.int64


def test_columns_of_words_alone_are_filled_too(call, tmp_path):
    (tmp_path / "words.csv").write_text("a,b\n" + "x,u\n,u\nx,\ny,v\n" * 5)
    words = ("autoencoder", tmp_path / "words.csv", "--missing", "mask", *TINY)
    assert call("fit", *words, "--run", tmp_path / "run").status == 0
    assert call("impute", tmp_path / "run", "-o", tmp_path / "filled.csv").status == 0
    filled = pd.read_csv(tmp_path / "filled.csv")
    assert filled["a"].isin(["x", "y"]).all()
    assert filled["b"].isin(["u", "v"]).all()


def test_without_data_the_runs_own_is_filled(call, folder):
    assert call("impute", folder / "run", "-o", "filled.npy").status == 0
    cells = pd.read_csv(folder / "cells.csv").to_numpy()
    expected = load(folder / "run").impute(cells)
    np.testing.assert_array_equal(np.load("filled.npy"), expected)


@pytest.mark.parametrize("command", ["encode", "reconstruct"])
def test_other_commands_take_gaps_too(call, folder, command):
    assert call(command, folder / "run", folder / "cells.csv", "-o", "out.npy").status == 0
    assert np.isfinite(np.load("out.npy")).all()


def test_scores_figures_and_reports_are_made_of_data_with_gaps(call, folder):
    scores = call("score", folder / "run", folder / "cells.csv", "--json")
    assert np.isfinite(scores.json["mean"])
    rows = call("evaluate", folder / "run", "--json").json["rows"]
    assert rows[0]["name"] == "imputation_error"
    result = call("report", folder / "run")
    assert result.status == 0
    assert "values are missing; the model fills them for figures and pictures" in result.err


def test_a_model_that_takes_no_gaps_says_what_would(call, folder):
    result = call("fit", "autoencoder", folder / "cells.csv", *TINY)
    assert result.status == 2
    assert "NaN" in result.err
    assert "--missing mask" in result.err


def test_a_run_that_was_not_fitted_to_fill_says_so(call, iris_run):
    result = call("impute", iris_run, "iris", "-o", "filled.csv")
    assert result.status == 2
    assert "not fitted to fill what is missing" in result.err
    assert "--missing mask" in result.err


def test_infinity_in_a_file_is_named_by_its_column(call, folder):
    cells = pd.read_csv(folder / "cells.csv")
    cells.iloc[4, 1] = np.inf
    cells.to_csv("infinite.csv", index=False)
    result = call("impute", folder / "run", "infinite.csv", "-o", "filled.csv")
    assert result.status == 2
    assert (
        "1 value of infinity: in row 4 (counted from 0), column 'sepal width (cm)'" in result.err
    )


def test_data_on_disk_is_filled_by_blocks_and_its_faults_are_named(call, folder):
    cells = pd.read_csv(folder / "cells.csv").to_numpy()
    np.save("cells.npy", cells)
    small = ("--memory-limit", "1")
    assert call("impute", folder / "run", "cells.npy", *small, "-o", "a.npy").status == 0
    call("impute", folder / "run", "cells.npy", "-o", "b.npy")
    np.testing.assert_array_equal(np.load("a.npy"), np.load("b.npy"))
    cells[9, 0] = np.inf
    np.save("cells.npy", cells)
    result = call("impute", folder / "run", "cells.npy", *small, "-o", "c.npy")
    assert "1 value of infinity: in row 9" in result.err


def test_a_detector_finds_outliers_among_rows_with_gaps(call, folder):
    words = ("anomaly-detector", folder / "cells.csv", "--missing", "mask", *TINY)
    assert call("fit", *words, "--run", "detector").status == 0
    result = call("score", "detector", folder / "cells.csv", "--explain", "-o", "scores.csv")
    assert result.status == 0
    assert pd.read_csv("scores.csv").notna().all().all()
