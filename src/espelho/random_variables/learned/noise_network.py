"""The noise network: what dense layers make of uniform noise."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from espelho.random_variables.sampler import RandomState, as_generator, check_count

__all__ = ["NoiseNetwork"]


@dataclass(frozen=True, eq=False)
class NoiseNetwork:
    """Vectors that layers of rectified linear units, and a linear one, make of noise.

    The noise is uniform on [-1, 1].

    Parameters
    ----------
    sizes
        Widths of the layers, from the noise to the vectors.
    parameters
        Of each layer the matrix ``(out, in)``, row by row, and then the bias: one vector.

    Examples
    --------
    >>> import numpy as np
    >>> from espelho.random_variables import NoiseNetwork
    >>> twice = NoiseNetwork(np.array([1, 1]), np.array([2.0, 7.0]))
    >>> bool((abs(twice.sample(50, random_state=0) - 7) <= 2).all())
    True
    """

    sizes: NDArray[np.int64]
    parameters: NDArray[np.float64]

    def sample(self, n: int = 1, *, random_state: RandomState = None) -> NDArray[np.float64]:
        """Return samples ``(n, dim)``."""
        n, drawn = check_count(n), as_generator(random_state)
        found = drawn.uniform(-1.0, 1.0, (n, int(self.sizes[0])))
        start = 0
        for width, height in pairwise(int(size) for size in self.sizes):
            found = found if start == 0 else np.maximum(found, 0.0)
            middle, stop = start + width * height, start + (width + 1) * height
            matrix = self.parameters[start:middle].reshape(height, width)
            found = found @ matrix.T + self.parameters[middle:stop]
            start = stop
        return found
