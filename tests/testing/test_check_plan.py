"""check_plan passes what is right, changes nothing, and names what is wrong."""

import copy
import math

import pytest
import torch
from tests.training.toys import (
    Busy,
    ChannelsLast,
    Growing,
    Mirror,
    Recurrent,
    TwoPlayers,
    assert_same_tensors,
    gaussian,
    squared_error,
    tied_network,
)
from torch import nn

from espelho.errors import EspelhoError, SettingError
from espelho.testing import LawError, check_plan
from espelho.training.batches import Batch, TensorData
from espelho.training.plan import Phase, Stage

LAWFUL = {
    "one network": (Mirror, (3,)),
    "tied": (lambda: Mirror(tied_network()), (3,)),
    "two players": (TwoPlayers, (1,)),
    "two players by epoch": (lambda: TwoPlayers(alternate="epoch", generate={"repeats": 3}), (1,)),
    "chance and statistics": (Busy, (4,)),
    "growing": (Growing, (3,)),
    "convolutions": (ChannelsLast, (2, 5, 5)),
    "recurrent": (lambda: Mirror(Recurrent()), (7, 3)),
}


def batch_of(*shape, n=7, dtype=torch.float32):
    return gaussian(n, *shape, dtype=dtype).columns


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", LAWFUL)
def test_a_lawful_model_passes_and_is_left_as_it_was(name, dtype):
    build, shape = LAWFUL[name]
    model, batch = build().to(dtype), batch_of(*shape, dtype=dtype)
    weights, x = copy.deepcopy(model.state_dict()), batch.x.clone()
    chance = torch.get_rng_state()

    check_plan(model, batch)

    assert_same_tensors(model.state_dict(), weights)
    assert all(p.grad is None for p in model.parameters())
    assert model.training
    assert torch.equal(batch.x, x)
    assert torch.equal(torch.get_rng_state(), chance)
    assert getattr(model, "entries", []) == getattr(model, "calls", []) == []


class Changed(Mirror):
    """A lawful model that a test breaks in one place."""

    def __init__(self):
        super().__init__()
        self.spare = nn.Linear(3, 3)
        self.count = 0


def broken(check=None, *, shape=(3,), **changes):
    """Return what check_plan says of a model with some methods replaced."""
    model = type("Broken", (Changed,), changes)()
    with pytest.raises(LawError) as error:
        check_plan(model, batch_of(*shape), **(check or {}))
    assert isinstance(error.value, EspelhoError)
    return str(error.value)


def two_phases(self):
    return Stage(
        Phase("reconstruct", [self.network], self.error),
        Phase("map", [self.spare], lambda batch: {"x": self.spare(batch.x).square().mean()}),
    )


def plan_with(**options):
    """Return a plan of one phase whose options a test sets, from the model."""

    def plan(self):
        found = {name: value(self) for name, value in options.items()}
        phase = {"owns": [self.network, self.spare], "loss": self.error, **found}
        return (Stage(Phase("reconstruct", **phase)),)

    return plan


def error_with_spare(self, batch):
    x_hat = self.network(batch.x) + self.spare(batch.x)
    return {"squared_error": squared_error(batch.x, x_hat)}


def test_a_parameter_that_no_phase_owns_is_named():
    assert broken() == ("No phase owns spare.weight, spare.bias, so training would never move it.")


def test_two_phases_of_one_name_are_refused():
    def plan(self):
        stage = two_phases(self)
        stage.phases = (stage.phases[0], stage.phases[0])
        return (stage,)

    assert "names of their own" in broken(plan=plan)


def test_a_phase_that_owns_what_is_not_the_models_is_refused():
    stranger = nn.Linear(3, 3)
    message = broken(plan=plan_with(owns=lambda self: [self.network, stranger]))
    assert "owns 2 parameters that are not the model's" in message


def test_a_phase_all_of_whose_parameters_are_frozen_is_refused():
    def plan(self):
        self.network.requires_grad_(False)
        return (Stage(Phase("reconstruct", [self.network], self.error)),)

    assert "owns no parameter that requires a gradient" in broken(plan=plan)


