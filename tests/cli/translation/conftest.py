"""Two sets of small images, and translators that were trained on them."""

import numpy as np
import pytest
from PIL import Image
from tests.cli.conftest import call, iris_run  # noqa: F401

from espelho import CycleGAN, Pix2Pix

TINY = (
    "--channels", "4", "--patch", "pixel", "--max-epochs", "1", "--random-state", "0",
    "--verbose", "0",
)  # fmt: skip


def pictures(n, *shape, dtype=np.uint8, seed=0):
    """Return smooth pictures, which formats that lose something keep nearly."""
    rows, columns = np.mgrid[: shape[-2], : shape[-1]] / max(shape)
    phases = np.random.default_rng(seed).uniform(0, 6, (n, *shape[:-2], 1, 1))
    waves = 0.5 + 0.5 * np.sin(phases + 5 * rows + 3 * columns)
    return (waves * np.iinfo(dtype).max).astype(dtype)


def save(folder, images, suffix="png", start=0):
    """Write images as files by Pillow, channels first or none."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(images, start):
        pixels = np.moveaxis(image, 0, -1) if image.ndim == 3 else image
        Image.fromarray(pixels).save(folder / f"{number:03}.{suffix}")
    return folder


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Train one translator of each kind; no test may change them."""
    folder = tmp_path_factory.mktemp("translators")
    settings = {"channels": (4,), "patch": "pixel", "max_epochs": 1, "random_state": 0}
    grey, colours = pictures(8, 16, 16), pictures(8, 3, 16, 16)
    deep = pictures(8, 16, 16, dtype=np.uint16)
    table = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    local = {**settings, "normalization": "batch"}
    return {
        "colours": Pix2Pix(**local).fit(grey, colours).save(folder / "colours"),
        "deep": Pix2Pix(**settings).fit(colours, deep).save(folder / "deep"),
        "cycle": CycleGAN(blocks=1, identity_weight=0, **settings)
        .fit(grey, colours)
        .save(folder / "cycle"),
        "dense": Pix2Pix(structure="dense", hidden_sizes=(4,), max_epochs=1, random_state=0)
        .fit(grey, grey)
        .save(folder / "dense"),
        "table": Pix2Pix(hidden_sizes=(4,), max_epochs=1, random_state=0)
        .fit(table[:, :3], table[:, 3:])
        .save(folder / "table"),
    }
