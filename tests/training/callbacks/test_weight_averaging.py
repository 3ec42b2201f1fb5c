"""The average of the weights is the one that its formula says, buffers included."""

import pytest
import torch
from tests.training.toys import (
    AfterEachStep,
    Busy,
    Growing,
    Mirror,
    assert_same_tensors,
    gaussian,
    trainer,
)
from torch import nn

from espelho import WeightAveraging
from espelho.errors import SettingError


class ByHand:
    """The formula of the docstring, over everything that the model holds."""

    def __init__(self, half_life, ramp_up):
        self.half_life, self.ramp_up = half_life, ramp_up
        self.values, self.seen = None, 0

    def __call__(self, trainer):
        n = trainer.last_batch_size
        self.seen += n
        b = 2 ** (-n / min(self.half_life, self.ramp_up * self.seen))
        for name, value in trainer.model_state().items():
            if value.is_floating_point():
                before = self.values.setdefault(name, value)
                self.values[name] = b * before + (1 - b) * value
            else:
                self.values[name] = value


def average_both_ways(model, data=None, **options):
    by_hand = ByHand(**options)
    by_hand.values = {name: value.clone() for name, value in model.state_dict().items()}
    callbacks = (WeightAveraging(**options), AfterEachStep(by_hand))
    trainer(model, data, callbacks=callbacks, learning_rate=0.05).run()
    return by_hand.values


@pytest.mark.parametrize(("half_life", "ramp_up"), [(5.0, 1e9), (5.0, 0.1), (1e6, 0.05)])
def test_the_average_equals_the_formula_by_hand_with_buffers(half_life, ramp_up):
    model = Busy().double()

    expected = average_both_ways(
        model, gaussian(10, 4, dtype=torch.float64), half_life=half_life, ramp_up=ramp_up
    )

    torch.testing.assert_close(dict(model.state_dict()), expected, rtol=1e-10, atol=1e-12)


def test_the_average_goes_on_through_stages_also_of_what_a_stage_does_not_move():
    class Halves(Mirror):
        def __init__(self):
            super().__init__(nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 3)).double())

        def plan(self):
            from espelho.training.plan import Phase, Stage

            return tuple(Stage(Phase(f"move_{i}", [self.network[i]], self.error)) for i in (0, 1))

    model = Halves()

    expected = average_both_ways(
        model, gaussian(10, 3, dtype=torch.float64), half_life=20.0, ramp_up=1e9
    )

    torch.testing.assert_close(dict(model.state_dict()), expected, rtol=1e-10, atol=1e-12)


def test_weights_under_two_names_end_as_their_average():
    network = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3)).double()
    network[1].weight = network[0].weight
    model = Mirror(network)

    expected = average_both_ways(
        model, gaussian(10, 3, dtype=torch.float64), half_life=20.0, ramp_up=1e9
    )

    torch.testing.assert_close(dict(model.state_dict()), expected, rtol=1e-10, atol=1e-12)


def test_what_has_grown_starts_from_its_first_values():
    model = Growing()
    averaging = WeightAveraging(half_life=1e9, ramp_up=1e9)

    trainer(model, callbacks=(averaging,)).run()

    torch.testing.assert_close(model.layers[1].weight.detach(), torch.eye(3), atol=1e-5, rtol=0)


def test_training_itself_is_not_changed_by_the_average():
    states = []
    for callbacks in ((), (WeightAveraging(half_life=5),)):
        torch.manual_seed(0)
        watch = AfterEachStep(lambda t: states.append(t.model_state()))
        trainer(Busy(), gaussian(10, 4), callbacks=(*callbacks, watch)).run()

    for left, right in zip(states[:6], states[6:], strict=True):
        assert_same_tensors(left, right)


def test_the_same_object_starts_anew_in_every_training():
    averaging = WeightAveraging(half_life=5)
    outcomes = []
    for _ in range(2):
        torch.manual_seed(0)
        model = Mirror()
        trainer(model, callbacks=(averaging,)).run()
        outcomes.append(model.state_dict())

    assert_same_tensors(*outcomes)


@pytest.mark.parametrize("options", [{"half_life": 0}, {"ramp_up": -1.0}])
def test_bounds_are_checked(options):
    with pytest.raises(SettingError, match="above 0"):
        WeightAveraging(**options)
