"""Progress goes to the standard error stream, and says where training is."""

import io
import sys
import types

import pytest
from tests.training.toys import Growing, Mirror, trainer

from espelho.training.callbacks import progress
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Figures(Callback):
    """Records more figures than fit into a line."""

    def on_record(self, trainer):
        return {**{f"figure {n}": float(n) for n in range(9)}, "last/figure": 1.0}


def test_without_a_terminal_nothing_is_written(capsys):
    trainer(Mirror(), callbacks=(Progress(),)).run()

    assert capsys.readouterr() == ("", "")


def test_lines_say_epoch_and_figures(capsys):
    engine = trainer(Mirror(), callbacks=(Progress(lines=True),))
    engine.run()

    out, err = capsys.readouterr()
    figures = [f"{value:.4g}" for value in engine.history["reconstruct/squared_error"]]
    assert out == ""
    assert err.splitlines() == [
        f"epoch {epoch}/2  reconstruct/squared_error {figure}"
        for epoch, figure in enumerate(figures, 1)
    ]


def test_with_several_stages_a_line_names_its_stage(capsys):
    trainer(Growing(), callbacks=(Progress(lines=True),)).run()

    starts = [line.split("  ")[0] for line in capsys.readouterr().err.splitlines()]
    assert starts == ["small epoch 1/4", "small epoch 2/4", "large epoch 3/4", "large epoch 4/4"]


def test_on_a_terminal_a_bar_shows_the_last_figures(monkeypatch):
    monkeypatch.setattr(progress, "_REFRESH_SECONDS", 0.0)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    engine = trainer(Mirror(), callbacks=(Progress(),))
    engine.run()

    shown = terminal.getvalue()
    assert "epoch 2/2" in shown
    assert f"{engine.history['reconstruct'][-1]:.4g}" in shown


def test_a_narrow_terminal_shows_the_epoch_and_cuts_the_figures(monkeypatch):
    monkeypatch.setattr(progress, "_REFRESH_SECONDS", 0.0)
    monkeypatch.setenv("COLUMNS", "56")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    trainer(Mirror(), callbacks=(Figures(), Progress())).run()

    shown = terminal.getvalue()
    assert "epoch 2/2" in shown
    assert "…" in shown
    assert "last/figure" not in shown


def test_the_bar_is_closed_when_training_breaks(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())

    class Broken(Mirror):
        def error(self, batch):
            raise ZeroDivisionError

    bar = Progress()
    with pytest.raises(ZeroDivisionError):
        trainer(Broken(), callbacks=(bar,)).run()

    assert bar._bar.finished or not bar._bar.live.is_started


def test_the_bar_is_moved_ten_times_a_second_at_most(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(progress, "monotonic", lambda: 5.0)
    moves = []
    bar = Progress()
    engine = trainer(Mirror(), callbacks=(bar,))
    original = bar._title
    bar._title = lambda *args: moves.append(args) or original(*args)

    engine.run()

    assert len(moves) == 2  # the first step, and the end


def test_in_a_notebook_one_line_is_written_over(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    monkeypatch.setattr(progress, "_REFRESH_SECONDS", 0.0)

    trainer(Mirror(), callbacks=(Progress(),)).run()

    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.count("\r") == 2
    assert "epoch 2/2" in err
