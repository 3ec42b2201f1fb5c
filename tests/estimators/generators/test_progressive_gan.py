"""ProgressiveGAN: images of any size, learned from small to large, kept and resumed."""

import pickle
import warnings

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError

from espelho import ProgressiveGAN, evaluate, load
from espelho.errors import SettingError, ShapeError

TINY = {
    "channels": (4,),
    "latent_dim": 3,
    "max_epochs": 1,
    "batch_size": 16,
    "precision": "float32",
    "random_state": 0,
}
X = load_digits().images[:60]
RANDOM = np.random.default_rng(0)


def fitted(data=X, **settings):
    return ProgressiveGAN(**{**TINY, **settings}).fit(data)


def same(a, b):
    a, b = a.model_.state_dict(), b.model_.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def stages(model):
    return [record["stage"] for record in model.history_]


@pytest.fixture(scope="module")
def model():
    return fitted()


@pytest.mark.parametrize(
    ("shape", "sizes"),
    [
        ((8, 8), ((4, 4), (8, 8))),
        ((4, 4), ((4, 4),)),
        ((28, 28), ((4, 4), (7, 7), (14, 14), (28, 28))),
        ((1, 20, 12), ((10, 6), (20, 12))),
        ((5, 9, 11), ((5, 6), (9, 11))),
        ((2, 4, 40), ((4, 40),)),
    ],
)
def test_images_of_any_size_and_number_of_channels_are_learned(shape, sizes):
    data = RANDOM.normal(3, 2, size=(12, *shape)).astype(np.float32)
    model = fitted(data)
    assert model.resolutions_ == sizes
    for resolution in (None, *sizes, *(height for height, _ in sizes)):
        found = model.sample(3, resolution=resolution, random_state=1)
        size = resolution if isinstance(resolution, tuple) else None
        if isinstance(resolution, int):
            size = next(s for s in sizes if s[0] == resolution)
        assert found.shape == (3, *shape[:-2], *(size or shape[-2:]))
        assert found.dtype == np.float32


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float64"])
def test_samples_have_the_type_and_the_range_of_the_data(dtype):
    data = (X / 16 * 200).astype(dtype)
    found = fitted(data).sample(5)
    assert found.dtype == dtype


def test_a_smaller_sample_is_the_same_one_averaged():
    images = np.stack([X, 2 * X + 5], axis=1)
    model = fitted(images)
    full = model.sample(4, random_state=2)
    small = model.sample(4, resolution=4, random_state=2)
    np.testing.assert_allclose(small, full.reshape(4, 2, 4, 2, 4, 2).mean((3, 5)), rtol=1e-12)
    np.testing.assert_array_equal(model.sample(4, resolution=8, random_state=2), full)


def test_flat_rows_with_a_shape_are_images():
    rows = X.reshape(len(X), -1)
    model = fitted(rows, sample_shape=(1, 8, 8))
    assert same(model, fitted(X[:, None]))
    assert model.sample(2).shape == (2, 64)
    assert model.sample(2, resolution=4).shape == (2, 16)
    assert model.discriminate(rows).shape == (60,)


@pytest.mark.parametrize("resolution", [16, 5, (8, 4), True, "8", (4, 4, 4)])
def test_a_resolution_that_was_never_trained_says_which_were(model, resolution):
    with pytest.raises(SettingError) as raised:
        model.sample(2, resolution=resolution)
    assert str(raised.value) == (
        f"resolution={resolution!r} was never trained. Those that were: 4x4, 8x8; name one by its "
        "height, or by (height, width)."
    )


def test_an_unfitted_one_has_no_resolutions():
    with pytest.raises(NotFittedError):
        ProgressiveGAN().sample(2, resolution=4)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (X.reshape(60, -1), "a sample of X has the shape (64,). If X holds images as flat rows"),
        (
            RANDOM.normal(size=(9, 3, 8)),
            "at least 4 x 4 pixels, and a sample of X has the shape (3",
        ),
        (RANDOM.normal(size=(9, 8, 8, 3)), "channels come first"),
        (RANDOM.normal(size=(9, 1, 2, 8, 8)), "takes images (n, height, width)"),
        ([RANDOM.normal(size=(n, 4)) for n in (5, 6)], "takes images (n, height, width)"),
    ],
)
def test_what_is_no_image_is_one_clear_error(data, said):
    with pytest.raises(ShapeError) as raised:
        fitted(data)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"hidden_sizes": (9,)}, "hidden_sizes=(9,) means nothing to a ProgressiveGAN"),
        ({"discriminator_sizes": (9,)}, "discriminator_sizes=(9,) means nothing"),
        ({"spectral_norm": True}, "spectral_norm=True means nothing to a ProgressiveGAN"),
        ({"shifts": 1}, "use augmentation='always' with augmentation_kinds=('translation',)"),
        ({"structure": "dense"}, "structure='dense' cannot grow"),
        ({"structure": "recurrent"}, "structure='recurrent' cannot grow"),
        ({"normalization": "batch"}, "normalization of ProgressiveGAN must be 'pixel' or 'none'"),
        ({"channels": (4, 4, 4)}, "from 1 to 2 numbers for 4x4, 8x8, got 3: (4, 4, 4)"),
        ({"batch_sizes": ()}, "batch_sizes must name a number for each resolution"),
        ({"learning_rates": (0.1, 0.1, 0.1)}, "learning_rates must name a number for each"),
        ({"game": "wasserstein", "penalty": "none"}, "nothing limits how fast"),
        ({"packing": 17}, "packing=17 and batch_size=16 cannot work together"),
        ({"packing": 9, "batch_sizes": (16, 8)}, "packing=9 and batch_sizes=(16, 8) cannot work"),
        ({"batch_sizes": (16, 1)}, "batch_sizes of ProgressiveGAN must be at least 2"),
    ],
)
def test_settings_that_mean_nothing_or_cannot_work_say_so(settings, said):
    with pytest.raises(SettingError) as raised:
        fitted(**settings)
    assert said in str(raised.value)


