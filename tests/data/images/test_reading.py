"""Folders and archives of images: order, labels, one size, and errors that name a file."""

import gc
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from espelho import Autoencoder
from espelho.data.files import read
from espelho.data.images.png import encode_png
from espelho.data.writing import write
from espelho.errors import DataError, EspelhoWarning, FileError, SettingError, ShapeError


def noise(*shape, dtype=np.uint8, seed=0):
    high = np.iinfo(dtype).max
    return np.random.default_rng(seed).integers(0, high, shape, dtype, endpoint=True)


X = noise(4, 3, 5, 6)
NAMES = ("a.png", "b.png", "c.PNG", "d.png")


def put(folder, names=NAMES, images=X):
    for name, image in zip(names, images, strict=True):
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_png(image))
    return folder


def packed(folder, path, prefix=""):
    """Return an archive of all that is in a folder, in another order than that of names."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*"), reverse=True):
            archive.write(file, prefix + file.relative_to(folder).as_posix())
    return path


def message_of(error, *arguments, **options):
    with pytest.raises(error) as caught:
        read(*arguments, **options)
    assert type(caught.value) is error
    return str(caught.value)


# What is read


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("sample", [(5, 6), (2, 5, 6), (3, 5, 6), (4, 5, 6)])
def test_images_in_a_folder_are_one_array(tmp_path, dtype, sample):
    images = noise(4, *sample, dtype=dtype)
    found = read(put(tmp_path / "my.set", images=images))

    assert found.X.dtype == dtype
    assert found.X.flags.c_contiguous
    np.testing.assert_array_equal(found.X, images)
    assert (found.name, found.source) == ("my.set", str(tmp_path / "my.set"))
    assert (found.y, found.feature_names, found.target_name) == (None, None, None)


def test_a_folder_is_found_from_within(tmp_path, monkeypatch):
    monkeypatch.chdir(put(tmp_path / "set"))
    assert read(".").name == "set"
    assert len(read(read(".").source).X) == 4


def test_rows_are_in_the_order_of_the_characters_of_their_names(tmp_path):
    order = ["02.png", "10.png", "2.png", "A.png", "a.png", "a-b.png"]
    images = noise(6, 4, 4)
    put(tmp_path, reversed(order), images[::-1])
    found = read(tmp_path).X
    expected = [images[order.index(name)] for name in sorted(order)]
    np.testing.assert_array_equal(found, expected)


def test_folders_are_labels(tmp_path):
    put(tmp_path, ["dog/1.png", "cat/9.png", "cat/2.png", "dog/0.png"])
    found = read(tmp_path)
    assert found.y.tolist() == ["cat", "cat", "dog", "dog"]
    assert found.target_name == "folder"
    np.testing.assert_array_equal(found.X, X[[2, 1, 3, 0]])


def test_folders_in_folders_are_labels_below_the_folder_that_holds_all(tmp_path):
    put(tmp_path, [f"all/{name}/1.png" for name in ("x/a", "x/b", "y/a", "y/c")])
    assert read(tmp_path).y.tolist() == ["x/a", "x/b", "y/a", "y/c"]


def test_one_folder_alone_is_no_label(tmp_path):
    put(tmp_path / "images")
    assert read(tmp_path).y is None


@pytest.mark.parametrize("prefix", ["", "set/", "some/where/"])
@pytest.mark.parametrize("names", [NAMES, ("b/1.png", "b/2.png", "a/3.png", "a/4.png")])
def test_an_archive_is_read_as_the_folder_is(tmp_path, names, prefix):
    folder = put(tmp_path / "set", names)
    archive = packed(folder, tmp_path / "set.zip", prefix)

    found, expected = read(archive), read(folder)
    np.testing.assert_array_equal(found.X, expected.X)
    np.testing.assert_array_equal(found.y, expected.y)
    assert found.name == expected.name
    assert found.source == str(archive)
    assert found.fingerprint() == expected.fingerprint()


@pytest.mark.parametrize("packing", [False, True])
def test_hidden_files_resource_forks_and_texts_are_left_out(tmp_path, packing):
    folder = put(tmp_path / "set")
    for name in (".a.png", "__MACOSX/a.png", ".git/b.png", "README.txt", "Thumbs.db"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"no image")
    found = read(packed(folder, tmp_path / "set.zip") if packing else folder)
    np.testing.assert_array_equal(found.X, X)


def test_a_single_image_is_one_sample(tmp_path):
    found = read(put(tmp_path) / "c.PNG")
    np.testing.assert_array_equal(found.X, X[2:3])
    assert found.name == "c"


def test_labels_may_lie_in_another_file(tmp_path):
    np.save(tmp_path / "y.npy", np.arange(4))
    assert read(put(tmp_path / "set"), labels=tmp_path / "y.npy").y.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("sample", [(5, 6), (1, 5, 6), (3, 5, 6), (4, 5, 6)])
def test_written_images_are_read_again(tmp_path, dtype, sample):
    images = noise(12, *sample, dtype=dtype)
    path = write(tmp_path / "set.zip", images)
    np.testing.assert_array_equal(read(path).X, images.squeeze(1) if sample[0] == 1 else images)
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist()[:2] == ["000001.png", "000002.png"]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_an_archive_is_written_whole_or_not_at_all(tmp_path, monkeypatch, error):
    (tmp_path / "X.zip").write_bytes(b"old")
    whole = zipfile.ZipFile.writestr

    def fail_at_the_third(self, info, content):
        if info.filename == "000003.png":
            raise error
        whole(self, info, content)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fail_at_the_third)
    with pytest.raises(FileError if isinstance(error, OSError) else KeyboardInterrupt):
        write(tmp_path / "X.zip", X)
    gc.collect()
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_what_is_no_image_is_not_written_as_one(tmp_path):
    with pytest.raises(DataError, match="uint8 or uint16, got float64"):
        write(tmp_path / "X.zip", np.zeros((2, 4, 4)))
    with pytest.raises(ShapeError, match="must have shape"):
        write(tmp_path / "X.zip", np.zeros((2, 4), np.uint8))
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("sample", "dtype"), [((3, 5, 6), np.uint8), ((5, 6), np.uint16), ((4, 5, 6), np.uint8)]
)
def test_what_comes_back_is_of_the_type_and_shape_that_went_in(tmp_path, sample, dtype):
    images = read(put(tmp_path, images=noise(4, *sample, dtype=dtype))).X
    model = Autoencoder(latent_dim=2, hidden_sizes=(4,), max_epochs=1, random_state=0, verbose=0)
    rebuilt = model.fit(images).reconstruct(images)
    assert (rebuilt.shape, rebuilt.dtype) == (images.shape, images.dtype)


# What differs


@pytest.mark.parametrize(
    ("other", "found", "advice"),
    [
        (noise(3, 8, 8), "shape (3, 8, 8), uint8", "resize=(5, 6)"),
        (noise(5, 6), "shape (5, 6), uint8", "red-green-blue of 8 bits"),
        (noise(3, 5, 6, dtype=np.uint16), "shape (3, 5, 6), uint16", "red-green-blue of 8 bits"),
    ],
)
def test_the_first_image_that_differs_is_named(tmp_path, other, found, advice):
    put(tmp_path)
    for name in ("b.png", "d.png"):
        (tmp_path / name).write_bytes(encode_png(other))
    message = message_of(ShapeError, tmp_path)
    assert f"{tmp_path / 'b.png'} is an image of {found}" in message
    assert "shape (3, 5, 6), uint8 was expected, as a.png is" in message
    assert advice in message


def test_images_are_brought_to_one_size(tmp_path):
    images = [np.full((3, *size), 77, np.uint8) for size in ((5, 6), (9, 2), (30, 40))]
    found = read(put(tmp_path, NAMES[:3], images), resize=(8, 4)).X
    assert found.shape == (3, 3, 8, 4)
    assert (found == 77).all()


@pytest.mark.parametrize("size", [(4,), (4, 4, 4), (0, 4), (4, 2.5)])
def test_a_size_is_two_numbers_of_pixels(tmp_path, size):
    assert "a height and a width" in message_of(SettingError, put(tmp_path), resize=size)


@pytest.mark.parametrize("options", [{"resize": (4, 4)}, {"skip_damaged": True}])
@pytest.mark.parametrize("source", ["digits", "X.npy"])
def test_what_is_asked_of_images_is_not_asked_of_others(tmp_path, monkeypatch, source, options):
    monkeypatch.chdir(tmp_path)
    np.save("X.npy", np.eye(4))
    message = message_of(SettingError, source, **options)
    assert f"{next(iter(options))}= is about images" in message
    assert source in message


@pytest.mark.parametrize("options", [{"columns": ["0"]}, {"drop": ["0"]}, {"target": "0"}])
def test_images_have_no_columns(tmp_path, options):
    assert "columns of a table" in message_of(DataError, put(tmp_path), **options)


@pytest.mark.parametrize("options", [{"array": "X"}, {"header": "yes"}])
def test_images_are_neither_arrays_nor_text(tmp_path, options):
    assert next(iter(options)) in message_of(SettingError, put(tmp_path), **options)


# What is damaged


@pytest.mark.parametrize("packing", [False, True])
def test_a_damaged_image_is_named(tmp_path, packing):
    folder = put(tmp_path / "set", ("u/a.png", "u/b.png", "v/c.png", "v/d.png"))
    whole = (folder / "u" / "b.png").read_bytes()
    (folder / "u" / "b.png").write_bytes(whole[:60])
    source = packed(folder, tmp_path / "set.zip") if packing else folder

    message = message_of(FileError, source)
    assert str(source / "u" / "b.png") in message
    assert "--skip-damaged" in message
    with pytest.warns(EspelhoWarning, match=r"1 of 4 images left out, as damaged: u/b\.png"):
        found = read(source, skip_damaged=True)
    np.testing.assert_array_equal(found.X, X[[0, 2, 3]])
    assert found.y.tolist() == ["u", "v", "v"]


def test_a_set_may_begin_with_a_damaged_image(tmp_path):
    (put(tmp_path) / "a.png").write_bytes(b"")
    with pytest.warns(EspelhoWarning, match="a.png"):
        np.testing.assert_array_equal(read(tmp_path, skip_damaged=True).X, X[1:])


def test_nothing_but_damaged_images_is_an_error(tmp_path):
    for name in NAMES:
        (tmp_path / name).write_bytes(b"")
    assert "no image that is not damaged" in message_of(FileError, tmp_path, skip_damaged=True)


def test_a_changed_byte_in_an_archive_is_found(tmp_path):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.bmp", bitmap := bmp(X[0, 0]))
    content = path.read_bytes().replace(bitmap, bitmap[:-1] + bytes([bitmap[-1] ^ 1]))
    path.write_bytes(content)
    with pytest.raises(FileError, match=r"set\.zip/a\.bmp is damaged"):
        read(path)


def bmp(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, "BMP")
    return file.getvalue()


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_damaged_archive_is_named(tmp_path, share):
    archive = packed(put(tmp_path / "set"), tmp_path / "set.zip")
    content = archive.read_bytes()
    archive.write_bytes(content[: int(share * len(content))])
    assert "truncated or damaged zip archive" in message_of(FileError, archive)


CENTRAL, LOCAL = b"PK\1\2", b"PK\3\4"


def patched(archive, **places):
    """Set bytes of an archive: by a header's name, where from its start and to what."""
    content = bytearray(archive.read_bytes())
    for name, (offset, change) in places.items():
        at = -1
        while (at := content.find({"central": CENTRAL, "local": LOCAL}[name], at + 1)) >= 0:
            content[at + offset] = change(content[at + offset])
    archive.write_bytes(content)
    return archive


