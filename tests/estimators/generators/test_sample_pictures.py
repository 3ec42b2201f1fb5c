"""Pictures that generators draw of samples: images in rows, or points over the data."""

import io

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator

from espelho import (
    GAN,
    Autoencoder,
    ConditionalGAN,
    MomentMatchingNetwork,
    SamplePictures,
    resume,
)
from espelho.data.images.sheet import sheet
from espelho.errors import SettingError
from espelho.training.callbacks.checkpoint import Checkpoint

TINY = {
    "hidden_sizes": (8,),
    "discriminator_sizes": (8,),
    "channels": (4,),
    "max_epochs": 2,
    "random_state": 0,
}


@pytest.fixture(scope="module")
def digits():
    X, y = load_digits(return_X_y=True)
    return X[:60], y[:60]


def pixels(path):
    return np.asarray(Image.open(io.BytesIO(path.read_bytes())))


def pictures(X, tmp_path, y=None, kind=GAN, **settings):
    folder = tmp_path / "pictures"
    model = kind(**TINY, **settings, callbacks=[SamplePictures(folder)]).fit(X, y)
    found = sorted(folder.iterdir()) if folder.exists() else []
    return model, [pixels(path) for path in found]


def test_images_are_those_that_sample_gives_in_the_shades_of_the_data(digits, tmp_path):
    X, _ = digits
    model, found = pictures(X, tmp_path, sample_shape=(1, 8, 8), keep="last")
    drawn = model.sample(64, random_state=0).reshape(-1, 8, 8)
    assert len(found) == 2
    np.testing.assert_array_equal(found[1], sheet(drawn, columns=8, limits=(X.min(), X.max())))


def test_each_label_has_a_row_of_its_own_made_of_the_same_noise(digits, tmp_path):
    X, y = digits
    settings = {"sample_shape": (1, 8, 8), "keep": "last"}
    model, found = pictures(X, tmp_path, y, ConditionalGAN, **settings)
    rows = [model.sample(8, y=label, random_state=0) for label in range(10)]
    drawn = np.concatenate(rows).reshape(-1, 8, 8)
    np.testing.assert_array_equal(found[1], sheet(drawn, columns=8, limits=(X.min(), X.max())))


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 8, 8), (4, 8, 8), (5, 8, 8)])
def test_images_of_any_number_of_channels_are_drawn(tmp_path, shape):
    X = np.random.default_rng(0).integers(0, 256, (20, *shape)).astype("uint8")
    _, found = pictures(X, tmp_path)
    assert found[0].shape[2:] == ((3,) if shape[0] in (3, 4) else ())


def test_of_large_images_there_are_few(tmp_path):
    X = np.random.default_rng(0).integers(0, 256, (4, 1, 256, 256)).astype("uint8")
    _, found = pictures(X, tmp_path, structure="dense", keep="last")
    assert found[0].size < 1.3 * 2**20


def test_two_columns_are_a_map_of_samples_over_data(tmp_path):
    X = np.random.default_rng(0).normal(size=(40, 2))
    _, (first, _) = pictures(X, tmp_path)
    colours = {tuple(c) for c in first.reshape(-1, 3)}
    assert first.shape == (400, 400, 3)
    assert colours == {(255, 255, 255), (203, 209, 215), (11, 110, 153)}


def test_what_is_no_picture_is_not_drawn(digits, tmp_path):
    assert pictures(digits[0], tmp_path)[1] == []


def test_what_codes_are_decoded_to_is_drawn(digits, tmp_path):
    X = digits[0].reshape(-1, 8, 8)
    inner = Autoencoder(latent_dim=2, max_epochs=1, random_state=0).fit(X)
    callback = SamplePictures(tmp_path)
    settings = {"max_epochs": 1, "random_state": 0, "callbacks": [callback]}
    model = MomentMatchingNetwork(autoencoder=FrozenEstimator(inner), **settings).fit(X)
    drawn = model.sample(64, random_state=0)
    np.testing.assert_array_equal(pixels(tmp_path / "epoch-00001.png"), sheet(drawn, columns=8))


def test_part_by_part_each_call_is_an_epoch(digits, tmp_path):
    model = GAN(**TINY, sample_shape=(1, 8, 8), callbacks=[SamplePictures(tmp_path)])
    for _ in range(2):
        model.partial_fit(digits[0])
    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "epoch-00001.png",
        "epoch-00002.png",
    ]


def test_training_is_not_changed_by_pictures(digits, tmp_path):
    X, _ = digits
    drawing, _ = pictures(X, tmp_path, sample_shape=(1, 8, 8))
    plain = GAN(**TINY, sample_shape=(1, 8, 8)).fit(X)
    np.testing.assert_array_equal(
        drawing.sample(3, random_state=0), plain.sample(3, random_state=0)
    )


def test_a_run_that_has_moved_goes_on_drawing_where_it_is(digits, tmp_path):
    X, _ = digits
    callbacks = [Checkpoint(tmp_path / "run"), SamplePictures(every=1)]
    GAN(**TINY, sample_shape=(1, 8, 8), callbacks=callbacks).fit(X)
    (tmp_path / "run").rename(tmp_path / "moved")

    resume(tmp_path / "moved", X, max_epochs=3)

    assert len(list((tmp_path / "moved" / "pictures").iterdir())) == 3
    assert not (tmp_path / "run").exists()


def test_what_makes_no_samples_says_so(digits):
    with pytest.raises(SettingError, match="draws what generators and translators make"):
        Autoencoder(max_epochs=1, callbacks=[SamplePictures("x")]).fit(digits[0])
