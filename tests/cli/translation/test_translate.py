"""translate: images come out as images of the same names and sizes, however it was stopped."""

import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.cli.translation.conftest import pictures, save

from espelho import Pix2Pix, load
from espelho.cli.translation import images as module
from espelho.cli.translation.tiles import Tiles
from espelho.data.files import read
from espelho.data.images.decoding import decode
from espelho.data.images.large.tiles import Tiling

pytestmark = pytest.mark.filterwarnings("default:.*:espelho.errors.EspelhoWarning")


def decoded(path):
    return decode(Path(path).read_bytes(), str(path))


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*.*"))


NOTE = ".espelho-translation.json"


@pytest.fixture
def greys(tmp_path):
    """A folder of grey images of several sizes and formats, some below others."""
    folder = save(tmp_path / "in", pictures(3, 16, 16))
    save(folder / "more", pictures(2, 21, 9, seed=1), start=3)
    save(folder, pictures(1, 33, 40, seed=2), "tif", start=5)
    save(folder, pictures(1, 18, 20, seed=3), "jpg", start=6)
    return folder


# What comes out


def test_each_image_becomes_one_of_its_name_and_size(call, runs, greys):
    result = call("translate", runs["colours"], "in", "-o", "out")
    assert result.status == 0, result.err
    assert "out: 7 images translated to B" in result.err
    assert names("out") == sorted([NOTE, *names("in")])
    model = load(runs["colours"])
    for name in names("in"):
        source, found = decoded(f"in/{name}"), decoded(f"out/{name}")
        assert (found.shape, found.dtype) == ((3, *source.shape), np.uint8)
        expected = model.translate(source[None])[0]
        if name.endswith("jpg"):
            assert np.abs(found.astype(int) - expected).mean() < 8
        else:
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("way", ["archive", "inside"])
def test_archives_are_translated_as_folders_are(call, runs, greys, way):
    with zipfile.ZipFile("all.zip", "w") as archive:
        for name in names("in"):
            archive.write(f"in/{name}", name if way == "archive" else f"x/set/{name}")
    source = "all.zip" if way == "archive" else "all.zip/x/set"
    assert call("translate", runs["colours"], "in", "-o", "expected").status == 0
    assert call("translate", runs["colours"], source, "-o", "out").status == 0
    assert names("out") == names("expected")
    for name in names("in"):
        assert Path("out", name).read_bytes() == Path("expected", name).read_bytes()


def test_types_are_those_of_the_other_set(call, runs, tmp_path):
    save(tmp_path / "in", pictures(2, 3, 16, 16))
    save(tmp_path / "in", pictures(1, 3, 16, 16), "jpg", start=2)
    save(tmp_path / "in", pictures(1, 3, 16, 16), "tif", start=3)
    result = call("translate", runs["deep"], "in", "-o", "out")
    assert result.status == 0, result.err
    # A JPEG file cannot hold 16 bits.
    assert names("out") == [NOTE, "000.png", "001.png", "002.png", "003.tif"]
    for name in names("out")[1:]:
        assert decoded(f"out/{name}").dtype == np.uint16
    expected = load(runs["deep"]).translate(decoded("in/000.png")[None])[0]
    np.testing.assert_array_equal(decoded("out/000.png"), expected)


def test_cycles_go_both_ways(call, runs, tmp_path):
    colours = pictures(2, 3, 20, 12)
    save(tmp_path / "in", colours)
    assert call("translate", runs["cycle"], "in", "-o", "out", "--to", "A").status == 0
    expected = load(runs["cycle"]).translate(colours, to="A")
    np.testing.assert_array_equal(read("out").X, expected)
    result = call("translate", runs["colours"], "in", "-o", "x", "--to", "A")
    assert (result.status, "translates to B only" in result.err) == (2, True)


@pytest.mark.parametrize("output", ["one.png", "one.TIF", "folder"])
def test_one_image_is_translated_into_a_file_or_a_folder(call, runs, tmp_path, output):
    image = pictures(1, 20, 12)
    save(tmp_path / "in", image)
    assert call("translate", runs["colours"], "in/000.png", "-o", output).status == 0
    found = decoded("folder/000.png" if output == "folder" else output)
    np.testing.assert_array_equal(found, load(runs["colours"]).translate(image)[0])


@pytest.mark.parametrize("suffix", ["npy", "zip"])
def test_arrays_become_arrays(call, runs, tmp_path, suffix):
    X = pictures(5, 16, 16)
    np.save(tmp_path / "X.npy", X)
    result = call("translate", runs["colours"], "X.npy", "-o", f"out.{suffix}")
    assert result.status == 0, result.err
    np.testing.assert_array_equal(read(f"out.{suffix}").X, load(runs["colours"]).translate(X))


