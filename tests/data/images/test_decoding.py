"""Decoding keeps every bit, of every mode and format that another program writes."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from espelho.data.images.decoding import DamagedImageError, decode, resized
from espelho.data.images.png import encode_png
from espelho.errors import DataError

ORIENTATION = 0x0112


def noise(*shape, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def saved(pixels, suffix, **options):
    """Return the bytes of an image, saved by Pillow; channels last."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    file = io.BytesIO()
    image.save(file, suffix, **options)
    return file.getvalue()


def tiff(pixels, order):
    """Return a plain TIFF file of 16-bit samples, by its specification."""
    height, width, channels = pixels.shape
    tags = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, channels, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 2),
        (273, 4, 1, 16),
        (277, 3, 1, channels),
        (278, 4, 1, height),
        (279, 4, 1, 2 * pixels.size),
    ]
    head = {"<": b"II*\0", ">": b"MM\0*"}[order]
    data = pixels.astype(f"{order}u2").tobytes()
    content = head + struct.pack(f"{order}I", 16 + len(data))
    content += struct.pack(f"{order}{4}H", *[16] * 4)
    content += data + struct.pack(f"{order}H", len(tags))
    for tag, kind, count, value in tags:
        short = kind == 3 and count == 1
        value = struct.pack(f"{order}{'HH' if short else 'I'}", value, *[0] * short)
        content += struct.pack(f"{order}HHI", tag, kind, count) + value
    return content + struct.pack(f"{order}I", 0)


@pytest.mark.parametrize("suffix", ["PNG", "TIFF", "BMP"])
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_grey_and_colours_of_8_bits_are_kept(suffix, shape):
    pixels = noise(*shape)
    found = decode(saved(pixels, suffix), "it")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, pixels if len(shape) == 2 else pixels.transpose(2, 0, 1))


@pytest.mark.parametrize("suffix", ["PNG", "TIFF"])
@pytest.mark.parametrize("channels", [2, 4])
def test_opacity_is_a_channel(suffix, channels):
    pixels = noise(5, 7, channels)
    np.testing.assert_array_equal(decode(saved(pixels, suffix), "it"), pixels.transpose(2, 0, 1))


@pytest.mark.parametrize("shape", [(16, 24), (16, 24, 3)])
def test_jpeg_is_decoded_as_pillow_does(shape):
    content = saved(noise(*shape), "JPEG")
    expected = np.asarray(Image.open(io.BytesIO(content)))
    found = decode(content, "it")
    np.testing.assert_array_equal(found if found.ndim == 2 else found.transpose(1, 2, 0), expected)


@pytest.mark.parametrize("suffix", ["PNG", "TIFF"])
@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}])
def test_grey_of_16_bits_is_exact(suffix, options):
    pixels = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    found = decode(saved(pixels, suffix, **options if suffix == "TIFF" else {}), "it")
    assert found.dtype == np.uint16
    np.testing.assert_array_equal(found, pixels)


@pytest.mark.parametrize("order", "<>")
def test_colours_of_16_bits_in_a_tiff_are_exact(order):
    pixels = noise(5, 7, 3, dtype=np.uint16)
    np.testing.assert_array_equal(decode(tiff(pixels, order), "it"), pixels.transpose(2, 0, 1))


@pytest.mark.parametrize("suffix", ["PNG", "TIFF", "BMP"])
def test_two_colours_are_0_and_1(suffix):
    pixels = noise(5, 7) > 100
    found = decode(saved(pixels, suffix), "it")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, pixels)


def test_floats_of_a_tiff_are_kept():
    pixels = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)
    found = decode(saved(pixels, "TIFF"), "it")
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, pixels)


def test_whole_numbers_of_32_bits_of_a_tiff_are_kept():
    pixels = np.array([[-5, 70_000], [1, 2]], np.int32)
    found = decode(saved(pixels, "TIFF"), "it")
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found, pixels)


@pytest.mark.parametrize("suffix", ["PNG", "TIFF", "BMP"])
def test_a_palette_becomes_its_colours(suffix):
    image = Image.fromarray(noise(5, 7, 3)).quantize(8)
    expected = np.asarray(image.convert("RGB")).transpose(2, 0, 1)
    np.testing.assert_array_equal(decode(saved(image, suffix), "it"), expected)


def test_a_palette_with_opacity_becomes_colours_and_opacity():
    image = Image.fromarray(noise(5, 7, 3)).quantize(8)
    found = decode(saved(image, "PNG", transparency=0), "it")
    expected = np.where(np.asarray(image) == 0, 0, 255)
    np.testing.assert_array_equal(found[3], expected)
    np.testing.assert_array_equal(found[:3], np.asarray(image.convert("RGB")).transpose(2, 0, 1))


