"""Anomalies from the command line: fit a detector, score and explain by it, resume it."""

import json

import numpy as np
import pytest

from espelho import AnomalyDetector, load, load_data
from espelho.cli.main import run as espelho
from espelho.cli.options.detector import detector_flags, named_autoencoder
from tests.cli.conftest import TINY

DETECTOR = ("fit", "anomaly-detector")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of a detector of iris, trained on all of it, that no test may change."""
    run = tmp_path_factory.mktemp("runs") / "iris"
    words = ("iris", *TINY, "--run", str(run), "--contamination", "0.1", "--test-fraction", "0")
    with pytest.raises(SystemExit) as stop:
        espelho([*DETECTOR, *words])
    assert stop.value.code == 0
    return run


def test_scores_and_decisions_are_written_and_said(call, run, tmp_path):
    told = call("score", run, "iris", "-o", "s.csv")
    found = np.genfromtxt(tmp_path / "s.csv", delimiter=",", names=True)
    detector, X = load(run), load_data("iris").X
    assert isinstance(detector, AnomalyDetector)
    np.testing.assert_array_equal(found["score"], detector.score_samples(X))
    np.testing.assert_array_equal(found["decision"], detector.predict(X))
    assert "outliers: 15" in told.out
    assert "expected" in told.out


def test_explanations_add_up_beside_the_scores(call, run, tmp_path):
    assert call("score", run, "iris", "-o", "s.csv", "--explain").status == 0
    header = (tmp_path / "s.csv").read_text().splitlines()[0].split(",")
    found = np.loadtxt(tmp_path / "s.csv", delimiter=",", skiprows=1)
    names = load_data("iris").feature_names
    assert header == [
        "score", "decision", *(f"residual {n}" for n in names),
        *(f"contribution {n}" for n in names), "contribution code",
    ]  # fmt: skip
    np.testing.assert_allclose(-found[:, 6:].sum(axis=1), found[:, 0])


def test_json_names_the_lowest_rows_and_why(call, run):
    facts = call("score", run, "iris", "--json").json
    assert facts["outliers"] == 15
    first = facts["lowest"][0]
    assert first["score"] < facts["threshold"]
    assert first["why"][0]["name"] in load_data("iris").feature_names


def test_the_run_is_also_that_of_its_autoencoder(call, run):
    assert call("encode", run, "iris", "-o", "z.npy").status == 0
    assert call("evaluate", run).status == 0
    told = call("info", run).out
    assert "Autoencoder" in told
    assert "detector" in told
    assert f"offset_={load(run).offset_}, random_state=0" in told
    assert (run / "pictures" / "strangeness-of-rows.png").exists()
    assert "outliers" in (run / "report.html").read_text("utf-8")


def test_settings_of_the_autoencoder_are_flags_too(call, tmp_path):
    words = ("--estimator", "sparse-autoencoder", "--sparsity", "0.5", "--latent-dim", "2")
    more = ("--validation-fraction", "0.2", "--estimator-validation-fraction", "0.1")
    assert call(*DETECTOR, "iris", *words, *more, *TINY, "--run", "r").status == 0
    detector = load(tmp_path / "r")
    assert type(detector.estimator_).__name__ == "SparseAutoencoder"
    assert detector.estimator_.sparsity == 0.5
    assert (detector.validation_fraction, detector.estimator_.validation_fraction) == (0.2, 0.1)


@pytest.mark.slow
def test_the_command_to_train_it_again_does(call, tmp_path):
    from espelho.cli.job import Job
    from espelho.cli.uses import reproduce

    words = ("--estimator", "robust-autoencoder", "--threshold", "extreme-value", "--tail", "0.3")
    assert call(*DETECTOR, "iris", *words, *TINY, "--run", "a").status == 0
    again = reproduce(load(tmp_path / "a"), Job.of(tmp_path / "a")).split()[1:]
    assert call(*again, "--run", "b", "--verbose", "0").status == 0
    assert load(tmp_path / "b").offset_ == load(tmp_path / "a").offset_


def test_a_file_of_settings_names_both_kinds(call, tmp_path):
    (tmp_path / "s.toml").write_text("contamination = 0.2\nhidden_sizes = [4]\nmax_epochs = 1\n")
    words = ("--estimator", "autoencoder", "--settings", "s.toml", "--run", "r")
    assert call(*DETECTOR, "iris", *words).status == 0
    detector = load(tmp_path / "r")
    assert detector.contamination == 0.2
    assert detector.estimator_.hidden_sizes == (4,)


@pytest.mark.slow
def test_a_training_goes_on_and_the_threshold_with_it(call, tmp_path):
    kind = ("--estimator", "autoencoder")
    words = ("iris", *TINY, "--validation-fraction", "0.2", *kind)
    assert call(*DETECTOR, *words, "--run", "short").status == 0
    assert call("resume", "short", "--max-epochs", "4", "--verbose", "0").status == 0
    longer = ("iris", *TINY[:2], "--max-epochs", "4", *TINY[4:], *words[-4:])
    assert call(*DETECTOR, *longer, "--run", "whole").status == 0
    assert load(tmp_path / "short").offset_ == load(tmp_path / "whole").offset_


def test_points_of_a_series_are_scored_in_its_windows(call, tmp_path):
    t = np.arange(120)
    np.savetxt(tmp_path / "s.csv", np.column_stack([np.sin(t / 3), np.cos(t / 5)]), delimiter=",")
    words = ("--estimator", "lstm-autoencoder", "--window", "12", *TINY)
    assert call(*DETECTOR, "s.csv", *words, "--run", "r").status == 0
    assert call("score", "r", "s.csv", "-o", "o.csv", "--explain").status == 0
    found = np.loadtxt(tmp_path / "o.csv", delimiter=",", skiprows=1)
    assert found.shape == (120, 7)
    assert call("report", "r").status == 0
    assert (tmp_path / "r" / "pictures" / "strangeness-over-time.png").exists()


def test_sequences_are_explained_by_step(call, tmp_path):
    random = np.random.default_rng(0)
    lines = ["@problemName s", "@timestamps false", "@univariate true", "@equalLength false"]
    lines += ["@classLabel false", "@data"]
    for n in (5, 8, 6) * 5:
        lines.append(",".join(f"{value:.3f}" for value in random.normal(size=n)))
    (tmp_path / "s.ts").write_text("\n".join(lines))
    words = ("--estimator", "lstm-autoencoder", *TINY, "--test-fraction", "0")
    assert call(*DETECTOR, "s.ts", *words, "--run", "r").status == 0
    assert call("score", "r", "s.ts").status == 0
    assert call("score", "r", "s.ts", "-o", "o.npy", "--explain").status == 2
    assert call("score", "r", "s.ts", "-o", "o.csv", "--explain").status == 0
    header, *rows = (tmp_path / "o.csv").read_text().splitlines()
    assert header == "sequence,step,score,decision,residual x0,contribution x0"
    assert len(rows) == 19 * 5


def test_what_cannot_be_is_said(call, iris_run):
    answer = call("score", iris_run, "iris", "--explain")
    assert answer.status == 2
    assert "needs a run of an anomaly-detector" in answer.err
    answer = call(*DETECTOR, "iris", "--estimator", "gan")
    assert answer.status == 2
    answer = call(*DETECTOR, "iris", "--threshold", "validation", *TINY)
    assert "labelled rows" in answer.err


def test_help_lists_the_options_of_both(call):
    told = call(*DETECTOR, "--estimator=lstm-autoencoder", "--help").out
    assert "--contamination" in told
    assert "--bidirectional" in told
    assert "anomaly-detector" in call("fit", "--help").out
    assert named_autoencoder(["x", "--estimator"]) == ""
    names = [flag.name for flag in detector_flags(None)]
    assert len(names) == len(set(names))


def test_the_detector_of_a_run_is_described(run):
    facts = json.loads((run / "detector.json").read_text())
    assert facts["class"] == "AnomalyDetector"
    assert "offset_" in facts["learned"]
