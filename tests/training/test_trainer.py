"""The loop: what it moves, in which order, what it records, and how it ends."""

import copy
import math

import pytest
import torch
from tests.training.toys import (
    AfterEachStep,
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
    trainer,
    without_seconds,
)
from torch import nn

from espelho.errors import DivergenceError, EspelhoError, SettingError
from espelho.training.batches import Batch, LazyData, TensorData
from espelho.training.callbacks.base import Callback
from espelho.training.plan import Phase, Stage, Trainable


class Overlapping(Mirror):
    """An encoder that one phase owns with the decoder and another owns alone."""

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = nn.Linear(3, 2), nn.Linear(2, 3)

    def plan(self):
        return (
            Stage(
                Phase("reconstruct", [self.encoder, self.decoder], self.error),
                Phase("shrink", [self.encoder], self.shrink, learning_rate=3e-3),
            ),
        )

    def error(self, batch):
        return {"squared_error": squared_error(batch.x, self.decoder(self.encoder(batch.x)))}

    def shrink(self, batch):
        return {"size": self.encoder(batch.x).square().mean()}


NETWORKS = {
    "dense": (Mirror, (3,)),
    "tied": (lambda: Mirror(tied_network()), (3,)),
    "overlapping": (Overlapping, (3,)),
    "channels last": (ChannelsLast, (2, 5, 5)),
    "lstm": (lambda: Mirror(Recurrent()), (7, 3)),
}


def train_plainly(model, batches, *, epochs, learning_rate):
    """Train as a reader of torch's manual would: an optimiser for each phase."""
    (stage,) = model.plan()
    phases = [
        (
            phase,
            list(phase.parameters().values()),
            torch.optim.Adam(phase.parameters().values(), lr=phase.learning_rate or learning_rate),
        )
        for phase in stage.phases
    ]
    for _ in range(epochs):
        for batch in batches:
            for phase, owned, optimizer in phases:
                model.zero_grad()
                sum(phase.loss(batch).values()).backward(inputs=owned)
                optimizer.step()


@pytest.mark.parametrize("name", NETWORKS)
def test_flat_storage_trains_like_an_ordinary_optimiser_per_phase(name):
    build, shape = NETWORKS[name]
    model = build().double()
    plain = copy.deepcopy(model)
    order = torch.randperm(10, generator=torch.Generator().manual_seed(0))
    x = gaussian(10, *shape, dtype=torch.float64).columns.x
    if name == "channels last":
        x = x.to(memory_format=torch.channels_last)
    strides = {n: p.stride() for n, p in model.named_parameters()}

    train_plainly(plain, [Batch(x[order])], epochs=50, learning_rate=1e-2)
    engine = trainer(
        model, TensorData(Batch(x[order])), max_epochs=50, batch_size=10, learning_rate=1e-2
    )
    engine.run()

    for (parameter, found), expected in zip(
        model.named_parameters(), plain.parameters(), strict=True
    ):
        torch.testing.assert_close(found, expected, rtol=1e-7, atol=1e-9, msg=parameter)
        assert found.stride() == strides[parameter]


def test_a_phase_moves_exactly_what_it_owns():
    model = TwoPlayers()
    (stage,) = model.plan()
    moved = {}
    for phase in stage.phases:
        twin = copy.deepcopy(model)
        (whole,) = twin.plan()
        alone = next(p for p in whole.phases if p.name == phase.name)
        twin.plan = lambda alone=alone: (Stage(alone),)
        before = {n: p.clone() for n, p in twin.named_parameters()}
        trainer(twin, gaussian(10, 1), max_epochs=1).run()
        moved[phase.name] = {
            n.split(".")[0] for n, p in twin.named_parameters() if not torch.equal(p, before[n])
        }
        stayed = {n.split(".")[0] for n, p in twin.named_parameters() if torch.equal(p, before[n])}
        assert not stayed & moved[phase.name]

    assert moved == {"discriminate": {"discriminator"}, "generate": {"generator"}}


def expected_by_step(batches, options):
    """The docstring's semantics, spelled out: turn t of a phase is due if every divides t."""
    calls = []
    for turn in range(batches):
        for name, phase in options.items():
            if turn % phase.get("every", 1) == 0:
                calls += [name] * phase.get("repeats", 1)
    return calls


