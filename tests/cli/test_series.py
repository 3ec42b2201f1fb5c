"""Series of tables from the command line: fitted in windows, scored and rebuilt row by row."""

import json

import numpy as np
import pandas as pd
import pytest

from espelho import load, load_series
from espelho.cli.job import Job
from espelho.cli.uses import reproduce
from tests.cli.conftest import TINY

pytestmark = pytest.mark.filterwarnings("always::espelho.errors.EspelhoWarning")
N = 300
WINDOWS = ("--time-column", "time", "--window", "12", "--stride", "5")
LSTM = ("fit", "lstm-autoencoder", "t.csv", *WINDOWS, *TINY, "--run", "r")
DETECTOR = ("fit", "anomaly-detector", "t.csv", "--estimator", "autoencoder", *WINDOWS, *TINY)
OFF = 77


@pytest.fixture(autouse=True)
def table(tmp_path):
    """A table out of order, whose row 'OFF' by time is strange, and the same in order."""
    t = np.arange(N)
    frame = pd.DataFrame(
        {
            "time": pd.date_range("2024-03-01", periods=N, freq="h"),
            "a": np.sin(t / 3),
            "b": np.cos(t / 5),
            "place": np.where(t % 2, "here", "there"),
        }
    )
    frame.loc[OFF, "a"] = 9
    frame.to_csv(tmp_path / "places.csv", index=False)
    frame = frame.drop(columns="place")
    frame.to_csv(tmp_path / "t.csv", index=False)
    mixed = frame.sample(frac=1, random_state=0)
    mixed.to_csv(tmp_path / "mixed.csv", index=False)
    mixed.to_parquet(tmp_path / "mixed.parquet", index=False)
    return frame


def scores(path):
    return np.genfromtxt(path, delimiter=",", names=True)["score"]


def test_windows_are_learned_and_each_row_is_scored(call, tmp_path):
    told = call(*LSTM)
    assert told.status == 0
    assert "240 rows" in told.out
    model = load(tmp_path / "r")
    assert model.sample_shape_ == (12, 2)
    answer = call("score", "r", "t.csv", "-o", "s.csv", "--json").json
    assert (answer["rows"], answer["lowest"][0]["row"]) == (N, OFF)
    assert answer["lowest"][0]["time"] == "2024-03-04 05:00:00"
    expected = model.score_points(load_series("t.csv", time_column="time").points, step=5)
    np.testing.assert_allclose(scores("s.csv"), expected)
    assert "2024-03-04 05:00:00" in call("score", "r").out


@pytest.mark.parametrize("name", ["mixed.csv", "mixed.parquet"])
def test_scores_come_back_in_the_order_of_the_table(call, name, tmp_path):
    assert call(*LSTM).status == 0
    call("score", "r", "t.csv", "-o", "s.csv")
    answer = call("score", "r", name, "-o", "m.csv")
    assert "the rows were sorted" in answer.err
    read = pd.read_csv if name.endswith("csv") else pd.read_parquet
    order = np.argsort(pd.to_datetime(read(tmp_path / name)["time"]).to_numpy())
    np.testing.assert_allclose(scores("m.csv")[order], scores("s.csv"))


def test_any_autoencoder_rebuilds_rows_and_encodes_windows(call, tmp_path, table):
    words = ("fit", "autoencoder", "t.csv", *WINDOWS, *TINY, "--run", "r")
    assert call(*words).status == 0
    assert call("reconstruct", "r", "mixed.csv", "-o", "b.csv").status == 0
    assert call("reconstruct", "r", "t.csv", "-o", "u.csv").status == 0
    found, mixed = pd.read_csv("u.csv"), pd.read_csv("mixed.csv")
    assert list(found) == ["a", "b"]
    order = np.argsort(pd.to_datetime(mixed["time"]).to_numpy())
    np.testing.assert_allclose(pd.read_csv("b.csv").to_numpy()[order], found.to_numpy())
    assert call("encode", "r", "t.csv", "-o", "z.npy", "--stride", "12").status == 0
    assert len(np.load("z.npy")) == N // 12
    assert call("evaluate", "r").status == 0
    assert call("evaluate", "r", "mixed.csv").status == 0
    assert call("report", "r").status == 0


def test_the_run_remembers_and_goes_on(call, tmp_path):
    assert call(*LSTM).status == 0
    assert call("resume", "r", "--max-epochs", "4", "--verbose", "0").status == 0
    longer = [word if word != "2" else "4" for word in LSTM[:-1]]
    assert call(*longer, "whole").status == 0
    call("score", "r", "-o", "r.csv")
    call("score", "whole", "-o", "w.csv")
    np.testing.assert_array_equal(scores("r.csv"), scores("w.csv"))
    words = reproduce(load(tmp_path / "r"), Job.of(tmp_path / "r"))
    assert "--time-column time --window 12 --stride 5" in words


