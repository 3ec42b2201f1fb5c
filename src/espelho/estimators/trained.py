"""What is trained: the settings of training, fitting, and scikit-learn's manners."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from espelho.estimators import fields as f
from espelho.estimators.saved import SavedEstimator
from espelho.training.callbacks.base import Callback

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from espelho.data.scaling import Scaling
    from espelho.estimators.data.parts import Part
    from espelho.estimators.data.samples import Samples
    from espelho.training.plan import Trainable

__all__ = ["TrainedEstimator"]


@dataclass(kw_only=True, eq=False, repr=False)
class TrainedEstimator(SavedEstimator, ABC):
    """What everything that is trained has, whatever its networks.

    Parameters
    ----------
    max_epochs
        Passes over the data.
    batch_size
        Samples per update.
    optimizer
        Optimiser.
    optimizer_options
        Options of the optimiser that differ from its defaults, by name.
    learning_rate
        Learning rate that the schedule starts from.
    schedule
        How the learning rate changes over time.
    schedule_options
        Options of the schedule that differ from its defaults, by name.
    gradient_clip
        Largest norm of the gradient; without it any.
    patience
        End training after so many epochs without improvement and take the best weights;
        without it train to the end.
    monitor
        Figure of the history that patience and the plateau schedule follow; without it the
        loss, on validation data where there is any.
    averaging
        Half-life, in samples, of an average of the weights that takes their place in the
        end; without it the last weights.
    validation_fraction
        Share of the rows that no update sees and whose loss is recorded.
    random_state
        Seed of everything that is drawn; the same gives the same weights.
    device
        Device that trains: auto, cpu, cuda, cuda:1, mps.
    precision
        Type of the weights: float32, float64, or auto: float64 for float64 data of up to
        a million values, where it costs nothing, else float32; mixed: float32 weights,
        losses in bfloat16 where that is safe (for GPUs).
    parallel
        How processes that torchrun started together train. replicate: each holds the weights
        and takes its part of every batch. shard: each holds a part of the weights too (FSDP2).
        none: each trains for itself.
    warm_start
        Whether another fit goes on from the weights of the last one.
    callbacks
        What watches the training, such as EarlyStopping, WeightAveraging, Checkpoint.
    verbose
        0: silent. 1: a live bar on a terminal or in a notebook. 2: a line per epoch.
    """

    max_epochs: f.Count = 100
    batch_size: f.Count = 128
    optimizer: f.OptimizerName = "adam"
    optimizer_options: f.Options | None = None
    learning_rate: f.Positive = 1e-3
    schedule: f.ScheduleName = "constant"
    schedule_options: f.Options | None = None
    gradient_clip: f.Positive | None = None
    patience: f.Count | None = None
    monitor: str | None = None
    averaging: f.Positive | None = None
    validation_fraction: f.Share = 0.0
    random_state: f.RandomState = None
    device: f.DeviceName = "auto"
    precision: f.PrecisionName = "auto"
    parallel: f.ParallelName = "replicate"
    warm_start: bool = False
    callbacks: Sequence[Callback] = ()
    verbose: f.Verbosity = 0

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Learn from data.

        Parameters
        ----------
        X
            Rows ``(n, d)`` (array, sparse matrix, table, tensor, nested list) or an array
            ``(n, *sample)``.
        y
            Not used; there for scikit-learn's pipelines.
        sample_weight
            Weights ``(n,)``, at least 0; a weight of 2 counts like the row given twice.

        Returns
        -------
        Self
            The estimator itself.

        Raises
        ------
        SettingError
            If a hyper-parameter is out of its bounds, or two cannot work together.
        DataError
            If the data holds what cannot be learned from.
        DivergenceError
            If the loss stopped being a finite number; the last good weights are kept.
        """
        from espelho.estimators.training import fitting

        fitting.fit(self, X, sample_weight, y=y)
        return self

    @abstractmethod
    def _build(self) -> "Trainable":
        """Return the model for the data's shape, with weights from torch's random state."""

    @abstractmethod
    def _check_combination(self) -> None:
        """Raise if two settings cannot work together."""

    def _check_part(self, X: Any, sample_weight: Any, *, reset: bool, y: Any = None) -> "Part":
        """Return all that was handed in checked, to learn from or as it was in `fit`."""
        from espelho.estimators.data.parts import check_part

        return check_part(self, X, sample_weight, reset=reset, y=y)

    def _check_samples(self, X: Any, *, reset: bool) -> "Samples":
        """Return X checked, to learn from (``reset``) or else as it was in `fit`."""
        from espelho.estimators.data.samples import read

        return read(self, X, reset=reset)

    def _learn_from(self, samples: "Samples", weight: "NDArray[Any] | None") -> None:
        """Learn from the data what building the model needs besides shape and scaling."""

    def _learn_labels(self, part: "Part") -> None:
        """Learn from the data and the numbers of its labels what building the model needs."""

    def _check_data(self, samples: "Samples") -> None:
        """Raise or warn if the settings do not suit the data, once the model is built."""

    def _check_enough(self, n_rows: int) -> None:
        """Raise if the settings need more rows to learn from than there are."""

    def _learn_after(self, samples: "Samples", weight: "NDArray[Any] | None") -> None:
        """Learn from the data what the trained model is needed for."""

    def _learned_arrays(self) -> "dict[str, NDArray[Any]]":
        """Return the arrays that were learned besides the weights and the scaling, by name."""
        return {}

    def _take_arrays(self, arrays: "Mapping[str, NDArray[Any]]") -> None:
        """Set what was learned to the arrays that `_learned_arrays` returned."""

    def _epochs(self, n_rows: int) -> int:
        """Return how many epochs at most a training on so many rows takes."""
        return int(self.max_epochs)

    def _optimizer_options(self) -> Mapping[str, Any]:
        """Return the options of the optimiser that differ from its defaults."""
        return self.optimizer_options or {}

    def _check_outcome(self, samples: "Samples") -> None:
        """Warn if training has come to what it should not, on the data it learned from."""

    def _own_callbacks(self) -> Sequence[Callback]:
        """Return what takes part in the training besides the callbacks that were given."""
        return ()

    def _prepare_callbacks(self, train: "Part") -> None:
        """Tell callbacks that were given what they must know of the model and its data."""

    def _watchers(self, train: "Part", held_out: "Part | None") -> Sequence[Callback]:
        """Return what watches the training on data, after its average of the weights."""
        return ()

    def _learn_from_callbacks(self, callbacks: Sequence[Callback]) -> None:
        """Set what callbacks have found out, in every process."""

    def _monitored(self) -> str | None:
        """Return the figure that patience and schedules follow; nothing for the loss."""
        return self.monitor

    def _read_target(self, y: Any, n_samples: int) -> Any:
        """Return the target, of which rows can be taken, or nothing where none is learned from."""
        return None

    def _save_parts(self, path: Path) -> None:
        """Save fitted estimators that this one holds, into its run folder."""

    def _load_parts(self, path: Path, networks: Mapping[str, Any]) -> None:
        """Load what `_save_parts` saved, with networks of the user's own."""

    @abstractmethod
    def _network_shape(self) -> tuple[int, ...]:
        """Return the shape that one sample has inside the network."""

    @abstractmethod
    def _fit_scaling(self, samples: "Samples", weight: Any) -> "Scaling":
        """Return the map between the units of the data to learn from and the network's."""

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")