def test_a_parameter_owned_but_not_reached_is_named_unless_it_is_listed():
    plan = plan_with()
    message = broken(plan=plan)
    assert "does not depend on reconstruct/spare.weight, reconstruct/spare.bias" in message
    model = type("Excused", (Changed,), {"plan": plan})()
    check_plan(
        model, batch_of(3), unreached=("reconstruct/spare.weight", "reconstruct/spare.bias")
    )


def test_a_loss_that_depends_on_nothing_it_owns_is_refused():
    def error(self, batch):
        return {"constant": batch.x.sum()}

    assert "depends on none of the parameters" in broken(error=error)


def test_a_loss_that_moves_what_its_phase_does_not_own_is_found():
    def error(self, batch):
        self.spare.weight.data.mul_(0.5)
        return Mirror.error(self, batch)

    message = broken(error=error, plan=lambda self: (two_phases(self),))
    assert "phase 'reconstruct' moves spare.weight, which it does not own" in message


def test_a_phase_that_does_not_move_what_it_reaches_is_found():
    def gradient(self, batch):
        terms = exact_gradient(self, batch)
        for p in self.spare.parameters():
            p.grad.zero_()
        return terms

    plan = plan_with(gradient=lambda self: lambda batch: gradient(self, batch))
    message = broken(error=error_with_spare, plan=plan)
    assert "does not move spare.bias, spare.weight, which it owns and reaches" in message


def exact_gradient(self, batch):
    for p in self.parameters():
        p.grad.zero_()
    terms = error_with_spare(self, batch)
    sum(terms.values()).backward()
    return terms


def doubled(self, batch):
    terms = exact_gradient(self, batch)
    self.spare.weight.grad.mul_(1.01)
    return terms


def added_to(self, batch):
    terms = error_with_spare(self, batch)
    sum(terms.values()).backward()
    return terms


def other_value(self, batch):
    terms = exact_gradient(self, batch)
    return {name: value * 1.01 for name, value in terms.items()}


def other_name(self, batch):
    return {"other": exact_gradient(self, batch)["squared_error"]}


@pytest.mark.parametrize(
    ("gradient", "expected"),
    [
        (doubled, "with respect to 'spare.weight' is not that of its loss"),
        (added_to, "is not that of its loss"),
        (other_value, "by the gradient of its own"),
        (other_name, r"has the terms ['squared_error'], but ['other']"),
    ],
)
def test_a_gradient_that_is_not_the_losss_is_found(gradient, expected):
    plan = plan_with(gradient=lambda self: lambda batch: gradient(self, batch))
    assert expected in broken(error=error_with_spare, plan=plan)


def test_a_gradient_that_is_the_losss_passes():
    plan = plan_with(gradient=lambda self: lambda batch: exact_gradient(self, batch))
    model = type("Derived", (Changed,), {"plan": plan, "error": error_with_spare})()
    check_plan(model, batch_of(3))


def test_a_gradient_that_replaces_its_memory_is_refused():
    def gradient(self, batch):
        self.zero_grad()
        return added_to(self, batch)

    plan = plan_with(gradient=lambda self: lambda batch: gradient(self, batch))
    model = type("Replacing", (Changed,), {"plan": plan, "error": error_with_spare})()
    with pytest.raises(EspelhoError, match="storage of parameter"):
        check_plan(model, batch_of(3))


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (lambda value, self: {}, "must return terms by name"),
        (lambda value, self: value, "must return terms by name"),
        (lambda value, self: {"a": value.expand(2)}, r"got (2,)"),
        (lambda value, self: {"a": value, "b": 1.0}, "got float"),
        (lambda value, self: {1: value}, "term 1"),
        (lambda value, self: {"a": value * math.nan}, "term 'a' of phase 'reconstruct' is nan"),
    ],
)
def test_terms_that_are_no_named_finite_scalars_are_refused(terms, expected):
    def error(self, batch):
        return terms(squared_error(batch.x, self.network(batch.x)), self)

    assert expected in broken(error=error)


def test_terms_that_change_their_names_are_refused():
    def error(self, batch):
        self.count += 1
        return {f"error {min(self.count, 2)}": squared_error(batch.x, self.network(batch.x))}

    assert "the terms ['error 1'] first and ['error 2'] then" in broken(error=error)


def test_a_loss_that_changes_its_batch_is_refused():
    def error(self, batch):
        batch.x.mul_(0.5)
        return Mirror.error(self, batch)

    assert "changes the batch" in broken(error=error)