def test_a_test_table_and_a_table_of_several_series_are_windows_too(call):
    words = ("fit", "autoencoder", "places.csv", *WINDOWS, "--series-column", "place", *TINY)
    told = call(*words, "--test", "places.csv", "--run", "r")
    assert told.status == 0
    answer = call("score", "r", "places.csv", "-o", "s.csv", "--json").json
    assert (answer["rows"], answer["lowest"][0]["row"]) == (N, OFF)
    assert load("r").sample_shape_ == (12, 2)


def test_a_detector_scores_and_explains_rows_in_the_order_of_the_table(call, tmp_path):
    assert call(*DETECTOR, "--contamination", "0.01", "--run", "r").status == 0
    detector = load(tmp_path / "r")
    assert (detector.window, detector.step) == (12, 5)
    call("score", "r", "t.csv", "-o", "s.csv", "--explain")
    answer = call("score", "r", "mixed.csv", "-o", "m.csv", "--explain", "--json").json
    mixed = pd.read_csv("mixed.csv")
    off = int(np.flatnonzero(mixed["a"] == 9)[0])
    assert answer["lowest"][0]["row"] == off
    assert answer["lowest"][0]["why"][0]["name"] == "a"
    order = np.argsort(pd.to_datetime(mixed["time"]).to_numpy())
    one, other = pd.read_csv("s.csv"), pd.read_csv("m.csv")
    assert list(one)[2:4] == ["residual a", "residual b"]
    np.testing.assert_allclose(other.to_numpy()[order], one.to_numpy())
    assert call("encode", "r", "t.csv", "-o", "z.csv").status == 0
    assert call("reconstruct", "r", "t.csv", "-o", "b.csv").status == 0
    assert len(pd.read_csv("b.csv")) == N
    assert call("evaluate", "r").status == 0


@pytest.mark.slow
def test_a_detector_is_made_again_and_goes_on(call, tmp_path):
    assert call(*DETECTOR, "--run", "r").status == 0
    again = reproduce(load(tmp_path / "r"), Job.of(tmp_path / "r")).split()[1:]
    assert call(*again, "--run", "again", "--verbose", "0").status == 0
    assert load(tmp_path / "again").offset_ == load(tmp_path / "r").offset_
    assert call("resume", "r", "--max-epochs", "3", "--verbose", "0").status == 0
    assert load(tmp_path / "r").estimator_.n_epochs_ == 3


def test_a_detector_sees_each_of_several_series(call, tmp_path):
    words = ("places.csv" if word == "t.csv" else word for word in DETECTOR)
    assert call(*words, "--series-column", "place", "--run", "r").status == 0
    call("score", "r", "places.csv", "-o", "s.csv", "--explain")
    assert scores("s.csv").argmin() == OFF
    assert call("report", "r").status == 0
    facts = json.loads((tmp_path / "r" / "job.json").read_text())
    assert facts["source"]["series_column"] == "place"


def test_generators_learn_windows(call):
    words = ("fit", "gan", "t.csv", *WINDOWS, "--structure", "recurrent", *TINY)
    assert call(*words, "--discriminator-sizes", "4", "--run", "r").status == 0
    assert call("sample", "r", "-n", "3", "-o", "new.npy").status == 0
    assert np.load("new.npy").shape == (3, 12, 2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("t.csv", "--time-column", "tiem", "--window", "9"), "Did you mean 'time'?"),
        (("t.csv", "--time-column", "time"), "needs --window"),
        (("places.csv", "--series-column", "place"), "--series-column makes series"),
        (("t.csv", "--stride", "3"), "--stride makes series"),
        (
            ("places.csv", "--time-column", "place", "--window", "9", "--drop", "time"),
            "row 0 (counted from 0) holds",
        ),
        (("t.csv", "--time-column", "time", "--window", "500"), "which has 300 rows"),
        (("t.csv", "--time-column", "time", "--window", "9", "--stride", "0"), "stride=0"),
        (("digits", "--window", "9"), "Leave --window"),
        (("t.csv", "--window", "9"), "without numbers: 'time'"),
    ],
)
def test_what_makes_no_series_is_one_clear_error(call, words, said):
    answer = call("fit", "autoencoder", *words, *TINY, "--run", "r")
    assert answer.status == 2
    assert said in answer.err
    assert len(answer.err.splitlines()) == 1


def test_a_detector_without_a_window_and_windows_that_are_its_own_are_named(call):
    answer = call("fit", "anomaly-detector", "t.csv", "--time-column", "time", *TINY)
    assert "needs --window" in answer.err
    assert call(*DETECTOR, "--run", "r").status == 0
    answer = call("score", "r", "t.csv", "--window", "20")
    assert answer.status == 2
    assert "those of the detector, of 12 points" in answer.err
