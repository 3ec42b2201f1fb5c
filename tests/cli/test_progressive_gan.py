"""A progressive GAN from the command line: its flags, and samples of the sizes it learned."""

import numpy as np
import pytest

from espelho import load

TINY = (
    "--max-epochs", "1", "--channels", "4,3", "--batch-sizes", "64,32", "--learning-rates",
    "0.002,0.001", "--precision", "float32", "--random-state", "0", "--verbose", "0",
)  # fmt: skip


@pytest.fixture
def run(call):
    result = call("fit", "progressive-gan", "digits", *TINY, "--run", "r")
    assert result.status == 0, result.err
    return "r"


def test_it_is_fitted_and_samples_have_the_size_that_was_asked_for(call, tmp_path, run):
    model = load(run)
    assert (model.channels, model.batch_sizes) == ((4, 3), (64, 32))
    assert model.learning_rates == (0.002, 0.001)
    assert (tmp_path / "r" / "report.html").exists()
    for resolution, side in ((4, 4), ("8x8", 8), ("4X4", 4)):
        asked = ("-n", 3, "--resolution", resolution, "--seed", 1)
        assert call("sample", run, *asked, "-o", "s.npy").status == 0
        random = np.random.default_rng(1)
        expected = model.sample(3, resolution=side, random_state=random)
        np.testing.assert_array_equal(np.load("s.npy"), expected)
        assert expected.shape == (3, side * side)
        assert call("sample", run, *asked, "-o", "s.png").status == 0
        assert call("sample", run, *asked, "-o", "s.csv").status == 0


def test_the_sizes_of_images_are_those_of_pictures(call, tmp_path):
    np.save("x.npy", np.random.default_rng(0).integers(0, 255, (9, 3, 10, 8)).astype(np.uint8))
    assert call("fit", "progressive-gan", "x.npy", *TINY, "--run", "r").status == 0
    result = call("sample", "r", "-n", 2, "--resolution", "5x4", "-o", "s.npy")
    assert result.status == 0
    assert np.load("s.npy").shape == (2, 3, 5, 4)


def test_a_resolution_that_was_never_trained_is_one_clear_error(call, run):
    result = call("sample", run, "--resolution", "16", "-o", "s.png")
    assert result.status == 2
    assert "--resolution 16 was never trained. Those that were: 4x4, 8x8" in result.err


def test_other_models_have_one_size(call):
    small = ("--max-epochs", "1", "--channels", "4", "--verbose", "0", "--random-state", "0")
    assert call("fit", "gan", "digits", *small, "--run", "r").status == 0
    result = call("sample", "r", "--resolution", "4", "-o", "s.png")
    assert result.status == 2
    assert "--resolution needs a progressive-gan, and a GAN makes samples of one" in result.err


def test_rows_are_no_images(call):
    result = call("fit", "progressive-gan", "iris", *TINY)
    assert result.status == 2
    assert "takes images (n, height, width)" in result.err