STEPPED = [
    {"discriminate": {}, "generate": {}},
    {"discriminate": {"repeats": 3}, "generate": {}},
    {"discriminate": {"repeats": 2}, "generate": {"every": 4}},
    {"discriminate": {"every": 2, "repeats": 2}, "generate": {"every": 3}},
]


@pytest.mark.parametrize("options", STEPPED)
def test_phases_take_turns_by_step_as_repeats_and_every_say(options):
    model = TwoPlayers(**options)

    trainer(model, gaussian(10, 1), max_epochs=3).run()  # 3 batches an epoch

    assert model.calls == expected_by_step(9, options)


@pytest.mark.parametrize(
    ("options", "order"),
    [
        ({"discriminate": {}, "generate": {}}, "dgdgdgdg"),
        ({"discriminate": {"repeats": 2}, "generate": {}}, "ddgddgdd"),
        ({"discriminate": {}, "generate": {"every": 2}}, "dgddgddg"),
        ({"discriminate": {"every": 2}, "generate": {"repeats": 2}}, "dggggdgg"),
    ],
)
def test_phases_take_turns_by_epoch_as_repeats_and_every_say(options, order):
    model = TwoPlayers(**options, alternate="epoch")

    engine = trainer(model, gaussian(10, 1), max_epochs=8)
    engine.run()

    assert [name[0] for name in model.calls] == [letter for letter in order for _ in range(3)]
    recorded = ["d" if "discriminate/real" in record else "g" for record in engine.history]
    assert recorded == list(order)
    assert math.isnan(engine.history["generate"][0])


def test_two_players_learn_a_gaussian():
    torch.manual_seed(0)
    model = TwoPlayers()
    data = TensorData(Batch(gaussian(512, 1).columns.x * 0.5 + 2))

    trainer(model, data, max_epochs=60, batch_size=64, learning_rate=5e-3).run()

    drawn = model.draw(2000).detach()
    assert abs(float(drawn.mean()) - 2) < 0.3


def test_a_phase_with_a_learning_rate_of_its_own_follows_the_schedule_with_it():
    seen = []
    model = TwoPlayers(generate={"learning_rate": 0.5})
    watch = AfterEachStep(lambda t: seen.append([u.learning_rate for u in t.updates]))

    engine = trainer(
        model, gaussian(10, 1), max_epochs=3, learning_rate=0.1, schedule="step",
        schedule_options={"epochs": 1, "gamma": 0.5}, callbacks=(watch,),
    )  # fmt: skip
    engine.run()

    factors = [0.5**epoch for epoch in range(3) for _ in range(3)]
    assert seen == [pytest.approx([0.1 * factor, 0.5 * factor]) for factor in factors]
    assert engine.history.records[-1]["learning_rate"] == pytest.approx(0.025)


def test_epoch_means_are_means_over_samples_also_with_a_smaller_last_batch():
    class Sizes(Mirror):
        def error(self, batch):
            return {"mean": batch.x.mean() + 0 * self.network(batch.x).sum()}

    data = TensorData(Batch(torch.tensor([[1.0], [2.0], [3.0], [10.0], [100.0], [7.0]])))
    model = Sizes(nn.Linear(1, 1))

    engine = trainer(model, data, max_epochs=1, batch_size=4)
    engine.run()

    assert engine.history["reconstruct/mean"][0] == pytest.approx(data.columns.x.mean().item())


def test_every_sample_comes_once_an_epoch_in_a_new_order():
    orders = []

    class Watching(Mirror):
        def error(self, batch):
            orders.append(batch.x[:, 0].tolist())
            return super().error(batch)

    data = TensorData(Batch(torch.arange(10.0).repeat(3, 1).t().contiguous()))
    trainer(Watching(), data, batch_size=10, max_epochs=3).run()

    assert all(sorted(order) == list(range(10)) for order in orders)
    assert len({tuple(order) for order in orders}) == 3


def test_the_same_seed_gives_the_same_history_and_another_seed_another():
    histories = []
    for seed in (0, 0, 1):
        torch.manual_seed(5)
        engine = trainer(Busy(), gaussian(10, 4), seed=seed, validation=gaussian(6, 4, seed=2))
        engine.run()
        histories.append(without_seconds(engine.history))

    assert histories[0] == histories[1] != histories[2]


