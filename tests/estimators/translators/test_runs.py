"""Run folders of translators: saved is loaded, stopped is resumed, to the last bit."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits, load_iris

from espelho import Checkpoint, CycleGAN, Pix2Pix, load, resume
from espelho.errors import DataError, EspelhoWarning, SettingError
from espelho.training.callbacks.base import Callback

TINY = {"channels": (4, 8), "discriminator_channels": 4, "max_epochs": 3, "random_state": 0}
DIGITS = load_digits().images[:40].astype(np.uint8) * 15

both = pytest.mark.parametrize("cls", [Pix2Pix, CycleGAN])


class StopAt(Callback):
    """Interrupts training after some steps, as Ctrl-C does."""

    def __init__(self, step):
        self.step = step

    def on_step(self, trainer):
        if trainer.position.step == self.step:
            trainer._interruption.requested = True


@both
def test_saved_is_loaded(cls, tmp_path):
    B = np.stack([255 - DIGITS] * 3, axis=-1).astype(np.uint16) * 200
    more = {"identity_weight": 0, "blocks": 1} if cls is CycleGAN else {}
    model = cls(**TINY, **more).fit(DIGITS, B)

    again = load(model.save(tmp_path / "run"))

    np.testing.assert_array_equal(again.translate(DIGITS), model.translate(DIGITS))
    assert again.score(DIGITS, B) == model.score(DIGITS, B)
    assert again.get_params() == model.get_params()
    assert again.reach_ == model.reach_
    wide = np.zeros((1, 9, 14), np.uint8)
    np.testing.assert_array_equal(again.translate(wide), model.translate(wide))
    if cls is CycleGAN:
        np.testing.assert_array_equal(again.translate(B, to="A"), model.translate(B, to="A"))


@both
def test_names_of_columns_are_kept(cls, tmp_path):
    X = load_iris(as_frame=True).data
    A, B = X.iloc[:, :2], X.iloc[:, 2:]
    model = cls(hidden_sizes=(4,), discriminator_sizes=(4,), max_epochs=1, random_state=0)

    again = load(model.fit(A, B).save(tmp_path / "run"))

    pd.testing.assert_frame_equal(again.translate(A), model.translate(A))
    assert list(again.feature_names_in_) == list(A.columns)


@both
@pytest.mark.parametrize("step", [2, 7])
def test_a_training_that_was_stopped_goes_on_to_the_same_weights(cls, step, tmp_path):
    B = 255 - DIGITS[:23] if cls is CycleGAN else 255 - DIGITS
    settings = {**TINY, "flips": True, "dropout": 0.3, "pool": 3, "blocks": 1}
    if cls is Pix2Pix:
        settings.pop("pool")
    whole = cls(**settings, callbacks=(Checkpoint(tmp_path / "whole"),)).fit(DIGITS, B)

    stops = (Checkpoint(tmp_path / "part"), StopAt(step))
    with pytest.warns(EspelhoWarning, match="interrupted"):
        cls(**settings, callbacks=stops).fit(DIGITS, B)
    again = resume(tmp_path / "part", DIGITS, B)

    assert again.n_epochs_ == 3
    expected = whole.model_.state_dict()
    for name, value in again.model_.state_dict().items():
        np.testing.assert_array_equal(value.numpy(), expected[name].numpy(), err_msg=name)
    np.testing.assert_array_equal(again.translate(DIGITS), whole.translate(DIGITS))


def test_another_second_set_is_not_resumed(tmp_path):
    settings = {**TINY, "max_epochs": 1}
    Pix2Pix(**settings, callbacks=(Checkpoint(tmp_path / "run"),)).fit(DIGITS, 255 - DIGITS)
    with pytest.raises(DataError, match="not what"):
        resume(tmp_path / "run", DIGITS, 254 - DIGITS, max_epochs=2)


@both
def test_warm_start_goes_on_and_keeps_the_structure(cls):
    model = cls(**TINY, warm_start=True, blocks=1).fit(DIGITS, DIGITS)
    before = model.translate(DIGITS)

    model.fit(DIGITS, DIGITS)

    assert (model.translate(DIGITS) != before).any()
    with pytest.raises(SettingError, match="channels"):
        model.set_params(channels=(3, 4)).fit(DIGITS, DIGITS)
