"""PyOD: `AutoEncoder`, without batch norm, dropout and scaling, which it has by default.

Its code has a ReLU besides, and its loss is the mean over features; neither takes time to
speak of. Its scores of the training data, which `fit` computes at the end, are not counted.
"""

from time import process_time

from pyod.models.auto_encoder import AutoEncoder

from benchmarks.speed.regimes import Regime

__all__ = ["second_epoch"]


class _Watched(AutoEncoder):
    """Its own hook after each epoch tells the time."""

    def epoch_update(self) -> None:
        self.marks = [*getattr(self, "marks", []), process_time()]


def second_epoch(regime: Regime) -> float:
    """Return the CPU seconds of the second epoch."""
    model = _Watched(
        hidden_neuron_list=list(regime.sizes[1 : len(regime.sizes) // 2 + 1]),
        hidden_activation_name="relu",
        batch_norm=False,
        dropout_rate=0.0,
        preprocessing=False,
        optimizer_params={},
        lr=1e-3,
        batch_size=regime.batch_size,
        epoch_num=2,
        verbose=0,
    )
    model.fit(regime.data().numpy())
    return float(model.marks[1] - model.marks[0])
