"""What every generator has: noise, and the way from it to the data's units."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from espelho.data.containers import cast
from espelho.data.scaling import blocks
from espelho.errors import DataError, SettingError
from espelho.estimators import fields as f
from espelho.estimators.base import Estimator
from espelho.estimators.data.samples import Samples, spread, tensors
from espelho.estimators.generation import Generates
from espelho.random_variables.sampler import Sampler
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.keep_best import KeepBest
from espelho.training.callbacks.sample_pictures import SamplePictures

if TYPE_CHECKING:
    from torch import Tensor

    from espelho.estimators.data.parts import Part
    from espelho.losses.discrepancy.kernels import Kernel

__all__ = ["BaseGenerator"]

_FEWEST = 2
"""Rows that can be compared with each other."""

_BESIDE = "beside/"
"""What the names of weights begin with that ``model_`` does not have now."""

_SCORED = 10_000
"""Rows that a score is computed from at most."""


@dataclass(kw_only=True, eq=False, repr=False)
class BaseGenerator(Generates, Estimator):
    """An estimator whose model makes samples of noise.

    Parameters
    ----------
    latent_dim
        Width of the noise.
    hidden_sizes
        Widths of the hidden layers between noise and sample, from the noise on.
    noise
        What samples are made of: uniform on [-1, 1], or gaussian (standard normal).
    output_activation
        Activation of the output; auto is logistic where the scaling brings data into [0, 1],
        and linear elsewhere.
    keep
        Which weights fit ends with. best: those, averaged if weights are, whose samples were
        nearest to data held out (validation_fraction), or else to some learned from, by the
        unbiased MMD^2 of `score`; the last stay beside them (`use_weights`). last: the last.
    monitor
        Figure of the history that patience and the plateau schedule follow; without it the
        MMD^2 (two_sample/squared_mmd) where the best is kept, else the loss, on validation data
        where there is any.
    """

    latent_dim: f.Count = 10
    hidden_sizes: f.Sizes = (64, 256, 256)
    noise: f.NoiseName = "uniform"
    output_activation: f.ActivationName | Literal["auto"] = "auto"
    keep: f.KeepName = "last"

    def score(self, X: Any, y: Any = None) -> float:
        """Return minus the unbiased MMD^2 between as many new samples as rows, and the rows.

        By Gaussian kernels of 1/4 to 4 times ``median_distance_``, whatever the settings; in
        scaled units, or in the code space. About 0 where samples are as good as data, and
        slightly above at times; the same at every call. Of more than 10 000 rows, so many,
        evenly spread.

        Parameters
        ----------
        X
            Samples as in `fit`, at least 2.
        y
            Not used.

        Returns
        -------
        float
            The score; higher is better.
        """
        import torch

        from espelho.losses.discrepancy.mmd import mmd

        check_is_fitted(self)
        samples = self._check_samples(X, reset=False)
        which = spread(len(samples), _SCORED)
        data = self._scaled(samples.take(which))
        drawn = torch.from_numpy(self._drawn(len(data))).double()
        # Only sequences can be longer than in fit: samples are padded as they are.
        drawn = torch.nn.functional.pad(drawn, (0, data.shape[1] - drawn.shape[1]))
        return -float(mmd(drawn, data, self._score_kernel(), unbiased=True))

    def _lengths_told(self, samples: Samples) -> tuple[NDArray[np.int64], ...]:
        """Return how long samples are, where they are sequences and the network is told it."""
        return ()

    def _score_kernel(self) -> "Kernel":
        from espelho.losses.discrepancy.kernels import FACTORS, Gaussian

        return Gaussian([factor * self.median_distance_ for factor in FACTORS])

    def use_weights(self, which: f.KeepName) -> Self:
        """Take the weights of the epoch with the best samples, or those of the last one.

        Parameters
        ----------
        which
            best or last.

        Returns
        -------
        Self
            The estimator itself, whose ``model_`` and ``weights_`` are changed.

        Raises
        ------
        SettingError
            If it is neither, or only the last weights were kept.
        """
        from espelho.estimators.generators.watching.kept import use

        check_is_fitted(self)
        use(self, which)
        return self

    def _learned_arrays(self) -> dict[str, NDArray[Any]]:
        return {f"{_BESIDE}{name}": v for name, v in getattr(self, "_beside", {}).items()}

    def _take_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        beside = {n: v for n, v in arrays.items() if n.startswith(_BESIDE)}
        self._beside = {name.removeprefix(_BESIDE): v for name, v in beside.items()}

    def _prepare_callbacks(self, train: "Part") -> None:
        from espelho.estimators.generators.watching.pictures import Drawing

        self._learn_from_callbacks(())  # what an earlier training kept is no longer so
        for callback in self.callbacks:
            if isinstance(callback, SamplePictures):
                callback.draw_by(Drawing.of(self, train))

    def _watchers(self, train: "Part", held_out: "Part | None") -> Sequence[Callback]:
        from espelho.estimators.generators.watching.comparison import FIGURE, Comparison

        if self.keep == "last" and self.monitor != FIGURE:
            return ()
        compared = Comparison.of(self, train, held_out)
        every = compared.epochs_between(len(train), self.batch_size)
        turn = self._epochs_of_a_turn()
        every = -(-every // turn) * turn
        return (KeepBest(FIGURE, compared, every, restore=self.keep == "best"),)

    def _epochs_of_a_turn(self) -> int:
        """Return how many epochs pass until all networks have been moved."""
        return 1

    def _learn_from_callbacks(self, callbacks: Sequence[Callback]) -> None:
        from espelho.estimators.generators.watching.kept import remember

        remember(self, callbacks)

    def _monitored(self) -> str | None:
        from espelho.estimators.generators.watching.comparison import FIGURE

        return FIGURE if self.monitor is None and self.keep == "best" else self.monitor

    def _latent_sampler(self) -> Sampler:
        from espelho.models.generators.noise import NOISES

        return NOISES[self.noise].sampler(self.latent_dim_)

    def _drawn(self, n: int) -> NDArray[Any]:
        """Return new samples as rows in the network's units, the same at every call."""
        found = self._outputs(self._latent_sampler().sample(n, random_state=0))
        return self._settled(found, np.random.default_rng(0))

    def _generate(
        self, Z: NDArray[Any], *columns: NDArray[Any], random: np.random.Generator | None = None
    ) -> Any:
        outputs = self._settled(self._outputs(Z, *columns), random)
        found = self.scaling_.inverse(outputs)
        if (layout := self._layout) is not None:
            return layout.decode(found)
        return cast(found, self.dtype_).reshape(len(Z), *self.row_shape_)

    def _outputs(self, Z: NDArray[Any], *columns: NDArray[Any]) -> NDArray[Any]:
        """Return what noise is made into, in the network's units.

        Parameters
        ----------
        Z
            Noise ``(n, latent_dim)``.
        *columns
            What the network takes beside it: numbers of labels ``(n, columns)``, lengths ``(n,)``.
        """
        import torch

        from espelho.estimators.data.parts import told

        like = next(self.model_.parameters())
        found = []
        with torch.inference_mode():
            start = 0
            for block in self._code_blocks(Z):
                z = torch.tensor(block, dtype=like.dtype, device=like.device)
                rows = slice(start, start + len(block))
                beside = (told(part[rows], like) for part in columns)
                found.append(self.model_.generate(z, *beside).flatten(1).cpu().numpy())
                start += len(block)
        return np.concatenate(found)

    def _settling(self) -> "Callable[[Tensor], Tensor] | None":
        """Return what draws categories from their probabilities, if samples have any."""
        groups = self._groups
        return None if groups is None else groups.drawn

    def _settled(self, outputs: NDArray[Any], random: np.random.Generator | None) -> NDArray[Any]:
        """Return outputs of which probabilities of categories, if any, have become draws."""
        if (groups := self._groups) is None or random is None:
            return outputs
        import torch

        generator = torch.Generator().manual_seed(int(random.integers(2**63 - 1)))
        found: NDArray[Any] = groups.drawn(torch.from_numpy(outputs), generator).numpy()
        return found

    def _code_blocks(self, Z: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """Return blocks of noise, one after the other."""
        return blocks(Z)

    def _output_activation(self) -> str:
        name: str = self.output_activation
        if name != "auto":
            return name
        return "logistic" if self.scaling_.kind in ("range", "minmax") else "linear"

    def _scaled(self, samples: Samples) -> "Tensor":
        """Return samples as rows in the network's units."""
        import torch

        like = torch.zeros((), dtype=torch.float64)
        shape = self._network_shape()
        blocks_of_rows = tensors(samples.values, self.scaling_, shape, like)
        return torch.cat([x.flatten(1) for _, x in blocks_of_rows])

    def _learn_from(self, samples: Samples, weight: NDArray[Any] | None) -> None:
        import torch

        from espelho.losses.discrepancy.median_distance import median_distance

        self._check_enough(len(samples))
        which = spread(len(samples), _SCORED)
        weights = None if weight is None else torch.from_numpy(weight[which])
        self.median_distance_ = median_distance(self._scaled(samples.take(which)), weights)

    def _check_samples(self, X: Any, *, reset: bool) -> Samples:
        samples = self._read_samples(X, reset=reset)
        self._check_enough(len(samples))
        return samples

    def _read_samples(self, X: Any, *, reset: bool) -> Samples:
        """Return X as samples, of which one is enough."""
        return super()._check_samples(X, reset=reset)

    def _check_enough(self, n_rows: int) -> None:
        if n_rows < _FEWEST:
            raise DataError(
                f"X has {n_rows} sample, and {type(self).__name__} compares samples with each "
                "other: it needs at least 2. Give more rows."
            )

    def _check_combination(self) -> None:
        if self.batch_size < 2:
            raise SettingError(
                f"batch_size of {type(self).__name__} must be at least 2, got {self.batch_size}: "
                "samples are compared with each other."
            )
