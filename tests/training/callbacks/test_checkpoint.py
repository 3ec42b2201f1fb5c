"""A checkpoint is whole or does not count, and the newest whole one is found."""

import json
import random

import pytest
import torch
from tests.training.toys import (
    AfterEachStep,
    Busy,
    ChannelsLast,
    Mirror,
    Snapshots,
    assert_same_tensors,
    gaussian,
    trainer,
)

from espelho import Checkpoint
from espelho.errors import EspelhoWarning, RunError, SettingError
from espelho.training.callbacks.checkpoint import read_newest, write_checkpoint
from espelho.training.snapshot import Snapshot


def snapshot(step, value=0.0):
    return Snapshot({"position": {"step": step}}, {"model/w": torch.tensor([value, step])})


def steps(folder):
    return sorted(int(path.stem.split("-")[0]) for path in folder.glob("*.json"))


@pytest.mark.parametrize(
    ("model", "shape"), [(Busy, (4,)), (ChannelsLast, (2, 5, 5)), (Mirror, (3,))]
)
def test_what_is_read_is_what_was_written(tmp_path, model, shape):
    taken = Snapshots()
    trainer(
        model(), gaussian(10, *shape), validation=gaussian(4, *shape), callbacks=(taken,)
    ).run()

    for expected in taken.taken:
        write_checkpoint(tmp_path, expected, keep=1)
        found = read_newest(tmp_path)
        assert found.values == json.loads(json.dumps(expected.values))
        assert_same_tensors(found.tensors, expected.tensors)


def test_tensors_that_share_memory_are_written_each_for_itself(tmp_path):
    flat = torch.arange(6.0)
    tensors = {"a": flat[:3], "b": flat[3:], "c": flat.view(2, 3).t(), "d": flat}
    write_checkpoint(tmp_path, Snapshot({"position": {"step": 1}}, tensors), keep=1)

    assert_same_tensors(read_newest(tmp_path).tensors, tensors)


def test_the_newest_few_are_kept(tmp_path):
    for step in range(1, 6):
        write_checkpoint(tmp_path, snapshot(step), keep=3)

    assert steps(tmp_path) == [3, 4, 5]
    assert len(list(tmp_path.iterdir())) == 6
    assert read_newest(tmp_path).values["position"]["step"] == 5


def test_nothing_is_found_where_there_is_none(tmp_path):
    assert read_newest(tmp_path) is None
    assert read_newest(tmp_path / "missing") is None


def damage(path, how, dice):
    content = bytearray(path.read_bytes())
    if how == "truncated":
        del content[dice.randrange(len(content)) :]
    elif how == "altered":
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    else:
        content = bytearray()
    path.write_bytes(content)


@pytest.mark.parametrize("suffix", [".json", ".safetensors"])
@pytest.mark.parametrize("how", ["truncated", "altered", "emptied"])
@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_checkpoint_is_passed_over_with_a_warning(tmp_path, suffix, how, seed):
    for step in (1, 2):
        write_checkpoint(tmp_path, snapshot(step, value=0.1), keep=2)
    newest = max(tmp_path.glob(f"*{suffix}"))
    damage(newest, how, random.Random(seed))

    with pytest.warns(EspelhoWarning, match=f"{newest.stem}.json is damaged"):
        found = read_newest(tmp_path)

    assert found.values["position"]["step"] == 1


def test_a_checkpoint_whose_tensors_are_missing_is_passed_over(tmp_path):
    for step in (1, 2):
        write_checkpoint(tmp_path, snapshot(step), keep=2)
    max(tmp_path.glob("*.safetensors")).unlink()

    with pytest.warns(EspelhoWarning, match="is damaged"):
        assert read_newest(tmp_path).values["position"]["step"] == 1


def test_a_checkpoint_of_another_format_is_passed_over(tmp_path):
    write_checkpoint(tmp_path, snapshot(1), keep=2)
    (tmp_path / "0000000002-000.json").write_text('{"format": 99}')
    (tmp_path / "0000000002-000.safetensors").write_bytes(b"")

    with pytest.warns(EspelhoWarning, match="format 2"):
        assert read_newest(tmp_path).values["position"]["step"] == 1


