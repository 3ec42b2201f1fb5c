"""Workers: processes side by side, one that is killed, and those that are too late."""

import os
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import torch

from espelho.errors import SettingError
from espelho.panel.data import split_data
from espelho.panel.members import choose
from espelho.panel.result.finding import Finding
from espelho.panel.running import measure as measuring
from espelho.panel.running import workers
from espelho.panel.running.workers import Workers, count_jobs
from tests.panel.conftest import ALLOTMENT, X, quick, y


def test_there_are_as_many_jobs_as_asked_for_or_as_cores():
    assert count_jobs(3) == 3
    assert count_jobs(None) >= 1
    with pytest.raises(SettingError, match="at least 1"):
        count_jobs(0)


class Killed:
    """Stands in for what ends its process from outside, for memory."""

    @staticmethod
    def measure(member, task):
        if member.name == "gan":
            os.kill(os.getpid(), 9)
        return measuring.measure(member, task)


@pytest.mark.slow
def test_processes_side_by_side_come_to_the_same_rows_and_survive_a_killed_one(
    tmp_path, monkeypatch
):
    data = split_data(X, y, test_fraction=0.4, seed=0)
    members = choose(data, 2, [quick(random_state=0), "gan"])
    alone = measuring.measure(members[1], measuring.Task(data, ALLOTMENT, 0, tmp_path / "alone"))
    task = measuring.Task(data, ALLOTMENT, 0, tmp_path / "beside")
    monkeypatch.setattr(workers, "measure", Killed.measure)
    with Workers(2) as pool:
        assert pool.call(os.getpid) != os.getpid()
        assert pool.call(torch.get_num_threads) == 1
        found = {finding.name: finding for finding in pool.measured(members, task, 600.0)}
    assert found["gan"].error.startswith("MemoryError: its process was ended from outside")
    beside = found[alone.name]
    assert beside.value("reconstruction_error") == alone.value("reconstruction_error")
    assert not found["pca"].failed


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_who_is_not_finished_long_after_the_budget_is_given_up(tmp_path, monkeypatch, n_jobs):
    data = split_data(X, y, test_fraction=0.4, seed=0)
    members = choose(data, 2, [quick(), "gan"])
    task = measuring.Task(data, ALLOTMENT, 0, tmp_path)
    times = iter([0.0, 9.9, 15.0, 25.0])
    monkeypatch.setattr(workers, "perf_counter", lambda: next(times))
    monkeypatch.setattr(workers, "ProcessPoolExecutor", Slow)
    monkeypatch.setattr(
        workers, "measure", lambda member, task: Finding(name=member.name, model="")
    )
    with Workers(n_jobs) as pool:
        found = {finding.name: finding for finding in pool.measured(members, task, 10.0)}
    assert list(found) == [member.name for member in members]
    assert not found["pca"].failed
    assert found["gan"].error.startswith("It was not finished after 10 s, the budget and a tenth")


class Slow(ThreadPoolExecutor):
    """Stands in for processes: the first of several members is done in time, no other ever is."""

    def __init__(self, n_jobs, **_):
        super().__init__(n_jobs)
        self.n = 0

    def submit(self, function, *given):
        self.n += 1
        return super().submit(function, *given) if self.n <= 2 else Future()

    def shutdown(self, wait, kill_workers):
        assert kill_workers
        super().shutdown(wait)
