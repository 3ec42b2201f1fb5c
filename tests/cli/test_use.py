"""Using a run: encode, decode, reconstruct, score, evaluate, report, info, listings."""

import json

import numpy as np
import pytest

from espelho import Autoencoder, PretrainedClassifier, load, load_data
from espelho.data.bundled import BUNDLED
from espelho.estimators.registry import COMMANDS, command_name


def test_encoding_writes_what_transform_returns(call, iris_run):
    assert call("encode", iris_run, "iris", "-o", "z.npy").status == 0
    expected = load(iris_run).transform(load_data("iris").X)
    np.testing.assert_array_equal(np.load("z.npy"), expected)


def test_decoding_codes_writes_the_reconstruction(call, iris_run):
    call("encode", iris_run, "-o", "z.parquet")
    call("decode", iris_run, "z.parquet", "-o", "x.npy")
    call("reconstruct", iris_run, "iris", "-o", "r.npy")
    np.testing.assert_allclose(np.load("x.npy"), np.load("r.npy"), rtol=1e-12)


def test_tables_come_back_with_the_names_that_went_in(call, iris_run):
    call("reconstruct", iris_run, "iris", "-o", "r.csv")
    call("decode", iris_run, "r.csv", "-o", "d.csv")
    names = load_data("iris").feature_names
    assert load_data("r.csv").feature_names == names


def test_a_table_may_hold_other_columns_besides(call, iris_run, tmp_path):
    iris = load_data("iris")
    head = ",".join(["note", *reversed(iris.feature_names)])
    rows = [",".join(["ok", *map(str, reversed(row))]) for row in iris.X]
    (tmp_path / "more.csv").write_text("\n".join([head, *rows]))
    call("encode", iris_run, "more.csv", "-o", "a.npy")
    call("encode", iris_run, "iris", "-o", "b.npy")
    np.testing.assert_array_equal(np.load("a.npy"), np.load("b.npy"))


def test_scores_are_written_by_row_and_the_lowest_are_named(call, iris_run):
    result = call("score", iris_run, "iris", "-o", "s.csv")
    scores = load_data("s.csv").X[:, 0]
    np.testing.assert_allclose(scores, load(iris_run).score_samples(load_data("iris").X))
    assert f"row {scores.argmin()}" in result.out
    lowest = call("score", iris_run, "--json").json["lowest"]
    assert lowest[0]["row"] == scores.argmin()


def test_figures_are_those_of_the_rows_kept_aside(call, iris_run):
    figures = call("evaluate", iris_run, "--json").json
    assert (figures["n_samples"], figures["held_out"]) == (30, True)
    assert "PCA" in call("evaluate", iris_run, "iris").out


def test_a_report_is_written_again(call, tmp_path):
    call("fit", "autoencoder", "iris", "--max-epochs", "1", "--verbose", "0", "--run", "r")
    (tmp_path / "r" / "report.html").unlink()
    assert call("report", "r").status == 0
    assert (tmp_path / "r" / "report.html").stat().st_size > 10_000


def test_info_says_what_the_run_is(call, iris_run):
    shown = call("info", iris_run).out
    for text in ("Autoencoder", "fitted", "120 rows", "2 epochs", "hidden_sizes", "torch"):
        assert text in shown
    assert call("info", iris_run, "--json").json["class"] == "Autoencoder"


@pytest.mark.parametrize("command", ["info", "encode", "evaluate", "report", "resume"])
def test_what_is_no_run_is_named(call, tmp_path, command):
    (tmp_path / "empty").mkdir()
    more = ("iris", "-o", "x.npy") if command == "encode" else ()
    for folder, said in (("nowhere", "does not exist"), ("empty", "is not a run folder")):
        result = call(command, folder, *more)
        assert (result.status, said in result.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("encode", "RUN", "wine", "-o", "x.npy"), "no column 'sepal length (cm)'"),
        (("encode", "RUN", "iris", "-o", "x.xyz"), ".parquet"),
        (("encode", "RUN", "iris", "-o", "no/folder/x.npy"), "does not exist"),
        (("encode", "RUN", "iris"), "Missing option"),
        (("decode", "RUN", "iris", "-o", "x.npy"), "Z must have shape (n_samples, 2)"),
        (("decode", "RUN", "z.npy", "-o", "x.npy"), "z.npy does not exist"),
    ],
)
def test_a_mistake_in_use_is_one_clear_line(call, iris_run, tmp_path, words, said):
    result = call(*(iris_run if word == "RUN" else word for word in words))
    assert result.status == 2
    assert said in result.err
    assert not list(tmp_path.glob("x.*"))


