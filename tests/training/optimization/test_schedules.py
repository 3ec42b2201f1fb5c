"""Schedules follow their closed forms, and torch's own where the conventions agree."""

import math
import warnings

import pytest
import torch

from espelho.training.optimization.schedules import SCHEDULES, Progress

N = 40


def factors(name, total=N, **options):
    schedule = SCHEDULES[name]
    options = {**schedule.options, **options}
    return [schedule.factor(Progress(s / total, s, ()), options) for s in range(total + 1)]


def torchs(scheduler, steps, **options):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    rates, schedule = [], scheduler(optimizer, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(steps):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
    return rates


def test_constant_stays():
    assert set(factors("constant")) == {1.0}


@pytest.mark.parametrize(("epochs", "gamma"), [(3, 0.5), (30, 0.1), (1, 0.9)])
def test_step_is_torchs(epochs, gamma):
    expected = torchs(torch.optim.lr_scheduler.StepLR, N, step_size=epochs, gamma=gamma)

    assert factors("step", epochs=epochs, gamma=gamma)[:N] == pytest.approx(expected)


@pytest.mark.parametrize("final", [0.0, 0.2])
def test_cosine_is_torchs(final):
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR
    expected = torchs(scheduler, N, T_max=N, eta_min=final)

    assert factors("cosine", final=final)[:N] == pytest.approx(expected)
    assert factors("cosine", final=final)[N] == pytest.approx(final)


@pytest.mark.parametrize(("peak", "warm_up", "final"), [(10.0, 0.3, 1e-4), (4.0, 0.5, 0.1)])
def test_one_cycle_is_torchs(peak, warm_up, final):
    # torch counts the steps from the first to the last, we count those that are behind:
    # so ours of N is theirs of N + 1, whose warm-up ends at step warm_up * N.
    expected = torchs(
        torch.optim.lr_scheduler.OneCycleLR, N, max_lr=peak, total_steps=N + 1,
        pct_start=(warm_up * N + 1) / (N + 1), div_factor=peak, final_div_factor=1 / final,
        cycle_momentum=False,
    )  # fmt: skip

    found = factors("one-cycle", peak=peak, warm_up=warm_up, final=final)
    assert found[:N] == pytest.approx(expected)
    assert found[N] == pytest.approx(final)


@pytest.mark.parametrize(("warm_up", "ends"), [(0.0, (10.0, 1e-4)), (1.0, (1.0, 10.0))])
def test_one_cycle_may_be_all_descent_or_all_warm_up(warm_up, ends):
    found = factors("one-cycle", warm_up=warm_up)

    assert (found[0], found[-1]) == pytest.approx(ends)
    assert found == sorted(found, reverse=ends[0] > ends[1])


@pytest.mark.parametrize("patience", [0, 2])
def test_plateau_is_torchs(patience):
    generator = torch.Generator().manual_seed(0)
    drawn = torch.rand(N, generator=generator) * 0.4 + 1 / torch.arange(1.0, N + 1)
    figures = [*drawn.tolist(), *([0.3] * 10)]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=patience, threshold=0.05, eps=0.0
    )
    options = {"factor": 0.5, "patience": patience, "threshold": 0.05}

    for epoch, figure in enumerate(figures, 1):
        theirs.step(figure)
        found = SCHEDULES["plateau"].factor(Progress(0.0, epoch, figures[:epoch]), options)
        assert found == pytest.approx(optimizer.param_groups[0]["lr"])
    assert found < 0.1


@pytest.mark.parametrize("final", [0.0, 0.2])
def test_linear_stays_and_then_falls_as_torchs(final):
    found = factors("linear", constant=0.25, final=final)
    expected = torchs(
        torch.optim.lr_scheduler.LinearLR, N, start_factor=1.0, end_factor=final or 1e-12,
        total_iters=3 * N // 4,
    )  # fmt: skip

    assert found[: N // 4] == [1.0] * (N // 4)
    assert found[N // 4 : N] == pytest.approx(expected[: 3 * N // 4], abs=1e-9)
    assert found[N] == pytest.approx(final)
    assert set(factors("linear", constant=1.0)) == {1.0}


def test_plateau_starts_at_one():
    options = SCHEDULES["plateau"].options
    assert SCHEDULES["plateau"].factor(Progress(0.0, 0, ()), options) == 1.0


def test_plateau_takes_negative_figures_as_they_are():
    """Log-likelihoods get better below 0 too: an improvement is a share of the size."""
    options = {"factor": 0.5, "patience": 0, "threshold": 0.1}
    factor = SCHEDULES["plateau"].factor
    assert factor(Progress(0.0, 2, (-10.0, -12.0)), options) == 1.0
    assert factor(Progress(0.0, 2, (-10.0, -10.5)), options) == 0.5


def test_every_schedule_says_truly_whether_it_changes_within_an_epoch():
    for schedule in SCHEDULES.values():
        early, late = (
            schedule.factor(Progress(done, 0, (1.0,)), schedule.options) for done in (0.1, 0.9)
        )
        assert (not math.isclose(early, late)) == schedule.every_step
