"""fit pix2pix and cyclegan: two sets from anywhere, a report, and going on."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.cli.translation.conftest import TINY, pictures, save

from espelho import load
from espelho.cli.translation.finish import _reproduce
from espelho.cli.translation.job import TranslationJob
from espelho.data.stored.base import Stored

pytestmark = pytest.mark.filterwarnings("default:.*:espelho.errors.EspelhoWarning")


@pytest.fixture
def sets(tmp_path):
    """Two folders of images of the same names, grey and coloured."""
    save(tmp_path / "edges", pictures(60, 16, 16))
    save(tmp_path / "photos", pictures(60, 3, 16, 16), "jpg")


PIX2PIX = ("fit", "pix2pix", *TINY, "--run", "r")


def test_two_folders_are_learned_and_reported(call, sets):
    result = call(*PIX2PIX, "--a", "edges", "--b", "photos", "--json")
    assert result.status == 0, result.err
    figures = result.json["evaluation"]
    assert (figures["n_samples"], figures["held_out"]) == (12, True)
    assert {"absolute_error_B", "psnr_B"} <= {row["name"] for row in figures["rows"]}
    page = Path("r/report.html").read_text("utf-8")
    for text in ("A to B", "espelho translate r", "--a", "samples of A", "16 x 16 → 3 x 16 x 16"):
        assert text in page
    assert Path("r/pictures/epoch-00001.png").exists()
    assert Path("r/pictures/translations.png").exists()
    job = TranslationJob.of(Path("r"))
    assert job.sets.a == str(Path("edges").absolute())
    model = load("r")
    again = _reproduce(model, job)
    assert "--channels 4" in again
    assert "--test-fraction 0.2" in again
    assert "normalization" not in again


def test_what_was_measured_is_measured_again(call, sets):
    words = ("--a", "edges", "--b", "photos", "--test-fraction", "0.3")
    assert call(*PIX2PIX, *words).status == 0
    figures = json.loads(Path("r/evaluation.json").read_text())
    assert figures["n_samples"] == 18
    found = call("evaluate", "r", "--json")
    assert found.status == 0, found.err
    assert found.json["rows"][0] == figures["rows"][0]
    Path("r/report.html").unlink()
    assert call("report", "r").status == 0
    assert Path("r/report.html").exists()
    assert "Pix2Pix" in call("info", "r").out
    result = call("evaluate", "r", "edges")
    assert (result.status, "takes no DATA" in result.err) == (2, True)


def test_a_training_goes_on(call, sets):
    words = ("--a", "edges", "--b", "photos", "--pictures-every", "0")
    assert call(*PIX2PIX, *words).status == 0
    assert not list(Path("r/pictures").glob("epoch-*"))
    result = call("resume", "r", "--max-epochs", "2", "--verbose", "0")
    assert result.status == 0, result.err
    assert load("r").n_epochs_ == 2


def test_images_side_by_side_are_learned_from(call, tmp_path):
    both = np.concatenate([pictures(12, 3, 16, 16), pictures(12, 3, 16, 16, seed=1)], axis=-1)
    save(tmp_path / "both", both)
    save(tmp_path / "more", both[:5])
    words = ("--pairs", "both", "--left", "B", "--test-pairs", "more")
    result = call(*PIX2PIX, *words, "--json")
    assert result.status == 0, result.err
    assert result.json["evaluation"]["n_samples"] == 5
    split = TranslationJob.of(Path("r")).read()
    np.testing.assert_array_equal(split.train.A, both[..., 16:])
    assert "--test-pairs" in Path("r/report.html").read_text("utf-8")


def test_two_pairs_are_too_few_for_a_report(call, tmp_path):
    save(tmp_path / "a", pictures(2, 16, 16))
    result = call(*PIX2PIX, "--a", "a", "--b", "a")
    assert (result.status, "no report was written" in result.err) == (0, True)
    assert not Path("r/report.html").exists()


def test_two_sets_without_pairs_are_learned_from(call, tmp_path):
    save(tmp_path / "a", pictures(20, 16, 16))
    np.save(tmp_path / "b.npy", pictures(50, 16, 16, seed=1))
    words = ("fit", "cyclegan", *TINY, "--blocks", "1", "--a", "a", "--b", "b.npy", "--run", "r")
    result = call(*words, "--test-fraction", "0.25")
    assert result.status == 0, result.err
    page = Path("r/report.html").read_text("utf-8")
    assert "B to A to B" in page
    assert "--to A" in page
    # Of the smaller set fewer than ten would be set aside: all are measured on.
    assert json.loads(Path("r/evaluation.json").read_text())["held_out"] is False


def test_what_is_bundled_needs_no_data(call, monkeypatch):
    from espelho.data.pairing import examples

    plain = examples.load_example
    monkeypatch.setattr(
        "espelho.data.pairing.reading.load_example",
        lambda name: plain(name).take(slice(0, 30)) if name == "photograph-edges" else plain(name),
    )
    result = call(*PIX2PIX, "photograph-edges")
    assert result.status == 0, result.err
    assert "photograph-edges" in Path("r/report.html").read_text("utf-8")
    assert TranslationJob.of(Path("r")).sets.pairs == "photograph-edges"
    listed = call("datasets").out
    assert "photograph-edges" in listed
    assert "photographs" in listed
    assert call("datasets", "--json").json["photographs"][:2] == [228, 228]


def test_sets_on_disk_are_streamed(call, sets):
    words = ("--a", "edges", "--b", "photos", "--memory-limit", "1KB", "--cut", "8,8")
    result = call(*PIX2PIX, *words)
    assert result.status == 0, result.err
    split = TranslationJob.of(Path("r")).read()
    assert isinstance(split.train.A, Stored)
    assert split.train.A.shape == (48, 8, 8)
    assert load("r").domain_A_.places == (8, 8)
    again = _reproduce(load("r"), TranslationJob.of(Path("r")))
    assert "--memory-limit 1KB" in again
    assert "--cut 8,8" in again


def test_a_folder_of_images_is_streamed_by_others_too(call, sets):
    words = ("--memory-limit", "1KB", "--resize", "8,8", "--cut", "6,6")
    tiny = ("--hidden-sizes", "8", "--max-epochs", "1", "--verbose", "0")
    result = call("fit", "autoencoder", "photos", *tiny, *words, "--run", "r")
    assert result.status == 0, result.err
    assert load("r").sample_shape_ == (3, 6, 6)
    assert call("encode", "r", "photos", "-o", "z.npy").status == 0
    assert np.load("z.npy").shape[0] == 60
    assert "--cut 6,6" in Path("r/report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Two sets are needed"),
        (("--a", "edges"), "given without b= (--b)"),
        (("--a", "edges", "--b", "photos", "--pairs", "photos"), "Give one or the other"),
        (("photograph-edges", "--pairs", "photos"), "both name pairs"),
        (("--a", "edges", "--b", "missing"), "missing does not exist"),
        (("--a", "edges", "--b", "photos", "--test-a", "edges"), "given without b= (--b)"),
        (("--a", "edges", "--b", "photos", "--cut", "20,20"), "fewer than the 20 x 20"),
        (("--pairs", "photos", "--left", "C"), "'C' is not one of"),
        (("photographs",), "without pairs"),
        (("--a", "edges", "--b", "photos", "--test-fraction", "0.999"), "leaves none"),
    ],
)
def test_what_is_wrong_is_said(call, sets, words, said):
    result = call(*PIX2PIX, *words)
    assert result.status == 2
    assert said in result.err
    assert not Path("r").exists()


def test_unmatched_images_are_listed_or_left_out(call, sets):
    Path("edges/003.png").unlink()
    Path("photos/005.jpg").unlink()
    result = call(*PIX2PIX, "--a", "edges", "--b", "photos")
    assert (result.status, "1 of edges (005.png) and 1 of photos (003.jpg)" in result.err) == (
        2,
        True,
    )
    result = call(*PIX2PIX, "--a", "edges", "--b", "photos", "--skip-unmatched")
    assert result.status == 0, result.err
    assert "Left out" in result.err


def test_a_job_that_is_damaged_is_named(call, sets):
    assert call(*PIX2PIX, "--a", "edges", "--b", "photos").status == 0
    Path("r/job.json").write_text("{")
    result = call("resume", "r")
    assert (result.status, "job.json is damaged" in result.err) == (2, True)
    Path("r/job.json").unlink()
    result = call("resume", "r")
    assert (result.status, "does not say what data" in result.err) == (2, True)


def test_commands_for_others_say_what_translators_do(call, runs):
    result = call("encode", runs["colours"], "x.npy", "-o", "z.npy")
    assert result.status == 2
    assert "espelho translate" in result.err
