"""``espelho export``; programs of torch, which are traced the fastest."""

import shutil
import sys

import pytest
from sklearn.datasets import load_iris

import espelho
from espelho.exporting.graphs.units import Scale
from tests.cli.translation.conftest import pictures, save

TORCH = ("--format", "torch", "--part", "encoder")


def test_export_writes_files_into_the_run_and_says_what_they_take(call, iris_run):
    result = call("export", iris_run, *TORCH)
    assert result.status == 0
    assert "encoder.pt2: x float32 (batch, 4) -> codes float32 (batch, 2)" in result.out
    assert f"folder   {iris_run / 'export'}" in result.out
    assert "1 of 1, " in result.err
    assert (iris_run / "export" / "encoder.pt2").exists()
    shutil.rmtree(iris_run / "export")


def test_export_compares_on_the_data_that_is_named_or_on_drawn_rows(call, iris_run, tmp_path):
    job = iris_run / "job.json"
    shutil.copytree(iris_run, tmp_path / "run")
    (tmp_path / "run" / "job.json").write_text(job.read_text().replace('"iris"', '"nowhere"'))
    assert call("export", "run", *TORCH, "-o", "out", "--rows", "iris").status == 0
    result = call("export", "run", *TORCH, "-o", "out")
    assert result.status == 0
    assert "rows are drawn to compare files on: nowhere does not exist" in result.err
    wrong = call("export", "run", *TORCH, "-o", "new", "--rows", "digits")
    assert wrong.status == 2
    assert "no column" in wrong.err
    assert not (tmp_path / "new").exists()


def test_export_says_what_is_left_out(call, iris_run):
    result = call("export", iris_run, "--format", "torch", "-o", "out")
    assert "no generator: nothing says how its codes are distributed" in result.err


def test_an_export_that_differs_is_a_failure_in_one_line(call, iris_run, monkeypatch, tmp_path):
    monkeypatch.setattr(Scale, "forward", lambda self, x: x.to(self.dtype))
    result = call("export", iris_run, *TORCH, "-o", "out")
    assert result.status == 1
    assert result.err.startswith("espelho: The exported encoder differs from transform by ")
    assert result.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_export_without_its_packages_says_what_to_install(call, iris_run, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    result = call("export", iris_run, "-o", "out")
    assert result.status == 2
    assert "pip install 'espelho[export]'" in result.err


@pytest.mark.parametrize("text", ["8x8x8", "large", "x", "-8"])
def test_a_resolution_that_is_none_is_named(text, call, iris_run):
    result = call("export", iris_run, "--resolution", text)
    assert result.status == 2
    assert "--resolution is a height, such as 16" in result.err


@pytest.mark.parametrize("text", ["8", "8x8"])
def test_a_resolution_is_for_networks_that_grow(text, call, iris_run):
    result = call("export", iris_run, *TORCH, "--resolution", text)
    assert result.status == 2
    assert "is for a ProgressiveGAN" in result.err


def test_a_classifier_and_a_generator_are_exported_too(call, tmp_path):
    X, y = load_iris(return_X_y=True)
    tiny = {"max_epochs": 1, "hidden_sizes": (4,), "random_state": 0}
    espelho.PretrainedClassifier(espelho.Autoencoder(**tiny), random_state=0).fit(X, y).save("c")
    result = call("export", "c", "--format", "torch", "--rows", "iris")
    assert result.status == 0
    assert "predictor.pt2" in result.out
    espelho.MomentMatchingNetwork(**tiny).fit(X).save("g")
    result = call("export", "g", "--format", "torch")
    assert result.status == 0
    assert "generator.pt2" in result.out


def test_a_translator_is_compared_on_the_sets_of_its_run(call, tmp_path):
    for name in "ab":
        save(tmp_path / name, pictures(12, 8, 8))
    words = ("--a", "a", "--b", "b", "--structure", "dense", "--max-epochs", "1", "--run", "t")
    fitted = call("fit", "pix2pix", *words)
    assert fitted.status == 0, fitted.err
    result = call("export", "t", "--format", "torch")
    assert result.status == 0, result.err
    assert "translator.pt2: a " in result.out
    assert "drawn" not in result.err
