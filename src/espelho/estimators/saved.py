"""What can be saved: the run folder of a fitted estimator, and the data that it takes."""

from pathlib import Path
from typing import TYPE_CHECKING

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

if TYPE_CHECKING:
    from sklearn.utils import Tags

__all__ = ["SavedEstimator"]


class SavedEstimator(BaseEstimator):
    """What every estimator has, whether it is trained itself or holds what is."""

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Save the fitted estimator as a run folder.

        Parameters
        ----------
        path
            The folder to make.
        overwrite
            Whether a run that is there already is replaced.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        FileError
            If the folder exists and is not to be replaced, or cannot be written.
        """
        check_is_fitted(self)
        return self._save(Path(path), overwrite=overwrite)

    def _save(self, path: Path, *, overwrite: bool) -> Path:
        from espelho.estimators.runs import saving

        return saving.save(self, path, overwrite=overwrite)

    def __sklearn_tags__(self) -> "Tags":
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.three_d_array = True
        return tags
