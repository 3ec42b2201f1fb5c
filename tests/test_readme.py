"""What the README shows works as it says."""

import re
import shlex
from pathlib import Path

import pytest

from espelho.cli.main import run as espelho

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, flags=re.DOTALL)


def test_the_python_code_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (code,) = [text for language, text in BLOCKS if language == "python"]
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    assert names["codes"].shape == (450, 8)
    assert names["rebuilt"].shape == (450, 64)
    assert (names["same"].transform(names["X_test"]) == names["codes"]).all()
    assert "PCA" in capsys.readouterr().out


def test_the_commands_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rows = (f"{i},{i * i % 17},{'xy'[i % 2]}\n" for i in range(48))
    (tmp_path / "table.csv").write_text("".join(["a,b,label\n", *rows]))
    lines = [line for _, text in BLOCKS for line in text.splitlines()]
    commands = [shlex.split(line, comments=True) for line in lines if line.startswith("espelho ")]
    assert len(commands) > 5
    for words in commands:
        if words[1] == "compare":  # one model, in seconds instead of minutes
            words += ["--models", "autoencoder", "--budget", "8s", "--jobs", "1"]
        with pytest.raises(SystemExit) as stop:
            espelho(words[1:])
        assert stop.value.code == 0, (words, capsys.readouterr().err)


def test_its_targets_and_links_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\w+)", README, flags=re.MULTILINE):
        assert re.search(rf"^{target}\b.*:", makefile, flags=re.MULTILINE)
    for link in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / link).exists(), link
