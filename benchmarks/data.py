"""Real data for measuring: read from the folder that ``ESPELHO_DATA`` names."""

import os
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import espelho

__all__ = ["data_folder", "fashion_labels", "fashion_mnist", "labels", "mnist"]


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
    return _pair("mnist", "images-idx3")


def fashion_labels() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the kinds of clothes that Fashion-MNIST's training and test images show, (n,)."""
    train, test = _pair("fashion_mnist", "labels-idx1")
    return train.ravel(), test.ravel()


def labels() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the digits that MNIST's training and test images show, (n,)."""
    train, test = _pair("mnist", "labels-idx1")
    return train.ravel(), test.ravel()


def fashion_mnist() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return Fashion-MNIST's 60,000 training and 10,000 test images, (n, 28, 28)."""
    return _pair("fashion_mnist", "images-idx3")


def _pair(name: str, kind: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    folder = data_folder() / name
    train, test = (espelho.load_data(folder / f"{p}-{kind}-ubyte.gz").X for p in ("train", "t10k"))
    return train, test
