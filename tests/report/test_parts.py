"""Parts of a report: markup, facts and pictures."""

import io
from dataclasses import dataclass, field
from importlib import metadata

import numpy as np
import pytest
from PIL import Image
from sklearn.base import BaseEstimator

from espelho.report.facts import settings, versions
from espelho.report.markup import Html, element, join, table
from espelho.report.page import _duration
from espelho.report.picture import to_png


@dataclass(kw_only=True, eq=False, repr=False)
class Fields(BaseEstimator):
    """An estimator declared by fields."""

    width: int = 3
    options: dict = field(default_factory=dict)
    function: object = np.mean
    kind: type = int
    required: str


def test_children_and_attributes_are_escaped_unless_they_are_markup():
    assert element("p", "<", Html("<i></i>"), title='"') == '<p title="&quot;">&lt;<i></i></p>'
    assert element("img", alt="a") == '<img alt="a">'
    assert join(["&", Html("&amp;")]) == "&amp;&amp;"


def test_the_first_cell_of_a_row_is_its_heading():
    made = table(["a", "b"], [["<", "1"]], "what it holds")

    assert '<th scope="row">&lt;</th><td>1</td>' in made
    assert 'aria-label="what it holds"' in made


def test_changed_settings_come_first_and_functions_by_name():
    found = settings(Fields(width=4, function=np.median, required="x" * 500))
    by_name = {setting.name: setting for setting in found}

    assert [s.name for s in found] == ["function", "required", "width", "kind", "options"]
    assert (by_name["width"].value, by_name["width"].default) == ("4", "3")
    assert not by_name["options"].changed
    assert by_name["function"].value == "median"
    assert by_name["kind"].value == "int"
    assert len(by_name["required"].value) == 160
    assert by_name["required"].default == "none"


def test_versions_are_those_installed(monkeypatch):
    known = dict(versions())
    assert known["numpy"] == metadata.version("numpy")

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert dict(versions())["torch"] == "not installed as a package"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (119.0, "119.0 s"), (125, "2 min 5 s"), (3720, "1 h 2 min")],
)
def test_durations_are_told_in_words(seconds, text):
    assert _duration(seconds) == text


def test_noise_does_not_make_a_page_too_large():
    noise = np.random.default_rng(0).random((300, 1100, 3))

    def draw(ax):
        ax.imshow(noise, interpolation="nearest")
        return ax

    assert len(to_png(draw, 7.6, 2.6, exact=True)) < 450_000


def test_the_same_picture_is_the_same_file_of_twice_the_density():
    def draw(ax):
        ax.plot([1, 2], [2, 1])
        return ax

    png = to_png(draw, 3, 2)
    assert png == to_png(draw, 3, 2)
    small = Image.open(io.BytesIO(png))
    assert small.width == pytest.approx(600, rel=0.1)
    assert small.convert("RGB").getpixel((0, 0)) == (255, 255, 255)


def test_pictures_of_data_keep_their_colours():
    shades = np.arange(3 * 400.0).reshape(20, 20, 3) / 1200

    def draw(ax):
        ax.imshow(shades, interpolation="nearest")
        return ax

    colours = Image.open(io.BytesIO(to_png(draw, 3, 3, exact=True))).getcolors(10_000)
    found = {colour for _, colour in colours}
    assert found >= {
        tuple(shade) for shade in (255 * shades).astype(np.uint8).reshape(-1, 3).tolist()
    }
