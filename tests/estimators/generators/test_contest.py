"""Devices of adversarial training as settings: they train, are kept in runs, and resume."""

import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from torch import nn

from espelho import GAN, Checkpoint, ConditionalGAN, load, resume
from espelho.errors import EspelhoWarning, SettingError
from espelho.training.callbacks.base import Callback

TINY = {
    "hidden_sizes": (16,),
    "discriminator_sizes": (16,),
    "channels": (4, 6),
    "max_epochs": 2,
    "batch_size": 32,
    "random_state": 0,
}
IMAGES = (1, 8, 8)
DIGITS, LABELS = (part[:120] for part in load_digits(return_X_y=True))
DEVICES = [
    {"packing": 3},
    {"pool": 7},
    {"pool": 40, "packing": 2},
    {"augmentation": "always"},
    {"augmentation": "adaptive", "pool": 9, "packing": 2},
]
ON_DATA = [(device, IMAGES) for device in DEVICES]
ON_DATA += [(device, None) for device in DEVICES if "augmentation" not in device]
KINDS = {
    "GAN": lambda **settings: GAN(**{**TINY, **settings}),
    "projection": lambda **settings: ConditionalGAN(**{**TINY, **settings}),
    "concatenation": lambda **settings: ConditionalGAN(
        **{**TINY, **settings}, conditioning="concatenation"
    ),
    "auxiliary": lambda **settings: ConditionalGAN(
        **{**TINY, **settings}, conditioning="auxiliary"
    ),
}


def fit(model, X=DIGITS, **more):
    return model.fit(X, LABELS[: len(X)], **more)


def same(a, b):
    a, b = a.model_.state_dict(), b.model_.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("device", "shape"), ON_DATA, ids=str)
def test_every_device_trains_and_is_kept_in_runs(tmp_path, device, kind, shape):
    model = fit(KINDS[kind](sample_shape=shape, **device))
    assert np.isfinite(model.sample(3)).all()
    records = model.history_.records
    assert all(np.isfinite(v) for r in records for v in r.values() if isinstance(v, float))
    for again in (load(model.save(tmp_path / "run")), pickle.loads(pickle.dumps(model))):
        assert same(again, model)
        assert repr(again) == repr(model)
    assert same(fit(clone(model)), model)
    again.partial_fit(DIGITS, LABELS)


class Stop(Callback):
    def __init__(self, step):
        self.step = step

    def on_step(self, trainer):
        if trainer.position.step == self.step:
            trainer._interruption.requested = True


@pytest.mark.parametrize("alternate", ["step", "epoch"])
@pytest.mark.parametrize("kind", ["GAN", "projection", "auxiliary"])
@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_resumed_is_uninterrupted(tmp_path, device, kind, alternate):
    settings = {
        **device,
        "sample_shape": IMAGES,
        "max_epochs": 4,
        "discriminator_updates": 2,
        "alternate": alternate,
    }
    whole = fit(KINDS[kind](**settings))
    with pytest.warns(EspelhoWarning, match="interrupted"):
        fit(KINDS[kind](**settings, callbacks=(Checkpoint(tmp_path / "run"), Stop(6))))
    again = resume(tmp_path / "run", DIGITS, LABELS)
    assert same(again, whole)
    assert again.history_.figures == whole.history_.figures


@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_other_devices_are_no_warm_start(device):
    model = fit(GAN(**TINY, warm_start=True, sample_shape=IMAGES))
    with pytest.raises(SettingError, match=f"whose ({'|'.join(device)}) is"):
        fit(model.set_params(**device))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"packing": 0}, "packing of GAN must be greater than or equal to 1"),
        (
            {"augmentation": "always"},
            "augmentation='always' needs images, and a sample has the sh",
        ),
        ({"augmentation": "sometimes"}, "augmentation of GAN must be 'none', 'always' or 'adapt"),
        ({"augmentation_kinds": ("colour",)}, "must be 'color', 'translation' or 'cutout'"),
        ({"augmentation": "always", "augmentation_kinds": ()}, "say what to change, got ()"),
        (
            {"augmentation": "adaptive", "game": "wasserstein"},
            "game='wasserstein' and augmentation='adaptive' cannot work together",
        ),
        ({"pool": -1}, "pool of GAN must be greater than or equal to 0"),
        ({"packing": 33}, "packing=33 and batch_size=32 cannot work together"),
    ],
)
def test_settings_that_cannot_work_say_so(settings, said):
    with pytest.raises(SettingError) as raised:
        GAN(**{**TINY, **settings}).fit(DIGITS)
    assert said in str(raised.value)


