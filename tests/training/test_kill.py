"""A training that is killed again and again ends as one that was left alone."""

import json
import random
import signal
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file
from tests.training.toys import assert_same_tensors, without_seconds

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

SCRIPT = Path(__file__).with_name("train_in_child.py")
AT_RANDOM, WHILE_SAVING = 20, 8
TRAINING = {"max_epochs": 100, "every_steps": 3, "die_at_step": None}  # 300 steps
SAVES = 100


def deadly_calls(dice):
    """Yield calls that a save consists of: flush and rename, of tensors and of facts."""
    places = [("fsync", False), ("fsync", True), ("replace", False), ("replace", True)]
    while True:
        dice.shuffle(places)
        for name, after in places:
            yield name, dice.randint(3, 8), after


def newest(run):
    return max((int(p.name[:10]) for p in (run / "checkpoints").glob("*.json")), default=0)


def kill_at_random(process, run, dice, seconds_per_save):
    """Kill while it starts, or anywhere in the saves and steps after a few checkpoints."""
    start, saves = newest(run), dice.randint(-1, 2)
    while process.is_alive() and newest(run) < start + saves * TRAINING["every_steps"]:
        time.sleep(0.001)
    time.sleep(dice.uniform(0, seconds_per_save))
    process.kill()


def is_finished(run):
    facts = run / "estimator.json"
    return facts.exists() and json.loads(facts.read_text())["status"] == "fitted"


def left_unfinished(run):
    """Whether a save was cut off: something in the folder does not count."""
    names = [path for path in (run / "checkpoints").glob("*") if path.suffix != ".json"]
    whole = {path.stem for path in (run / "checkpoints").glob("*.json")}
    return any(path.stem not in whole for path in names) or any(run.glob(".espelho-*"))


def outcome(run):
    history = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
    return load_file(run / "weights.safetensors"), without_seconds(history)


def test_a_training_killed_again_and_again_ends_with_the_same_bits(tmp_path, in_child):
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    started = time.perf_counter()
    process = in_child(SCRIPT, run=str(alone), deadly=None, **TRAINING)
    process.join()
    seconds_per_save = min(0.03, (time.perf_counter() - started) / SAVES)
    assert process.exitcode == 0

    dice, kills, cut = random.Random(0), {"at random": 0, "while saving": 0}, 0
    deadly = deadly_calls(dice)
    moments = ["at random"] * AT_RANDOM + ["while saving"] * WHILE_SAVING
    dice.shuffle(moments)
    for moment in moments:
        call = next(deadly) if moment == "while saving" else None
        process = in_child(SCRIPT, run=str(killed), deadly=call, **TRAINING)
        if call is None:
            kill_at_random(process, killed, dice, seconds_per_save)
        process.join()
        assert process.exitcode == -signal.SIGKILL, "it finished too soon: train longer"
        kills[moment] += 1
        cut += left_unfinished(killed)
    assert not is_finished(killed)
    process = in_child(SCRIPT, run=str(killed), deadly=None, **TRAINING)
    process.join()

    assert process.exitcode == 0
    assert is_finished(killed)
    assert kills == {"at random": AT_RANDOM, "while saving": WHILE_SAVING}
    assert cut >= WHILE_SAVING / 3
    (weights, history), (expected, expected_history) = outcome(killed), outcome(alone)
    assert_same_tensors(weights, expected)
    assert history == expected_history
    files = list((killed / "checkpoints").iterdir())
    assert len(files) == 2 * len({path.stem for path in files}) == 4