def test_data_fetched_batch_by_batch_trains_to_the_same_bits():
    data = gaussian(10, 3)
    lazy = LazyData(10, lambda rows: Batch(data.columns.x[rows]))
    models = []
    for source in (data, lazy):
        torch.manual_seed(0)
        models.append(Mirror())
        trainer(models[-1], source).run()

    assert_same_tensors(models[0].state_dict(), models[1].state_dict())


def test_the_callers_random_state_is_left_alone():
    model, before = Busy(), torch.get_rng_state()

    trainer(model, gaussian(10, 4), validation=gaussian(6, 4)).run()

    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_term_that_is_not_finite_is_named_and_the_epoch_undone(bad):
    class Breaking(TwoPlayers):
        def generate(self, batch):
            terms = super().generate(batch)
            broken = len(self.calls) == 10  # the second update of "generate" in epoch 2
            return {**terms, "extra": terms["fool"] * (bad if broken else 1.0)}

    model = Breaking()
    good = []

    class Remember(Callback):
        def on_epoch_end(self, trainer):
            good.append(trainer.model_state())

    engine = trainer(model, gaussian(10, 1), max_epochs=5, callbacks=(Remember(),))
    with pytest.raises(DivergenceError, match=r"term 'extra' of phase 'generate'") as error:
        engine.run()

    assert "at update 2 of epoch 2" in str(error.value)
    assert str(bad) in str(error.value)
    assert "learning_rate" in str(error.value)
    assert len(good) == 1
    assert_same_tensors(model.state_dict(), good[0])
    assert not model.training


def test_a_weight_that_is_not_finite_stops_training_though_every_term_is():
    class Breaking(Mirror):
        def plan(self):
            return (Stage(Phase("ruin", [self.network], self.error, gradient=self.ruin)),)

        def ruin(self, batch):
            self.network[0].weight.grad.fill_(math.inf)
            return self.error(batch)

    model = Breaking()
    before = copy.deepcopy(model.state_dict())

    with pytest.raises(DivergenceError, match="weight"):
        trainer(model).run()

    assert_same_tensors(model.state_dict(), before)


def test_a_loss_that_changes_its_terms_is_told_so():
    class Moody(Mirror):
        turns = 0

        def error(self, batch):
            self.turns += 1
            terms = super().error(batch)
            return terms if self.turns < 3 else {"other": terms["squared_error"]}

    with pytest.raises(SettingError, match=r"squared_error.*other"):
        trainer(Moody()).run()


@pytest.mark.parametrize(
    "replace",
    [
        lambda model: model.to(memory_format=torch.channels_last).float().half().float(),
        lambda model: model.zero_grad(),
        lambda model: model.load_state_dict(
            {n: v.clone() for n, v in model.state_dict().items()}, assign=True
        ),
    ],
)
def test_storage_replaced_while_training_is_noticed(replace):
    engine = trainer(Mirror(), callbacks=(AfterEachStep(lambda t: replace(t.model)),))

    with pytest.raises(EspelhoError, match="storage of parameter"):
        engine.run()


def test_a_frozen_parameter_stays():
    model = Mirror()
    model.network[0].weight.requires_grad_(False)
    before = model.network[0].weight.clone()

    trainer(model).run()

    assert torch.equal(model.network[0].weight, before)


def test_a_trained_model_owns_its_memory_and_is_in_evaluation_mode():
    model = Mirror()

    trainer(model).run()

    pointers = {p.untyped_storage().data_ptr() for p in model.parameters()}
    assert len(pointers) == len(list(model.parameters()))
    assert all(p.grad is None for p in model.parameters())
    assert not model.training


