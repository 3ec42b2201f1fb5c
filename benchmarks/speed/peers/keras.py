"""Keras on torch: a `Sequential` of dense layers, trained by `fit`."""

import os
from time import process_time

os.environ["KERAS_BACKEND"] = "torch"

import keras

from benchmarks.speed.regimes import Regime

__all__ = ["second_epoch"]


class _Clock(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.marks: list[float] = []

    def on_epoch_end(self, *_: object) -> None:
        self.marks.append(process_time())


def _summed(x: object, output: object) -> object:
    return keras.ops.sum(keras.ops.square(output - x), axis=-1)


def second_epoch(regime: Regime) -> float:
    """Return the CPU seconds of the second epoch."""
    linear = (len(regime.sizes) // 2, len(regime.sizes) - 1)
    layers = [
        keras.layers.Dense(width, activation=None if index in linear else "relu")
        for index, width in enumerate(regime.sizes[1:], start=1)
    ]
    model = keras.Sequential([keras.Input((regime.sizes[0],)), *layers])
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=_summed)
    clock, data = _Clock(), regime.data().numpy()
    model.fit(data, data, regime.batch_size, epochs=2, verbose=0, callbacks=[clock])
    return clock.marks[1] - clock.marks[0]
