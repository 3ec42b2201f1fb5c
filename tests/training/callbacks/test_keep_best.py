"""The weights with the lowest figure are kept, averaged where weights are, beside the last."""

import math

import pytest
import torch
from tests.training.toys import (
    AfterEachStep,
    Busy,
    Growing,
    Mirror,
    Snapshots,
    assert_same_tensors,
    copied,
    gaussian,
    trainer,
    without_seconds,
)

from espelho import EarlyStopping, WeightAveraging
from espelho.errors import SettingError
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.keep_best import KeepBest

FIGURE = "made/distance"
WAVE = 30.0


class Script:
    """A measure that says what a script does, and remembers what it was shown."""

    def __init__(self, *figures):
        self.figures, self.shown = figures, []

    def __call__(self, weights):
        self.shown.append({name: value.clone() for name, value in weights.items()})
        return self.figures[min(len(self.shown), len(self.figures)) - 1]


class Remember(Callback):
    def on_train_start(self, trainer):
        self.states = []

    def on_epoch_end(self, trainer):
        self.states.append(trainer.model_state())


def size(weights):
    """A figure that moves with the weights, up and down."""
    return math.sin(WAVE * float(sum(v.double().sum() for v in weights.values())))


def kept(measure, *more, every=1, model=None, max_epochs=5):
    keeper = KeepBest(FIGURE, measure, every)
    model = Mirror() if model is None else model
    engine = trainer(model, callbacks=(*more, keeper), max_epochs=max_epochs)
    engine.run()
    return keeper, engine.history, model.state_dict()


def test_training_ends_with_the_weights_of_the_first_lowest_figure_and_keeps_the_last():
    remember = Remember()
    keeper, history, weights = kept(Script(5.0, 2.0, 4.0, 2.0, 3.0), remember)

    assert history[FIGURE].tolist() == [5, 2, 4, 2, 3]
    assert keeper.epoch == 2
    assert_same_tensors(weights, remember.states[1])
    assert_same_tensors(keeper.best, remember.states[1])
    assert_same_tensors(keeper.last, remember.states[4])


def test_what_is_measured_and_kept_is_the_average_where_there_is_one():
    averaging, averages = WeightAveraging(half_life=7), []

    def average(engine):
        if engine.position.batch == engine.batches_per_epoch:
            averages.append({n: v.clone() for n, v in averaging.average().items()})

    script = Script(5.0, 2.0, 4.0)
    model = Busy()
    keeper = KeepBest(FIGURE, script)
    callbacks = (averaging, keeper, AfterEachStep(average))
    trainer(model, gaussian(10, 4), callbacks=callbacks, max_epochs=3).run()

    for shown, average in zip(script.shown, averages, strict=True):
        assert shown.keys() == model.state_dict().keys()
        assert_same_tensors({name: shown[name] for name in average}, average)
    assert_same_tensors(dict(model.state_dict()), script.shown[1])
    assert_same_tensors(keeper.last, script.shown[2])


def test_it_measures_after_the_first_epoch_every_so_many_and_at_the_end():
    _, history, _ = kept(Script(1.0), every=3, max_epochs=8)
    assert [FIGURE in record for record in history] == [
        epoch in (1, 3, 6, 8) for epoch in range(1, 9)
    ]


def test_training_itself_is_not_changed():
    lasts = []
    for more in ((), (KeepBest(FIGURE, size),), (KeepBest(FIGURE, size, every=2),)):
        torch.manual_seed(0)
        model = Busy()
        engine = trainer(model, gaussian(10, 4), callbacks=more, max_epochs=4)
        engine.run()
        lasts.append(more[0].last if more else dict(model.state_dict()))

    assert_same_tensors(lasts[0], lasts[1])
    assert_same_tensors(lasts[0], lasts[2])


