"""What is encoded as PNG is what was there, by another program's reading."""

import io

import numpy as np
import pytest
from PIL import Image

from espelho.data.images.decoding import decode
from espelho.data.images.png import encode_png
from espelho.errors import DataError, ShapeError


def noise(*shape, dtype):
    return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


@pytest.mark.parametrize("shape", [(5, 7), (1, 5, 7), (2, 5, 7), (3, 5, 7), (4, 5, 7), (1, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_was_encoded_is_decoded(shape, dtype):
    image = noise(*shape, dtype=dtype)
    found = decode(encode_png(image), "it")
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, image[0] if shape[0] == 1 and len(shape) == 3 else image)


@pytest.mark.parametrize(
    ("shape", "dtype", "mode"),
    [
        ((5, 7), np.uint8, "L"),
        ((2, 5, 7), np.uint8, "LA"),
        ((3, 5, 7), np.uint8, "RGB"),
        ((4, 5, 7), np.uint8, "RGBA"),
        ((5, 7), np.uint16, "I;16"),
    ],
)
def test_another_program_reads_the_same(shape, dtype, mode):
    image = noise(*shape, dtype=dtype)
    with Image.open(io.BytesIO(encode_png(image))) as found:
        found.load()
        assert found.mode == mode
        pixels = np.asarray(found)
    np.testing.assert_array_equal(
        np.moveaxis(pixels, -1, 0) if pixels.ndim == 3 else pixels, image
    )


def test_images_of_another_byte_order_or_layout_are_encoded_alike():
    image = noise(3, 5, 7, dtype=np.uint16)
    expected = encode_png(image)
    assert encode_png(image.astype(">u2")) == expected
    assert encode_png(np.asfortranarray(image)) == expected


@pytest.mark.parametrize("dtype", [np.float32, np.int64, bool])
def test_other_types_are_refused(dtype):
    with pytest.raises(DataError, match="uint8 or uint16"):
        encode_png(np.zeros((2, 2), dtype))


@pytest.mark.parametrize("shape", [(4,), (5, 2, 2), (0, 2), (2, 3, 4, 5)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ShapeError, match="one to four channels"):
        encode_png(np.zeros(shape, np.uint8))
