"""``espelho fit`` and ``resume``: from a file to a run, and every mistake on the way."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from safetensors.numpy import load_file

from espelho import load
from espelho.cli.options.flags import flags, setting_names
from espelho.estimators import registry
from tests.cli.conftest import TINY

RUN_FILES = {
    "checkpoints", "estimator.json", "evaluation.json", "history.jsonl", "job.json", "report.html",
    "weights.safetensors",
}  # fmt: skip


def files(folder):
    return {path.name for path in folder.iterdir() if not path.name.startswith("pictures")}


@pytest.fixture
def table(tmp_path):
    """A CSV as people have it: names, numbers, a text label, a column to leave out."""
    rows = np.random.default_rng(0).normal(size=(30, 3)) * [1, 10, 100]
    lines = ["id,a,b,c,kind"]
    lines += [f"r{i},{a},{b},{c},{'xy'[i % 2]}" for i, (a, b, c) in enumerate(rows)]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines))
    return path


def test_a_bundled_set_becomes_a_run_with_a_report(call, tmp_path):
    result = call("fit", "autoencoder", "iris", *TINY)
    assert result.status == 0
    assert "reconstruction error" in result.out
    assert "PCA" in result.out
    run = tmp_path / "runs" / "autoencoder-iris-1"
    assert files(run) >= RUN_FILES
    assert load(run).n_features_in_ == 4


def test_runs_are_numbered(call, tmp_path):
    for _ in range(2):
        call("fit", "autoencoder", "iris", *TINY)
    found = {path.name for path in (tmp_path / "runs").iterdir()}
    assert found == {"autoencoder-iris-1", "autoencoder-iris-2"}


def test_json_is_all_that_is_printed(call):
    summary = call("fit", "autoencoder", "iris", *TINY, "--json").json
    assert summary["epochs"] == 2
    assert summary["evaluation"]["held_out"] is True
    assert summary["run"].endswith("autoencoder-iris-1")


def test_a_table_keeps_its_target_and_leaves_columns_out(call, table):
    result = call(
        "fit", "autoencoder", table, "--target", "kind", "--drop", "id", *TINY, "--run", "r"
    )
    assert result.status == 0
    assert "prediction" in result.out
    assert load("r").n_features_in_ == 3


def test_columns_that_hold_no_numbers_are_named_with_the_fix(call, table, tmp_path):
    result = call("fit", "convolutional-autoencoder", table, *TINY)
    assert result.status == 2
    assert "'id'" in result.err
    assert "'kind'" in result.err
    assert "--drop" in result.err
    assert not (tmp_path / "runs").exists()


def test_every_row_is_learned_from_where_no_test_rows_are_wanted(call):
    result = call("fit", "autoencoder", "iris", *TINY, "--test-fraction", "0", "--json")
    assert result.json["evaluation"]["held_out"] is False


def test_other_data_to_measure_on_may_be_given(call, tmp_path):
    rng = np.random.default_rng(0)
    for name, n in (("train", 40), ("test", 10)):
        np.save(tmp_path / f"{name}.npy", rng.normal(size=(n, 3)))
        np.save(tmp_path / f"{name}-y.npy", np.arange(n) % 2)
    result = call(
        "fit", "autoencoder", "train.npy", "--labels", "train-y.npy", "--test", "test.npy",
        "--test-labels", "test-y.npy", *TINY, "--json",
    )  # fmt: skip
    assert result.json["evaluation"]["n_samples"] == 10
    assert load("runs/autoencoder-train-1").n_features_in_ == 3


def test_settings_come_from_a_file_and_flags_win(call, tmp_path):
    (tmp_path / "s.toml").write_text(
        'latent-dim = 3\nlearning_rate = 0.01\nhidden_sizes = [7, 5]\nloss = "absolute_error"\n'
        "[optimizer_options]\nbetas = [0.5, 0.99]\n"
    )
    call(
        "fit", "autoencoder", "iris", "--settings", "s.toml", "--latent-dim", "2",
        "--max-epochs", "1", "--verbose", "0", "--run", "r",
    )  # fmt: skip
    model = load("r")
    assert (model.latent_dim, model.learning_rate, model.hidden_sizes) == (2, 0.01, (7, 5))
    assert model.optimizer_options == {"betas": (0.5, 0.99)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("latent_dimm = 3", "Did you mean 'latent_dim'?"),
        ("latent_dim = ", "no TOML"),
        ("latent_dim = 'x'", "latent_dim of Autoencoder must be"),
    ],
)
def test_a_settings_file_with_a_mistake_is_refused(call, tmp_path, text, said):
    (tmp_path / "s.toml").write_text(text)
    result = call("fit", "autoencoder", "iris", "--settings", "s.toml")
    assert result.status == 2
    assert said in result.err
    assert not (tmp_path / "runs").exists() or not list((tmp_path / "runs").iterdir())


def test_a_preset_is_where_settings_start_from(call, tmp_path):
    (tmp_path / "s.toml").write_text("latent_dim = 7\n")
    call(
        "fit", "autoencoder", "digits", "--preset", "deep-images", "--settings", "s.toml",
        "--hidden-sizes", "12,9", "--max-epochs", "1", "--run", "r",
    )  # fmt: skip
    settings = json.loads((tmp_path / "r" / "estimator.json").read_text())["settings"]
    assert settings["latent_dim"] == 7
    assert settings["hidden_sizes"] == [12, 9]
    assert settings["normalization"] == "batch"
    assert settings["schedule_options"] == {"peak": 3.0}


def test_a_settings_file_that_is_missing_is_named(call):
    result = call("fit", "autoencoder", "iris", "--settings", "none.toml")
    assert (result.status, "none.toml" in result.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("fit", "autoencodr", "iris"), "Did you mean 'autoencoder'?"),
        (("fit", "autoencoder", "irs"), "Did you mean 'iris'?"),
        (("fit", "autoencoder", "iris", "--latent-dim", "0"), "greater than or equal to 1"),
        (("fit", "autoencoder", "iris", "--hidden-sizes", "a,b"), "such as 256,64"),
        (("fit", "autoencoder", "iris", "--optimizer-options", "betas"), "betas=[0.5,0.999]"),
        (("fit", "autoencoder", "iris", "--optimizer-options", "b=1"), "'adam' has no option 'b'"),
        (("fit", "autoencoder", "iris", "--schedule-options", "b=1"), "no option 'b'"),
        (("fit", "autoencoder", "iris", "--device", "cuda:7"), "not available here"),
        (("fit", "autoencoder", "iris", "--device", "tpu9"), "device must be"),
        (("fit", "autoencoder", "iris", "--test-fraction", "0.999"), "leaves none"),
        (("fit", "autoencoder", "iris", "--sample-shape", "3,3"), "sample_shape"),
        (("fit", "autoencoder", "iris", "--monitor", "nothing", "--patience", "1"), "nothing"),
    ],
)
def test_a_mistake_is_one_clear_line_and_leaves_nothing(call, tmp_path, words, said):
    result = call(*words, *(TINY if "--hidden-sizes" not in words else ()))
    assert result.status == 2
    assert said in result.err
    runs = tmp_path / "runs"
    assert not runs.exists() or not list(runs.iterdir())


def test_a_full_disk_is_a_failure_that_leaves_nothing(call, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    result = call("fit", "autoencoder", "iris", *TINY)
    assert (result.status, "No space left on device" in result.err) == (1, True)
    assert not list((tmp_path / "runs").iterdir())


def test_training_that_diverges_is_a_failure_that_leaves_nothing(call, tmp_path):
    result = call(
        "fit", "autoencoder", "iris", *TINY, "--optimizer", "sgd", "--learning-rate", "1e9",
        "--precision", "float32",
    )  # fmt: skip
    assert (result.status, "Training diverged" in result.err) == (1, True)
    assert not list((tmp_path / "runs").iterdir())


def test_a_run_is_replaced_only_by_force(call):
    call("fit", "autoencoder", "iris", *TINY, "--run", "r")
    refused = call("fit", "autoencoder", "iris", *TINY, "--run", "r")
    assert (refused.status, "--force" in refused.err) == (2, True)
    assert call("fit", "autoencoder", "wine", *TINY, "--run", "r", "--force").status == 0
    assert load("r").n_features_in_ == 13


def test_a_run_survives_a_replacement_that_cannot_begin(call, tmp_path):
    call("fit", "autoencoder", "iris", *TINY, "--run", "r")
    failed = call(
        "fit", "autoencoder", "wine", *TINY, "--run", "r", "--force", "--latent-dim", "0"
    )
    assert failed.status == 2
    assert load("r").n_features_in_ == 4
    assert {path.name for path in tmp_path.iterdir()} == {"r"}


def test_a_folder_that_is_no_run_is_never_replaced(call, tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "thesis.txt").write_text("years of work")
    result = call("fit", "autoencoder", "iris", *TINY, "--run", "r", "--force")
    assert result.status == 2
    assert (tmp_path / "r" / "thesis.txt").exists()


@pytest.mark.parametrize("model", [registry.command_name(name) for name in registry.MODELS])
def test_every_setting_has_a_flag_with_help(call, model):
    shown = call("fit", model, "--help").out
    for name in setting_names(registry.find(model)):
        assert f"--{name.replace('_', '-')}" in shown


def test_widths_of_kernels_are_numbers_with_commas(call):
    cls = registry.find("moment-matching-network")
    (widths,) = (option.type for option in flags(cls) if option.name == "bandwidths")
    assert widths.convert("0.5,2", None, None) == (0.5, 2.0)

    said = call("fit", "moment-matching-network", "iris", "--bandwidths", "wide").err
    assert "'wide' must be numbers with commas, such as 0.5,2" in said


def test_the_report_names_the_command_that_makes_the_run_again(call, tmp_path):
    words = ("fit", "autoencoder", "iris", *TINY, "--tied", "--run", "a", "--activation", "tanh")
    call(*words)
    from espelho.cli.job import Job
    from espelho.cli.uses import reproduce

    again = reproduce(load("a"), Job.of(tmp_path / "a")).split()[1:]
    call(*again, "--run", "b", "--verbose", "0")
    first, second = load_file("a/weights.safetensors"), load_file("b/weights.safetensors")
    assert all((first[name] == second[name]).all() for name in first)


def test_ctrl_c_saves_and_resume_ends_with_the_same_bits(call, tmp_path):
    words = [
        "fit", "autoencoder", "digits", "--hidden-sizes", "16", "--random-state", "0",
        "--max-epochs", "80", "--batch-size", "32",
    ]  # fmt: skip
    started = subprocess.Popen(
        [sys.executable, "-m", "espelho", *words, "--run", "stopped"],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    while not (tmp_path / "stopped" / "checkpoints").exists():
        assert started.poll() is None
        time.sleep(0.01)
    time.sleep(0.3)
    started.send_signal(signal.SIGINT)
    _, said = started.communicate(timeout=60)
    assert started.returncode == 130
    assert said.strip().endswith("espelho resume stopped")
    assert json.loads((tmp_path / "stopped" / "estimator.json").read_text())["status"] == (
        "interrupted"
    )

    assert call("resume", "stopped", "--verbose", "0").status == 0
    assert call(*words, "--verbose", "0", "--run", "whole").status == 0
    stopped, whole = (
        load_file("stopped/weights.safetensors"),
        load_file("whole/weights.safetensors"),
    )
    assert all((stopped[name] == whole[name]).all() for name in whole)
    assert files(tmp_path / "stopped") >= RUN_FILES


def test_a_finished_run_goes_on_with_more_epochs(call, tmp_path):
    call("fit", "autoencoder", "iris", *TINY, "--run", "r")
    result = call("resume", "r", "--max-epochs", "3", "--verbose", "0", "--json")
    assert result.json["epochs"] == 3
    assert load("r").max_epochs == 3


def test_data_that_has_changed_is_not_gone_on_with(call, table):
    call("fit", "autoencoder", table, "--columns", "a,b,c", *TINY, "--run", "r")
    table.write_text(table.read_text().replace("r3,", "r3,1,2,3,x\nr30,"))
    result = call("resume", "r", "--max-epochs", "3")
    assert (result.status, "not what r was started with" in result.err) == (2, True)


@pytest.mark.parametrize(("n", "said"), [(12, "12 samples"), (2, "too few to measure")])
def test_small_tables_are_learned_from_and_measured_as_a_whole(call, tmp_path, n, said):
    rows = np.random.default_rng(0).normal(size=(n, 3))
    np.savetxt(tmp_path / "small.csv", rows, delimiter=",", header="a,b,c", comments="")
    result = call("fit", "autoencoder", "small.csv", *TINY)
    assert result.status == 0
    assert said in result.err + result.out
    assert load("runs/autoencoder-small-1").n_features_in_ == 3
    assert (tmp_path / "runs" / "autoencoder-small-1" / "report.html").exists() == (n > 2)


def test_gaps_are_named_by_row_and_column_of_the_file(call, tmp_path):
    lines = ["a,b", *(f"{i},{i * i}" for i in range(60))]
    lines[31] = "30,"
    (tmp_path / "gaps.csv").write_text("\n".join(lines))
    result = call("fit", "autoencoder", "gaps.csv", *TINY)
    assert result.status == 2
    assert "row 30" in result.err
    assert "'b'" in result.err


def test_a_folder_made_meanwhile_is_left_alone(call, tmp_path):
    (tmp_path / "runs" / "autoencoder-iris-1").mkdir(parents=True)
    assert call("fit", "autoencoder", "iris", *TINY).status == 0
    assert not list((tmp_path / "runs" / "autoencoder-iris-1").iterdir())
    assert load(tmp_path / "runs" / "autoencoder-iris-2").n_features_in_ == 4


def test_a_variational_autoencoder_is_fitted_measured_and_reported(call):
    result = call(
        "fit", "variational-autoencoder", "digits", "--variance", "0.5", "--latent-dim", "3",
        *TINY, "--run", "r", "--json",
    )  # fmt: skip
    assert load("r").variance == 0.5
    rows = {row["name"] for row in result.json["evaluation"]["rows"]}
    assert {"evidence_bound", "kl", "active_units"} <= rows
    assert call("report", "r").status == 0


@pytest.mark.parametrize(("value", "kept"), [("learned", "learned"), ("2", 2.0)])
def test_a_variance_is_a_number_or_a_name(call, value, kept):
    call("fit", "variational-autoencoder", "iris", "--variance", value, *TINY, "--run", "r")
    assert load("r").variance == kept


def test_what_is_neither_is_refused_with_the_names(call):
    result = call("fit", "variational-autoencoder", "iris", "--variance", "large", *TINY)
    assert result.status == 2
    assert "'large' must be a number or one of learned, per_feature, optimal." in result.err
