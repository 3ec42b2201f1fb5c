"""What can be saved: the run folder of a fitted estimator, and the data that it takes."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from espelho.data.nearest import did_you_mean
from espelho.errors import SettingError

if TYPE_CHECKING:
    from sklearn.utils import Tags

__all__ = ["SavedEstimator"]


class SavedEstimator(BaseEstimator):
    """What every estimator has, whether it is trained itself or holds what is."""

    def set_params(self, **params: Any) -> Self:
        """Set settings by their names, those of an estimator inside as ``estimator__latent_dim``.

        Parameters
        ----------
        **params
            The settings.

        Returns
        -------
        Self
            The estimator itself.

        Raises
        ------
        SettingError
            If there is no setting of a name, as where a grid has a typing error.
        """
        known = self.get_params(deep=False)
        for name in params:
            own, _, inner = name.partition("__")
            if own not in known:
                raise SettingError(_no_setting(type(self).__name__, own, known))
            if inner and not hasattr(params.get(own, known[own]), "set_params"):
                raise SettingError(
                    f"{name!r} is a setting of an estimator in {own!r}, and {own} of this "
                    f"{type(self).__name__} is {known[own]!r}. Put an estimator there first."
                )
        super().set_params(**params)
        return self

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


def _no_setting(owner: str, name: str, known: Iterable[str]) -> str:
    hint = did_you_mean(name, known)
    listed = "" if hint else f" Its settings are: {', '.join(known)}."
    return f"{owner} has no setting {name!r}.{hint}{listed}"
