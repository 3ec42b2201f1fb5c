"""Pairs: matched by name, side by side, or by row; in memory and on disk alike."""

import zipfile

import numpy as np
import pytest
from PIL import Image

from espelho.data.images.png import encode_png
from espelho.data.pairing.examples import PAIRED_EXAMPLES, load_example
from espelho.data.pairing.pairs import Pairs, Unpaired
from espelho.data.pairing.reading import read_pairs, read_unpaired
from espelho.data.stored.base import Stored
from espelho.errors import DataError, EspelhoWarning, FileError, SettingError, ShapeError


def noise(*shape, dtype=np.uint8, seed=0):
    high = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(0, high, shape, dtype, endpoint=True)


def put(folder, images, names=None):
    for number, image in enumerate(images):
        path = folder / (names[number] if names else f"{number:03}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_png(image))
    return folder


def packed(folder):
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.*")):
            archive.write(file, file.relative_to(folder).as_posix())
    return path


A, B = noise(6, 8, 6, dtype=np.uint16), noise(6, 3, 8, 6, seed=1)
LIMITS = pytest.mark.parametrize("limit", ["1GB", 0])


def check(pairs, limit, rows=slice(None), a=A, b=B):
    for found, expected in ((pairs.A, a), (pairs.B, b)):
        assert isinstance(found, Stored if limit == 0 else np.ndarray)
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(np.asarray(found), expected[rows])


# Matched by name


@LIMITS
@pytest.mark.parametrize("way", ["folders", "archives", "inside"])
def test_images_of_the_same_name_are_pairs(tmp_path, limit, way):
    names = [f"{number}.png" for number in (3, 1, 2, 10, 20, 5)]
    a, b = put(tmp_path / "a", A, names), put(tmp_path / "b", B, names)
    if way == "archives":
        a, b = packed(a), packed(b)
    if way == "inside":
        whole = packed(tmp_path)
        a, b = whole / "a", whole / "b"
    pairs = read_pairs(a, b, memory_limit=limit)
    order = np.argsort(names)
    check(pairs, limit, order)
    assert pairs.names_A == pairs.names_B == tuple(sorted(names))


def test_neither_suffixes_nor_folders_that_hold_all_count(tmp_path):
    put(tmp_path / "a", A[:2], ["x/1.png", "y/1.png"])
    for name, image in zip(["y/1.jpg", "x/1.bmp"], B, strict=False):
        path = tmp_path / "b" / "set" / name
        path.parent.mkdir(parents=True)
        Image.fromarray(np.moveaxis(image, 0, -1)).save(path)
    pairs = read_pairs(tmp_path / "a", tmp_path / "b")
    assert pairs.names_A == ("x/1.png", "y/1.png")
    assert pairs.names_B == ("set/x/1.bmp", "set/y/1.jpg")
    np.testing.assert_array_equal(pairs.B[0], B[1])


def test_images_without_a_partner_are_listed_or_left_out(tmp_path):
    put(tmp_path / "a", A, [f"{n}.png" for n in "abcdef"])
    put(tmp_path / "b", B[:3], [f"{n}.png" for n in "fbx"])
    with pytest.raises(DataError) as caught:
        read_pairs(tmp_path / "a", tmp_path / "b")
    said = str(caught.value)
    assert f"4 of {tmp_path / 'a'} (a.png, c.png, d.png, e.png)" in said
    assert f"1 of {tmp_path / 'b'} (x.png)" in said
    assert "--skip-unmatched" in said
    with pytest.warns(EspelhoWarning, match=r"Left out, without a partner .* \(x\.png\)"):
        pairs = read_pairs(tmp_path / "a", tmp_path / "b", skip_unmatched=True)
    check(pairs, None, a=A[[1, 5]], b=B[[1, 0]])


def test_a_long_list_of_images_without_a_partner_is_cut(tmp_path):
    put(tmp_path / "a", noise(9, 4, 4))
    put(tmp_path / "b", noise(1, 4, 4))
    with pytest.raises(DataError, match=r"8 of .* \(001.png, .*005.png and 3 more\)"):
        read_pairs(tmp_path / "a", tmp_path / "b")


def test_sets_without_a_common_name_are_refused(tmp_path):
    put(tmp_path / "a", A)
    put(tmp_path / "b", B, [f"b{n}.png" for n in range(6)])
    with pytest.raises(DataError, match=r"No image of .*a has the name of one of .*cycle-gan"):
        read_pairs(tmp_path / "a", tmp_path / "b", skip_unmatched=True)


def test_two_images_of_one_name_are_named(tmp_path):
    put(tmp_path / "a", A[:2], ["1.png", "1.PNG"])
    put(tmp_path / "b", B[:1], ["1.png"])
    with pytest.raises(DataError, match=r"1\.PNG and 1\.png have the same name"):
        read_pairs(tmp_path / "a", tmp_path / "b")


@LIMITS
def test_a_pair_with_a_damaged_image_is_named_or_left_out(tmp_path, limit):
    a, b = put(tmp_path / "a", A), put(tmp_path / "b", B)
    (a / "004.png").write_bytes(b"")
    (b / "001.png").write_bytes((b / "001.png").read_bytes()[:80])
    with pytest.raises(FileError, match=r"(a.004|b.001)\.png is damaged.*--skip-damaged"):
        np.asarray(read_pairs(a, b, memory_limit=limit).B)
    with pytest.warns(EspelhoWarning, match=r"2 of 6 pairs left out.*004\.png, 001\.png"):
        pairs = read_pairs(a, b, memory_limit=limit, skip_damaged=True)
    check(pairs, limit, [0, 2, 3, 5])


def test_nothing_but_damaged_pairs_is_an_error(tmp_path):
    a, b = put(tmp_path / "a", A[:2]), put(tmp_path / "b", B[:2])
    (a / "000.png").write_bytes(b"")
    (b / "001.png").write_bytes(b"")
    with (
        pytest.warns(EspelhoWarning, match="2 of 2 pairs"),
        pytest.raises(FileError, match="no pair that is not damaged"),
    ):
        read_pairs(a, b, skip_damaged=True)


# Side by side


@LIMITS
@pytest.mark.parametrize("left", ["A", "B"])
@pytest.mark.parametrize("way", ["folder", "archive", "array"])
def test_halves_of_images_are_pairs(tmp_path, limit, left, way):
    first, second = noise(5, 3, 8, 6), noise(5, 3, 8, 6, seed=1)
    both = np.concatenate([first, second] if left == "A" else [second, first], axis=-1)
    source = put(tmp_path / "set", both)
    if way == "archive":
        source = packed(source)
    if way == "array":
        source = tmp_path / "set.npy"
        np.save(source, both)
    pairs = read_pairs(pairs=source, left=left, memory_limit=limit)
    check(pairs, None if way == "array" else limit, a=first, b=second)


def test_an_image_of_odd_width_is_no_pair(tmp_path):
    put(tmp_path / "set", [noise(3, 8, 6), noise(3, 8, 7)])
    with pytest.raises(ShapeError, match=r"001\.png is 7 pixels wide, an odd number"):
        read_pairs(pairs=tmp_path / "set")
    np.save(tmp_path / "X.npy", noise(4, 8, 7))
    with pytest.raises(ShapeError, match=r"even width"):
        read_pairs(pairs=tmp_path / "X.npy")


@pytest.mark.parametrize("names", [("A", "B"), ("trainA", "trainB"), ("a", "b")])
def test_folders_of_both_sets_are_not_cut_in_half(tmp_path, names):
    for name in names:
        put(tmp_path / "set" / name, A[:2])
    with pytest.raises(SettingError, match=f"--a .*set/{names[0]} --b .*set/{names[1]}"):
        read_pairs(pairs=tmp_path / "set")
    put(tmp_path / "other" / "x", A[:2])
    put(tmp_path / "other" / "y", A[:2])
    assert len(read_pairs(pairs=tmp_path / "other")) == 4


def test_a_side_is_a_or_b(tmp_path):
    with pytest.raises(SettingError, match="left must be 'A' or 'B', got 'left'"):
        read_pairs(pairs=put(tmp_path / "set", noise(1, 8, 6)), left="left")


def test_halves_are_resized_and_cut_by_themselves(tmp_path):
    left, right = np.full((3, 20, 10), 10, np.uint8), np.full((3, 20, 10), 200, np.uint8)
    put(tmp_path / "set", [np.concatenate([left, right], axis=2)])
    pairs = read_pairs(pairs=tmp_path / "set", resize=(12, 12), cut=(8, 8))
    assert (pairs.A.shape, pairs.B.shape) == ((1, 3, 8, 8), (1, 3, 8, 8))
    assert (np.asarray(pairs.A) == 10).all()
    assert (np.asarray(pairs.B) == 200).all()


# Parts at the same place


def test_both_of_a_pair_are_cut_at_the_same_place(tmp_path):
    images = [noise(20 + n, 30 - n, seed=n) for n in range(8)]
    put(tmp_path / "a", images)
    put(tmp_path / "b", [255 - image for image in images])
    pairs = read_pairs(tmp_path / "a", tmp_path / "b", cut=(8, 8))
    for seed in range(3):
        a, b = (np.asarray(X.drawn(seed)) for X in (pairs.A, pairs.B))
        np.testing.assert_array_equal(a, 255 - b)
    some = pairs.take(np.array([2, 5]))
    a, b = (np.asarray(X.drawn(1)) for X in (some.A, some.B))
    np.testing.assert_array_equal(a, 255 - b)


# Arrays


@LIMITS
def test_rows_of_arrays_are_pairs(tmp_path, limit):
    for name, rows in (("a", A), ("b", B)):
        np.save(tmp_path / f"{name}.npy", rows)
    check(read_pairs(tmp_path / "a.npy", tmp_path / "b.npy", memory_limit=limit), limit)


def test_different_numbers_of_rows_are_no_pairs(tmp_path):
    np.save(tmp_path / "a.npy", A)
    np.save(tmp_path / "b.npy", B[:4])
    with pytest.raises(
        ShapeError, match=r"a\.npy holds 6 samples and .*b\.npy holds 4: .*cycle-gan"
    ):
        read_pairs(tmp_path / "a.npy", tmp_path / "b.npy")


def test_images_may_go_along_with_rows_of_an_array(tmp_path):
    np.save(tmp_path / "a.npy", A)
    put(tmp_path / "b", B)
    check(read_pairs(tmp_path / "a.npy", tmp_path / "b"), None)
    # Both on disk where one must be: a pass reads both in the same order.
    limit = (A.nbytes + B.nbytes) // 2
    assert A.nbytes <= limit < B.nbytes
    check(read_pairs(tmp_path / "a.npy", tmp_path / "b", memory_limit=limit), 0)


def test_what_cannot_stay_on_disk_beside_what_must_is_named(tmp_path):
    np.savetxt(tmp_path / "a.csv", np.zeros((6, 2)), delimiter=",")
    np.save(tmp_path / "b.npy", B)
    with pytest.raises(DataError, match=r"one stays on disk.*Raise memory_limit"):
        read_pairs(tmp_path / "a.csv", tmp_path / "b.npy", memory_limit=100)


# Without pairs


@LIMITS
def test_two_sets_without_pairs_may_differ_in_number(tmp_path, limit):
    put(tmp_path / "a", A)
    np.save(tmp_path / "b.npy", B[:4])
    found = read_unpaired(tmp_path / "a", tmp_path / "b.npy", memory_limit=limit)
    assert isinstance(found, Unpaired)
    check(found, limit, b=B[:4])
    names = tuple(f"00{n}.png" for n in range(6))
    assert found.names_A == (names if limit == 0 else None)


def test_pairs_can_be_taken_for_two_sets(tmp_path):
    both = noise(3, 8, 6)
    found = read_unpaired(pairs=put(tmp_path / "set", both))
    assert isinstance(found, Unpaired)
    np.testing.assert_array_equal(found.A, both[..., :3])


# What is bundled


def test_the_edges_of_photographs_belong_to_their_colours():
    found = read_pairs(pairs="photograph-edges")
    known = PAIRED_EXAMPLES["photograph-edges"]
    assert isinstance(found, Pairs)
    assert (len(found.A), len(found.B)) == (known.n_A, known.n_B)
    assert set(np.unique(found.A)) == {0, 255}
    # Where edges are, colours change: more than elsewhere.
    grey = found.B.astype(float).mean(axis=1)
    change = np.hypot(*np.gradient(grey, axis=(1, 2)))
    assert change[found.A > 0].mean() > 3 * change[found.A == 0].mean()


def test_the_photographs_are_cut_into_patches():
    found = read_unpaired(pairs="photographs")
    known = PAIRED_EXAMPLES["photographs"]
    assert (len(found.A), len(found.B)) == (known.n_A, known.n_B)
    from sklearn.datasets import load_sample_images

    temple, flower = load_sample_images().images
    np.testing.assert_array_equal(found.A[20], np.moveaxis(temple[32:96, 32:96], -1, 0))
    np.testing.assert_array_equal(found.B[1], np.moveaxis(flower[:64, 32:96], -1, 0))


def test_examples_are_asked_for_what_they_are():
    with pytest.raises(SettingError, match=r"photographs are two sets without pairs"):
        read_pairs(pairs="photographs")
    with pytest.raises(SettingError, match="resize= is about images in a folder"):
        read_pairs(pairs="photograph-edges", resize=(4, 4))
    with pytest.raises(DataError, match="Did you mean 'photographs'"):
        load_example("photograph")
    assert isinstance(read_unpaired(pairs="photograph-edges"), Unpaired)


# Bad input


@pytest.mark.parametrize("read", [read_pairs, read_unpaired])
def test_both_sets_are_needed_and_said_in_one_way(tmp_path, read):
    with pytest.raises(SettingError, match=r"Two sets are needed.*--a DIR --b DIR.*photograph"):
        read()
    with pytest.raises(SettingError, match=r"a= \(--a\) is given without b= \(--b\)"):
        read("x")
    with pytest.raises(SettingError, match=r"b= \(--b\) is given without a= \(--a\)"):
        read(b="x")
    with pytest.raises(SettingError, match=r"pairs='z' holds both"):
        read("x", pairs="z")
    (tmp_path / "empty").mkdir()
    put(tmp_path / "a", A)
    with pytest.raises(FileError, match="empty is a folder without images"):
        read(tmp_path / "a", tmp_path / "empty")
    with pytest.raises(FileError, match="missing does not exist"):
        read(tmp_path / "a", tmp_path / "missing")
    whole = packed(put(tmp_path / "all", A[:2], ["x/1.png", "2.png"]))
    with pytest.raises(FileError, match=r"no images in z\. Its folders of images are \., x"):
        read(tmp_path / "a", whole / "z")


def test_images_of_several_sizes_are_named(tmp_path):
    put(tmp_path / "a", [noise(8, 6), noise(8, 7)])
    put(tmp_path / "b", B[:2])
    with pytest.raises(ShapeError, match=r"a/001\.png .*resize=.*--cut"):
        read_pairs(tmp_path / "a", tmp_path / "b")


def test_sequences_have_no_translator(tmp_path):
    (tmp_path / "s.ts").write_text("@problemName s\n@classLabel false\n@data\n1,2,3\n1,2\n")
    np.save(tmp_path / "b.npy", B[:2])
    with pytest.raises(DataError, match="sequences"):
        read_pairs(tmp_path / "s.ts", tmp_path / "b.npy")