def test_images_may_become_one_array(call, runs, tmp_path):
    X = pictures(5, 16, 16)
    save(tmp_path / "in", X)
    assert call("translate", runs["colours"], "in", "-o", "out.npy").status == 0
    np.testing.assert_array_equal(np.load("out.npy"), load(runs["colours"]).translate(X))
    result = call("translate", runs["colours"], "in", "-o", "out.jpg")
    assert (result.status, "would be one image of many" in result.err) == (2, True)


def test_tables_become_tables(call, runs, tmp_path):
    X = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
    np.save(tmp_path / "X.npy", X)
    assert call("translate", runs["table"], "X.npy", "-o", "out.csv").status == 0
    expected = load(runs["table"]).translate(X)
    np.testing.assert_allclose(read("out.csv").X, expected, rtol=1e-5)


@pytest.mark.parametrize("layout", ["last", "flat"])
def test_layouts_of_the_arrays_that_were_learned_from_do_not_matter(call, tmp_path, layout):
    A, B = pictures(8, 3, 16, 16), pictures(8, 1, 16, 16, seed=1)
    settings = {"channels": (4,), "patch": "pixel", "max_epochs": 1, "random_state": 0}
    sets = {
        "last": [np.moveaxis(X, 1, -1) for X in (A, B)],
        "flat": [X.reshape(8, -1) for X in (A, B)],
    }
    if layout == "flat":
        settings |= {"sample_shape": A.shape[1:], "target_shape": B.shape[1:]}
    model = Pix2Pix(**settings).fit(*sets[layout])
    model.save(tmp_path / "r")
    save(tmp_path / "in", A[:3])
    save(tmp_path / "in", A[3:4, :, :, ::-1], start=3)
    result = call("translate", "r", "in", "-o", "out")
    assert result.status == 0, result.err
    expected = model.translate(sets[layout][0][:3]).reshape(3, 16, 16)
    np.testing.assert_array_equal(read("out").X[:3], expected)


# Tiles


def test_tiles_of_what_sees_no_farther_make_up_the_whole(call, runs, tmp_path):
    image = pictures(1, 90, 131)
    save(tmp_path / "in", image)
    assert call("translate", runs["colours"], "in", "-o", "out", "--tile", "32").status == 0
    assert load(runs["colours"]).reach_.local
    found, expected = decoded("out/000.png"), load(runs["colours"]).translate(image)[0]
    # Sums in another order may round to the neighbouring number.
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_tiles_of_what_looks_at_the_whole_are_those_of_one_image(call, runs, tmp_path):
    image = pictures(1, 3, 300, 260)
    image[..., 130:] //= 4  # so that tiles by themselves would differ
    save(tmp_path / "in", image)
    model = load(runs["deep"])
    assert not model.reach_.local
    assert call("translate", runs["deep"], "in", "-o", "out", "--tile", "64").status == 0
    found = decoded("out/000.png").astype(int)
    whole = Tiles(model)
    alike = whole._alike(image[0], Tiling())(image[0])
    # Sums in another order may round to the neighbouring number.
    assert np.abs(found - alike).max() <= 1
    assert np.abs(found - whole.one(image[0])).mean() < 0.1 * np.ptp(found)


def test_only_images_of_files_are_cut(call, runs, tmp_path):
    np.save(tmp_path / "X.npy", pictures(1, 40, 40))
    result = call("translate", runs["colours"], "X.npy", "-o", "out.npy", "--tile", "32")
    assert (result.status, "not cut into tiles" in result.err) == (2, True)


# Going on


def test_what_is_there_is_passed_over(call, runs, greys):
    assert call("translate", runs["colours"], "in", "-o", "out").status == 0
    kept = {name: Path("out", name).read_bytes() for name in names("in")}
    Path("out/001.png").unlink()
    Path("out/more/004.png").write_bytes(b"kept")
    result = call("translate", runs["colours"], "in", "-o", "out")
    assert result.status == 0
    assert "1 images translated to B, 6 were there already" in result.err
    assert Path("out/001.png").read_bytes() == kept["001.png"]
    assert Path("out/more/004.png").read_bytes() == b"kept"
    again = call("translate", runs["colours"], "in", "-o", "out", "--force")
    assert "7 images translated" in again.err
    assert {name: Path("out", name).read_bytes() for name in names("in")} == kept


