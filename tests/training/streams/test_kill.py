"""A training on images on disk that is killed in an epoch ends as one that was left alone."""

import json
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file
from tests.training.conftest import in_child  # noqa: F401
from tests.training.toys import assert_same_tensors, without_seconds

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

SCRIPT = Path(__file__).with_name("streamed_in_child.py")
N = 26


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Save pairs of images that differ in size from pair to pair."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for number in range(N):
        size = (10 + number % 3, 12 - number % 2)
        for name, channels in (("a", ()), ("b", (3,))):
            pixels = rng.integers(0, 256, (*size, *channels), np.uint8)
            path = folder / name / f"{number:02}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(path)
    return folder


def outcome(run):
    history = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
    return load_file(run / "weights.safetensors"), without_seconds(history)


@pytest.mark.parametrize(
    "model",
    [
        "Pix2Pix",
        pytest.param("CycleGAN", marks=pytest.mark.slow),
        pytest.param("Autoencoder", marks=pytest.mark.slow),
    ],
)
def test_a_training_killed_in_an_epoch_ends_with_the_same_bits(tmp_path, photos, in_child, model):  # noqa: F811
    told = {"photos": str(photos), "model": model}
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    process = in_child(SCRIPT, run=str(alone), die_at=None, **told)
    process.join()
    assert process.exitcode == 0

    # Seven batches an epoch: it dies after the first window of the second, two steps after the
    # last checkpoint, and then it goes on.
    process = in_child(SCRIPT, run=str(killed), die_at=11, **told)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    newest = max((killed / "checkpoints").glob("*.json"))
    position = json.loads(newest.read_text())["position"]
    assert (position["epoch"], position["batch"]) == (1, 2)
    process = in_child(SCRIPT, run=str(killed), die_at=None, **told)
    process.join()
    assert process.exitcode == 0

    (weights, history), (expected, expected_history) = outcome(killed), outcome(alone)
    assert_same_tensors(weights, expected)
    assert history == expected_history
