"""The learning rate that updates get is the schedule's, batch by batch."""

import math

import pytest
from tests.training.toys import Mirror, gaussian, trainer

from espelho.errors import SettingError


class Watching(Mirror):
    """Notes the learning rate that every update is about to be made with."""

    def __init__(self):
        super().__init__()
        self.rates, self.engine = [], []

    def error(self, batch):
        if self.training:
            self.rates.append(self.engine[0].updates[0].learning_rate)
        return super().error(batch)


def rates(**recipe):
    model = Watching()
    engine = trainer(model, **recipe)
    model.engine.append(engine)
    engine.run()
    return model.rates, engine


def test_a_cosine_goes_down_with_every_batch_of_the_stage():
    found, _ = rates(schedule="cosine", learning_rate=0.1, max_epochs=4)  # 12 batches

    expected = [0.1 * (1 + math.cos(math.pi * turn / 12)) / 2 for turn in range(12)]
    assert found == pytest.approx(expected)


def test_a_step_comes_after_whole_epochs():
    options = {"epochs": 2, "gamma": 0.1}
    found, _ = rates(schedule="step", schedule_options=options, learning_rate=1e-3, max_epochs=4)

    assert found == pytest.approx([1e-3] * 6 + [1e-4] * 6)


@pytest.mark.parametrize("validation", [None, gaussian(4, 3)])
def test_a_plateau_follows_the_monitored_figure(validation):
    # With a threshold of 100 % nothing but the first epoch is an improvement.
    options = {"patience": 0, "factor": 0.5, "threshold": 1.0}
    found, engine = rates(
        schedule="plateau", schedule_options=options, learning_rate=1e-3, max_epochs=4,
        validation=validation,
    )  # fmt: skip

    assert found == pytest.approx([1e-3] * 6 + [5e-4] * 3 + [2.5e-4] * 3)
    assert engine.monitor.startswith("validation/") == (validation is not None)


def test_a_plateau_of_a_figure_that_is_not_recorded_is_an_error():
    with pytest.raises(SettingError, match=r"schedule='plateau'.*'other'"):
        rates(schedule="plateau", monitor="other")


def test_an_unknown_option_is_named_with_those_there_are():
    with pytest.raises(SettingError, match=r"'cosine' has no option 'warmup'.*final"):
        trainer(Mirror(), schedule="cosine", schedule_options={"warmup": 1})
