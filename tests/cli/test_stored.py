"""Data on disk: commands work through it in blocks, to the same bits as in memory."""

import json
from io import FileIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from espelho import load, load_data
from espelho.cli import job as jobs
from espelho.cli.job import Job
from espelho.cli.options.source import Source
from espelho.data.stored.base import Stored
from espelho.data.stored.rows import StoredRows
from tests.cli.conftest import TINY

N = 20_000
DATA = np.random.default_rng(0).normal(5, 2, (N, 4))
NAMES = load_data("iris").feature_names


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """Save the same rows as an array, a table and a folder of tables."""
    folder = tmp_path_factory.mktemp("sources")
    np.save(folder / "X.npy", DATA)
    table = pa.table({name: DATA[:, j] for j, name in enumerate(NAMES)})
    parquet.write_table(table, folder / "X.parquet", row_group_size=7000)
    (folder / "parts").mkdir()
    for number, start in enumerate(range(0, N, 6000)):
        parquet.write_table(table.slice(start, 6000), folder / "parts" / f"{number}.parquet")
    return {
        "array": folder / "X.npy",
        "table": folder / "X.parquet",
        "folder": folder / "parts",
        "pattern": folder / "parts" / "*.parquet",
    }


@pytest.fixture(scope="module")
def array_run(sources, tmp_path_factory):
    """A run without names of columns, on the array in memory."""
    from espelho import Autoencoder

    run = tmp_path_factory.mktemp("runs") / "array"
    model = Autoencoder(hidden_sizes=(8,), latent_dim=2, max_epochs=1, random_state=0)
    model.fit(DATA[:500]).save(run)
    return run


@pytest.mark.parametrize("limit", ["0", "1GB"])
@pytest.mark.parametrize("kind", ["array", "table", "folder", "pattern"])
@pytest.mark.parametrize("suffix", ["npy", "parquet"])
@pytest.mark.parametrize("command", ["encode", "reconstruct", "score"])
def test_results_are_those_of_all_rows_at_once(
    call, array_run, sources, limit, kind, suffix, command
):
    result = call(
        command, array_run, sources[kind], "-o", f"out.{suffix}", "--memory-limit", limit
    )
    assert result.status == 0, result.err
    assert f"out.{suffix}: {N}" in result.err
    method = {"encode": "transform", "reconstruct": "reconstruct", "score": "score_samples"}
    expected = getattr(load(array_run), method[command])(DATA).reshape(N, -1)
    np.testing.assert_array_equal(load_data(f"out.{suffix}").X, expected)


@pytest.mark.parametrize("limit", ["0", "1GB"])
def test_codes_on_disk_are_decoded(call, array_run, limit):
    model = load(array_run)
    codes = model.transform(DATA)
    np.save("z.npy", codes)
    words = ("decode", array_run, "z.npy", "-o", "x.npy", "--memory-limit", limit)
    assert call(*words).status == 0
    np.testing.assert_array_equal(np.load("x.npy"), model.inverse_transform(codes))


def test_figures_of_scores_are_those_of_memory(call, array_run, sources):
    from_disk, from_memory = (
        call("score", array_run, sources["folder"], "--json", "--memory-limit", limit).json
        for limit in ("0", "1GB")
    )
    assert from_disk == from_memory
    scores = load(array_run).score_samples(DATA)
    assert from_disk["mean"] == scores.mean()
    assert from_disk["lowest"][0]["row"] == scores.argmin()


def test_types_of_columns_of_a_folder_come_back(call, tmp_path):
    rng = np.random.default_rng(0)
    (tmp_path / "parts").mkdir()
    for number in range(2):
        columns = {
            "f": rng.random(40).astype(np.float32),
            "n": pa.array(rng.integers(0, 9, 40), pa.int32() if number else pa.int16()),
            "b": rng.random(40) > 0.5,
        }
        parquet.write_table(pa.table(columns), tmp_path / "parts" / f"{number}.parquet")
    call("fit", "autoencoder", "parts", *TINY, "--run", "r")
    assert call("reconstruct", "r", "parts", "-o", "back.parquet").status == 0
    types = parquet.read_schema(tmp_path / "back.parquet").types
    assert types == [pa.float32(), pa.float64(), pa.bool_()]


class FullDisk(FileIO):
    """A file on a disk that has room for the first block of results."""

    def write(self, data):
        if self.tell() + len(data) > 200_000:
            raise OSError(28, "No space left on device")
        return super().write(data)


@pytest.mark.parametrize("command", ["encode", "reconstruct"])
@pytest.mark.parametrize("suffix", ["npy", "csv", "parquet"])
def test_a_disk_that_fills_up_meanwhile_is_a_failure_that_leaves_nothing(
    call, array_run, sources, tmp_path, monkeypatch, command, suffix
):
    plain = Path.open

    def full(self, mode="r", *words, **options):
        return (
            FullDisk(self, mode) if self.suffix == ".tmp" else plain(self, mode, *words, **options)
        )

    monkeypatch.setattr(Path, "open", full)
    result = call(command, array_run, sources["table"], "-o", f"z.{suffix}", "--memory-limit", "0")
    assert (result.status, "No space left on device" in result.err) == (1, True)
    assert not list(tmp_path.iterdir())


