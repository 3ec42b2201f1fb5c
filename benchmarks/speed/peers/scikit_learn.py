"""scikit-learn: `MLPRegressor` from X to X, an epoch each `partial_fit`.

Its code has a ReLU besides, and its loss is half the mean over features; neither takes time to
speak of.
"""

from time import process_time

from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from benchmarks.speed.regimes import Regime

__all__ = ["second_epoch"]


def second_epoch(regime: Regime) -> float:
    """Return the CPU seconds of the second epoch."""
    model = MLPRegressor(
        hidden_layer_sizes=regime.sizes[1:-1],
        activation="relu",
        solver="adam",
        learning_rate_init=1e-3,
        batch_size=regime.batch_size,
        alpha=0.0,
    )
    data = regime.data().numpy()
    with threadpool_limits(1):
        model.partial_fit(data, data)
        started = process_time()
        model.partial_fit(data, data)
        return process_time() - started
