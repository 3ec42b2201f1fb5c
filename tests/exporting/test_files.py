"""ONNX files: run by onnxruntime, they do what the library does, on any number of rows."""

import json
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from sklearn.datasets import load_digits

import espelho
from espelho.errors import MissingDependencyError

TINY = {"max_epochs": 1, "random_state": 0}
PIXELS = (load_digits().data[:64] * 15).astype(np.uint8)


def run(path, *inputs):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [port.name for port in session.get_inputs()]
    (found,) = session.run(None, dict(zip(names, inputs, strict=True)))
    return found


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Return an autoencoder of bytes with tied weights, and its reconstruction as a file."""
    model = espelho.Autoencoder(hidden_sizes=(8,), tied=True, normalization="batch", **TINY)
    model.fit(PIXELS)
    folder = tmp_path_factory.mktemp("export")
    return model, espelho.export(model, folder, part="reconstruction", rows=PIXELS)


def test_a_file_takes_raw_bytes_and_gives_the_bytes_of_the_library(exported):
    model, made = exported
    for n in (1, 2, 50):
        found = run(made["reconstruction"].path, PIXELS[:n])
        assert found.dtype == np.uint8
        # A number that lies half-way between two may go to either of them.
        assert (found != model.reconstruct(PIXELS[:n])).mean() < 0.01
        assert np.abs(found.astype(int) - model.reconstruct(PIXELS[:n])).max() <= 1


def test_an_export_says_how_far_it_is_from_the_library(exported):
    _, made = exported
    assert 0 < made.difference < 1e-5
    assert made["reconstruction"].rows == 32
    assert made.given


def test_a_file_says_what_it_is_and_nothing_of_this_machine(exported):
    _, made = exported
    path = made["reconstruction"].path
    facts = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert facts["espelho"] == espelho.__version__
    assert (facts["class"], facts["part"]) == ("Autoencoder", "reconstruction")
    assert json.loads(facts["inputs"])[0]["axes"] == ["batch", 64]
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert session.get_inputs()[0].shape == ["batch", 64]
    assert b".py" not in path.read_bytes()


def test_the_example_beside_a_file_runs_without_espelho_and_torch(exported):
    _, made = exported
    blocked = "import sys; sys.modules['espelho'] = sys.modules['torch'] = None; "
    started = f"{blocked}import runpy; runpy.run_path({str(made['reconstruction'].example)!r})"
    done = subprocess.run(
        [sys.executable, "-c", started], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "(3, 64) uint8" in done.stdout


def test_a_file_of_sequences_takes_any_number_of_steps(tmp_path):
    X = [np.sin(np.arange(n) / 3 + np.array([[0.0], [1.0]])).T for n in (9, 5, 7)]
    model = espelho.LSTMAutoencoder(
        latent_dim=3, hidden_sizes=(4,), bidirectional=True, **TINY
    ).fit(X)
    made = espelho.export(model, tmp_path, part="encoder", rows=X)
    longer = np.random.default_rng(0).normal(size=(2, 17, 2)).astype(np.float32)
    lengths = np.array([17, 4])
    expected = model.transform([x[:n] for x, n in zip(longer, lengths, strict=True)])
    np.testing.assert_allclose(
        run(made["encoder"].path, longer, lengths), expected, atol=1e-5, rtol=0
    )


def test_a_file_of_a_translator_takes_images_of_any_size(tmp_path):
    A = np.kron(PIXELS[:6].reshape(-1, 8, 8), np.ones((2, 2))).astype(np.uint8)
    B = np.stack([A, 255 - A, A], axis=-1)
    model = espelho.Pix2Pix(channels=(4, 4), upsampling="transposed", **TINY).fit(A, B)
    made = espelho.export(model, tmp_path, rows=(A, B))
    assert made["translator"].output.axes == ("batch", "height", "width", 3)
    for images in (A[:1, :8, :8], A[:2, :13, :7], np.tile(A[:3], (1, 2, 1))):
        found = run(made["translator"].path, images)
        difference = np.abs(found - model.translate(images, rounded=False))
        assert difference.max() < 0.51


@pytest.mark.parametrize("name", ["onnx", "onnxscript", "onnxruntime"])
def test_a_missing_package_is_named_with_what_to_install(name, exported, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingDependencyError, match=rf"{name} is.*\n?.*espelho\[export\]"):
        espelho.export(exported[0], tmp_path)