def test_an_encrypted_archive_is_refused(tmp_path):
    archive = packed(put(tmp_path / "set"), tmp_path / "set.zip")
    patched(archive, central=(8, lambda flags: flags | 1), local=(6, lambda flags: flags | 1))
    assert "is encrypted. Unpack it" in message_of(FileError, archive)


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ({"central": (10, lambda _: 9), "local": (8, lambda _: 9)}, "compression method"),
        ({"central": (6, lambda _: 255)}, "zip file version 25.5"),
        ({"central": (8, lambda flags: flags | 32)}, "patched data"),
        ({"central": (8, lambda flags: flags | 64)}, "strong encryption"),
    ],
)
def test_an_archive_packed_in_a_way_that_python_does_not_know_is_refused(tmp_path, places, said):
    archive = packed(put(tmp_path / "set"), tmp_path / "set.zip")
    message = message_of(FileError, patched(archive, **places), skip_damaged=True)
    assert f"{archive} is packed in a way that Python cannot read" in message
    assert said in message
    assert "Unpack it, and name the folder" in message


def test_an_archive_is_refused_that_needs_a_module_that_python_lacks(tmp_path, monkeypatch):
    archive = packed(put(tmp_path / "set"), tmp_path / "set.zip")
    monkeypatch.setattr(zipfile, "zlib", None)
    assert "(missing) zlib module" in message_of(FileError, archive)


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_an_image_that_does_not_unpack_is_damaged(tmp_path, packing):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("a.png", encode_png(X[0]))
        archive.writestr("b.png", encode_png(X[1]))
    content = bytearray(path.read_bytes())
    content[39:60] = bytes(21)
    path.write_bytes(content)
    assert "set.zip/a.png is damaged" in message_of(FileError, path)
    with pytest.warns(EspelhoWarning, match=r"a\.png"):
        np.testing.assert_array_equal(read(path, skip_damaged=True).X, X[1:2])