def test_stages_follow_each_other_with_their_own_length_and_data():
    seen = []

    class Staged(Mirror):
        def plan(self):
            phase = Phase("reconstruct", [self.network], self.error)
            half = Stage(phase, name="half", epochs=1, data=self.half)
            return (half, Stage(phase, name="all"))

        def half(self, data):
            return TensorData(Batch(data.columns.x[: len(data) // 2]))

        def error(self, batch):
            seen.append(len(batch.x))
            return super().error(batch)

    engine = trainer(
        Staged(), max_epochs=2, batch_size=100, validation=gaussian(6, 3),
    )  # fmt: skip
    assert engine.run() == "finished"

    assert [record["stage"] for record in engine.history] == ["half", "all", "all"]
    assert [record["epoch"] for record in engine.history] == [1, 2, 3]
    assert seen == [5, 3, 10, 6, 10, 6]


def test_a_growing_network_trains_what_has_grown():
    model = Growing()

    trainer(model).run()

    assert model.entries == ["grow", "on_entry"]
    assert len(model.layers) == 2
    assert not torch.equal(model.layers[1].weight, torch.eye(3))


def test_moments_come_in_order():
    calls = []

    class Every(Callback):
        pass

    moments = [name for name in vars(Callback) if name.startswith("on_")]
    for moment in moments:
        setattr(Every, moment, lambda self, trainer, moment=moment: calls.append(moment) or {})

    trainer(Growing(), max_epochs=1, batch_size=100, callbacks=(Every(),)).run()

    stage = ["on_stage_start", "on_step", "on_record", "on_epoch_end"]
    assert calls == [
        "on_train_start", *stage, "on_stage_end", *stage, "on_stop", "on_stage_end",
        "on_exit", "on_finish",
    ]  # fmt: skip


def test_a_callback_that_overrides_nothing_is_never_asked():
    engine = trainer(Mirror(), callbacks=(Callback(), Callback()))
    asked = []
    watch = AfterEachStep(lambda t: asked.append(len(t._step_hooks)))
    engine.callbacks = (*engine.callbacks, watch)

    engine.run()

    assert set(asked) == {1}


def test_on_exit_is_called_however_training_ends():
    closed = []

    class Fragile(Callback):
        def on_step(self, trainer):
            raise ZeroDivisionError

        def on_exit(self, trainer):
            closed.append(trainer.model.training)

    model = Mirror()
    with pytest.raises(ZeroDivisionError):
        trainer(model, callbacks=(Fragile(),)).run()

    assert closed == [False]
    assert all(p.grad is None for p in model.parameters())


def test_a_hand_derived_gradient_trains_like_the_loss():
    class Derived(Mirror):
        def plan(self):
            phase = Phase("reconstruct", [self.network], self.error, gradient=self.derived)
            return (Stage(phase),)

        def derived(self, batch):
            weight, bias = self.network.weight, self.network.bias
            with torch.no_grad():
                difference = self.network(batch.x) - batch.x
                torch.mm(difference.t(), batch.x, out=weight.grad).mul_(2 / len(batch.x))
                torch.sum(difference, 0, out=bias.grad).mul_(2 / len(batch.x))
                return {"squared_error": difference.square().sum(1).mean()}

    first = Mirror(nn.Linear(3, 3)).double()
    second = Derived(copy.deepcopy(first.network))
    for model in (first, second):
        trainer(model, gaussian(10, 3, dtype=torch.float64), max_epochs=10).run()

    torch.testing.assert_close(dict(first.named_parameters()), dict(second.named_parameters()))


def test_a_phase_that_owns_nothing_the_model_has_is_refused():
    class Stranger(Trainable):
        def __init__(self):
            super().__init__()
            self.mine, self.others = nn.Linear(1, 1), [nn.Linear(1, 1)]

        def plan(self):
            return (Stage(Phase("move", self.others, lambda batch: {"x": batch.x.sum()})),)

    with pytest.raises(SettingError, match=r"phase 'move' owns no"):
        trainer(Stranger(), gaussian(4, 1)).run()


def test_an_optimisers_state_is_handed_on_from_one_training_to_the_next():
    data = gaussian(10, 3, dtype=torch.float64)
    whole = Mirror().double()
    halves = copy.deepcopy(whole)

    trainer(whole, data, batch_size=10, max_epochs=4).run()
    first = trainer(halves, data, batch_size=10, max_epochs=2)
    first.run()
    second = trainer(halves, data, batch_size=10, max_epochs=2)
    second.optimizer_state = first.final_optimizer_state
    second.run()

    torch.testing.assert_close(dict(halves.named_parameters()), dict(whole.named_parameters()))
