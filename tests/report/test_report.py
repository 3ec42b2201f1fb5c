"""A report is one page that needs nothing else, and says nothing it was not told."""

import base64
import html
import io
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_digits, load_iris

from espelho import (
    GAN,
    Autoencoder,
    LSTMAutoencoder,
    MomentMatchingNetwork,
    VariationalAutoencoder,
)
from espelho.errors import FileError, ShapeError
from espelho.evaluation import Evaluation, Row, evaluate
from espelho.report import write_report

TINY = {"hidden_sizes": (16,), "latent_dim": 2, "max_epochs": 2, "random_state": 0}
NASTY = "<b>\"bold\" & 'sly'</b><script>alert(1)</script>"
VOID = {"img", "meta", "source"}


class Page(HTMLParser):
    """What a page holds: elements with attributes, text, and whether all are closed."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.words, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def iris():
    return load_iris()


@pytest.fixture(scope="module")
def table(iris, tmp_path_factory):
    """A model of a table with nasty names, its report, and the page in it."""
    names = [NASTY, "plain", "x" * 60, "d & e"]
    X = pd.DataFrame(iris.data, columns=names)
    y = np.array([NASTY, "two", "three"])[iris.target]
    model = Autoencoder(**TINY).fit(X)
    path = write_report(
        tmp_path_factory.mktemp("run") / "deep" / "report.html",
        model,
        X,
        y,
        evaluation=evaluate(model, X, y),
        title=NASTY,
        data_name=NASTY,
        commands={NASTY: "espelho fit < data.csv && echo '</code>'"},
        created="today",
    )
    return path, Page(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    X = load_digits().images[:60].astype(np.uint8)
    model = Autoencoder(**TINY).fit(X)
    path = write_report(
        tmp_path_factory.mktemp("run") / "report.html",
        model,
        X,
        evaluation=evaluate(model, X),
        commands={},
    )
    return Page(path.read_text("utf-8"))


def test_the_page_is_one_well_formed_file(table):
    path, page = table
    text = path.read_text("utf-8")

    assert text.startswith("<!DOCTYPE html>\n<html")
    assert not page.open
    assert path.stat().st_size < 1_500_000
    assert list(path.parent.iterdir()) == [path]


def test_nothing_is_asked_of_a_network_and_nothing_runs(table):
    text = table[0].read_text("utf-8")

    assert "http://" not in text
    assert "https://" not in text
    assert "<script" not in text
    assert "@import" not in text
    assert "url(" not in text
    assert not re.search(r"<[^>]*\son\w+=", text)
    policy = next(meta for meta in table[1].all("meta") if "http-equiv" in meta)
    assert policy["content"].startswith("default-src 'none'")


def test_a_model_that_can_sample_shows_samples_and_their_codes(images, tmp_path):
    X = load_digits().images[:60].astype(np.uint8)
    model = Autoencoder(sampler="gaussian-mixture", **TINY).fit(X)
    path, alone = tmp_path / "report.html", tmp_path / "pictures"
    write_report(path, model, X, evaluation=evaluate(model, X), commands={}, pictures=alone)
    page = Page(path.read_text("utf-8"))

    assert len(page.all("img")) == len(images.all("img")) + 2
    with Image.open(alone / "new-samples.png") as grid:
        assert grid.width > 1000
    assert "Beside them 500 drawn codes" in page.text
    assert "loss of a round trip of drawn codes" in page.text
    assert "drawn codes" not in images.text


def test_samples_that_are_no_pictures_are_shown_feature_by_feature(iris, tmp_path):
    model = Autoencoder(sampler="kernel-density", **TINY).fit(iris.data)
    path = tmp_path / "report.html"
    write_report(path, model, iris.data, evaluation=evaluate(model, iris.data), commands={})
    page = Page(path.read_text("utf-8"))

    assert len(page.all("img")) == 7
    assert "Features of samples" in page.text
    assert "Beside them 500 drawn codes" in page.text


@pytest.mark.parametrize("kind", ["table", "images"])
def test_every_picture_is_in_the_page_and_described(kind, request):
    found = request.getfixturevalue(kind)
    page = found if kind == "images" else found[1]
    pictures = page.all("img")

    assert len(pictures) == 6
    for picture in pictures:
        assert len(picture["alt"]) > 20
        start, encoded = picture["src"].split(",")
        assert start == "data:image/png;base64"
        drawn = Image.open(io.BytesIO(base64.b64decode(encoded)))
        assert drawn.width // 2 == int(picture["width"])
        assert drawn.height // 2 == int(picture["height"])


def test_names_and_titles_are_text_and_never_markup(table):
    path, page = table
    text = path.read_text("utf-8")

    assert "<b>" not in text
    assert html.escape(NASTY) in text
    assert page.text.count(NASTY) >= 4
    assert "espelho fit < data.csv && echo '</code>'" in page.text


def test_links_lead_to_sections(table):
    page = table[1]
    targets = {attributes["id"] for attributes in page.all("section")}

    assert {link["href"].removeprefix("#") for link in page.all("a")} == targets


def test_the_page_is_made_for_phones_and_for_dark_rooms(table):
    text = table[0].read_text("utf-8")

    assert "width=device-width" in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    boxes = [a for a in table[1].all("div") if a.get("class") == "box"]
    assert len(boxes) == len(table[1].all("table"))
    assert all(box["tabindex"] == "0" and box["aria-label"] for box in boxes)


def test_figures_are_those_of_the_evaluation(table, iris):
    page = table[1]

    assert "PCA of the same width does better here" in page.text
    assert "Measured on 150 samples, which training may have seen." in page.text
    assert "bad" in next(a for a in page.all("div") if "card bad" in a.get("class", ""))["class"]
    assert page.text.count("★") >= 5


def test_settings_that_were_changed_are_marked(table):
    text = table[1].text

    assert "4 of" in text
    assert "latent_dim changed 2 None" in text
    assert "batch_size 128 128" in text


def test_data_and_versions_are_told(table, images):
    text = table[1].text

    assert "samples 150" in text
    assert "3 different, on 50 to 50 samples each" in text
    assert "scikit-learn" in text
    assert "size of a sample 64 numbers, 8 x 8" in images.text
    assert "range 0 to 16" in images.text
    assert "uint8" in images.text


def test_without_commands_and_names_there_is_less(images):
    assert "Reproduce" not in images.text
    assert "Autoencoder · 60 samples" in images.text
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", images.text)


@pytest.fixture
def _no_pictures(monkeypatch):
    monkeypatch.setattr("espelho.report.write.draw_pictures", lambda *told: iter(()))


def _written(tmp_path, evaluation, iris, **options):
    model = Autoencoder(**TINY).fit(iris.data)
    options = {"evaluation": evaluation, "commands": {}} | options
    return write_report(tmp_path / "report.html", model, iris.data, **options)


@pytest.mark.usefixtures("_no_pictures")
def test_an_evaluation_of_other_rows_is_shown_as_it_is(tmp_path, iris):
    rows = (
        Row("reconstruction_error_scaled", "error", "", 2.0, {"pca": 0.0}, "lower"),
        Row("knn_score", "neighbours", "", float("nan"), note="no labels"),
    )
    page = Page(_written(tmp_path, Evaluation(rows, 5, held_out=True), iris).read_text("utf-8"))

    assert "held out from training" in page.text
    assert "2 reconstruction error in scaled units" in page.text
    assert "n/a prediction by neighbours no labels" in page.text


@pytest.mark.usefixtures("_no_pictures")
def test_continuous_labels_and_given_names_are_told(tmp_path, iris):
    path = _written(
        tmp_path,
        Evaluation((), 5, held_out=True),
        iris,
        y=iris.data[:, 0],
        feature_names=["one", "two", "three", "four"],
    )
    text = Page(path.read_text("utf-8")).text

    assert "numbers, 4.3" in text


@pytest.mark.usefixtures("_no_pictures")
def test_of_large_samples_fewer_are_drawn(tmp_path, iris, monkeypatch):
    monkeypatch.setattr("espelho.report.subject.MAX_ELEMENTS", 4 * 20)
    monkeypatch.setattr(
        "espelho.report.write.draw_pictures", lambda subject, _: seen.append(subject) or ()
    )
    seen = []
    _written(tmp_path, Evaluation((), 5, held_out=True), iris)

    assert seen[0].rows.shape == seen[0].answers.shape == (20, 4)
    assert seen[0].counted == "20 of 150 samples"


def test_an_old_report_is_replaced(tmp_path, iris):
    (tmp_path / "report.html").write_text("old")
    path = _written(tmp_path, Evaluation((), 5, held_out=True), iris)

    assert path.read_text("utf-8") != "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("_no_pictures")
def test_what_cannot_be_written_is_told(tmp_path, iris):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(FileError, match=r"report\.html cannot be written"):
        _written(tmp_path, Evaluation((), 5, held_out=True), iris)
    assert [found.name for found in tmp_path.iterdir()] == ["report.html"]


def test_labels_and_names_must_fit(tmp_path, iris):
    nothing = Evaluation((), 5, held_out=True)
    with pytest.raises(ShapeError, match="got 3 for 150"):
        _written(tmp_path, nothing, iris, y=[1, 2, 3])
    with pytest.raises(ShapeError, match="2 feature names for 4 features"):
        _written(tmp_path, nothing, iris, feature_names=["a", "b"])


@pytest.mark.parametrize("shape", [None, (1, 8, 8)])
def test_a_generator_has_a_page_about_its_samples(tmp_path, shape):
    X = load_digits().data if shape else load_iris().data
    model = MomentMatchingNetwork(
        hidden_sizes=(8,), max_epochs=2, sample_shape=shape, random_state=0
    ).fit(X)
    path = write_report(
        tmp_path / "report.html", model, X, evaluation=evaluate(model, X), commands={}
    )
    page = Page(path.read_text("utf-8"))
    titles = {heading for heading in ("New samples", "Nearest to new samples") if shape}
    titles |= {"Map of samples", "Training"} | ({"Features of samples"} if not shape else set())
    assert all(title in page.text for title in titles)
    assert "Reconstructions" not in page.text
    assert "width of the noise" in page.text
    assert "of the data covered by samples" in page.text


def test_an_autoencoder_that_samples_has_pictures_of_both(tmp_path):
    X = load_digits().data
    model = VariationalAutoencoder(**TINY, sample_shape=(1, 8, 8)).fit(X)
    path = write_report(
        tmp_path / "report.html", model, X, evaluation=evaluate(model, X), commands={}
    )
    text = Page(path.read_text("utf-8")).text
    assert all(title in text for title in ("Reconstructions", "New samples", "Map of codes"))


@pytest.mark.parametrize("name", ["generator", "autoencoder"])
def test_new_sequences_have_a_picture_beside_the_data(tmp_path, name):
    rng = np.random.default_rng(0)
    X = [rng.normal(size=(n, 2)) for n in rng.integers(2, 5, 30)]
    small = {"hidden_sizes": (4,), "max_epochs": 1, "random_state": 0}
    made = {
        "generator": GAN(discriminator_sizes=(4,), **small),
        "autoencoder": LSTMAutoencoder(latent="gaussian", latent_dim=2, **small),
    }
    shorter, longer = [x[:1] for x in X], [np.concatenate([x, x]) for x in X]
    path = write_report(
        tmp_path / "report.html",
        made[name].fit(X),
        longer if name == "generator" else shorter,
        evaluation=Evaluation((), 30, held_out=True),
        commands={},
    )
    text = Page(path.read_text("utf-8")).text
    assert "New samples" in text
    assert "below some of 30 samples" in text
    assert ("Map of samples" in text) == (name == "generator")
