"""The .ts format: what is written by its rules is read, and what breaks them is named."""

import gzip

import numpy as np
import pytest

from espelho.data.files import read
from espelho.data.series.sequences import Sequences
from espelho.errors import DataError, FileError, SettingError, ShapeError

HEAD = "# a comment\n@problemName Toy\n@timeStamps false\n@classLabel true a b\n@data\n"


@pytest.fixture
def written(tmp_path):
    def write(text, name="toy.ts"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
        return path

    return write


def test_equal_lengths_are_an_array(written):
    dataset = read(written(HEAD + "1,2,3:4,5,6:a\n\n-1,2e1, 3:.5,5,6:b\n"))
    assert dataset.X.shape == (2, 3, 2)
    np.testing.assert_array_equal(dataset.X[0], [[1, 4], [2, 5], [3, 6]])
    np.testing.assert_array_equal(dataset.X[1], [[-1, 0.5], [20, 5], [3, 6]])
    assert dataset.y.tolist() == ["a", "b"]
    assert (dataset.name, dataset.target_name) == ("toy", "label")


def test_other_lengths_are_sequences(written):
    dataset = read(written(HEAD + "1,2,3:4,5,6:a\n7:8:b\n", "toy.ts.gz"))
    assert isinstance(dataset.X, Sequences)
    assert dataset.X.lengths.tolist() == [3, 1]
    np.testing.assert_array_equal(dataset.X[1], [[7.0, 8.0]])
    part = dataset.take([1])
    assert (len(part.X), part.y.tolist()) == (1, ["b"])


@pytest.mark.parametrize(
    ("tag", "ends", "kind"),
    [("@classLabel true 1 2", "12", "i"), ("@targetLabel true", (".5", "2"), "f")],
)
def test_labels_are_of_the_type_that_fits(written, tag, ends, kind):
    lines = "".join(f"1,2:{end}\n" for end in ends)
    assert read(written(f"@problemName x\n{tag}\n@data\n{lines}")).y.dtype.kind == kind


def test_without_labels_the_last_dimension_is_one(written):
    dataset = read(written("@problemName x\n@classLabel false\n@data\n1,2:3,4\n"))
    assert dataset.X.shape == (1, 2, 2)
    assert dataset.y is None


def test_the_content_tells_the_format_without_a_suffix(written):
    assert read(written("@problemName x\n@data\n1,2\n3,4\n", "toy.data")).X.shape == (2, 2, 1)


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        (HEAD + "1,?,3:a\n", DataError, r"line 6: step 1 .* is missing \('\?'\)"),
        (HEAD + "1,,3:a\n", DataError, "step 1"),
        (HEAD + "1,x:a\n", DataError, "line 6 must hold numbers"),
        (HEAD + "1,2:3:a\n", ShapeError, r"line 6: .* got \[2, 1\] steps"),
        (HEAD + "1,2:3,4:a\n1,2:b\n", ShapeError, "sequence 1 the shape"),
        (HEAD + "1,2\n", FileError, "line 6: there is no label"),
        (HEAD, DataError, "has 0 sequences"),
        (HEAD.replace("@timeStamps false", "@timeStamps true"), FileError, "time stamp"),
        ("@problemName x\n", FileError, "no line '@data'"),
        ("@problemName x\n1,2\n@data\n", FileError, "line 2: a .ts file has lines"),
    ],
)
def test_what_breaks_the_rules_is_named(written, text, error, said):
    with pytest.raises(error, match=said):
        read(written(text))


def test_columns_and_bytes_that_are_no_text_are_refused(written, tmp_path):
    with pytest.raises(SettingError, match="no columns to choose"):
        read(written(HEAD + "1:a\n"), columns=["0"])
    (tmp_path / "bad.ts").write_bytes(b"@problemName \xff\xfe\n")
    with pytest.raises(FileError, match="UTF-8"):
        read(tmp_path / "bad.ts")
