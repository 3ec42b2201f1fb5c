"""Series of tables: rows in the order of time, and figures of windows back in the table's."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest

from espelho import load_series
from espelho.data.series.table import Series
from espelho.data.series.times import read_times
from espelho.data.series.windows import average_series, cut_series, windows
from espelho.errors import DataError, EspelhoWarning, SettingError, ShapeError

N = 40
TIMES = pd.date_range("2024-03-01", periods=N, freq="30min")


def table(path, seed=None, **columns):
    """Write a table of times and two features, in the order of time or a drawn one."""
    frame = pd.DataFrame({"time": TIMES, "a": np.arange(N) * 1.0, "b": np.sin(np.arange(N))})
    frame = frame.assign(**columns)
    if seed is not None:
        frame = frame.sample(frac=1, random_state=seed)
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_time_column_is_the_order_and_no_feature(tmp_path, suffix):
    path = table(tmp_path / f"t.{suffix}")
    series = load_series(path, time_column="time", window=10, stride=5)
    assert series.feature_names == ("a", "b")
    np.testing.assert_array_equal(series.points[:, 0], np.arange(N))
    assert series.times.astype("datetime64[m]")[1] == np.datetime64("2024-03-01T00:30")
    np.testing.assert_array_equal(series.windows(), windows(series.points, 10, 5))
    assert len(series) == N


@pytest.mark.parametrize(
    "times",
    [
        TIMES.strftime("%Y-%m-%dT%H:%M:%S"), TIMES.strftime("%Y-%m-%d %H:%M"), TIMES.date
        + np.array([pd.Timedelta(days=i) for i in range(N)]), np.arange(N), np.arange(N) / 4,
        TIMES.strftime("%Y-%m-%dT%H:%M:%S+01:00"), TIMES.strftime("%Y-%m-%dT%H:%M:%SZ"),
    ],
    ids=["iso", "minutes", "dates", "whole", "real", "offset", "zulu"],
)  # fmt: skip
def test_times_are_numbers_dates_or_timestamps(tmp_path, times):
    path = table(tmp_path / "t.csv", time=times, seed=0)
    with pytest.warns(EspelhoWarning, match="the rows were sorted"):
        series = load_series(path, time_column="time")
    np.testing.assert_array_equal(series.points[:, 0], np.arange(N))


def test_rows_out_of_order_are_sorted_and_figures_come_back_in_the_tables(tmp_path):
    path = table(tmp_path / "t.csv", seed=1)
    with pytest.warns(EspelhoWarning, match="rows stood after later ones"):
        series = load_series(path, time_column="time", window=8, stride=3)
    a = pd.read_csv(path)["a"].to_numpy()
    np.testing.assert_array_equal(series.per_row(series.windows())[:, 0], a)
    np.testing.assert_array_equal(series.per_row(series.windows()[:, :, 0]), a)
    np.testing.assert_array_equal(series.in_table_order(series.points[:, 0]), a)
    np.testing.assert_array_equal(series.points[series.points_of(np.arange(N)), 0], a)


@pytest.mark.parametrize(("window", "stride"), [(1, 1), (7, 7), (7, 2), (40, 1), (9, None)])
def test_every_row_lies_in_a_window(tmp_path, window, stride):
    series = load_series(table(tmp_path / "t.csv"), time_column="time")
    cut = series.cut(window, stride)
    np.testing.assert_allclose(cut.per_row(cut.windows()), series.points)


@pytest.mark.parametrize("names", [["x", "y"], [2, 1]])
def test_windows_never_hold_rows_of_two_series(tmp_path, names):
    which = np.array(names * (N // 2))
    path = table(tmp_path / "t.csv", which=which, seed=2)
    with pytest.warns(EspelhoWarning):
        series = load_series(path, time_column="time", series_column="which", window=6, stride=4)
    assert series.names == tuple(sorted(map(str, names)))
    assert series.feature_names == ("a", "b")
    parity = series.windows()[:, :, 0] % 2
    assert (parity == parity[:, :1]).all()
    assert (np.diff(series.windows()[:, :, 0], axis=1) == 2).all()
    frame = pd.read_csv(path)
    np.testing.assert_array_equal(series.per_row(series.windows())[:, 0], frame["a"])
    assert [len(part) for part in series.sequences] == [20, 20]


def test_without_a_time_rows_are_in_order(tmp_path):
    which = np.repeat(["x", "y"], [25, 15])
    path = table(tmp_path / "t.csv", which=which)
    series = load_series(path, series_column="which", drop=["time"], window=5)
    assert series.times is None
    assert series.lengths.tolist() == [25, 15]
    assert (series.window, series.stride) == (5, 1)


def test_several_series_are_cut_and_averaged_each_for_itself():
    rng = np.random.default_rng(0)
    points, lengths = rng.normal(size=(30, 2)), np.array([12, 18])
    cut = cut_series(points, lengths, 5, 2)
    parts = [windows(points[:12], 5, 2), windows(points[12:], 5, 2)]
    np.testing.assert_array_equal(cut, np.concatenate(parts))
    np.testing.assert_allclose(average_series(cut, lengths, 2), points)


def test_the_ends_of_series_can_be_set_aside():
    points = np.arange(60.0).reshape(-1, 1)
    series = Series(points, np.array([40, 12, 8]), np.arange(60), names=("x", "y", "z"))
    kept, held = series.cut(5, 1).split(0.25)
    assert held.points[:, 0].tolist() == [*range(30, 40), *range(47, 52)]
    assert (kept.names, held.names) == (("x", "y", "z"), ("x", "y"))
    assert kept.lengths.tolist() == [30, 7, 8]
    np.testing.assert_allclose(held.per_row(held.windows()), held.points)
    assert series.cut(8, 1).split(0) is None
    assert Series(points, np.array([60]), np.arange(60)).cut(40, 1).split(0.2) is None


def test_uneven_steps_gaps_and_times_that_come_twice_are_said_at_once(tmp_path):
    times = pd.Series(TIMES)
    times[20:] += pd.Timedelta(days=2)
    times[10] = times[9]
    path = table(tmp_path / "t.csv", time=times)
    with pytest.warns(EspelhoWarning) as said:
        series = load_series(path, time_column="time")
    assert len(said) == 1
    message = str(said[0].message)
    assert "1 time came more than once" in message
    assert (
        "the median is 0:30:00, the largest 2 days, 0:30:00 after 2024-03-01 09:30:00" in message
    )
    assert series.points[9:11, 0].tolist() == [9, 10]


def test_numbers_are_said_as_numbers_and_even_steps_not_at_all(tmp_path):
    steps = np.ones(N)
    steps[5] = 9
    with pytest.warns(EspelhoWarning, match="the median is 1, the largest 9 after 5, and"):
        load_series(table(tmp_path / "t.csv", time=np.cumsum(steps)), time_column="time")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_series(table(tmp_path / "u.csv", time=np.arange(N) * 5), time_column="time")
        one = pd.read_csv(tmp_path / "u.csv").head(1)
        one.to_csv(tmp_path / "one.csv", index=False)
        assert len(load_series(tmp_path / "one.csv", time_column="time")) == 1


def refused(kind, path, **asked):
    with pytest.raises(kind) as error:
        load_series(path, **{"time_column": "time", **asked})
    return str(error.value)


def test_a_time_column_that_is_missing_or_no_time_is_named(tmp_path):
    path = table(tmp_path / "t.csv")
    assert "no column 'tiem'" in refused(DataError, path, time_column="tiem")
    assert "Did you mean 'time'?" in refused(DataError, path, time_column="tiem")
    words = list(map(str, TIMES))
    words[7] = "yesterday"
    message = refused(DataError, table(tmp_path / "w.csv", time=words))
    assert "row 7 (counted from 0) holds 'yesterday'" in message
    words[7] = ""
    assert "1 of 40 are missing, the first in row 7" in refused(
        DataError, table(tmp_path / "e.csv", time=words)
    )
    numbers = np.arange(N) * 1.0
    numbers[3] = np.nan
    assert "row 3" in refused(DataError, table(tmp_path / "n.csv", time=numbers))
    nat = pd.Series(TIMES)
    nat[4] = pd.NaT
    assert "row 4" in refused(DataError, table(tmp_path / "n.parquet", time=nat))
    (tmp_path / "twice.csv").write_text("time,time,a\n1,1,2\n2,2,3\n")
    assert "'time' comes twice" in refused(DataError, tmp_path / "twice.csv")


def test_a_series_without_a_name_and_values_that_are_none_are_named(tmp_path):
    which = ["x"] * 20 + [""] * 20
    path = table(tmp_path / "t.csv", which=which)
    assert "20 of 40 are missing" in refused(DataError, path, series_column="which")
    holes = np.arange(N) * 1.0
    holes[6] = np.nan
    message = refused(DataError, table(tmp_path / "h.csv", a=holes))
    assert "1 NaN: in row 6 (counted from 0), column 'a'" in message


def test_windows_that_cannot_be_cut_are_named(tmp_path):
    path = table(tmp_path / "t.csv", which=np.repeat(["x", "y"], [30, 10]))
    said = refused(SettingError, path, drop=["which"], window=41)
    assert "window=41 is longer than the series, which has 40 rows" in said
    assert "longer than series 'y', which has 10 rows" in refused(
        SettingError, path, series_column="which", window=11
    )
    for window, stride in ((0, None), (5, 0), (5, 6)):
        assert "stride from 1 to the window" in refused(
            SettingError, path, drop=["which"], window=window, stride=stride
        )
    series = load_series(path, time_column="time", drop=["which"])
    with pytest.raises(SettingError, match="cut"):
        series.windows()
    with pytest.raises(ShapeError, match=r"\(36, 5\)"):
        series.cut(5, 1).per_row(np.ones((36, 4)))


def test_windows_are_cut_of_tables_only(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((4, 3, 2)))
    assert "tables" in refused(SettingError, tmp_path / "x.npy", time_column=None, window=2)
    assert "(1, 8, 8)" in refused(SettingError, "digits", time_column=None, window=2)


def test_whole_numbers_without_a_sign_can_be_told_apart():
    found = read_times(np.array([3, 1], dtype=np.uint8), "t", "x")
    assert np.diff(found).tolist() == [-2]
    spans = np.array([1, 2], dtype="timedelta64[s]")
    assert read_times(spans, "t", "x") is spans


def test_times_with_offsets_are_compared_where_they_mean_the_same():
    words = np.array(["2024-03-31T01:30:00+01:00", "2024-03-31T03:15:00+02:00"])
    assert read_times(words, "t", "x").astype(str).tolist() == [
        "2024-03-31T00:30:00.000000", "2024-03-31T01:15:00.000000",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_frames_are_read_as_their_files_are(tmp_path, kind):
    path = table(tmp_path / "t.parquet", which=["y", "x"] * (N // 2), seed=3)
    frame = pd.read_parquet(path) if kind == "pandas" else pl.read_parquet(path)
    asked = {"time_column": "time", "series_column": "which", "window": 5, "drop": "b"}
    with pytest.warns(EspelhoWarning):
        one, other = load_series(frame, **asked), load_series(path, **asked)
    np.testing.assert_array_equal(one.windows(), other.windows())
    np.testing.assert_array_equal(one.rows, other.rows)
    assert (one.names, one.feature_names) == (("x", "y"), ("a",))


def test_frames_have_times_with_zones_and_gaps_that_are_named(tmp_path):
    frame = pd.DataFrame({"time": TIMES.tz_localize("Europe/Lisbon"), "a": np.arange(N) * 1.0})
    assert len(load_series(frame, time_column="time")) == N
    assert str(load_series(frame, time_column="time").times.dtype).startswith("datetime64")
    frame.loc[3, "time"] = None
    assert "1 of 40 are missing, the first in row 3" in refused(DataError, frame)
    holes = frame.assign(time=np.arange(N)).astype({"a": float})
    holes.loc[2, "a"] = np.nan
    assert "row 2" in refused(DataError, holes)
    texts = holes.assign(a="high")
    assert "'a'" in refused(DataError, texts)
    assert "Did you mean 'time'?" in refused(DataError, frame, time_column="tme")
