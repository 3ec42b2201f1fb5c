"""Images on the command line: from a folder to a report, and back into images."""

import json

import numpy as np
import pytest

from espelho import load, load_data
from espelho.data.images.png import encode_png
from espelho.data.writing import write

pytestmark = pytest.mark.filterwarnings("default:.*left out:espelho.errors.EspelhoWarning")

TINY = ("--hidden-sizes", "8", "--max-epochs", "2", "--random-state", "0", "--verbose", "0")


@pytest.fixture
def photos(tmp_path):
    """A folder of two classes, one image of another size and one damaged."""
    rng = np.random.default_rng(0)
    for number in range(24):
        path = tmp_path / "photos" / ("cat" if number % 2 else "dog") / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        size = 16 if number == 7 else 8
        path.write_bytes(encode_png(rng.integers(0, 255, (3, size, size), np.uint8)))
    path.write_bytes(b"damaged")
    return tmp_path / "photos"


def test_a_folder_of_images_is_learned_resumed_and_encoded_alike(call, photos, tmp_path):
    part = ("--resize", "8,8", "--skip-damaged")
    fitted = call("fit", "autoencoder", photos, *TINY, *part, "--run", "r", "--json")
    assert fitted.status == 0, fitted.err
    assert "cat/23.png" in fitted.err
    assert (tmp_path / "r" / "report.html").exists()

    job = json.loads((tmp_path / "r" / "job.json").read_text())["source"]
    assert (job["data"], job["resize"], job["skip_damaged"]) == (str(photos), [8, 8], True)
    assert load("r").sample_shape_ == (3, 8, 8)
    assert "--resize 8,8 --skip-damaged" in (tmp_path / "r" / "report.html").read_text("utf-8")

    assert call("resume", "r", "--max-epochs", "3", "--verbose", "0").status == 0
    assert call("encode", "r", "-o", "own.npy").status == 0
    assert call("encode", "r", "photos/cat", "--skip-damaged", "-o", "cats.npy").status == 0
    own, cats = np.load("own.npy"), np.load("cats.npy")
    assert (len(own), len(cats)) == (23, 11)
    np.testing.assert_array_equal(own[:11], cats)


def test_damaged_images_end_the_command(call, photos):
    result = call("fit", "autoencoder", photos, *TINY, "--resize", "8,8")
    assert result.status == 2
    assert "cat/23.png is damaged" in result.err
    assert "--skip-damaged" in result.err


def test_a_wrong_size_ends_the_command(call, photos):
    result = call("fit", "autoencoder", photos, *TINY, "--resize", "8", "--skip-damaged")
    assert result.status == 2
    assert "height and a width" in result.err


def test_reconstructions_are_written_as_images(call, tmp_path):
    images = np.random.default_rng(0).integers(0, 65535, (12, 6, 5), np.uint16)
    write(tmp_path / "set.zip", images)
    assert call("fit", "autoencoder", "set.zip", *TINY, "--run", "r").status == 0
    assert call("reconstruct", "r", "set.zip", "-o", "rebuilt.zip").status == 0
    rebuilt = load_data("rebuilt.zip").X
    assert rebuilt.dtype == np.uint16
    np.testing.assert_array_equal(rebuilt, load("r").reconstruct(images))


def test_a_model_of_images_takes_an_array_too(call, photos, tmp_path):
    part = ("--resize", "8,8", "--skip-damaged")
    call("fit", "autoencoder", photos, *TINY, *part, "--run", "r")
    np.save(tmp_path / "X.npy", np.zeros((2, 3, 8, 8), np.uint8))
    assert call("encode", "r", "X.npy", "-o", "z.npy").status == 0