def test_a_signal_is_packed_on_channels():
    model = fit(GAN(**TINY, structure="convolutional", packing=2))
    first, *_ = (m for m in model.model_.discriminator.modules() if isinstance(m, nn.Conv2d))
    assert first.in_channels == 2
    assert model.discriminate(DIGITS).shape == (120,)


def test_rows_are_judged_in_packs_in_their_order():
    model = fit(GAN(**TINY, packing=3))
    found = model.discriminate(DIGITS[:7])
    x = torch.from_numpy(model.scaling_.forward(DIGITS[:7]))
    for first, pack in ((0, [0, 1, 2]), (3, [3, 4, 5]), (6, [6, 0, 1])):
        expected = model.model_.discriminator(x[pack].reshape(1, -1)).sigmoid()
        assert found[first] == pytest.approx(expected.item())
    assert model.discriminate(DIGITS[:1]).shape == (1,)


@pytest.mark.parametrize("structure", ["dense", "recurrent"])
def test_rows_beyond_a_block_are_judged_in_the_same_packs(monkeypatch, structure):
    model = fit(GAN(**{**TINY, "max_epochs": 1}, packing=3, structure=structure))
    whole = model.discriminate(DIGITS)
    monkeypatch.setattr("espelho.data.scaling._BLOCK_ROWS", 40)
    np.testing.assert_allclose(model.discriminate(DIGITS), whole, rtol=1e-9)


@pytest.mark.parametrize(
    "device", [{"pool": 7}, {"augmentation": "adaptive", "packing": 2}], ids=str
)
@pytest.mark.parametrize("kind", KINDS)
def test_mixed_precision_takes_weights(kind, device):
    model = KINDS[kind](sample_shape=IMAGES, precision="mixed", **device)
    fit(model, sample_weight=np.linspace(0, 2, 120))
    assert np.isfinite(model.history_["discriminate"]).all()


def test_held_out_rows_and_last_batches_need_not_fill_a_pack():
    model = GAN(**{**TINY, "batch_size": 20}, packing=19, validation_fraction=0.1)
    model.fit(DIGITS[:45], sample_weight=np.linspace(0, 2, 45))
    assert "validation/generate/fool" in model.history_.records[0]


@pytest.mark.parametrize("shape", [(8, 8), (1, 8, 8), (4, 4, 4), (3, 4, 5)])
@pytest.mark.parametrize("structure", ["dense", "convolutional"])
def test_images_of_any_shape_are_augmented(structure, shape):
    X = np.random.default_rng(0).integers(0, 256, (40, *shape)).astype("uint8")
    settings = {**TINY, "structure": structure, "augmentation": "always", "max_epochs": 1}
    model = fit(GAN(**settings), X)
    assert model.sample(2).shape == (2, *shape)


def test_channels_that_come_last_are_not_augmented_as_rows_and_columns():
    X = np.random.default_rng(0).integers(0, 256, (40, 6, 5, 3)).astype("uint8")
    with pytest.raises(SettingError, match="channels come first, and a sample has the shape"):
        fit(GAN(**TINY, structure="dense", augmentation="always"), X)


def test_brightness_is_in_the_units_of_the_data():
    model = fit(GAN(**TINY, sample_shape=IMAGES, augmentation="always"))
    spread = model.scaling_.forward(DIGITS).reshape(120, -1).std(0).mean()
    assert 0.5 * spread < model.model_.augmentation._spread < 2 * spread


def test_the_chance_rises_where_data_is_scarce_and_is_kept_in_runs(tmp_path):
    settings = {"augmentation": "adaptive", "augmentation_ramp": 2000.0, "max_epochs": 30}
    model = fit(GAN(**{**TINY, **settings}, sample_shape=IMAGES, learning_rate=2e-3))
    assert model.model_.augmentation.chance > 0
    again = load(model.save(tmp_path / "run"))
    assert again.model_.augmentation.chance == model.model_.augmentation.chance
