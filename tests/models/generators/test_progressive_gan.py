"""The progressive network's model: its laws, and what each level does to data and rules."""

import copy
from dataclasses import replace

import pytest
import torch
from tests.models.generators.progressive_toys import (
    COLOURS,
    JUDGED,
    LATENT,
    STAGES,
    N,
    batch,
    build,
    train,
)

from espelho.losses.adversarial.games import GAMES
from espelho.losses.adversarial.gradient_penalties import GRADIENT_PENALTIES
from espelho.models.generators.augmentation import Augmentation
from espelho.models.generators.fading_noise import FadingNoise
from espelho.models.generators.past_fakes import PastFakes
from espelho.networks.growing.resolutions import averaged_to, enlarged_to
from espelho.testing import check_plan
from espelho.training.batches import TensorData
from espelho.training.callbacks.base import Callback


@pytest.mark.parametrize(
    ("size", "penalty"),
    [
        ((8, 8), "r1"),
        ((4, 4), None),
        pytest.param((7, 9), None, marks=pytest.mark.slow),
        pytest.param((20, 12), "r1", marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_every_size_obeys_the_laws(size, penalty):
    bias = ["discriminate/discriminator.last.6.bias"] if penalty == "r1" else []
    check_plan(build(size, penalty=penalty), batch(size), not_means=JUDGED, unreached=bias)


@pytest.mark.parametrize(
    "settings",
    [
        {"game": GAMES["relativistic"]},
        {"game": GAMES["wasserstein"], "penalty": "wasserstein"},
        {"penalty": "dragan", "penalty_every": 2},
        {"packing": 2},
        {"ways": {"past": PastFakes(5, torch.empty(COLOURS, 8, 8), torch.ones(()))}},
        {"ways": {"augmentation": Augmentation(("color", "translation", "cutout"), (8, 8))}},
        {"discriminator_updates": 2, "alternate": "epoch"},
        {"instance_noise": 0.1},
        {"growing": False},
    ],
    ids=", ".join,
)
def test_every_rule_obeys_the_laws(settings):
    check_plan(build(**settings), batch(), not_means=JUDGED)


def test_each_resolution_fades_in_and_settles():
    model = build((16, 16), epochs=(2, 3), batch_sizes=[8, 4, 2])
    stages = model.plan()
    assert [s.name for s in stages] == STAGES
    assert [s.epochs for s in stages] == [3, 2, 3, 2, 3]
    assert [s.batch_size for s in stages] == [8, 4, 4, 2, 2]
    assert [[p.name for p in s.phases] for s in stages] == [["discriminate", "generate"]] * 5
    assert [s.name for s in build((16, 16), growing=False).plan()] == ["16x16"]


def test_data_is_averaged_down_and_blended_while_layers_fade_in():
    model, data = build((16, 16)), batch((16, 16))
    stages = {stage.name: stage for stage in model.plan()}
    for name, stage in stages.items():
        size = int(name.split("x")[0])
        (found,) = stage.prepared(TensorData(data)).arrange(
            type("Cuts", (), {"pick": lambda s, o: None, "own_bounds": [0, N]})()
        )
        torch.testing.assert_close(found.x, averaged_to(data.x, (size, size)))
        stage.grow()
        model._fade(0.25)
        seen = model._data(found)
        before = enlarged_to(averaged_to(found.x, (size // 2, size // 2)), [(size, size)])
        blended = 0.75 * before + 0.25 * found.x
        torch.testing.assert_close(seen, blended if "fade" in name else found.x)


def test_full_size_is_not_copied():
    model, data = build(), TensorData(batch())
    assert model.plan()[-1].prepared(data) is data


def test_what_is_generated_is_as_large_as_the_data_at_every_level():
    model = build((20, 13))
    z = torch.randn(3, LATENT, dtype=torch.float64)
    for stage in model.plan():
        stage.grow()
        made = model.generate(z)
        assert made.shape == (3, COLOURS, 20, 13)
        torch.testing.assert_close(averaged_to(made, model._sizes[model.level]),
                                   model.generator(z))  # fmt: skip
        assert model.scores(made).shape == (3,)


def test_the_rules_are_those_of_the_resolution():
    model = build((16, 16), penalty="r1")
    weights = [4.0, 2.0, 1.0]
    model._levels = tuple(
        level._replace(
            contest=replace(
                level.contest, penalties={"r1": (GRADIENT_PENALTIES["r1"], w)},
                learning_rates=(w, 2 * w),
            )
        )
        for level, w in zip(model._levels, weights, strict=True)
    )  # fmt: skip
    for stage, weight in zip(model.plan(), (4.0, 2.0, 2.0, 1.0, 1.0), strict=True):
        stage.grow()
        assert model.contest.penalties["r1"][1] == weight
        assert [p.learning_rate for p in stage.phases] == [weight, 2 * weight]


def test_a_pool_shows_what_was_made_at_smaller_sizes():
    pool = PastFakes(100, torch.empty(COLOURS, 8, 8), torch.ones(()))
    model = build(ways={"past": pool})
    made = []
    some_past = model._some_past

    def noting(x, rows):
        shown = some_past(x, rows)
        made.append((x.shape[2:], shown.x.shape[2:]))
        return shown

    model._some_past = noting
    train(model)
    assert set(made) == {((4, 4), (4, 4)), ((8, 8), (8, 8))}
    assert int(pool.count) == len(made) * 4


def test_instance_noise_falls_once_over_all_stages():
    model, levels = build(instance_noise=1.0), []

    class Look(Callback):
        def on_step(self, trainer):
            levels.append(model.noise_level)

    train(model, max_epochs=2, callbacks=[FadingNoise(), Look()], batch_size=8)
    assert levels == [(1 - k / 6) ** 2 for k in range(6)]
    assert model.noise_level == 0.0


def test_a_grown_model_goes_on_at_full_size_and_another_where_it_stands():
    model = build((16, 16), epochs=(2, 3))
    (last,) = model.continued()
    assert (last.name, last.epochs) == ("16x16", None)
    for index, stage in enumerate(model.plan()[:-1]):
        stage.grow()
        assert [s.name for s in model.continued()] == STAGES[index:]
        assert not model.grown
    (last,) = build((16, 16), growing=False).continued()
    assert last.name == "16x16"


def test_copies_grow_by_themselves():
    model = build()
    twin = copy.deepcopy(model)
    twin.plan()[0].grow()
    assert (model.level, twin.level) == (1, 0)
    train(twin)
    assert twin.grown
