"""Reading, whatever the format: names, choices, labels, and errors that teach."""

import gzip
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from espelho.data.bundled import BUNDLED, load_bundled
from espelho.data.files import SUFFIXES, read
from espelho.errors import DataError, FileError, SettingError, ShapeError


class Trap:
    """A pickle that leaves a trace if it is ever loaded."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def save_idx(path, X):
    header = struct.pack(f">4B{X.ndim}I", 0, 0, 8, X.ndim, *X.shape)
    path.write_bytes(header + X.astype(np.uint8).tobytes())
    return path


def message_of(error, *arguments, **options):
    with pytest.raises(error) as caught:
        read(*arguments, **options)
    assert type(caught.value) is error
    return str(caught.value)


# Bundled sets


@pytest.mark.parametrize("name", BUNDLED)
def test_a_bundled_set_is_read_by_its_name(name):
    assert read(name).fingerprint() == load_bundled(name).fingerprint()


def test_the_bundled_set_wins_over_a_file_but_a_path_means_the_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save_idx(tmp_path / "digits", np.ones((2, 3)))

    assert read("digits").X.shape == (1797, 64)
    assert read("./digits").X.shape == (2, 3)
    assert read(Path("digits")).X.shape == (2, 3)


def test_columns_of_a_bundled_set_can_be_chosen():
    whole, part = read("iris"), read("iris", drop=["petal width (cm)"])
    assert part.feature_names == whole.feature_names[:3]
    np.testing.assert_array_equal(part.X, whole.X[:, :3])
    np.testing.assert_array_equal(part.y, whole.y)


def test_pixels_without_their_neighbours_are_no_image():
    assert read("digits", drop="pixel_0_0").sample_shape is None


# Where data came from


def test_a_file_is_found_again_by_its_source(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("some.data.npy", np.eye(2))

    found = read("some.data.npy")

    assert found.name == "some.data"
    assert found.source == str(tmp_path / "some.data.npy")
    assert read(found.source).fingerprint() == found.fingerprint()


@pytest.mark.parametrize(
    ("file", "name"), [("a.csv.gz", "a"), ("b-idx3-ubyte", "b-idx3-ubyte"), (".hidden", ".hidden")]
)
def test_the_name_is_the_file_without_its_suffixes(tmp_path, file, name):
    path = save_idx(tmp_path / file, np.ones((2, 2)))
    if file.endswith("gz"):
        path.write_bytes(gzip.compress(b"u,v\n1,2\n"))
    assert read(path).name == name


# Missing and foreign files


def test_a_missing_file_is_answered_with_the_neighbour_of_a_similar_name(tmp_path):
    np.save(tmp_path / "train.npy", np.eye(2))
    message = message_of(FileError, tmp_path / "trian.npy")
    assert "trian.npy does not exist" in message
    assert "Did you mean 'train.npy'?" in message


def test_a_missing_file_is_answered_with_the_bundled_set_of_a_similar_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "Did you mean 'digits'?" in message_of(FileError, "digit")


def test_a_missing_folder_is_named(tmp_path):
    message = message_of(FileError, tmp_path / "nowhere" / "X.npy")
    assert f"its folder {tmp_path / 'nowhere'}" in message


def test_a_folder_is_no_file(tmp_path):
    message = message_of(FileError, tmp_path)
    assert "is a folder" in message
    assert all(suffix in message for suffix in SUFFIXES)


@pytest.mark.parametrize("content", [b"", b"abc", b"%PDF-1.7", b"PK\3\4rest"])
def test_a_file_of_an_unknown_format_is_answered_with_the_known_ones(tmp_path, content):
    (tmp_path / "X.pdf").write_bytes(content)
    message = message_of(FileError, tmp_path / "X.pdf")
    assert "X.pdf is of no format that can be read" in message
    assert all(suffix in message for suffix in SUFFIXES)


@pytest.mark.parametrize("file", ["X.csv", "X.npy", "X.npz", "X.idx", "X.parquet", "X.data"])
def test_a_file_that_may_not_be_read_is_named(tmp_path, monkeypatch, file):
    (tmp_path / file).write_bytes(b"")

    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(zipfile.ZipFile, "__init__", refuse)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile", refuse)
    message = message_of(FileError, tmp_path / file)
    assert file in message
    assert "Permission denied" in message


def test_a_name_without_suffix_is_read_by_its_first_bytes(tmp_path):
    with (tmp_path / "array").open("wb") as file:
        np.save(file, np.eye(3))
    np.testing.assert_array_equal(read(tmp_path / "array").X, np.eye(3))


# Arguments that do not fit


@pytest.mark.parametrize("source", ["iris", "X.npy", "X.csv"])
def test_an_array_can_be_named_in_npz_only(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    np.save("X.npy", np.eye(2))
    Path("X.csv").write_text("u,v\n1,2\n")
    assert f"array= names an array of an .npz file, but {source}" in message_of(
        SettingError, source, array="X"
    )


@pytest.mark.parametrize("source", ["iris", "X.npy"])
def test_only_text_has_a_header(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    np.save("X.npy", np.eye(2))
    assert "header= is about text" in message_of(SettingError, source, header="no")


def test_a_wrong_header_setting_is_named(tmp_path):
    (tmp_path / "X.csv").write_text("u,v\n1,2\n")
    assert "got 'maybe'" in message_of(SettingError, tmp_path / "X.csv", header="maybe")


def test_target_and_labels_exclude_each_other():
    assert "give one of them" in message_of(SettingError, "iris", target="a", labels="b.npy")


# Arrays


def test_columns_of_an_array_are_named_by_their_index(tmp_path):
    X = np.arange(12.0).reshape(3, 4)
    np.save(tmp_path / "X.npy", X)

    found = read(tmp_path / "X.npy", columns=["2", "0", "3", "2"], drop=["3"], target="1")

    np.testing.assert_array_equal(found.X, X[:, [2, 0]])
    np.testing.assert_array_equal(found.y, X[:, 1])
    assert (found.feature_names, found.target_name) == (("2", "0"), "1")


def test_images_have_no_columns_to_choose(tmp_path):
    np.save(tmp_path / "X.npy", np.zeros((2, 3, 4)))
    assert "(2, 3, 4)" in message_of(DataError, tmp_path / "X.npy", target="1")


@pytest.mark.parametrize("shape", [(0, 3), (0,), (2, 0), (0, 8, 8)])
def test_an_array_without_values_is_refused(tmp_path, shape):
    np.save(tmp_path / "X.npy", np.zeros(shape))
    assert f"{shape[0]} rows" in message_of(DataError, tmp_path / "X.npy")


@pytest.mark.parametrize("X", [np.array([["a"]]), np.array([1j]), np.zeros(2, "M8[s]")])
def test_an_array_without_numbers_is_refused(tmp_path, X):
    np.save(tmp_path / "X.npy", X)
    assert str(X.dtype) in message_of(DataError, tmp_path / "X.npy")


def test_a_structured_array_is_refused(tmp_path):
    np.save(tmp_path / "X.npy", np.zeros(2, [("é", float), ("b", int)]))
    assert "must be numbers" in message_of(DataError, tmp_path / "X.npy")


def test_a_single_number_is_refused(tmp_path):
    np.save(tmp_path / "X.npy", np.array(3.0))
    assert "single number" in message_of(ShapeError, tmp_path / "X.npy")


@pytest.mark.parametrize("suffix", ["npy", "npz"])
def test_pickles_are_refused_and_never_executed(tmp_path, suffix):
    path, trace = tmp_path / f"X.{suffix}", tmp_path / "trace"
    objects = np.array([Trap(trace), None], dtype=object)
    np.save(path, objects) if suffix == "npy" else np.savez(path, X=objects)

    message = message_of(FileError, path)

    assert path.name in message
    assert "pickled Python objects" in message
    assert not trace.exists()
    np.load(path, allow_pickle=True)["X" if suffix == "npz" else ...]
    assert trace.exists()


def test_a_plain_pickle_is_no_array(tmp_path):
    trace = tmp_path / "trace"
    Trap(trace)
    np.array([Trap(trace)], dtype=object).dump(tmp_path / "X.npy")
    assert "should start with" in message_of(FileError, tmp_path / "X.npy")
    assert not trace.exists()


@pytest.mark.parametrize("kept", [4, 9, 60, -1])
def test_a_truncated_npy_is_named(tmp_path, kept):
    np.save(tmp_path / "X.npy", np.eye(20))
    whole = (tmp_path / "X.npy").read_bytes()
    (tmp_path / "X.npy").write_bytes(whole[:kept])
    assert "X.npy" in message_of(FileError, tmp_path / "X.npy")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_damaged_npz_is_named(tmp_path, save):
    path = tmp_path / "X.npz"
    save(path, X=np.random.default_rng(0).normal(size=(50, 20)))
    whole = path.read_bytes()

    path.write_bytes(whole[: len(whole) // 2])
    assert "X.npz is not an .npz file, or it is truncated" in message_of(FileError, path)
    path.write_bytes(whole[:3000] + bytes(200) + whole[3200:])
    assert "X.npz" in message_of(FileError, path)


def test_a_member_of_an_archive_that_is_no_array_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "X.npz", "w") as archive:
        archive.writestr("X.npy", b"hello")
    assert "array 'X' is not a NumPy array" in message_of(FileError, tmp_path / "X.npz")


def test_the_only_array_needs_no_name(tmp_path):
    np.savez(tmp_path / "X.npz", some=np.eye(2))
    np.testing.assert_array_equal(read(tmp_path / "X.npz").X, np.eye(2))


def test_several_arrays_are_listed_with_their_shapes(tmp_path):
    np.savez(tmp_path / "X.npz", a=np.eye(2), b=np.zeros((3, 4)), y=np.zeros(2))
    message = message_of(DataError, tmp_path / "X.npz", target="y")
    assert "2 arrays" in message
    assert "a (2, 2), b (3, 4)." in message
    assert "--array" in message


def test_a_named_array_is_taken(tmp_path):
    np.savez(tmp_path / "X.npz", a=np.eye(2), b=np.zeros((3, 4)), y=np.zeros((3, 1)))
    found = read(tmp_path / "X.npz", array="b", columns=["1"], target="y")
    assert (found.X.shape, found.y.shape, found.feature_names) == ((3, 1), (3,), ("1",))


@pytest.mark.parametrize("argument", ["array", "target"])
def test_an_unknown_array_is_answered_with_the_nearest(tmp_path, argument):
    np.savez(tmp_path / "X.npz", train=np.eye(2), test=np.eye(3))
    message = message_of(DataError, tmp_path / "X.npz", **{argument: "trian"})
    assert "no array 'trian'; it has train (2, 2), test (3, 3). Did you mean 'train'?" in message


@pytest.mark.parametrize("options", [{}, {"target": "X"}])
def test_an_archive_without_samples_says_so(tmp_path, options):
    with zipfile.ZipFile(tmp_path / "X.npz", "w") as archive:
        archive.writestr("readme.txt", b"hello")
        if options:
            with archive.open("X.npy", "w") as file:
                np.save(file, np.eye(2))
    message = message_of(DataError, tmp_path / "X.npz", **options)
    assert "no array that could be the samples" in message


# idx


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "not an idx file"),
        (b"\0\0\x07\1\0\0\0\1a", "not an idx file"),
        (b"\0\0\x08\2\0\0\0\1", "its header takes 12 bytes, got 8"),
        (b"\0\0\x08\1\0\0\0\5abc", "takes 5 bytes after its header, got 3"),
        (b"\0\0\x08\1\0\0\0\1abc", "takes 1 bytes after its header, got 3"),
    ],
)
@pytest.mark.parametrize("name", ["X-ubyte", "X-ubyte.gz"])
def test_a_damaged_idx_file_says_what_was_expected(tmp_path, name, raw, reason):
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    message = message_of(FileError, tmp_path / name)
    assert name in message
    assert reason in message


# gzip


@pytest.mark.parametrize("name", ["X.csv.gz", "X.idx.gz"])
def test_a_truncated_gzip_is_named(tmp_path, name):
    raw = gzip.compress(b"u,v\n1,2\n" * 100)
    for kept in (len(raw) - 9, 15, 4):
        (tmp_path / name).write_bytes(raw[:kept])
        message = message_of(FileError, tmp_path / name)
        assert name in message
        assert "truncated or damaged gzip" in message


def test_a_gzip_with_a_flipped_bit_is_named(tmp_path):
    raw = bytearray(gzip.compress(os.urandom(500)))
    raw[100] ^= 1
    (tmp_path / "X.csv.gz").write_bytes(raw)
    assert "X.csv.gz is a truncated or damaged gzip" in message_of(
        FileError, tmp_path / "X.csv.gz"
    )


def test_a_gz_that_is_no_gzip_is_named(tmp_path):
    (tmp_path / "X.csv.gz").write_bytes(b"u,v\n1,2\n")
    assert "does not hold gzip data" in message_of(FileError, tmp_path / "X.csv.gz")


def test_a_compressed_file_of_another_suffix_is_recognised_by_its_content(tmp_path):
    raw = struct.pack(">4BII", 0, 0, 8, 2, 1, 2) + b"ab"
    (tmp_path / "X.z").write_bytes(gzip.compress(raw))
    np.testing.assert_array_equal(read(tmp_path / "X.z").X, [[97, 98]])
    (tmp_path / "X.z").write_bytes(gzip.compress(raw)[:5])
    assert "X.z is of no format" in message_of(FileError, tmp_path / "X.z")


# Labels from another file


@pytest.fixture
def samples(tmp_path):
    np.save(tmp_path / "X.npy", np.eye(3))
    return tmp_path / "X.npy"


@pytest.mark.parametrize("y", [np.array([2, 0, 1]), np.array(["a", "b", "c"]), np.ones((3, 1))])
def test_labels_come_from_an_array(samples, y):
    np.save(samples.with_name("labels.npy"), y)
    found = read(samples, labels=samples.with_name("labels.npy"))
    np.testing.assert_array_equal(found.y, y.ravel())
    assert (found.y.dtype, found.target_name) == (y.dtype, "labels")


def test_labels_come_from_an_idx_file(samples):
    path = save_idx(samples.with_name("labels-ubyte"), np.array([2, 0, 1]))
    found = read(samples, labels=str(path))
    assert found.y.tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2\n0\n1\n", np.array([2, 0, 1])),
        ("kind\n2\n0\n1\n", np.array(["2", "0", "1"]).astype(int)),
        ("0.5\n0\n1\n", np.array([0.5, 0, 1])),
        ("cat\ndog\ncat\n", np.array(["cat", "dog", "cat"])),
        ("kind\ncat\ndog\ncat\n", np.array(["cat", "dog", "cat"])),
    ],
)
def test_labels_come_from_text_with_or_without_a_header(samples, text, expected):
    samples.with_name("y.csv").write_text(text)
    found = read(samples, labels=samples.with_name("y.csv"))
    assert found.y.dtype == expected.dtype
    np.testing.assert_array_equal(found.y, expected)


def test_labels_replace_those_of_a_bundled_set(tmp_path):
    np.save(tmp_path / "y.npy", np.arange(150))
    assert read("iris", labels=tmp_path / "y.npy").y[-1] == 149


def test_too_few_labels_are_counted(samples):
    np.save(samples.with_name("y.npy"), np.zeros(2))
    message = message_of(ShapeError, samples, labels=samples.with_name("y.npy"))
    assert "y.npy has 2 labels" in message
    assert "X.npy has 3 rows" in message


@pytest.mark.parametrize("y", [np.zeros((3, 2)), np.array(1)])
def test_several_labels_a_row_are_refused(samples, y):
    np.save(samples.with_name("y.npy"), y)
    assert str(y.shape) in message_of(ShapeError, samples, labels=samples.with_name("y.npy"))


def test_a_text_of_labels_has_one_column(samples):
    samples.with_name("y.csv").write_text("1,2\n3,4\n5,6\n")
    assert "got 2 columns" in message_of(DataError, samples, labels=samples.with_name("y.csv"))


def test_labels_are_not_read_from_archives(samples):
    np.savez(samples.with_name("y.npz"), y=np.zeros(3))
    message = message_of(FileError, samples, labels=samples.with_name("y.npz"))
    assert "y.npz cannot hold labels" in message
    assert ".npy" in message


def test_a_missing_file_of_labels_is_named(samples):
    message = message_of(FileError, samples, labels=samples.with_name("y.npy"))
    assert "y.npy does not exist" in message


def test_several_targets_are_rows_of_labels_that_keep_their_types(tmp_path):
    (tmp_path / "t.csv").write_text("p,kind,size\n1,a,2\n3,b,4.5\n")
    found = read(tmp_path / "t.csv", target=["kind", "size"])
    assert found.y.tolist() == [["a", 2.0], ["b", 4.5]]
    assert found.feature_names == ("p",)
    assert found.target_name == ("kind", "size")
    np.testing.assert_array_equal(found.X, [[1], [3]])
    assert found.take([1]).y.tolist() == [["b", 4.5]]


def test_a_list_of_one_target_is_that_target_and_of_none_no_target(tmp_path):
    (tmp_path / "t.csv").write_text("p,q\n1,2\n3,4\n")
    one = read(tmp_path / "t.csv", target=["q"], drop=[])
    assert (one.y.tolist(), one.target_name) == ([2, 4], "q")
    assert read(tmp_path / "t.csv", target=[]).y is None