def test_each_resolution_has_settings_of_its_own():
    data = RANDOM.normal(size=(12, 16, 16))
    model = fitted(
        data,
        channels=(6, 5),
        fade_epochs=(9, 1, 2),
        settle_epochs=(2, 1),
        batch_sizes=(6, 4),
        learning_rates=(1e-3, 1e-4),
        discriminator_learning_rate=1e-5,
    )
    assert stages(model) == [
        "4x4", "4x4", "8x8 fade-in", "8x8", "16x16 fade-in", "16x16 fade-in", "16x16",
    ]  # fmt: skip
    plan = model.model_.plan()
    assert [stage.batch_size for stage in plan] == [6, 4, 4, 4, 4]
    rates = [[phase.learning_rate for phase in stage.phases] for stage in plan]
    assert rates == [[1e-5, 1e-3], *[[1e-5, 1e-4]] * 4]
    generator = model.model_.generator
    assert [generator.images["2"].weight.shape[1], len(generator.blocks)] == [5, 2]


def test_squares_of_slopes_weigh_less_where_a_pixel_stands_for_many():
    def weights(**settings):
        model = fitted(RANDOM.normal(size=(12, 16, 8)), **settings)
        return [level.contest.penalties for level in model.model_._levels]

    squares = [p["r1"][1] for p in weights(penalty_weight=0.5)]
    assert squares == [0.125, 0.5]
    small, large = (p["r2"][1] for p in weights(penalty="r2"))
    assert large == pytest.approx(0.3, rel=0.2), "times a variance of 1"
    assert small == large / 4
    steep = [p["wasserstein"][1] for p in weights(game="wasserstein")]
    assert steep == [10, 10]


@pytest.mark.parametrize(
    "settings",
    [
        {"game": "relativistic", "penalty": "r2", "penalty_every": 2},
        {"game": "wasserstein", "discriminator_updates": 2},
        {"game": "hinge", "penalty": "dragan", "noise": "uniform", "averaging": None},
        {"instance_noise": 0.3, "label_smoothing": 0.1, "pool": 9, "packing": 2},
        {"augmentation": "adaptive", "normalization": "none", "minibatch_deviation": False},
        {"augmentation": "always", "alternate": "epoch", "max_epochs": 2, "keep": "last"},
        {"patience": 1, "validation_fraction": 0.2, "max_epochs": 3},
        {"schedule": "cosine", "optimizer": "adamw", "gradient_clip": 1.0},
        {"growing": False, "output_activation": "tanh"},
    ],
    ids=str,
)
def test_settings_of_a_gan_compose_and_are_kept_in_runs(tmp_path, settings):
    model = fitted(**settings)
    assert np.isfinite(model.sample(3)).all()
    for again in (load(model.save(tmp_path / "run")), pickle.loads(pickle.dumps(model))):
        assert same(again, model)
        assert again.resolutions_ == model.resolutions_
        np.testing.assert_array_equal(
            again.sample(3, random_state=1), model.sample(3, random_state=1)
        )
    assert same(fitted(**settings), model)
    assert same(clone(model).fit(X), model)


def test_a_stage_lasts_for_steps_where_nothing_is_said():
    model = ProgressiveGAN(batch_size=16)
    assert [model._epochs(n) for n in (60, 1797, 60_000)] == [50, 18, 1]
    assert model.set_params(max_epochs=7)._epochs(60) == 7


def test_a_network_that_does_not_grow_has_one_resolution():
    model = fitted(growing=False)
    assert stages(model) == ["8x8"]
    assert model.resolutions_ == ((8, 8),)


def test_it_warns_of_nothing_and_can_be_evaluated(model):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = evaluate(model, X)
    assert len(result.to_dict()) > 0


def test_how_many_channels_there_are_falls_with_the_size():
    model = fitted(RANDOM.normal(size=(4, 64, 64)), channels=None, growing=False, batch_size=2)
    generator = model.model_.generator
    widths = [
        generator.first[1].bias.numel() // 16,
        *(b[0].bias.numel() for b in generator.blocks),
    ]
    assert widths == [64, 64, 32, 16, 16]
