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

__all__ = [
    "animals",
    "data_folder",
    "fashion_labels",
    "fashion_mnist",
    "flowers",
    "halved",
    "labels",
    "maps",
    "mnist",
]


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


Photographs = NDArray[np.uint8]
Named = tuple[str, tuple[Photographs, Photographs], tuple[Photographs, Photographs]]


def animals() -> Named:
    """Return CIFAR-10's horses and deer, to learn from and to test on, (n, 3, 32, 32)."""
    path = data_folder() / "cifar10_jpeg" / "cifar10_jpeg_10k_train_2k_test.zip"
    train, test = ([_photographs(path, f"{part}/{k}/") for k in _ANIMALS] for part in _PARTS)
    return "horses and deer", tuple(train), tuple(test)  # type: ignore[return-value]


_ANIMALS, _PARTS = ("horse", "deer"), ("train", "test")


def flowers() -> Named:
    """Return daisies and sunflowers, half as large, to learn from and to test on."""
    path = data_folder() / "flowers128" / "flowers128_daisy_rose_sunflower.zip"
    sets = [halved(_photographs(path, f"flowers/{kind}/")) for kind in ("daisy", "sunflower")]
    train, test = (sets[0][:-64], sets[1][:-64]), (sets[0][-64:], sets[1][-64:])
    return "daisies and sunflowers", train, test


def maps() -> tuple[tuple[Photographs, Photographs], tuple[Photographs, Photographs]]:
    """Return maps and aerial photographs in pairs, half as large, (n, 3, 128, 128)."""
    path = data_folder() / "maps_pix2pix" / "maps_pairs_512x256_400train_80val.zip"
    return _pairs(path, "maps/train/"), _pairs(path, "maps/val/")


def _pairs(path: Path, folder: str) -> tuple[Photographs, Photographs]:
    both = halved(_photographs(path, folder))
    side = both.shape[-1] // 2
    return np.ascontiguousarray(both[..., side:]), np.ascontiguousarray(both[..., :side])


def _photographs(path: Path, folder: str) -> Photographs:
    with ZipFile(path) as archive:
        names = sorted(n for n in archive.namelist() if n.startswith(folder) and n[-1] != "/")
        images = [Image.open(BytesIO(archive.read(name))).convert("RGB") for name in names]
    return np.stack([np.asarray(image) for image in images]).transpose(0, 3, 1, 2)


def halved(images: Photographs) -> Photographs:
    """Return images ``(n, channels, height, width)`` half as high and wide."""
    n, channels, height, width = images.shape
    blocks = images.reshape(n, channels, height // 2, 2, width // 2, 2)
    return np.rint(blocks.mean(axis=(3, 5))).astype(np.uint8)
