"""Images written a strip at a time are read again as they were."""

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from espelho.data.images import decoding
from espelho.data.images.decoding import decode
from espelho.data.images.large import tiff
from espelho.data.images.large.writing import suffix_for, write_image
from espelho.errors import DataError

SHAPES = [(7, 5), (1, 7, 5), (2, 7, 5), (3, 7, 5), (4, 7, 5)]


def noise(shape, dtype=np.uint8):
    if np.dtype(dtype).kind == "f":
        return np.random.default_rng(0).normal(size=shape).astype(dtype)
    high = np.iinfo(dtype).max
    return np.random.default_rng(0).integers(0, high, shape, dtype, endpoint=True)


def written(path, image, cuts):
    edges = [0, *cuts, image.shape[-2]]
    strips = [image[..., a:b, :] for a, b in pairwise(edges)]
    write_image(path, strips, image.shape, image.dtype)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".png", ".tif", ".TIFF"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, ">u2"])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("cuts", [(), (1,), (2, 3, 6)])
def test_values_are_kept(tmp_path, suffix, dtype, shape, cuts):
    image = noise(shape, np.dtype(dtype).newbyteorder("=")).astype(dtype)
    if suffix != ".png" and shape[0] == 2 and image.dtype.itemsize == 2:
        assert suffix_for(suffix, shape, image.dtype) == ".png"
        return
    assert suffix_for(suffix, shape, image.dtype) == suffix
    content = written(tmp_path / f"x{suffix}", image, cuts)
    found = decode(content, "x")
    assert found.dtype == image.dtype.newbyteorder("=")
    np.testing.assert_array_equal(found, image[0] if len(image) == 1 else image)


def test_floats_are_kept_in_tiff_and_npy(tmp_path):
    image = noise((7, 5), np.float32)
    assert suffix_for(".tif", image.shape, image.dtype) == ".tif"
    np.testing.assert_array_equal(decode(written(tmp_path / "x.tif", image, (3,)), "x"), image)
    colours = noise((3, 7, 5), np.float32)
    assert suffix_for(".tif", colours.shape, colours.dtype) == ".npy"
    written(tmp_path / "x.npy", colours, (3,))
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), colours)


@pytest.mark.parametrize("shape", [(40, 30), (3, 40, 30)])
def test_jpeg_and_bmp_hold_bytes(tmp_path, shape):
    image = np.broadcast_to(np.arange(30, dtype=np.uint8) * 8, shape)
    found = decode(written(tmp_path / "x.jpg", image, (5,)), "x")
    assert found.shape == shape
    assert np.abs(found.astype(int) - image).max() <= 4
    np.testing.assert_array_equal(decode(written(tmp_path / "x.bmp", image, (5,)), "x"), image)


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".bmp", ".webp"])
def test_what_a_format_cannot_hold_becomes_another(suffix):
    assert suffix_for(suffix, (4, 8, 8), np.dtype(np.uint8)) == ".png"
    assert suffix_for(suffix, (3, 8, 8), np.dtype(np.uint16)) == ".png"
    assert suffix_for(suffix, (8, 8), np.dtype(np.int32)) == ".npy"
    assert suffix_for(suffix, (5, 8, 8), np.dtype(np.uint8)) == ".npy"


@pytest.mark.parametrize("suffix", ["png", "tif", "jpg"])
@pytest.mark.parametrize("rows", [6, 8])
def test_a_wrong_number_of_rows_leaves_no_file(tmp_path, suffix, rows):
    with pytest.raises(DataError, match=f"to have 7 rows, and {rows} came"):
        write_image(tmp_path / f"x.{suffix}", [noise((rows, 5))], (7, 5), np.dtype(np.uint8))
    assert not any(tmp_path.iterdir())


def test_an_interruption_leaves_what_was_there(tmp_path):
    def strips():
        yield noise((3, 5))
        raise KeyboardInterrupt

    (tmp_path / "x.png").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_image(tmp_path / "x.png", strips(), (7, 5), np.dtype(np.uint8))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_more_than_a_tiff_file_holds_is_refused(monkeypatch):
    monkeypatch.setattr(tiff, "_LARGEST", 100)
    with pytest.raises(DataError, match="cannot hold 105 bytes"):
        tiff.TiffFile(io.BytesIO(), (3, 7, 5), np.dtype(np.uint8))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "I;16"])
def test_large_images_are_copied_in_parts(monkeypatch, mode):
    shape = {"L": (9, 4), "I;16": (9, 4), "LA": (9, 4, 2), "RGB": (9, 4, 3), "RGBA": (9, 4, 4)}
    values = noise(shape[mode], np.uint16 if mode == "I;16" else np.uint8)
    content = io.BytesIO()
    Image.fromarray(values).save(content, "PNG")
    monkeypatch.setattr(decoding, "_STRIP_PIXELS", 8)
    found = decode(content.getvalue(), "x")
    np.testing.assert_array_equal(np.moveaxis(found, 0, -1) if found.ndim == 3 else found, values)
