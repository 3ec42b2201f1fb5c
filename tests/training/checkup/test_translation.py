"""Figures of translations that are planted, and of those that are as they should be."""

import pytest
import torch
from torch import nn

from espelho.losses.adversarial.games import GAMES
from espelho.models.translators.augmentation import CropAndFlip
from espelho.models.translators.blocks import in_blocks, scores_of
from espelho.models.translators.cyclegan import CycleGANModel, CycleWeights
from espelho.models.translators.pix2pix import Pix2PixModel
from espelho.training.batches import Batch
from espelho.training.checkup.faint import faint_noise, in_8_bits
from espelho.training.checkup.probe import Probe
from espelho.training.checkup.translation import cycles
from espelho.training.doctor import Signals, examine


class By(nn.Module):
    """A network by a function, with a weight so that it can be looked at."""

    def __init__(self, function):
        super().__init__()
        self.function, self.weight = function, nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return self.function(x)


def patches(x):
    """Return scores of two patches, of which only one half of an image tells."""
    halves = x.flatten(2).unflatten(2, (2, -1)).mean((1, 3))
    return 0.01 * halves.unsqueeze(1)


def both_ways(to_b, to_a, **more):
    judges = By(patches), By(patches)
    game, weights = GAMES["least-squares"], CycleWeights()
    return CycleGANModel(By(to_b), By(to_a), *judges, game=game, weights=weights, **more)


def images(n, seed):
    random = torch.Generator().manual_seed(seed)
    corner = torch.rand(n, 1, 1, 1, generator=random)
    return (corner + torch.rand(n, 1, 8, 8, generator=random)) / 2


A, B = images(64, 0), -1 - images(48, 1)


def invert(x):
    return -1 - x


def hide(x):
    """Return images of one grey in which all of a sample is hidden."""
    return -1.5 + x / 1e4


def seek(x):
    return (x + 1.5) * 1e4


def alike(x):
    return torch.full_like(x, 0.5) + 0 * x


def found(model, b=B):
    figures = Probe(model, Batch(A, b), Batch(A[:20], b[:20])).figures()
    facts = Probe(model, Batch(A, b), Batch(A[:20], b[:20])).facts
    records = [{"epoch": e, "step": e, "stage": "train"} | figures for e in (1, 2, 3)]
    history = [{"epoch": e, "stage": "train", "generate/fool_A": 1.0} for e in (1, 2, 3)]
    return figures, examine(history, Signals(records, facts))


def test_inverting_what_is_inverted_is_healthy():
    figures, diagnosis = found(both_ways(invert, invert))
    assert diagnosis.healthy
    assert figures["translation/cycle_A"][0] == pytest.approx(0, abs=1e-6)
    assert figures["samples/coverage_B"] > 0.5
    assert 0.3 < figures["scores/separation_A"] < 0.7
    assert "scores/known_B" in figures


def test_samples_that_stay_as_they_are_are_an_identity_generator():
    _, diagnosis = found(both_ways(lambda x: x, lambda x: x))
    assert "identity generator" in diagnosis
    assert "Of A and B" in diagnosis["identity generator"].said
    _, diagnosis = found(both_ways(lambda x: x, lambda x: x), b=images(48, 2))
    assert diagnosis.healthy


def test_one_way_that_makes_one_image_is_a_one_sided_collapse():
    _, diagnosis = found(both_ways(invert, alike))
    assert "one-sided collapse" in diagnosis
    assert "mode collapse" not in diagnosis
    assert "Of A" in diagnosis["one-sided collapse"].said


def test_a_signal_in_tiny_amplitudes_is_hidden():
    figures, diagnosis = found(both_ways(hide, seek))
    plain, rounded, noisy, mean = figures["translation/cycle_A"]
    assert plain < 0.01 * mean
    assert min(rounded, noisy) > 0.5 * mean
    assert "Of A" in diagnosis["hidden signal"].said


def test_pairs_that_are_copied_are_an_identity_generator():
    judge = By(patches)
    model = Pix2PixModel(By(lambda x: x), judge, game=GAMES["non-saturating"])
    figures, diagnosis = found(model, b=-1 - A)
    assert figures["translation/change"] == 0
    assert "identity generator" in diagnosis
    assert diagnosis["identity generator"].said.startswith("Translations")
    right = Pix2PixModel(By(invert), None, game=GAMES["non-saturating"])
    figures, diagnosis = found(right, b=-1 - A)
    assert "scores/separation" not in figures
    assert diagnosis.healthy


def test_sets_of_another_shape_have_no_change():
    wide = Pix2PixModel(By(lambda x: torch.cat([x, x], 1)), None, game=GAMES["least-squares"])
    b = torch.cat([A, A], 1)
    shown = wide.shown(Batch(A, b))
    assert torch.equal(shown["made"], b)
    figures, _ = found(wide, b=b)
    assert "translation/change" not in figures
    assert Probe(wide, Batch(A, b)).facts["translates"] == 1


def test_what_is_cropped_in_training_is_looked_at_in_the_middle():
    for model in (
        both_ways(invert, invert, augment=CropAndFlip(4)),
        Pix2PixModel(By(invert), By(patches), game=GAMES["hinge"], augment=CropAndFlip(4)),
    ):
        shown = model.eval().shown(Batch(A, B[:1].expand(64, 1, 8, 8)))
        made = shown.get("made_B", shown.get("made"))
        torch.testing.assert_close(made, -1 - A[:, :, 2:6, 2:6])


def test_scores_are_means_over_patches_of_a_sample():
    x = images(5, 3)
    torch.testing.assert_close(scores_of(By(patches), x), 0.01 * x.flatten(1).mean(1))


def test_blocks_give_what_the_whole_gives(monkeypatch):
    from espelho.models.translators import blocks

    sizes = []

    def network(x):
        sizes.append(len(x))
        return 2 * x

    monkeypatch.setattr(blocks, "_ELEMENTS", 130)
    x = images(5, 4)
    torch.testing.assert_close(in_blocks(network, x), 2 * x)
    assert sizes == [2, 2, 1]


def test_the_errors_of_a_cycle_are_those_of_what_was_changed():
    start, made = A[:7], invert(A[:7])
    torch.manual_seed(0)
    plain, rounded, noisy = cycles(start, made, made, invert).T
    torch.manual_seed(0)
    noise = faint_noise(torch.randn_like(made), made.std())
    torch.testing.assert_close(plain, torch.zeros(7), atol=1e-6, rtol=0)
    torch.testing.assert_close(noisy, noise.abs().flatten(1).mean(1))
    step = (made.amax() - made.amin()) / 255
    assert bool((rounded <= step / 2).all())
    assert len(in_8_bits(made, made.amin(), made.amax() - made.amin()).unique()) <= 256
