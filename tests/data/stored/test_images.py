"""Images on disk: what the array in memory would hold, decoded by threads."""

import io
import threading
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from espelho import Autoencoder
from espelho.data.files import read
from espelho.data.images.places import find_images
from espelho.data.images.png import encode_png
from espelho.data.stored.base import Stored
from espelho.data.stored.images import StoredImages
from espelho.errors import DataError, EspelhoWarning, FileError, SettingError, ShapeError

N = 30
SHAPES = {"grey": (6, 5), "colour": (3, 6, 5), "opaque": (4, 6, 5)}


def noise(shape, dtype=np.uint8, seed=0):
    high = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(0, high, shape, dtype, endpoint=True)


def put(folder, images, names=None):
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images):
        path = folder / (names[number] if names else f"{number:03}.png")
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encode_png(image))
    return folder


def packed(folder):
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*.*")):
            archive.write(file, "set/" + file.relative_to(folder).as_posix())
    return path


@pytest.fixture(params=[(s, t, k) for s in SHAPES for t in ("u1", "u2") for k in (0, 1)])
def both(request, tmp_path):
    """Return a set in memory, and the same on disk."""
    kind, dtype, in_archive = request.param
    source = put(tmp_path / "set", noise((N, *SHAPES[kind]), np.dtype(dtype)))
    source = packed(source) if in_archive else source
    return read(source), read(source, memory_limit=100)


def test_only_sets_above_the_limit_stay_on_disk(tmp_path):
    images = noise((3, 4, 4))
    put(tmp_path / "set", images)
    assert isinstance(read(tmp_path / "set", memory_limit=images.nbytes).X, np.ndarray)
    assert isinstance(read(tmp_path / "set", memory_limit=images.nbytes - 1).X, Stored)


def test_what_is_read_is_what_memory_holds(both):
    memory, disk = both
    assert isinstance(disk.X, StoredImages)
    assert (disk.X.shape, disk.X.dtype) == (memory.X.shape, memory.X.dtype)
    np.testing.assert_array_equal(np.asarray(disk.X), memory.X)
    np.testing.assert_array_equal(disk.X[4:9], memory.X[4:9])
    rows = np.array([1, 2, 17, 29])
    np.testing.assert_array_equal(np.asarray(disk.X[rows]), memory.X[rows])
    np.testing.assert_array_equal(disk.X.flat()[3:5], memory.X[3:5].reshape(2, -1))
    assert disk.X[rows].scattered


def test_the_folders_are_labels_on_disk_too(tmp_path):
    names = [f"{'ab'[i % 2]}/{i}.png" for i in range(6)]
    put(tmp_path / "set", noise((6, 4, 4)), names)
    memory, disk = read(tmp_path / "set"), read(tmp_path / "set", memory_limit=0)
    assert disk.y.tolist() == memory.y.tolist()
    np.testing.assert_array_equal(np.asarray(disk.X), memory.X)


def test_the_fingerprint_is_that_of_the_images(tmp_path):
    images = noise((5, 4, 4))
    folder = put(tmp_path / "set", images)
    first = read(folder, memory_limit=0).fingerprint()
    assert first == read(packed(folder), memory_limit=0).fingerprint()
    images[3, 0, 0] += 1
    put(folder, images)
    assert read(folder, memory_limit=0).fingerprint() != first
    assert read(folder, cut=(2, 2)).fingerprint() != first


def test_a_fit_from_disk_learns_what_it_would_from_memory(tmp_path):
    images = noise((40, 4, 4))
    put(tmp_path / "set", images)
    disk = read(tmp_path / "set", memory_limit=0).X
    settings = {"hidden_sizes": (6,), "latent_dim": 2, "batch_size": 40, "random_state": 0}
    models = [Autoencoder(max_epochs=3, **settings).fit(X) for X in (images, disk)]
    losses = [model.history_["reconstruct"] for model in models]
    # One batch holds all rows, in another order: sums differ by rounding alone.
    np.testing.assert_allclose(*losses, rtol=1e-4)