def test_inks_become_colours():
    found = decode(saved(Image.new("CMYK", (3, 2), (0, 255, 0, 0)), "TIFF"), "it")
    np.testing.assert_array_equal(found[:, 0, 0], [255, 0, 255])


@pytest.mark.parametrize("suffix", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, lambda x: x),
        (2, np.fliplr),
        (3, lambda x: np.rot90(x, 2)),
        (4, np.flipud),
        (5, lambda x: x.T),
        (6, lambda x: np.rot90(x, -1)),
        (7, lambda x: np.rot90(x, 2).T),
        (8, np.rot90),
    ],
)
def test_images_stand_upright_as_their_camera_was_held(suffix, orientation, turn):
    pixels = np.kron(np.array([[0, 80, 160], [250, 40, 120]], np.uint8), np.ones((8, 8), np.uint8))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    found = decode(saved(pixels, suffix, exif=exif), "it")
    np.testing.assert_allclose(found.astype(int), turn(pixels), atol=3)


def test_16_bit_colours_stand_upright_too():
    pixels = noise(3, 4, 6, dtype=np.uint16)
    turned = encode_png(pixels)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    body = exif.tobytes()[6:]
    chunk = b"eXIf" + body
    chunk = struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    found = decode(turned[:33] + chunk + turned[33:], "it")
    np.testing.assert_array_equal(found, np.rot90(pixels, -1, axes=(1, 2)))


# What is refused


@pytest.mark.parametrize("suffix", ["PNG", "JPEG", "TIFF", "BMP"])
@pytest.mark.parametrize("share", [0, 0.02, 0.5, 0.9])
def test_what_is_cut_off_is_damaged(suffix, share):
    content = saved(noise(32, 32, 3), suffix)
    with pytest.raises(DamagedImageError, match=r"photo\.x is damaged"):
        decode(content[: int(share * len(content))], "photo.x")


@pytest.mark.parametrize("place", [-512, -13])
def test_a_changed_byte_of_a_png_is_found(place):
    # 13 bytes before the end the checksum of the pixels ends.
    content = bytearray(saved(noise(32, 32), "PNG", compress_level=0))
    content[place] ^= 1
    with pytest.raises(DamagedImageError):
        decode(bytes(content), "it")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x93NUMPY"])
def test_what_is_no_image_is_damaged(content):
    with pytest.raises(DamagedImageError, match="it is damaged, or no image"):
        decode(content, "it")


@pytest.mark.parametrize("suffix", ["PNG", "TIFF"])
def test_several_images_in_a_file_are_not_one(suffix):
    first, second = (Image.fromarray(noise(4, 4) // n) for n in (1, 2))
    content = saved(first, suffix, save_all=True, append_images=[second])
    with pytest.raises(DataError, match="it holds 2 images"):
        decode(content, "it")


@pytest.mark.parametrize("limit", [40, 99])
def test_more_pixels_than_pillow_allows_are_refused(monkeypatch, limit):
    content = saved(noise(10, 10), "PNG")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    decode(content, "it")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(DataError, match="MAX_IMAGE_PIXELS"):
        decode(content, "it")


# Another size


def test_the_same_size_changes_nothing():
    image = noise(3, 5, 7)
    assert resized(image, (5, 7)) is image


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("shape", [(32, 48), (3, 32, 48)])
def test_a_smaller_image_keeps_its_type_its_mean_and_its_range(dtype, shape):
    image = noise(*shape, dtype=np.uint16).astype(dtype)
    found = resized(image, (8, 6))
    assert found.dtype == dtype
    assert found.shape == (*shape[:-2], 8, 6)
    assert image.min() <= found.min() <= found.max() <= image.max()
    np.testing.assert_allclose(found.mean(), image.mean(), rtol=0.02)
    assert found.std() < image.std() / 2


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_larger_image_keeps_the_range_of_an_edge(dtype):
    edge = np.repeat(np.array([[50, 200]], dtype), 4, axis=0).repeat(4, axis=1)
    found = resized(edge, (8, 40))
    assert (found.min(), found.max()) == (50, 200)


def test_whole_numbers_are_those_of_floats_rounded():
    image = noise(16, 16)
    expected = np.rint(resized(image.astype(np.float32), (5, 7)))
    np.testing.assert_array_equal(resized(image, (5, 7)), expected)


def test_what_is_even_stays_even():
    np.testing.assert_array_equal(resized(np.full((9, 5), 65_533, np.uint16), (4, 7)), 65_533)
