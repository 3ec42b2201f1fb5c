"""A report shows how samples of the same noise changed, and stands still where that is wanted."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits
from tests.report.test_report import Page

from espelho import GAN, SamplePictures
from espelho.data.images.png import encode_png
from espelho.evaluation import evaluate
from espelho.report import progress, write_report

SETTINGS = {"hidden_sizes": (8,), "channels": (4,), "max_epochs": 3, "random_state": 0}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A generator of digits, the folder of its pictures, and its report."""
    folder = tmp_path_factory.mktemp("run")
    X = load_digits().images[:60]
    model = GAN(**SETTINGS, callbacks=[SamplePictures(folder / "pictures")]).fit(X)
    path = write_report(
        folder / "report.html",
        model,
        X,
        evaluation=evaluate(model, X),
        commands={},
        progress=folder / "pictures",
    )
    return model, folder, path.read_text("utf-8")


def decoded(address):
    start, content = address.split(",")
    assert start == "data:image/png;base64"
    return Image.open(io.BytesIO(base64.b64decode(content)))


def noise(folder, numbers, side=64):
    folder.mkdir()
    random = np.random.default_rng(0)
    for n in numbers:
        image = random.integers(0, 256, (3, side, side)).astype("uint8")
        (folder / f"epoch-{n:05d}.png").write_bytes(encode_png(image))


def moving(folder):
    frames = [progress._frame(path) for path in sorted(folder.glob(progress.PATTERN))]
    return progress._moving(frames)


def test_the_page_shows_one_picture_after_the_other(run):
    model, folder, text = run
    page = Page(text)
    image = next(i for i in page.all("img") if "after 3 epochs from 1 to 3" in i["alt"])
    shown = decoded(image["src"])
    assert (shown.n_frames, shown.info["loop"]) == (3, 0)
    assert (str(shown.width), str(shown.height)) == (image["width"], image["height"])
    for n in range(3):
        shown.seek(n)
        drawn = np.asarray(
            Image.open(folder / "pictures" / f"epoch-0000{n + 1}.png").convert("RGB")
        )
        np.testing.assert_array_equal(np.asarray(shown.convert("RGB"))[progress.STRIP :], drawn)
    assert f"The best samples were those of epoch {model.best_epoch_}" in page.text


def test_who_wants_no_motion_sees_the_last_picture(run):
    _, folder, text = run
    source = next(iter(Page(text).all("source")))
    assert source["media"] == "(prefers-reduced-motion)"
    still = decoded(source["srcset"])
    assert still.n_frames == 1
    last = np.asarray(Image.open(folder / "pictures" / "epoch-00003.png").convert("RGB"))
    np.testing.assert_array_equal(np.asarray(still.convert("RGB"))[progress.STRIP :], last)


def test_the_distance_of_samples_is_shown_apart_from_losses(run):
    page = Page(run[2])
    losses = next(i["alt"] for i in page.all("img") if i["alt"].startswith("Losses"))
    assert "two_sample" not in losses
    assert "n/a" not in losses
    assert "Distance of samples" in page.text


def test_a_picture_alone_does_not_move(run, tmp_path):
    from types import SimpleNamespace

    noise(tmp_path / "one", [7])
    subject = SimpleNamespace(estimator=run[0])
    assert list(progress.draw_progress(subject, tmp_path / "one")) == []
    assert list(progress.draw_progress(subject, None)) == []


def test_of_many_pictures_the_first_the_last_and_some_between_are_shown(tmp_path):
    noise(tmp_path / "many", range(1, 121), side=8)
    paths = sorted((tmp_path / "many").iterdir())
    chosen = progress._thinned(paths, progress.MOST_FRAMES)
    assert len(chosen) == progress.MOST_FRAMES
    assert (chosen[0], chosen[-1]) == (paths[0], paths[-1])
    assert progress._epoch(paths[9]) == 10


def test_what_would_be_too_large_gets_fewer_and_smaller_pictures(tmp_path):
    noise(tmp_path / "large", range(1, 17), side=300)
    content = moving(tmp_path / "large")
    shown = Image.open(io.BytesIO(content))
    assert len(content) <= progress.LARGEST
    assert 1 < shown.n_frames < 16
    assert shown.width == 150


def test_what_is_too_wide_for_a_page_is_made_narrower(tmp_path):
    noise(tmp_path / "wide", [3], side=600)
    frame = progress._frame(tmp_path / "wide" / "epoch-00003.png")
    assert frame.size == (progress.WIDEST, progress.WIDEST + progress.STRIP)