def test_names_in_an_archive_that_are_none(tmp_path):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ä.png", encode_png(X[0]))
        archive.writestr("b.png", encode_png(X[1]))
        archive.writestr("nothing", b"")
    content = bytearray(path.read_bytes())
    content[content.index("ä".encode())] = 0xFF
    content[content.rindex(b"nothing")] = 0  # where zipfile takes a name to end
    path.write_bytes(content)
    assert "ä.png is damaged ('utf-8'" in message_of(FileError, path)
    with pytest.warns(EspelhoWarning, match=r"ä\.png"):
        np.testing.assert_array_equal(read(path, skip_damaged=True).X, X[1:2])


def test_an_archive_without_images_is_refused(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "X.csv").write_text("1,2\n")
    archive = packed(tmp_path / "set", tmp_path / "set.zip")
    assert "holds no images" in message_of(FileError, archive)


# What is mixed


def test_images_beside_folders_of_images_are_ambiguous(tmp_path):
    put(tmp_path, ["a.png", "cat/b.png", "cat/c.png", "dog/d.png"])
    message = message_of(FileError, tmp_path)
    assert "such as a.png and cat/b.png" in message


@pytest.mark.parametrize("name", ["t.parquet", "moving.gif", "folder/x.webp"])
def test_images_beside_other_data_are_ambiguous(tmp_path, name):
    put(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"")
    message = message_of(FileError, tmp_path)
    assert name in message
    assert "take the others out" in message


def test_an_image_that_may_not_be_read_is_named_and_never_skipped(tmp_path, monkeypatch):
    put(tmp_path)

    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    message = message_of(FileError, tmp_path, skip_damaged=True)
    assert "a.png cannot be read: Permission denied" in message
