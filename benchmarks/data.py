"""Real data for measuring: read from the folder that ``ESPELHO_DATA`` names."""

import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import espelho

__all__ = ["data_folder", "mnist"]


def data_folder() -> Path:
    """Return the folder with the public data sets, or say that there is none and exit."""
    name = os.environ.get("ESPELHO_DATA")
    if not name or not Path(name).is_dir():
        sys.exit(
            "These measurements need public data sets that the project does not ship. Set "
            f"ESPELHO_DATA to a folder that holds them (it is {name!r} now), with the four idx "
            "files of MNIST in a subfolder 'mnist'."
        )
    return Path(name)


def mnist() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return MNIST's 60,000 training and 10,000 test images, (n, 28, 28)."""
    folder = data_folder() / "mnist"
    names = ("train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte.gz")
    train, test = (espelho.load_data(folder / name).X for name in names)
    return train, test
