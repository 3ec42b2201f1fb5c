"""Pruning: end a training that a study of Optuna finds hopeless."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from espelho.errors import MissingDependencyError, SettingError
from espelho.training.callbacks.base import Callback
from espelho.training.history import FACTS, followed

if TYPE_CHECKING:
    from espelho.training.history import Record
    from espelho.training.trainer import Trainer

__all__ = ["OptunaPruning"]


@dataclass(eq=False)
class OptunaPruning(Callback):
    """Tell a trial of an Optuna study a figure after every epoch, and end where it says so.

    Where the study's pruner finds the trial worse than others were at the same epoch, the training
    ends as an early stopping would end it, and then ``fit`` raises ``optuna.TrialPruned``, which
    ``study.optimize`` waits for. The estimator is fitted nonetheless, with
    ``stop_reason_ == "pruned"``.

    Epochs are counted through all stages of a training. Several trainings of one trial (the folds
    of a cross-validation) are counted one after the other: copies that scikit-learn makes of an
    estimator share its callback.

    Parameters
    ----------
    trial
        The trial, as the objective of ``study.optimize`` is given it.
    figure
        The figure of the history to follow, lower is better; without it the one that patience
        follows, on held-out data: the validation loss of the first phase, or of adversarial
        generators with ``keep="best"`` how far samples are from data (``two_sample/squared_mmd``).
        A study that maximises is told minus the figure.

    Raises
    ------
    MissingDependencyError
        If Optuna is not installed.
    SettingError
        From ``fit``, if the figure is not recorded, or none was named and none is on held-out
        data.

    Examples
    --------
    >>> import optuna
    >>> from espelho import Autoencoder, OptunaPruning, load_data
    >>> optuna.logging.set_verbosity(optuna.logging.WARNING)
    >>> X = load_data("iris").X
    >>> def objective(trial):
    ...     model = Autoencoder(
    ...         latent_dim=trial.suggest_int("latent_dim", 1, 3),
    ...         max_epochs=2,
    ...         validation_fraction=0.2,
    ...         random_state=0,
    ...         callbacks=[OptunaPruning(trial)],
    ...     )
    ...     return model.fit(X).history_["validation/reconstruct"][-1]
    >>> study = optuna.create_study()
    >>> study.optimize(objective, n_trials=2)
    >>> [sorted(trial.intermediate_values) for trial in study.trials]
    [[1, 2], [1, 2]]
    """

    trial: Any
    figure: str | None = None

    def __post_init__(self) -> None:
        try:
            from optuna import TrialPruned
        except ImportError as error:
            raise MissingDependencyError(
                "OptunaPruning needs Optuna, which is not installed. Install it by "
                "pip install 'espelho[tune]'."
            ) from error
        self._pruned = TrialPruned
        self._before = self._told = self._given_up = 0

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # a trial is one, and a study cannot be copied

    def on_epoch_end(self, trainer: "Trainer") -> None:
        """Tell the trial the figure, and stop the training if the trial is to be pruned."""
        epoch = trainer.position.epoch
        if epoch == 1:  # of a further training, where something was told before
            self._before, self._given_up = self._told, 0
        value = self._value(trainer)
        step = self._before + epoch
        if value is None or step <= self._told:
            return
        self._told = step
        self.trial.report(-value if _maximises(self.trial) else value, step)
        if self.trial.should_prune():
            self._given_up = epoch
            trainer.stop("pruned")

    def on_return(self) -> None:
        """Raise what ``study.optimize`` waits for."""
        if self._given_up:
            raise self._pruned(f"The training was pruned after epoch {self._given_up}.")

    def _value(self, trainer: "Trainer") -> float | None:
        records = trainer.stage_records
        figure = self.figure or trainer.monitor
        if self.figure is None:
            _check_held_out(trainer, records[-1])
        return followed(records, figure, "OptunaPruning")[-1]


def _maximises(trial: Any) -> bool:
    study = getattr(trial, "study", None)
    return study is not None and study.direction.name == "MAXIMIZE"


def _check_held_out(trainer: "Trainer", record: "Record") -> None:
    """Raise unless the figure that training follows says something of data held out."""
    known = ", ".join(name for name in record if name not in FACTS)
    if trainer.validation is None:
        raise SettingError(
            "OptunaPruning follows a figure on held-out data, and none is held out: "
            "validation_fraction is 0. Set it above 0, or name a figure that is recorded "
            f"(figure=...): {known}."
        )
    if trainer.monitor.rpartition("/")[2].startswith("discriminate"):
        raise SettingError(
            f"OptunaPruning would follow {trainer.monitor!r}, the loss of an adversary, which "
            "says nothing of how good samples are. Set keep='best', so that samples are compared "
            f"with held-out data, or name a figure that is recorded (figure=...): {known}."
        )
