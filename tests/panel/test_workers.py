"""Workers: processes side by side, one that is killed, and those that are too late."""

import os
from concurrent.futures import Future

import pytest
import torch

from espelho.errors import SettingError
from espelho.panel.data import split_data
from espelho.panel.members import Member, choose
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
        found = {finding.name: finding for finding in pool.measured(members, task, 600.0, 600.0)}
    assert found["gan"].error.startswith("MemoryError: its process was ended from outside")
    beside = found[alone.name]
    assert beside.value("reconstruction_error") == alone.value("reconstruction_error")
    assert not found["pca"].failed


@pytest.fixture
def clock(monkeypatch):
    """Let time pass by a clock of seconds, and processes be replaced by what is known of them."""
    times = Clock()
    monkeypatch.setattr(workers, "perf_counter", times)
    monkeypatch.setattr(workers, "wait", times.wait)
    monkeypatch.setattr(workers, "ProcessPoolExecutor", lambda *_, **__: Process(times))
    monkeypatch.setattr(workers, "measure", lambda member, _: times.pass_for(member))
    return times


class Clock:
    """Time, and how many seconds each member takes."""

    def __init__(self):
        self.now, self.takes, self.ended, self.killed = 0.0, {}, 0, 0

    def __call__(self):
        return self.now

    def pass_for(self, member):
        self.now += self.takes[member.name]
        return Finding(name=member.name, model="")

    def wait(self, pending, seconds, until):
        assert until == workers.FIRST_COMPLETED
        first = min([one.at for one in pending])
        self.now = min(self.now + seconds, first)
        for one in pending:
            if one.at <= self.now:
                one.set_result(Finding(name=one.name, model=""))


class Process:
    """One process, which does what it is told by a clock."""

    def __init__(self, clock):
        self.clock = clock

    def submit(self, function, *given):
        pending = Future()
        if function is not workers.measure:
            pending.set_result(None)
            return pending
        pending.name = given[0].name
        pending.at = self.clock.now + self.clock.takes[pending.name]
        return pending

    def shutdown(self, wait, kill_workers):
        assert wait
        self.clock.ended += 1
        self.clock.killed += kill_workers


def after(clock, n_jobs, *seconds, limit=110.0, each=50.0):
    """Return which of members that take so many seconds are given up, and when that is known."""
    members = [Member(str(i), "Autoencoder") for i in range(len(seconds))]
    clock.takes = {member.name: time for member, time in zip(members, seconds, strict=True)}
    with Workers(n_jobs) as pool:
        found = list(pool.measured(members, None, limit, each))
    assert sorted(finding.name for finding in found) == [member.name for member in members]
    return [f.name for f in sorted(found, key=lambda f: f.name) if f.failed], clock.now


@pytest.mark.parametrize("n_jobs", [1, 2, 5])
def test_who_is_in_time_is_measured(clock, n_jobs):
    late, now = after(clock, n_jobs, 10, 20, 30, 40)
    assert late == []
    assert now == {1: 100, 2: 60, 5: 40}[n_jobs]
    assert clock.ended == {1: 0, 2: 2, 5: 5}[n_jobs]
    assert not clock.killed


def test_one_that_takes_too_long_is_given_up_and_takes_no_other_along(clock):
    late, now = after(clock, 2, 1000, 30, 30, 30)
    assert late == ["0"]
    assert now == 80
    assert (clock.ended, clock.killed) == (3, 1)


@pytest.mark.parametrize("n_jobs", [2, 3])
def test_nothing_goes_on_after_the_limit(clock, n_jobs):
    late, now = after(clock, n_jobs, *[40] * 9)
    assert late == [str(i) for i in range(2 * n_jobs, 9)]
    assert now == 110


def test_in_one_process_no_member_is_begun_after_the_limit(clock):
    late, now = after(clock, 1, 100, 20, 10, 10)
    assert late == ["2", "3"]
    assert now == 120


def test_whatever_ends_early_ends_all_processes(clock):
    clock.takes = {"a": 30.0, "b": 40.0, "c": 50.0}

    def interrupted():
        with Workers(2) as pool:
            next(pool.measured([Member(name, "GAN") for name in "abc"], None, 110.0, 50.0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert clock.ended == clock.killed == 2


def test_who_is_given_up_has_a_row_that_says_so(clock):
    clock.takes = {"a": 70.0}
    with Workers(2) as pool:
        (finding,) = pool.measured([Member("a", "GAN")], None, 110.0, 50.0)
    assert finding.error.startswith("It was not finished after 50 s, and was given up to keep to")
