"""Pictures of translations: samples in lines, above what they become and what they should."""

import io

import numpy as np
import pytest
from PIL import Image

from espelho import CycleGAN, Pix2Pix, SamplePictures
from espelho.estimators.translators.pictures import grid, lines

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (12, 16, 16), np.uint8)
COLOURS = RNG.integers(0, 256, (12, 3, 16, 16), np.uint8)
DEEP = RNG.integers(0, 65536, (12, 1, 16, 16), np.uint16)
LAST = np.moveaxis(COLOURS, 1, -1)
TINY = {"channels": (4,), "patch": "pixel", "max_epochs": 2, "random_state": 0}


def cycle_gan(**more):
    return CycleGAN(blocks=1, identity_weight=0, **TINY, **more)


@pytest.mark.parametrize(
    ("A", "B"), [(GREY, COLOURS), (LAST, DEEP), (COLOURS, COLOURS), (DEEP, GREY)]
)
def test_pairs_stand_above_translations_and_partners(A, B):
    model = Pix2Pix(**TINY).fit(A, B)
    found = lines(model, A[:3], B[:3])
    assert [line.name for line in found] == ["A", "A to B", "B"]
    for line, X in zip(found, (A, model.translate(A), B), strict=True):
        first = np.moveaxis(X, -1, 1) if X.shape[-1] == 3 else X.reshape(12, -1, 16, 16)
        expected = (first[:3] >> 8).astype(np.uint8) if X.dtype == np.uint16 else first[:3]
        np.testing.assert_array_equal(line.images, expected)


def test_cycles_come_back():
    model = cycle_gan().fit(GREY, COLOURS)
    found = {line.name: line.images for line in lines(model, GREY[:2], COLOURS[:2])}
    assert list(found) == ["A", "A to B", "A to B to A", "B", "B to A", "B to A to B"]
    to_b = model.translate(GREY[:2])
    np.testing.assert_array_equal(found["A to B"], to_b)
    np.testing.assert_array_equal(found["A to B to A"][:, 0], model.translate(to_b, to="A"))
    to_a = model.translate(COLOURS[:2], to="A")
    np.testing.assert_array_equal(found["B to A"][:, 0], to_a)
    np.testing.assert_array_equal(found["B to A to B"], model.translate(to_a))


def test_lines_of_several_kinds_make_one_picture():
    tall = RNG.integers(0, 256, (12, 4, 20, 10), np.uint8)
    model = cycle_gan().fit(tall, tall[:, 0])
    picture = grid(lines(model, tall[:5], tall[:5, 0]))
    # Opacity is not shown; images of 20 pixels are enlarged twice, with gaps between them.
    assert picture.shape[0] == 3
    height, width = picture.shape[1:]
    assert height > 6 * 40
    assert width > 5 * 20
    assert width < height


def test_floats_are_shown_in_the_shades_of_their_set():
    A = RNG.normal(size=(12, 16, 16)).astype(np.float32)
    model = Pix2Pix(**TINY).fit(A, 100 * A)
    found = lines(model, A[:3], 100 * A[:3])
    np.testing.assert_array_equal(found[0].images, found[2].images)
    assert (found[0].images.min(), found[0].images.max()) == (0, 255)


@pytest.mark.parametrize(
    ("make", "n_lines"), [(lambda **m: Pix2Pix(**TINY, **m), 3), (cycle_gan, 6)]
)
def test_pictures_are_drawn_while_it_learns(tmp_path, make, n_lines):
    make(callbacks=(SamplePictures(tmp_path),)).fit(GREY, COLOURS)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["epoch-00001.png", "epoch-00002.png"]
    images = [Image.open(io.BytesIO(p.read_bytes())) for p in sorted(tmp_path.iterdir())]
    side = 16 * (56 // 16)
    for image in images:
        assert image.height // n_lines in range(side, side + 8)
        assert image.width // 8 in range(side, side + 8)
    top = [np.asarray(image)[:side] for image in images]
    np.testing.assert_array_equal(*top)
    below = [np.asarray(image)[side:] for image in images]
    assert (below[0] != below[1]).any()


def test_the_picture_moves_nothing(tmp_path):
    plain = Pix2Pix(dropout=0.5, **TINY).fit(GREY, COLOURS)
    drawn = Pix2Pix(dropout=0.5, callbacks=(SamplePictures(tmp_path),), **TINY)
    drawn.fit(GREY, COLOURS)
    for one, other in zip(plain.model_.parameters(), drawn.model_.parameters(), strict=True):
        assert (one == other).all()


def test_tables_have_no_pictures(tmp_path):
    X = RNG.normal(size=(12, 4))
    Pix2Pix(hidden_sizes=(4,), max_epochs=1, callbacks=(SamplePictures(tmp_path),)).fit(X, X)
    assert not list(tmp_path.iterdir())
