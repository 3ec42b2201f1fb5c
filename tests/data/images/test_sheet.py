"""A sheet: many images in one picture."""

import io

import numpy as np
import pytest
from PIL import Image

from espelho.data.images.sheet import check_sheet, sheet
from espelho.data.writing import write
from espelho.errors import DataError, ShapeError


def test_every_image_is_in_its_place():
    images = np.random.default_rng(0).integers(0, 255, (7, 60, 64), dtype=np.uint8)
    whole, gap = sheet(images), 5
    for index, image in enumerate(images):
        top, left = (index // 3) * (60 + gap), (index % 3) * (64 + gap)
        np.testing.assert_array_equal(whole[top : top + 60, left : left + 64], image)
    assert whole.shape == (3 * 60 + 2 * gap, 3 * 64 + 2 * gap)
    assert (whole[60:65] == 255).all()


def test_small_images_are_enlarged_by_whole_pixels():
    whole = sheet(np.arange(64, dtype=np.uint8).reshape(1, 8, 8))
    np.testing.assert_array_equal(whole[::7, ::7], np.arange(64).reshape(8, 8))
    assert whole.shape == (56, 56)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (np.array([0.0, 8.0, 16.0]), [0, 128, 255]),
        (np.array([-1.0, 0.0, 1.0]), [0, 128, 255]),
        (np.array([0, 2**15, 2**16 - 1], np.uint16), [0, 128, 255]),
        (np.array([0, 7, 9], np.uint8), [0, 7, 9]),
        (np.array([0.0, 0.0, 0.0]), [0, 0, 0]),
    ],
)
def test_values_are_shown_by_their_range(values, shown):
    image = np.zeros((1, 60, 60), values.dtype)
    image[0, 0, :3] = values
    image[0, 1:] = values.min()
    image[0, 0, 3:] = values.min()
    assert sheet(image)[0, :3].tolist() == shown


def test_colours_stay_channels_first():
    assert sheet(np.zeros((4, 3, 60, 60))).shape == (3, 124, 124)


@pytest.mark.parametrize("shape", [(3, 8), (3, 5, 8, 8), (3, 0, 8)])
def test_what_is_no_image_is_refused(shape):
    with pytest.raises(ShapeError, match="An image that is written must have shape"):
        sheet(np.zeros(shape))


def test_too_many_and_none_are_refused():
    with pytest.raises(DataError, match="Write fewer"):
        check_sheet(2000, (2000, 600))
    with pytest.raises(DataError, match="no image to show"):
        sheet(np.zeros((0, 8, 8)))


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(DataError, match="finite numbers"):
        sheet(np.full((1, 8, 8), np.nan))


def test_a_png_file_is_one_picture(tmp_path):
    images = np.random.default_rng(0).random((5, 1, 30, 20))
    content = write(tmp_path / "all.png", images).read_bytes()
    with Image.open(io.BytesIO(content)) as picture:
        np.testing.assert_array_equal(picture, sheet(images)[0])


def test_columns_and_shades_can_be_chosen():
    whole = sheet(
        np.array([-1.0, 0.0, 5.0, 20.0]).repeat(64).reshape(4, 8, 8), columns=4, limits=(0, 10)
    )
    assert whole.shape == (56, 4 * 60 - 4)
    assert whole[0, ::60].tolist() == [0, 0, 128, 255]


def test_a_few_extreme_pixels_do_not_gray_all_others():
    rng = np.random.default_rng(0)
    images = np.where(rng.random((20, 56, 56)) < 0.5, 0.0, 16.0)
    images[0, 0, :3] = -40, 90, -7

    shown = sheet(images)

    np.testing.assert_array_equal(shown, sheet(images, limits=(0.0, 16.0)))
    assert set(np.unique(shown)) == {0, 255}
