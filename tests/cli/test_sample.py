"""``espelho sample``: new samples in a file."""

import numpy as np
import pytest
from PIL import Image

from espelho import Autoencoder, load_data
from espelho.cli.commands import sample as command
from espelho.random_variables import Normal


class Sampled(Autoencoder):
    """An autoencoder whose codes are taken to be standard normal."""

    def _no_latent_sampler(self):
        return ""

    def _latent_sampler(self):
        return Normal(self.latent_dim_)


@pytest.fixture
def generator(monkeypatch):
    """Let a fitted estimator be what a run holds."""

    def hold(data, **settings):
        X = load_data(data).X
        found = Sampled(latent_dim=2, hidden_sizes=(8,), max_epochs=2, random_state=0, **settings)
        found.fit(X)

        class Opened:
            estimator, names = found, getattr(load_data(data), "feature_names", None)

            def __init__(self, run):
                pass

        monkeypatch.setattr(command, "Opened", Opened)
        return found

    return hold


def test_samples_are_those_of_the_estimator_block_by_block(call, generator, monkeypatch):
    estimator = generator("iris")
    monkeypatch.setattr(command, "_AT_ONCE", 3)
    assert call("sample", "r", "-n", 7, "--seed", 5, "-o", "s.npy").status == 0
    random = np.random.default_rng(5)
    expected = [estimator.sample(n, random_state=random) for n in (3, 3, 1)]
    np.testing.assert_array_equal(np.load("s.npy"), np.concatenate(expected))


def test_a_seed_gives_the_same_samples_and_none_gives_others(call, generator):
    generator("iris")
    for name, seed in (("a", (7,)), ("b", (7,)), ("c", ()), ("d", ())):
        call("sample", "r", *(("--seed", *seed) if seed else ()), "-o", f"{name}.npy")
    a, b, c, d = (np.load(f"{name}.npy") for name in "abcd")
    assert len(a) == 100
    np.testing.assert_array_equal(a, b)
    assert (c != d).any()


def test_a_table_has_the_names_of_the_data(call, generator):
    generator("iris")
    call("sample", "r", "-n", 4, "-o", "s.csv")
    assert load_data("s.csv").feature_names == load_data("iris").feature_names


def test_images_become_one_picture(call, generator):
    generator("digits", sample_shape=(1, 8, 8))
    assert call("sample", "r", "-n", 9, "-o", "s.png").status == 0
    with Image.open("s.png") as picture:
        assert picture.size == (3 * 56 + 2 * 4, 3 * 56 + 2 * 4)


def test_rows_are_no_picture(call, generator):
    generator("iris")
    result = call("sample", "r", "-o", "s.png")
    assert result.status == 2
    assert "a sample is a row of 4 numbers" in result.err


@pytest.mark.parametrize("n", [0, -3])
def test_a_number_of_samples_is_at_least_one(call, generator, n, tmp_path):
    generator("iris")
    result = call("sample", "r", "-n", n, "-o", "s.npy")
    assert result.status == 2
    assert f"n must be a whole number of at least 1, got {n}" in result.err
    assert not (tmp_path / "s.npy").exists()


def test_a_run_that_cannot_generate_says_what_can(call, iris_run):
    result = call("sample", iris_run, "-o", "s.npy")
    assert result.status == 2
    assert "cannot be sampled from: Autoencoder cannot sample" in result.err
    assert "VariationalAutoencoder" in result.err