def test_a_run_of_the_python_interface_is_used_with_named_data(call, tmp_path):
    import espelho

    data = load_data("iris")
    espelho.Autoencoder(max_epochs=1, random_state=0).fit(data.X).save("r")
    assert call("encode", "r", "iris", "-o", "z.npy").status == 0
    assert call("decode", "r", "z.npy", "-o", "x.csv").status == 0
    result = call("evaluate", "r")
    assert (result.status, "does not say what data" in result.err) == (2, True)


def test_models_and_datasets_are_listed(call):
    shown = call("models").out
    assert all(command_name(name) in shown for name in COMMANDS)
    assert all(entry.group in shown for entry in COMMANDS.values())
    assert set(call("models", "--json").json) == {command_name(name) for name in COMMANDS}
    assert all(name in call("datasets").out for name in BUNDLED)
    assert json.loads(call("datasets", "--json").out)["digits"][:2] == [1797, 64]


@pytest.mark.parametrize("words", [(), ("--target", "kind")])
def test_columns_are_taken_by_name_in_any_order(call, tmp_path, words):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=20), 100 * rng.normal(size=20)
    rows = [f"{x},{y},{'uv'[i % 2]}" for i, (x, y) in enumerate(zip(a, b, strict=True))]
    (tmp_path / "one.csv").write_text("\n".join(["a,b,kind", *rows]))
    rows = [f"{'uv'[i % 2]},{y},{x}" for i, (x, y) in enumerate(zip(a, b, strict=True))]
    (tmp_path / "two.csv").write_text("\n".join(["kind,b,a", *rows]))
    call(
        "fit", "autoencoder", "one.csv", "--target", "kind", "--max-epochs", "2", "--run", "r",
        "--verbose", "0",
    )  # fmt: skip
    first, second = (
        call("score", "r", f"{name}.csv", "--json", *words).json for name in ("one", "two")
    )
    assert first["mean"] == pytest.approx(second["mean"])
    refused = call("score", "r", "two.csv", "--columns", "b,a")
    assert (refused.status, "trained on" in refused.err) == (2, True)


def test_rows_that_were_learned_from_are_not_called_held_out(call, iris_run):
    assert call("evaluate", iris_run, "iris", "--json").json["held_out"] is False


@pytest.mark.parametrize("content", ["{", "{}"])
def test_a_damaged_job_is_named(call, tmp_path, content):
    call("fit", "autoencoder", "iris", "--max-epochs", "1", "--verbose", "0", "--run", "r")
    (tmp_path / "r" / "job.json").write_text(content)
    result = call("evaluate", "r")
    assert (result.status, "damaged" in result.err) == (2, True)


def test_a_parquet_table_comes_back_with_the_type_of_each_column(call, tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    rng = np.random.default_rng(0)
    table = pa.table(
        {
            "f": rng.random(40).astype(np.float32),
            "n": rng.integers(0, 9, 40),
            "b": rng.random(40) > 0.5,
        }
    )
    parquet.write_table(table, tmp_path / "t.parquet")
    call("fit", "autoencoder", "t.parquet", "--max-epochs", "2", "--run", "r", "--verbose", "0")
    assert call("reconstruct", "r", "t.parquet", "-o", "back.parquet").status == 0
    back = parquet.read_table(tmp_path / "back.parquet")
    assert back.schema.types == table.schema.types
    assert back.column_names == table.column_names


def test_a_run_of_a_classifier_is_described_and_left_to_python(call, tmp_path):
    iris = load_data("iris")
    inner = Autoencoder(latent_dim=2, hidden_sizes=(4,), max_epochs=1)
    run = (
        PretrainedClassifier(inner, max_epochs=1).fit(iris.X, iris.y).save(tmp_path / "classifier")
    )
    shown = call("info", run).out
    assert "PretrainedClassifier" in shown
    assert "classes" in shown
    assert "code width" not in shown
    answer = call("score", run, "iris")
    assert answer.status != 0
    assert "autoencoder" in answer.err
    assert "which the commands do not use" in answer.err
    assert call("score", run / "autoencoder", "iris").status == 0
