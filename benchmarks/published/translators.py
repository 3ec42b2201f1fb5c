"""E3 and E4: translations, with pairs and without, judged by what is known of the answers."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import grey_dilation
from sklearn.svm import SVC

import espelho
from benchmarks.data import animals, flowers, halved, labels, maps, mnist
from benchmarks.published.pictures import write_rows
from benchmarks.published.result import Result
from espelho.evaluation import RandomFeatures, kernel_distance

__all__ = ["e3", "e4"]

SEED = 0
WITH_PAIRS, WITHOUT = 0.95, 0.85
N_PAIRS, N_EACH, N_JUDGE, N_TEST = 8000, 3000, 20_000, 2000
SHOWN = 12
COLOUR = np.array([1.0, 0.6, 0.2])

Images = NDArray[np.uint8]


class Domains(NamedTuple):
    """Two ways to show a digit."""

    key: str
    name: str
    first: Callable[[Images], Images]
    second: Callable[[Images], Images]


def _plain(digits: Images) -> Images:
    return halved(digits[:, None])[:, 0]


def _coloured(digits: Images) -> Images:
    return (255 - halved(digits[:, None]) * COLOUR[:, None, None]).astype(np.uint8)


def _thick(digits: Images) -> Images:
    return _plain(grey_dilation(digits, size=(1, 3, 3)))


DOMAINS = (
    Domains("colour", "plain and inverted, coloured", _plain, _coloured),
    Domains("thick", "as they are and thick", _plain, _thick),
)


def e4() -> Iterator[Result]:
    """Translate digits whose class must stay, then animals and flowers to look at."""
    torch.set_num_threads(1)
    for domains in DOMAINS:
        yield from _digits(domains)
    yield from _looked_at()


def _digits(domains: Domains) -> Iterator[Result]:
    (X, T), (y, truth) = mnist(), labels()
    T, truth, judged = T[:N_TEST], truth[:N_TEST], slice(-N_JUDGE, None)
    test = [to(T) for to in domains[2:]]
    judges = [_judge(to(X[judged]), y[judged]) for to in domains[2:]]
    right = [judge(images, truth) for judge, images in zip(judges, test, strict=True)]

    pairs = espelho.Pix2Pix(
        channels=(16, 32, 64),
        discriminator_channels=16,
        batch_size=16,
        max_epochs=12,
        random_state=SEED,
    ).fit(domains.first(X[:N_PAIRS]), domains.second(X[:N_PAIRS]))
    made = pairs.translate(test[0])
    name = f"e4-{domains.key}"
    write_rows(f"{name}-pix2pix", [part[:SHOWN] for part in (test[0], made, test[1])])
    protocol = (
        f"share of 2,000 test digits that keep their class, {domains.name}; 14 x 14 pixels, "
        f"{N_PAIRS:,} pairs; by a support vector machine that learned from 20,000 other digits "
        f"({right[1]:.3f} of real ones right)"
    )
    yield _share("pix2pix", protocol, judges[1](made, truth), WITH_PAIRS)

    unpaired = espelho.CycleGAN(
        channels=(16, 32),
        blocks=2,
        discriminator_channels=16,
        identity_weight=0,
        max_epochs=5,
        random_state=SEED,
    ).fit(domains.first(X[:N_EACH]), domains.second(X[N_EACH : 2 * N_EACH]))
    made, back = unpaired.translate(test[0]), unpaired.translate(test[1], to="A")
    parts = (test[0], made, test[1], back)
    write_rows(f"{name}-cyclegan", [part[:SHOWN] for part in parts])
    shares = judges[1](made, truth), judges[0](back, truth)
    protocol = (
        f"as above, without pairs, {N_EACH:,} digits of each set; to the second set, and back "
        f"{shares[1]:.3f}; cycle error {-unpaired.score(*test):.3f} of half the range"
    )
    yield _share("CycleGAN", protocol, min(shares), WITHOUT)


def _share(what: str, protocol: str, share: float, bar: float) -> Result:
    return Result(what, protocol, f"at least {bar}", share, share >= bar, SEED)


def _judge(images: Images, classes: NDArray[np.uint8]) -> Callable[[Images, Images], float]:
    """Return what says how many images are of their class."""
    machine = SVC(C=10).fit(_rows(images), classes)
    return lambda shown, wanted: float(machine.score(_rows(shown), wanted))


def _rows(images: Images) -> NDArray[np.float32]:
    return images.reshape(len(images), -1) / np.float32(255)


def _looked_at() -> Iterator[Result]:
    """Translate photographs both ways, for the eye: nobody knows the answers."""
    for name, (a, b), (test_a, test_b) in (animals(), flowers()):
        model = espelho.CycleGAN(
            channels=(16, 32),
            blocks=2,
            discriminator_channels=16,
            flips=True,
            max_epochs=4,
            random_state=SEED,
        ).fit(a, b)
        made, back = model.translate(test_a), model.translate(test_b, to="A")
        write_rows(
            f"e4-{name.split()[0]}", [part[:SHOWN] for part in (test_a, made, test_b, back)]
        )
        error, still = -model.score(test_a, test_b), _change(test_a, made)
        protocol = (
            f"cycle error of {name}, in half ranges, without pairs, {len(a):,} and {len(b):,} "
            f"images; a picture to look at; translations differ from their images by {still:.3f}"
        )
        yield Result("CycleGAN", protocol, "a picture", error, bool(np.isfinite(error)), SEED)


def _change(images: Images, made: Images) -> float:
    return float(np.abs(images.astype(float) - made).mean() / 127.5)


SIDE, PER_IMAGE = 64, 26
SEEN = slice(None, SHOWN * PER_IMAGE, PER_IMAGE)
EPOCHS_OF_MAPS = 20
NEAR = 1.1


def e3() -> Iterator[Result]:
    """Draw photographs from maps, with an adversary and without."""
    torch.set_num_threads(1)
    train, test = maps()
    rng = np.random.default_rng(SEED)
    plans, photographs = _crops(*test, rng)
    see = RandomFeatures(random_state=SEED).fit(photographs)
    real = see(photographs)
    distances, errors, rows = {}, {}, [plans[SEEN]]
    for name, weight in (("L1", 0.0), ("L1 + adversarial", 1.0)):
        model = espelho.Pix2Pix(
            channels=(16, 32, 64, 64),
            discriminator_channels=16,
            adversarial_weight=weight,
            crop=SIDE,
            flips=True,
            batch_size=4,
            max_epochs=EPOCHS_OF_MAPS,
            random_state=SEED,
        ).fit(*train)
        made = model.translate(plans)
        distances[name] = kernel_distance(see(made), real)
        errors[name] = float(np.abs(made.astype(float) - photographs).mean())
        rows.append(made[SEEN])
    write_rows("e3-maps", [*rows, photographs[SEEN]])
    plain, adversarial = distances.values()
    protocol = (
        f"kernel distance of {len(plans):,} crops of 64 x 64 pixels of test maps, on features of "
        f"random convolutions, with L1 + adversarial (standard error "
        f"{adversarial.standard_error:.3f}); with L1 alone {plain.distance:.3f} (standard error "
        f"{plain.standard_error:.3f})"
    )
    yield Result(
        "pix2pix, map to photograph",
        protocol,
        "below that of L1 alone (the ordering of Isola et al. 2017, table 1)",
        adversarial.distance,
        adversarial.distance < plain.distance,
        SEED,
    )
    ratio = errors["L1"] / errors["L1 + adversarial"]
    protocol = (
        f"mean absolute error of L1 alone ({errors['L1']:.2f} grey levels) over that of L1 + "
        f"adversarial ({errors['L1 + adversarial']:.2f})"
    )
    yield Result("pix2pix", protocol, f"at most {NEAR}", ratio, ratio <= NEAR, SEED)


def _crops(plans: Images, photographs: Images, rng: np.random.Generator) -> list[Images]:
    """Return some squares of each image, the same of both of a pair."""
    spare = plans.shape[-1] - SIDE
    corners = rng.integers(spare + 1, size=(len(plans), PER_IMAGE, 2))
    return [
        np.stack(
            [
                image[:, row : row + SIDE, column : column + SIDE]
                for image, places in zip(images, corners, strict=True)
                for row, column in places
            ]
        )
        for images in (plans, photographs)
    ]
