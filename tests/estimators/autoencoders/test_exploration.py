"""Walks through codes: ends, angles and single units."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits

from espelho import Autoencoder, ConvolutionalAutoencoder, LSTMAutoencoder
from espelho.errors import DataError, SettingError
from espelho.estimators.autoencoders.codes.exploration import _on_a_sphere

DIGITS = load_digits()
SETTINGS = {"latent_dim": 3, "max_epochs": 1, "random_state": 0}


@pytest.fixture(scope="module")
def model():
    return Autoencoder(**SETTINGS).fit(DIGITS.data)


@pytest.mark.parametrize("method", ["linear", "spherical"])
def test_a_way_begins_and_ends_with_what_the_two_come_back_as(model, method):
    a, b = DIGITS.data[:2]

    way = model.interpolate(a, b, 5, method=method)

    assert way.shape == (5, 64)
    np.testing.assert_allclose(way[[0, -1]], model.reconstruct(DIGITS.data[:2]), rtol=1e-6)
    np.testing.assert_allclose(model.interpolate(a, b, 1, method=method)[0], way[0])


def test_a_straight_way_goes_through_the_mean_of_the_codes(model):
    middle = model.interpolate(*DIGITS.data[:2], 3)[1]

    mean = model.transform(DIGITS.data[:2]).mean(axis=0, keepdims=True)
    np.testing.assert_allclose(middle, model.inverse_transform(mean)[0])


def test_a_spherical_way_keeps_its_distance_and_turns_evenly():
    a, b = np.array([2.0, 0.0, 0.0]), np.array([0.0, 2.0, 0.0])

    way = _on_a_sphere(a, b, np.linspace(0, 1, 5)[:, None])

    np.testing.assert_allclose(np.linalg.norm(way, axis=1), 2)
    np.testing.assert_allclose((way[:-1] * way[1:]).sum(1), 4 * np.cos(np.pi / 8))


@pytest.mark.parametrize("b", [[1.0, 1.0], [-2.0, -2.0], [0.0, 0.0]])
def test_codes_in_one_line_are_joined_by_it(b):
    a, b, t = np.array([2.0, 2.0]), np.array(b), np.linspace(0, 1, 4)[:, None]

    np.testing.assert_allclose(_on_a_sphere(a, b, t), (1 - t) * a + t * b)


def test_a_unit_is_set_to_each_value_and_the_others_stay(model):
    code = model.transform(DIGITS.data[:1])
    codes = np.repeat(code, 3, axis=0)
    codes[:, 1] = (-2, 0, 2)

    walks = model.traverse(DIGITS.data[0], [0, 1], (-2, 0, 2))

    assert walks.shape == (2, 3, 64)
    np.testing.assert_allclose(walks[1], model.inverse_transform(codes))
    np.testing.assert_allclose(model.traverse(DIGITS.data[0], 1, (-2, 0, 2)), walks[1])


def test_images_and_sequences_walk_in_their_shapes():
    images = ConvolutionalAutoencoder(channels=(2,), **SETTINGS).fit(DIGITS.images[:50])
    series = [np.sin(np.arange(n)) for n in (9, 5, 7)]
    sequences = LSTMAutoencoder(hidden_sizes=(4,), **SETTINGS).fit(series)

    assert images.interpolate(*DIGITS.images[:2], 4).shape == (4, 8, 8)
    assert images.traverse(DIGITS.images[0], [0, 2], [0.0]).shape == (2, 1, 8, 8)
    assert sequences.interpolate(series[0], series[1], 4).shape == (4, 9)
    assert sequences.traverse(series[1], 0, [0, 1]).shape == (2, 9)


def test_a_row_of_a_table_needs_no_names_and_codes_may_be_a_table(model):
    table = pd.DataFrame(DIGITS.data, columns=[f"p{i}" for i in range(64)])
    named = Autoencoder(**SETTINGS).fit(table).set_output(transform="pandas")

    way = named.interpolate(table.iloc[0], DIGITS.data[1], 3)

    np.testing.assert_allclose(way, model.interpolate(*DIGITS.data[:2], 3))


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda m, x: m.interpolate(x, x, method="curved"), SettingError, "'linear' or 'spher"),
        (lambda m, x: m.interpolate(x, x, 0), SettingError, "n_steps must be a whole number"),
        (lambda m, x: m.interpolate(x, x[:3]), DataError, "One sample is expected"),
        (lambda m, x: m.interpolate(np.stack([x, x]), x), DataError, "One sample is expected"),
        (lambda m, x: m.traverse(x, 3, [0]), SettingError, "from 0 to 2, got"),
        (lambda m, x: m.traverse(x, [], [0]), SettingError, "from 0 to 2, got"),
        (lambda m, x: m.traverse(x, [0.5], [0]), SettingError, "from 0 to 2, got"),
        (lambda m, x: m.traverse(x, 0, []), SettingError, "values must be numbers in a row"),
        (lambda m, x: m.traverse(x, 0, 1.0), SettingError, "values must be numbers in a row"),
    ],
)
def test_what_is_no_walk_is_one_error(model, call, error, said):
    with pytest.raises(error, match=said):
        call(model, DIGITS.data[0])
