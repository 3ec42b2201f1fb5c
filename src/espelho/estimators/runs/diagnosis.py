"""The diagnosis of a fitted estimator, or of a run folder in whatever state it is."""

from pathlib import Path
from typing import Any

from sklearn.utils.validation import check_is_fitted

from espelho.errors import RunError
from espelho.estimators.runs.facts import read_facts
from espelho.estimators.runs.loading import read_signals
from espelho.estimators.runs.saving import HISTORY, SIGNALS
from espelho.training.callbacks.checkpoint import read_newest
from espelho.training.doctor import Diagnosis, Signals, examine
from espelho.training.history import History

__all__ = ["doctor"]

_CHECKUP = "Checkup-1"
"""What a checkpoint calls what the callback that reads signals has kept."""


Records = tuple[History, Signals | None]


def doctor(model_or_run: Any) -> Diagnosis:
    """Say what went wrong in a training, since when, and which setting to change.

    Judges by the losses of every epoch, and by signals that `fit` reads of the model now and then:
    how its samples differ, what its discriminator tells apart, which units are dead, and so on.

    Parameters
    ----------
    model_or_run
        A fitted estimator, also one whose `fit` raised a `DivergenceError`; or the path of a run
        folder: of a training that has ended, failed, was interrupted or still goes on.

    Returns
    -------
    Diagnosis
        Its ``verdicts`` each have a ``name``, the ``epoch`` and ``step`` since when, ``evidence``
        and ``remedy``; there are none of a healthy training. ``unjudged`` says what could not be
        looked for, and why. Printed, it reads as a text.

    Raises
    ------
    RunError
        If the folder is no run, is damaged, or of another format version.
    NotFittedError
        If the estimator was never fitted.

    Examples
    --------
    >>> import espelho
    >>> X = espelho.load_data("iris").X
    >>> hasty = espelho.Autoencoder(latent_dim=1, max_epochs=12, random_state=0).fit(X)
    >>> espelho.doctor(hasty).names
    ('not converged', 'no better than PCA')
    """
    if isinstance(model_or_run, (str, Path)):
        return examine(*_records_of(Path(model_or_run)))
    check_is_fitted(model_or_run)
    return examine(model_or_run.history_, getattr(model_or_run, "signals_", None))


def _records_of(path: Path) -> Records:
    facts = read_facts(path)
    ended = _records_in_the_end(path) if (path / HISTORY).exists() else None
    if ended is not None and facts["status"] != "training":
        return ended
    so_far = _records_so_far(path)
    # A training that failed leaves its records, and one that was resumed since goes on.
    if ended is not None and (so_far is None or len(ended[0]) >= len(so_far[0])):
        return ended
    if so_far is None:
        raise RunError(
            f"{path} holds a training that has not come to its first checkpoint. Ask again later."
        )
    return so_far


def _records_in_the_end(path: Path) -> Records:
    try:
        history = History.from_lines((path / HISTORY).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{path / HISTORY} is damaged or cannot be read: {error}.") from error
    return history, read_signals(path) if (path / SIGNALS).exists() else None


def _records_so_far(path: Path) -> Records | None:
    """Return what the newest checkpoint of a training that has not ended holds, if it has one."""
    newest = read_newest(path / "checkpoints")
    if newest is None:
        return None
    kept = newest.values["callbacks"].get(_CHECKUP)
    signals = None if kept is None else Signals.from_lines(kept["signals"])
    return History(newest.values["history"]), signals