def test_where_all_are_damaged_the_run_cannot_be_resumed(tmp_path):
    for step in (1, 2):
        write_checkpoint(tmp_path, snapshot(step), keep=2)
    for path in tmp_path.glob("*.json"):
        path.write_text("{")

    with (
        pytest.warns(EspelhoWarning, match="damaged"),
        pytest.raises(RunError, match="All 2 checkpoints"),
    ):
        read_newest(tmp_path)


@pytest.mark.parametrize("at", ["fsync", "replace"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_save_cut_off_leaves_the_checkpoint_of_the_same_step_whole(
    tmp_path, monkeypatch, at, number
):
    class Killed(BaseException):
        pass

    calls = []

    def cut(*args):
        calls.append(args)
        if len(calls) == number:
            raise Killed
        return original(*args)

    owner, name = ("os", "fsync") if at == "fsync" else ("pathlib.Path", "replace")
    write_checkpoint(tmp_path, snapshot(7, value=1.0), keep=1)
    with monkeypatch.context() as patched:
        import os
        import pathlib

        original = getattr(os if owner == "os" else pathlib.Path, name)
        patched.setattr(f"{owner}.{name}", cut)
        with pytest.raises(Killed):
            write_checkpoint(tmp_path, snapshot(7, value=2.0), keep=1)

    assert read_newest(tmp_path).tensors["model/w"].tolist() == [1.0, 7.0]


def test_what_a_killed_process_left_is_cleared_away_and_nothing_else(tmp_path):
    (tmp_path / ".espelho-0123.tmp").write_bytes(b"half a")
    (tmp_path / "0000000003-000.safetensors").write_bytes(b"no facts")
    (tmp_path / "notes.txt").write_text("mine")

    path = write_checkpoint(tmp_path, snapshot(4), keep=2)

    expected = {path.name, path.with_suffix(".safetensors").name, "notes.txt"}
    assert {found.name for found in tmp_path.iterdir()} == expected


def test_what_a_resumed_training_has_gone_back_behind_does_not_push_it_out(tmp_path):
    write_checkpoint(tmp_path, snapshot(9), keep=1)
    max(tmp_path.glob("*.json")).write_text("{")

    write_checkpoint(tmp_path, snapshot(5), keep=1)

    assert read_newest(tmp_path).values["position"]["step"] == 5


def test_it_is_taken_every_so_many_steps_and_at_the_end(tmp_path):
    seen = []
    checkpoint = Checkpoint(tmp_path, every_steps=4, every_seconds=1e9, keep=99)
    watch = AfterEachStep(lambda t: seen.append(len(steps(checkpoint.folder))))

    trainer(Mirror(), max_epochs=3, callbacks=(watch, checkpoint)).run()  # 9 steps

    assert steps(checkpoint.folder) == [4, 8, 9]
    assert seen == [0] * 4 + [1] * 4 + [2]


@pytest.mark.parametrize(("seconds", "expected"), [(0.0, 6), (1e9, 1)])
def test_it_is_taken_every_so_many_seconds(tmp_path, seconds, expected):
    checkpoint = Checkpoint(tmp_path, every_seconds=seconds, keep=99)

    trainer(Mirror(), callbacks=(checkpoint,)).run()  # 6 steps, and once at the end

    assert len(set(steps(checkpoint.folder))) == expected


def test_weights_that_are_not_finite_are_never_saved(tmp_path):
    from espelho.errors import DivergenceError

    def ruin(trainer):
        if trainer.position.step == 2:
            trainer.groups[0].data.fill_(float("nan"))

    checkpoint = Checkpoint(tmp_path, every_steps=1)
    with pytest.raises(DivergenceError, match="weight"):
        trainer(Mirror(), callbacks=(AfterEachStep(ruin), checkpoint)).run()

    assert steps(checkpoint.folder) == [1]


@pytest.mark.parametrize("bad", [{"keep": 0}, {"every_steps": 0}, {"every_seconds": -1.0}])
def test_bounds_are_checked(bad):
    with pytest.raises(SettingError, match="at least"):
        Checkpoint("run", **bad)