def summed(self, batch):
    return {"sum": (batch.x - self.network(batch.x)).square().sum()}


def test_a_term_that_is_no_mean_over_samples_is_found_unless_it_says_so():
    assert "by the mean over two halves of the batch" in broken(error=summed)

    check_plan(Summed(), batch_of(3), not_means=("reconstruct/sum",))


class Summed(Mirror):
    error = summed


def test_a_term_that_is_drawn_claims_to_be_no_mean():
    class Drawn(Mirror):
        def error(self, batch):
            noisy = batch.x + torch.randn_like(batch.x)
            return {"squared_error": squared_error(batch.x, self.network(noisy))}

    check_plan(Drawn(), batch_of(3))


def test_a_loss_that_must_differentiate_says_so_itself():
    def penalty(model, batch):
        x = batch.x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(model.network(x).sum(), x, create_graph=True)
        return {"penalty": slope.square().sum(1).mean()}

    class Enabled(Mirror):
        def plan(self):
            owns = [self.network[0]]
            phase = Phase("flatten", owns, self.penalty)
            return (Stage(phase, Phase("reconstruct", [self.network], self.error)),)

        def penalty(self, batch):
            with torch.enable_grad():
                return penalty(self, batch)

    check_plan(Enabled(), batch_of(3), unreached=("flatten/network.0.bias",))

    class Forgetful(Enabled):
        def penalty(self, batch):
            return penalty(self, batch)

    with pytest.raises(LawError, match=r"held-out data.*enable_grad"):
        check_plan(Forgetful(), batch_of(3))


def test_training_that_differs_from_run_to_run_is_found():
    outside = iter(range(10**6))

    def error(self, batch):
        scale = 1 + 1e-3 * next(outside)
        return {"e": scale * squared_error(batch.x, self.network(batch.x))}

    message = broken(
        {"not_means": ("reconstruct/e",)},
        error=error,
        plan=lambda self: (Stage(two_phases(self).phases[0], two_phases(self).phases[1]),),
    )
    assert "Trained twice with the same seed, the model ends with another" in message


def test_a_history_that_differs_though_the_weights_do_not_is_found():
    outside = iter(range(10**6))

    def error(self, batch):
        return {**Mirror.error(self, batch), "count": torch.tensor(float(next(outside)))}

    message = broken(
        {"not_means": ("reconstruct/count",)}, error=error, plan=lambda self: (two_phases(self),)
    )
    assert "Trained twice with the same seed, the model has another history" in message


def test_what_a_snapshot_does_not_hold_is_found():
    def error(self, batch):
        if self.training and torch.is_grad_enabled():
            self.count += 1  # a number that no snapshot keeps
        return {"e": (1 + self.count) * squared_error(batch.x, self.network(batch.x))}

    message = broken(
        {"not_means": ("reconstruct/e",)}, error=error, plan=lambda self: (two_phases(self),)
    )
    assert "Resumed from a snapshot in stage 0, the model ends with another" in message


def test_every_stage_is_entered_with_its_data_and_checked():
    class Staged(Growing):
        def plan(self):
            first, second = super().plan()
            half = Stage(*first.phases, name="small", data=self.half, epochs=50)
            return (half, second)

        def half(self, data):
            return TensorData(Batch(data.columns.x[:4]))

    check_plan(Staged(), batch_of(3))

    class Wrong(Staged):
        def error(self, batch):
            scale = len(batch.x) if len(self.layers) > 1 else 1.0
            return {"e": scale * squared_error(batch.x, self.layers(batch.x))}

    with pytest.raises(LawError, match="mean over two halves"):
        check_plan(Wrong(), batch_of(3))


def test_fewer_than_four_samples_are_refused():
    with pytest.raises(SettingError, match="at least 4 samples, got 3"):
        check_plan(Mirror(), batch_of(3, n=3))


def test_long_lists_are_cut():
    class Wide(Mirror):
        def __init__(self):
            super().__init__()
            self.more = nn.ModuleList([nn.Linear(1, 1, bias=False) for _ in range(9)])

    with pytest.raises(LawError, match=r"more.3.weight and 5 more"):
        check_plan(Wide(), batch_of(3))
