"""Early stopping ends a stage after its patience and puts the best weights back."""

import pytest
import torch
from tests.training.toys import Growing, Mirror, assert_same_tensors, gaussian, trainer

from espelho import EarlyStopping
from espelho.errors import SettingError
from espelho.training.callbacks.base import Callback


class Scripted(Mirror):
    """A model whose loss is what a script says, epoch by epoch; its weights move anyway."""

    def __init__(self, figures):
        super().__init__()
        self.figures, self.calls = figures, 0

    def error(self, batch):
        value = self.figures[min(self.calls, len(self.figures) - 1)]
        self.calls += 1
        moving = sum(p.sum() for p in self.network.parameters())
        return {"loss": value + moving - moving.detach()}


class Remember(Callback):
    def on_train_start(self, trainer):
        self.states = []

    def on_epoch_end(self, trainer):
        self.states.append(trainer.model_state())


def stop(figures, **options):
    model, remember = Scripted(figures), Remember()
    callbacks = (EarlyStopping(monitor="reconstruct/loss", **options), remember)
    engine = trainer(model, callbacks=callbacks, max_epochs=20, batch_size=10)
    return engine.run(), len(engine.history), model.state_dict(), remember.states


def test_it_waits_for_its_patience_and_restores_the_best_weights():
    reason, epochs, weights, states = stop([5.0, 4.0, 3.0, 3.5, 3.2, 3.1], patience=3)

    assert (reason, epochs) == ("early stopping", 6)
    assert_same_tensors(weights, states[2])


def test_an_improvement_within_its_patience_is_waited_for():
    reason, epochs, weights, states = stop([5.0, 6.0, 6.0, 4.0] + [9.0] * 20, patience=3)

    assert (reason, epochs) == ("early stopping", 7)
    assert_same_tensors(weights, states[3])


def test_a_smaller_gain_than_min_delta_is_none():
    _, epochs, weights, states = stop([5.0, 4.95, 4.93, 4.0], patience=2, min_delta=0.1)

    assert epochs == 3
    assert_same_tensors(weights, states[0])


def test_the_last_weights_stay_where_the_best_are_not_to_be_restored():
    _, epochs, weights, states = stop([5.0, 6.0, 6.0], patience=2, restore_best=False)

    assert epochs == 3
    assert_same_tensors(weights, states[-1])


def test_the_best_weights_are_restored_also_where_patience_was_not_used_up():
    reason, epochs, weights, states = stop([5.0] * 18 + [1.0, 2.0], patience=19)

    assert (reason, epochs) == ("finished", 20)
    assert_same_tensors(weights, states[18])


def test_it_follows_the_validation_loss_where_there_is_one():
    data = gaussian(10, 3)
    engine = trainer(Mirror(), validation=gaussian(4, 3))
    assert engine.monitor == "validation/reconstruct"
    assert trainer(Mirror()).monitor == "reconstruct"
    assert trainer(Mirror(), data, monitor="reconstruct/squared_error").monitor == (
        "reconstruct/squared_error"
    )


def test_every_stage_has_a_best_of_its_own():
    torch.manual_seed(0)
    stopping = EarlyStopping(patience=1, min_delta=1e-3)
    engine = trainer(Growing(), max_epochs=5, learning_rate=0.0, callbacks=(stopping,))
    assert engine.run() == "early stopping"

    assert [record["stage"] for record in engine.history] == ["small"] * 2 + ["large"] * 2


def test_a_figure_that_is_not_recorded_is_named_with_those_that_are():
    engine = trainer(Mirror(), callbacks=(EarlyStopping(monitor="validation/loss"),))

    with pytest.raises(SettingError, match=r"validation/loss.*reconstruct/squared_error"):
        engine.run()


@pytest.mark.parametrize("options", [{"patience": 0}, {"min_delta": -0.1}])
def test_bounds_are_checked(options):
    with pytest.raises(SettingError, match="at least"):
        EarlyStopping(**options)