def test_ctrl_c_meanwhile_leaves_nothing(call, array_run, sources, tmp_path, monkeypatch):
    from espelho import Autoencoder

    plain, calls = Autoencoder.transform, []

    def interrupted(self, X):
        calls.append(len(X))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return plain(self, X)

    monkeypatch.setattr(Autoencoder, "transform", interrupted)
    assert call("encode", array_run, sources["array"], "-o", "z.npy").status == 130
    assert len(calls) == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("limit", ["0", "1GB"])
def test_gaps_on_disk_are_named_by_their_rows(call, array_run, tmp_path, limit):
    X = DATA.copy()
    X[12_345, 2] = np.nan
    np.save("gap.npy", X)
    result = call("encode", array_run, "gap.npy", "-o", "z.npy", "--memory-limit", limit)
    assert (result.status, "row 12345 (counted" in result.err) == (2, True)
    assert not (tmp_path / "z.npy").exists()


def test_a_limit_that_is_no_size_is_named(call):
    result = call("fit", "autoencoder", "iris", "--memory-limit", "much")
    assert (result.status, "'500MB'" in result.err) == (2, True)


def test_the_same_rows_are_set_aside_wherever_the_data_is(sources):
    splits = [
        Job("autoencoder", Source(str(sources["folder"]), memory_limit=limit), None, 0.1).read()
        for limit in (0, "1GB")
    ]
    assert isinstance(splits[0].train.X, StoredRows)
    assert isinstance(splits[0].test.X, np.ndarray)
    for part in ("train", "test"):
        first, second = (np.asarray(getattr(split, part).X) for split in splits)
        np.testing.assert_array_equal(first, second)


def test_no_more_is_set_aside_than_can_be_held(sources, monkeypatch):
    monkeypatch.setattr(jobs, "_MOST_MEASURED", 70)
    split = Job("autoencoder", Source(str(sources["array"]), memory_limit=0), None, 0.5).read()
    assert (len(split.test.X), len(split.train.X)) == (70, N - 70)
    rows = np.concatenate([split.test.X, np.asarray(split.train.X)])
    np.testing.assert_array_equal(np.sort(rows[:, 0]), np.sort(DATA[:, 0]))
    monkeypatch.setattr(jobs, "_SAMPLE_BYTES", 30 * 4 * 8)
    split = Job("autoencoder", Source(str(sources["array"]), memory_limit=0), None, 0.5).read()
    assert len(split.test.X) == 30


def test_figures_take_rows_from_all_over_the_data_and_say_so(sources, monkeypatch, capsys):
    monkeypatch.setattr(jobs, "_MOST_LEARNED", 100)
    monkeypatch.setattr(jobs, "_MOST_MEASURED", 50)
    disk = Source(str(sources["table"]), memory_limit=0)
    sample = Job("autoencoder", disk, disk).read().sampled()
    assert (sample.train.X.shape, sample.test.X.shape) == ((100, 4), (50, 4))
    said = capsys.readouterr().err.splitlines()
    assert said[0] == f"espelho: figures take 100 of the {N} rows to learn from."
    assert said[1] == f"espelho: figures take 50 of the {N} rows to measure on."
    rows = [int(np.flatnonzero(DATA[:, 0] == value)[0]) for value in sample.train.X[:, 0]]
    assert rows == sorted(rows)
    assert rows[0] < N / 10
    assert rows[-1] > N * 9 / 10


def test_figures_of_data_in_memory_take_all_of_it(capsys):
    split = Job("autoencoder", Source("iris"), None, 0.2).read()
    sample = split.sampled()
    assert sample.train is split.train
    assert sample.test is split.test
    assert not capsys.readouterr().err


def test_a_run_on_data_on_disk_is_used_like_any_other(call, sources, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "_MOST_LEARNED", 300)
    monkeypatch.setattr(jobs, "_MOST_MEASURED", 60)
    words = ("fit", "autoencoder", sources["folder"], *TINY, "--run", "r", "--memory-limit", "0")
    result = call(*words, "--json")
    assert result.status == 0, result.err
    assert f"figures take 300 of the {N - 60} rows" in result.err
    assert result.json["evaluation"]["n_samples"] == 60
    assert result.json["evaluation"]["held_out"] is True
    assert json.loads((tmp_path / "r" / "job.json").read_text())["source"]["memory_limit"] == "0"
    assert isinstance(Job.of(tmp_path / "r").read().train.X, Stored)

    seen = call("evaluate", "r", sources["array"], "--json", "--memory-limit", "0")
    assert (seen.status, seen.json["held_out"], seen.json["n_samples"]) == (0, False, 60)
    assert call("report", "r").status == 0
    from espelho.cli.uses import reproduce

    again = reproduce(load("r"), Job.of(tmp_path / "r"))
    assert "--memory-limit 0" in again


def test_a_job_of_before_the_limit_is_read(call, tmp_path):
    call("fit", "autoencoder", "iris", *TINY, "--run", "r")
    path = tmp_path / "r" / "job.json"
    facts = json.loads(path.read_text())
    del facts["source"]["memory_limit"]
    path.write_text(json.dumps(facts))
    assert Job.of(tmp_path / "r").source.memory_limit == "1GB"
    assert call("evaluate", "r").status == 0