@pytest.mark.parametrize("way", ["folder", "archive"])
def test_many_threads_read_at_once(tmp_path, way):
    images = noise((60, 8, 8))
    folder = put(tmp_path / "set", images)
    files = find_images(folder if way == "folder" else packed(folder))
    stored, wrong = StoredImages(files, files.names), []

    def check(seed):
        rows = np.sort(np.random.default_rng(seed).choice(60, 20, replace=False))
        wrong.append(np.abs(stored.gather(rows).astype(int) - images[rows]).sum())

    threads = [threading.Thread(target=check, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [0] * 8


# Parts of images


def gradients(n, sizes):
    """Return images whose pixels say where they are, and whose they are."""
    made = []
    for number in range(n):
        height, width = sizes[number % len(sizes)]
        rows, columns = np.mgrid[:height, :width]
        made.append(np.stack([rows, columns, np.full_like(rows, number)]).astype(np.uint8))
    return made


def test_images_of_any_size_give_parts_of_one(tmp_path):
    put(tmp_path / "set", gradients(6, [(10, 20), (30, 12), (8, 8)]))
    X = read(tmp_path / "set", cut=(8, 6)).X
    assert X.shape == (6, 3, 8, 6)
    middle = np.asarray(X)
    assert [(image[0, 0, 0], image[1, 0, 0]) for image in middle[:3]] == [(1, 7), (11, 3), (0, 1)]
    np.testing.assert_array_equal(middle, np.asarray(X))


def test_each_pass_draws_parts_of_its_own_and_the_same_again(tmp_path):
    put(tmp_path / "set", gradients(20, [(40, 40)]))
    X = read(tmp_path / "set", cut=(8, 8)).X
    first, again, other = (np.asarray(X.drawn(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    corners = {(int(image[0, 0, 0]), int(image[1, 0, 0])) for image in first}
    assert len(corners) > 15
    # A part is a part: rows and columns go on by one.
    assert (np.diff(first[:, 0].astype(int), axis=1) == 1).all()
    assert (np.diff(first[:, 1].astype(int), axis=2) == 1).all()
    rows = np.array([3, 7])
    np.testing.assert_array_equal(np.asarray(X[rows].drawn(1)), first[rows])
    lonely = np.asarray(X.drawn(1)[7:8])
    np.testing.assert_array_equal(lonely, first[7:8])


def test_every_place_of_a_part_is_drawn(tmp_path):
    put(tmp_path / "set", gradients(1, [(6, 5)]))
    X = read(tmp_path / "set", cut=(4, 4)).X
    drawn = {tuple(np.asarray(X.drawn(seed))[0, :2, 0, 0].tolist()) for seed in range(80)}
    assert drawn == {(top, left) for top in range(3) for left in range(2)}


def test_parts_are_cut_from_resized_images(tmp_path):
    put(tmp_path / "set", [np.full((3, 30, 9), 9, np.uint8), np.full((3, 5, 50), 9, np.uint8)])
    X = read(tmp_path / "set", resize=(12, 12), cut=(8, 8)).X
    assert (np.asarray(X.drawn(3)) == 9).all()
    assert X.shape == (2, 3, 8, 8)


def test_parts_larger_than_an_image_name_it(tmp_path):
    put(tmp_path / "set", gradients(4, [(9, 9), (9, 7)]))
    with pytest.raises(ShapeError, match=r"001\.png has 9 x 7 pixels, fewer than the 9 x 8"):
        read(tmp_path / "set", cut=(9, 8))
    with pytest.raises(SettingError, match=r"cut=\(9, 9\) is larger than resize=\(8, 20\)"):
        read(tmp_path / "set", cut=(9, 9), resize=(8, 20))
    with pytest.raises(SettingError, match="cut must be a height and a width"):
        read(tmp_path / "set", cut=(9,))
    with pytest.raises(SettingError, match="cut= is about images"):
        read("digits", cut=(9, 9))


# What is damaged or differs


def test_an_image_of_another_size_is_named_before_any_is_learned_from(tmp_path):
    images = [noise((6, 5))] * 9 + [noise((6, 4))]
    with pytest.raises(ShapeError, match=r"009\.png is an image of shape \(6, 4\).*resize.*cut"):
        read(put(tmp_path / "set", images), memory_limit=0)


def test_an_image_of_another_kind_is_named_when_it_is_read(tmp_path):
    X = read(put(tmp_path / "set", [noise((6, 5)), noise((3, 6, 5))]), memory_limit=0).X
    with pytest.raises(ShapeError, match=r"001\.png is an image of shape \(3, 6, 5\)"):
        np.asarray(X)


@pytest.mark.parametrize("in_archive", [False, True])
@pytest.mark.parametrize("content", [b"", b"no image", None])
def test_a_damaged_image_is_named_or_left_out(tmp_path, content, in_archive):
    folder = put(tmp_path / "set", noise((5, 6, 5)))
    path = folder / "002.png"
    path.write_bytes(path.read_bytes()[:60] if content is None else content)
    source = packed(folder) if in_archive else folder
    with pytest.raises(FileError, match=r"002\.png.*--skip-damaged"):
        np.asarray(read(source, memory_limit=0).X)
    with pytest.warns(EspelhoWarning, match=r"1 of 5 images left out, as damaged: .*002\.png"):
        disk = read(source, memory_limit=0, skip_damaged=True).X
    with pytest.warns(EspelhoWarning, match="left out"):
        memory = read(source, skip_damaged=True).X
    np.testing.assert_array_equal(np.asarray(disk), memory)
    assert disk.numbered(np.array([1, 2])).tolist() == [1, 3]


def test_an_image_that_went_away_is_named(tmp_path):
    folder = put(tmp_path / "set", noise((5, 6, 5)))
    X = read(folder, memory_limit=0).X
    (folder / "003.png").unlink()
    with pytest.raises(FileError, match=r"003\.png cannot be read: No such file"):
        np.asarray(X)
    with pytest.raises(FileError, match=r"003\.png cannot be read: No such file"):
        X.fingerprint()


def test_a_bomb_is_refused_in_a_thread_too(tmp_path, monkeypatch):
    folder = put(tmp_path / "set", noise((5, 6, 5)))
    X = read(folder, memory_limit=0).X
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 20)
    with pytest.raises(DataError, match=r"000\.png has more pixels than the 20"):
        X[0:5]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif"])
def test_sizes_are_those_of_upright_images(tmp_path, orientation, suffix):
    from espelho.data.images.decoding import decode, size_of

    exif = Image.Exif()
    exif[274] = orientation
    path = Path(tmp_path, f"x.{suffix}")
    Image.fromarray(noise((6, 9, 3))).save(path, exif=exif)
    expected = decode(path.read_bytes(), "x").shape[-2:]
    assert size_of(io.BytesIO(path.read_bytes()), "x") == expected
    assert expected == ((9, 6) if orientation > 4 else (6, 9))