def run_busy(seed, resume=None, more=(), max_epochs=5):
    torch.manual_seed(seed)
    model, keeper = Busy(), KeepBest(FIGURE, size, every=2)
    callbacks = (WeightAveraging(half_life=7), keeper, *more)
    engine = trainer(model, gaussian(10, 4), callbacks=callbacks, max_epochs=max_epochs)
    engine.run(resume)
    named = {"model": dict(model.state_dict()), "best": keeper.best, "last": keeper.last}
    tensors = {f"{k}/{n}": v for k, kept in named.items() for n, v in kept.items()}
    return keeper.epoch, without_seconds(engine.history), tensors


def test_a_snapshot_of_any_step_is_enough_to_end_with_the_same_bits():
    taken = Snapshots()
    epoch, history, expected = run_busy(0, more=(taken,))
    assert 1 < epoch < 5
    assert len(taken.taken) == 15

    for snapshot in taken.taken:
        again = run_busy(1, copied(snapshot))
        assert again[:2] == (epoch, history)
        assert_same_tensors(again[2], expected)


def test_some_epochs_and_some_more_are_as_many_at_once():
    class AtStop(Callback):
        def on_stop(self, engine):
            self.snapshot = copied(engine.snapshot())

    stop = AtStop()
    run_busy(0, more=(stop,), max_epochs=3)  # measured at its end, unlike the third of five
    again = run_busy(1, stop.snapshot)

    expected = run_busy(0)
    assert again[:2] == expected[:2]
    assert_same_tensors(again[2], expected[2])


def test_a_figure_that_is_not_finite_counts_as_none():
    keeper, history, _ = kept(Script(4.0, math.nan, math.inf, 5.0, -math.inf))
    assert keeper.epoch == 1
    assert [FIGURE in record for record in history] == [True, False, False, True, False]
    keeper, _, weights = kept(Script(math.nan))
    assert (keeper.epoch, keeper.best) == (0, {})
    assert_same_tensors(keeper.last, weights)


def test_a_training_that_is_stopped_in_its_first_epoch_has_what_there_is():
    keeper = KeepBest(FIGURE, size)

    def stop(engine):
        engine._interruption.requested = True

    model = Mirror()
    engine = trainer(model, callbacks=(AfterEachStep(stop), keeper))
    assert engine.run() == "interrupted"
    assert keeper.epoch == 0
    assert_same_tensors(keeper.best, dict(model.state_dict()))


def test_each_stage_has_a_best_of_its_own():
    model = Growing()
    keeper, history, weights = kept(Script(1.0, 0.5, 4.0, 3.0), model=model, max_epochs=2)
    assert keeper.epoch == 4
    assert history[FIGURE].tolist() == [1, 0.5, 4, 3]
    assert keeper.best.keys() == weights.keys()


def test_the_same_object_starts_anew_in_every_training():
    keeper = KeepBest(FIGURE, Script(1.0, 2.0, 5.0, 4.0))
    for epoch in (1, 2):
        trainer(Mirror(), callbacks=(keeper,)).run()
        assert keeper.epoch == epoch


def test_early_stopping_follows_it_and_counts_the_epochs_that_were_measured():
    stopping = EarlyStopping(patience=2, monitor=FIGURE)
    _, history, _ = kept(Script(5.0, 3.0, 4.0, 4.0, 1.0), stopping, every=3, max_epochs=20)
    assert len(history) == 9  # after 1, 3, and twice in vain


def test_the_plateau_schedule_follows_it_where_it_is_recorded():
    keeper = KeepBest(FIGURE, Script(5.0), every=2)
    engine = trainer(
        Mirror(),
        callbacks=(keeper,),
        max_epochs=6,
        learning_rate=1.0,
        schedule="plateau",
        schedule_options={"patience": 1, "factor": 0.5},
        monitor=FIGURE,
    )
    engine.run()
    # Figures after epochs 1, 2 and 4: the second in vain is one more than the patience.
    assert engine.history["learning_rate"].tolist() == [1, 1, 1, 1, 0.5, 0.5]


def test_bounds_are_checked():
    with pytest.raises(SettingError, match="every of at least 1, got 0"):
        KeepBest(FIGURE, size, every=0)
