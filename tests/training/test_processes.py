"""Two processes train as one would: tried with two real ones, which report what they found."""

import json
from pathlib import Path

import pytest
from tests.training.launching import finished, start, torchrun

import espelho
from espelho.errors import EspelhoWarning
from espelho.training.batches import Cuts
from espelho.training.environment.processes import ALONE, Rendezvous, joined

CHILD = Path(__file__).with_name("together_in_child.py")


def found_by_two(folder, *names):
    processes = start([str(CHILD), str(folder), *names])
    said = finished(processes)
    assert [process.returncode for process in processes] == [0, 0], said
    first, second = (json.loads((folder / f"outcomes-{r}.json").read_text()) for r in (0, 1))
    return first, second


def test_two_processes_end_where_one_does(tmp_path):
    first, second = found_by_two(tmp_path, "equal_to_one_process")
    assert first == second

    for case, (weights, history) in first["equal_to_one_process"].items():
        assert weights < 1e-14, case
        assert history < 1e-11, case


@pytest.mark.slow
def test_what_processes_draw_and_gather_by_themselves_is_one_in_the_end(tmp_path):
    first, second = found_by_two(tmp_path, "the_same_in_both", "laws")

    assert first == second == {"the_same_in_both": True, "laws": True}


@pytest.mark.slow
def test_each_keeps_a_pool_of_what_it_made_itself(tmp_path):
    first, second = found_by_two(tmp_path, "pool")

    assert first == second == {"pool": ["past.kept_0"]}


def test_both_draw_the_same_samples(tmp_path):
    first, second = found_by_two(tmp_path, "sampler")

    assert first == second
    one, other = first["sampler"]
    assert one == other


@pytest.mark.slow
def test_what_is_no_mean_over_samples_is_gathered_first(tmp_path):
    first, second = found_by_two(tmp_path, "gathers", "moment_matching")

    assert first == second
    assert first["gathers"].pop("no weights")
    assert max(first["gathers"].values()) < 1e-15
    for method, (weights, history) in first["moment_matching"].items():
        assert weights < 1e-13, method
        assert history < 1e-13, method


def test_mistakes_are_the_same_error_in_every_process(tmp_path):
    first, second = found_by_two(tmp_path, "mistakes")

    said = first["mistakes"]
    assert first == second
    assert said["rows"].startswith("DataError: 2 processes cannot share 1 rows")
    assert said["batch"].startswith("SettingError: 2 processes cannot share batches of 1")
    assert said["data"].startswith("DataError: The processes were given different data")
    assert said["weights"] == said["data"]
    assert said["settings"].startswith("SettingError: The processes were given different settings")
    assert said["callbacks"] == said["settings"]
    assert "nor with contraction" in said["contraction"]
    assert "partial_fit and parallel='shard'" in said["partial_fit"]
    assert said["divergence"].startswith("DivergenceError: Training diverged")


@pytest.mark.slow
def test_an_interruption_of_one_stops_all_and_is_resumed(tmp_path):
    first, second = found_by_two(tmp_path, "resumed")

    outcomes = first["resumed"]
    assert first == second
    for parallel in ("replicate", "shard"):
        reason, n_checkpoints, difference = outcomes[parallel]
        assert reason == "interrupted"
        assert n_checkpoints == 2
        assert difference < 1e-14
    assert outcomes["replicate"][2] == 0.0
    # Terms of the epoch that was cut are added up in another order.
    assert outcomes["replicate history"] < 1e-11

    from tests.training.together_in_child import SETTINGS, X

    with pytest.warns(EspelhoWarning, match="trained by 2 processes and goes on with 1"):
        alone = espelho.resume(tmp_path / "left", X)
    expected = espelho.Autoencoder(**SETTINGS).fit(X).model_.state_dict()
    for name, value in alone.model_.state_dict().items():
        assert float((value - expected[name]).abs().max()) < 1e-14


@pytest.mark.slow
def test_fits_follow_each_other_under_torchrun(tmp_path):
    found = torchrun(CHILD, tmp_path, "one_after_the_other")
    assert found.returncode == 0, found.stderr
    outcomes = json.loads((tmp_path / "outcomes-0.json").read_text())

    assert outcomes["one_after_the_other"] == 5


@pytest.mark.parametrize("n", [1, 2, 3, 7, 50, 51, 101])
@pytest.mark.parametrize("batch_size", [1, 2, 3, 10, 50])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_every_row_counts_once_over_the_processes(n, batch_size, size):
    whole = Cuts(n, batch_size)
    parts = [Cuts(n, batch_size, rank=rank, size=size) for rank in range(size)]

    for index in range(len(whole)):
        counted = [row for part in parts if part.shares[index] for row in range(*part.own[index])]
        assert counted == list(range(*whole.own[index]))
        assert sum(part.shares[index] for part in parts) == pytest.approx(1.0)
        rows = [part.own[index][1] - part.own[index][0] for part in parts]
        assert min(rows) >= min(2, whole.sizes[index])
    assert all(part.bounds == whole.bounds for part in parts)


def test_one_process_asks_nobody():
    with joined() as processes:
        assert processes is ALONE
    assert processes.gather("x") == ["x"]
    assert processes.first("x") == "x"
    assert Rendezvous(processes).any(wanted=True)
    assert not Rendezvous(processes).any(wanted=False)
