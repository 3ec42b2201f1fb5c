"""Every example of the gallery runs, warns of nothing, and is what sphinx-gallery takes."""

import ast
import runpy
import warnings
from pathlib import Path

import pytest
from matplotlib import pyplot as plt

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


def test_there_are_examples_and_all_are_found_by_the_gallery():
    assert EXAMPLES
    assert [path.name for path in EXAMPLES if not path.name.startswith("plot_")] == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_begins_with_a_title_and_says_what_it_shows(path):
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    title, underline, *rest = docstring.splitlines()
    assert underline == "=" * len(title)
    assert len(" ".join(rest).split()) > 10


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs_without_a_warning_and_draws_a_figure(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runpy.run_path(str(path), run_name="__main__")
    assert plt.get_fignums()
    plt.close("all")
    assert list(tmp_path.iterdir()) == []