@pytest.mark.parametrize("stopped", [KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_an_interruption_leaves_no_half_image_and_it_goes_on(
    call, runs, greys, monkeypatch, stopped
):
    assert call("translate", runs["colours"], "in", "-o", "expected").status == 0
    plain, calls = module.write_image, []

    def write(path, strips, shape, dtype):
        def halfway():
            yield from strips
            calls.append(path)
            if len(calls) == 3:
                raise stopped

        plain(path, halfway(), shape, dtype)

    monkeypatch.setattr(module, "write_image", write)
    result = call("translate", runs["colours"], "in", "-o", "out")
    assert result.status == (130 if isinstance(stopped, KeyboardInterrupt) else 1)
    there = names("out")
    assert len(there) == 3
    assert NOTE in there
    for name in set(there) - {NOTE}:
        assert Path("out", name).read_bytes() == Path("expected", name).read_bytes()

    monkeypatch.undo()
    result = call("translate", runs["colours"], greys, "-o", greys.parent / "out")
    assert "5 images translated to B, 2 were there already" in result.err
    assert names(greys.parent / "out") == names(greys.parent / "expected")


def test_what_a_killed_command_was_writing_is_cleared_away(call, runs, greys):
    Path("out").mkdir()
    for name, age in (("old", 100), ("new", 0)):
        path = Path("out", f".espelho-{name}.tmp")
        path.write_bytes(b"half")
        import os
        import time

        os.utime(path, (time.time() - age, time.time() - age))
    assert call("translate", runs["colours"], "in", "-o", "out").status == 0
    assert [name for name in names("out") if name.endswith(".tmp")] == [".espelho-new.tmp"]


def test_translations_by_other_weights_are_not_passed_over(call, runs, greys):
    assert call("translate", runs["colours"], "in", "-o", "out").status == 0
    result = call("translate", runs["cycle"], "in", "-o", "out")
    assert (result.status, "by other weights or to another set" in result.err) == (2, True)
    assert call("translate", runs["cycle"], "in", "-o", "out", "--force").status == 0
    note = json.loads(Path("out", NOTE).read_text())
    assert (note["run"], note["to"]) == (str(runs["cycle"]), "B")
    moved = shutil.copytree(runs["cycle"], "moved")
    assert call("translate", moved, "in", "-o", "out").status == 0


def test_images_of_ones_own_are_not_in_the_way(call, runs, greys):
    before = {name: Path("in", name).read_bytes() for name in names("in")}
    result = call("translate", runs["colours"], "in", "-o", "in")
    assert (result.status, "--force" in result.err) == (2, True)
    assert {name: Path("in", name).read_bytes() for name in names("in")} == before


# Bad input


def test_a_damaged_image_is_named_or_left_out(call, runs, greys):
    Path("in/001.png").write_bytes(b"")
    path = Path("in/more/003.png")
    path.write_bytes(path.read_bytes()[:70])
    result = call("translate", runs["colours"], "in", "-o", "out")
    assert (result.status, "in/001.png is damaged" in result.err) == (2, True)
    result = call("translate", runs["colours"], "in", "-o", "out", "--skip-damaged")
    assert result.status == 0, result.err
    assert "Left out: in/001.png" in result.err
    assert "Left out: in/more/003.png" in result.err
    assert "5 images translated" in result.err


def test_images_of_another_kind_are_named(call, runs, tmp_path):
    save(tmp_path / "in", pictures(1, 3, 16, 16))
    result = call("translate", runs["colours"], "in", "-o", "out")
    assert (result.status, "in/000.png is an image of 3 channels, uint8" in result.err) == (
        2,
        True,
    )
    save(tmp_path / "deep", pictures(1, 16, 16, dtype=np.uint16))
    result = call("translate", runs["colours"], "deep", "-o", "out")
    assert (result.status, "1 channels, uint16" in result.err) == (2, True)


def test_dense_networks_take_one_size(call, runs, tmp_path):
    save(tmp_path / "in", pictures(2, 16, 16))
    assert call("translate", runs["dense"], "in", "-o", "out").status == 0
    save(tmp_path / "in", pictures(1, 16, 18), start=2)
    result = call("translate", runs["dense"], "in", "-o", "out")
    assert (result.status, "in/002.png has 16 x 18 pixels" in result.err) == (2, True)


def test_two_images_of_one_name_would_be_one_file(call, runs, tmp_path):
    save(tmp_path / "in", pictures(1, 3, 16, 16), "jpg")
    save(tmp_path / "in", pictures(1, 3, 16, 16), "png")
    result = call("translate", runs["deep"], "in", "-o", "out")
    assert result.status == 2
    assert "000.jpg and 000.png would both be" in result.err


def test_a_file_that_cannot_hold_it_is_refused(call, runs, tmp_path):
    save(tmp_path / "in", pictures(1, 3, 16, 16))
    result = call("translate", runs["deep"], "in/000.png", "-o", "x.jpg")
    assert (result.status, "Name a .png file" in result.err) == (2, True)


def test_sizes_are_kept(call, runs, greys):
    result = call("translate", runs["colours"], "in", "-o", "out", "--resize", "8,8")
    assert (result.status, "--resize changes the size" in result.err) == (2, True)


def test_more_pixels_than_allowed_are_refused(call, runs, greys, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
    result = call("translate", runs["colours"], "in", "-o", "out", "--max-pixels", "1000")
    assert (result.status, "005.tif has more pixels than the 1,000" in result.err) == (2, True)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500)
    assert call("translate", runs["colours"], "in", "-o", "out").status == 0


def test_only_translators_translate(call, iris_run):
    result = call("translate", iris_run, "iris", "-o", "x.npy")
    assert result.status == 2
    assert "does not translate" in result.err
