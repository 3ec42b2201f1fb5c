"""The documentation keeps its word: its code runs, its outputs are real, its API is whole.

Blocks of a page run in order, in one namespace and one folder. What stands under a command,
or in a ``text`` block right after a ``python`` block, is compared with what was printed, but
for the numbers, which differ between machines; a line of three dots stands for what is left out.
"""

import contextlib
import io
import os
import re
import shlex
import sys
import warnings
from pathlib import Path
from typing import NamedTuple

import pytest
from matplotlib import pyplot as plt

import espelho
from espelho import evaluation, plots, random_variables
from espelho.cli.main import run
from espelho.errors import __all__ as ERRORS

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(
    p for p in [*DOCS.glob("*.md"), *DOCS.glob("concepts/*.md")] if "```" in p.read_text("utf-8")
)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$\n?", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d*)?(e[-+]?\d+)?\*?|\b[0-9a-f]{16}\b")


class Block(NamedTuple):
    """A fenced block: its language, its text, and whether it follows another at once."""

    language: str
    text: str
    follows: bool


def blocks(page):
    found, end = [], -1
    for match in FENCE.finditer(page.read_text("utf-8")):
        found.append(Block(match[1], match[2], match.start() == end))
        end = match.end()
    return found


def masked(text):
    """Return text without its numbers and the spaces that align them."""
    return " ".join(NUMBER.sub("#", text).split())


def assert_same(found, expected):
    """Assert that a text is the expected one, but for numbers and what dots leave out."""
    parts = [re.escape(masked(part)) for part in re.split(r"^\.\.\.$", expected, flags=re.M)]
    assert re.fullmatch(" ?.* ?".join(parts), masked(found)), f"{expected}\nis now\n{found}"


def printed(code, namespace):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "<documentation>", "exec"), namespace)
    return out.getvalue()


def answered(command):
    """Return what a command writes to either stream, and into a file if it is sent there."""
    command, _, file = command.partition(" > ")
    program, *words = shlex.split(command)
    assert program == "espelho"
    out, err = io.StringIO(), io.StringIO()
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(out if file else err),
        contextlib.redirect_stderr(err),
        contextlib.suppress(SystemExit),
    ):
        warnings.simplefilter("default")
        run(words)
    if file:
        Path(file).write_text(out.getvalue(), "utf-8")
    return err.getvalue().replace(f"{Path.cwd()}{os.sep}", "")


def commands(text):
    """Return pairs of a command and the output that stands under it."""
    whole = re.sub(r" \\\n +", " ", text)
    parts = re.split(r"^\$ (.*)\n", whole, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_a_page_runs_and_prints_what_stands_there(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace, output = {"__name__": "__main__"}, ""
    for block in blocks(page):
        if block.language == "python":
            output = printed(block.text, namespace)
        elif block.language == "text" and block.follows:
            assert_same(output, block.text)
        elif block.language == "toml":
            name = block.text.splitlines()[0].removeprefix("# ")
            Path(name).write_text(block.text, "utf-8")
        elif block.language == "console":
            for command, expected in commands(block.text):
                assert_same(answered(command), expected)
    plt.close("all")


def test_every_public_name_is_in_the_reference():
    reference = "".join(page.read_text("utf-8") for page in DOCS.glob("api/*.md"))
    listed = set(re.findall(r"^\s+([\w.]+)$", reference, re.MULTILINE))
    for package, names in (
        (espelho, espelho.__all__),
        (evaluation, evaluation.__all__),
        (plots, plots.__all__),
        (random_variables, random_variables.__all__),
        (sys.modules["espelho.errors"], ERRORS),
    ):
        short = {name.rpartition(".")[2] for name in listed}
        assert set(names) <= short, package.__name__
