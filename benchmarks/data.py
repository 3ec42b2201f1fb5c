"""Real data for measuring: read from the folder that ``ESPELHO_DATA`` names."""

import os
import sys
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import espelho

__all__ = ["cifar", "data_folder", "fashion_labels", "fashion_mnist", "labels", "mnist"]


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


def cifar() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return 10,000 training and 2,000 test images of CIFAR-10, saved as JPEG, (n, 3, 32, 32).

    In an order without their classes.
    """
    file = data_folder() / "cifar10_jpeg" / "cifar10_jpeg_10k_train_2k_test.zip"
    random = np.random.default_rng(0)
    with ZipFile(file) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        parts = ([n for n in names if n.startswith(part)] for part in ("train", "test"))
        train, test = (
            np.stack([_colours(archive.read(name)) for name in random.permutation(part)])
            for part in parts
        )
    return train, test


def _colours(file: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(file)).convert("RGB")).transpose(2, 0, 1)


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
