"""The progressive network's model: stages, and what they do to networks, data and rules."""

import copy
from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from espelho.losses.adversarial.games import GAMES
from espelho.losses.adversarial.gradient_penalties import GRADIENT_PENALTIES
from espelho.models.generators.augmentation import Augmentation
from espelho.models.generators.contest import Contest
from espelho.models.generators.fading_noise import FadingNoise
from espelho.models.generators.noise import NOISES
from espelho.models.generators.past_fakes import PastFakes
from espelho.models.generators.progressive_gan import Level, ProgressiveGANModel
from espelho.networks.images.growing import GrowingDiscriminator, GrowingGenerator
from espelho.networks.images.resolutions import averaged_to, enlarged_to, resolutions
from espelho.testing import check_plan
from espelho.training.batches import Batch, TensorData
from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.weight_averaging import WeightAveraging
from espelho.training.recipe import Recipe
from espelho.training.snapshot import optimizer_states
from espelho.training.trainer import Trainer

N, LATENT, COLOURS = 8, 3, 2
JUDGED = ("discriminate/real", "discriminate/fake", "discriminate/r1", "generate/fool")
"""What the deviation within a batch makes no mean over samples."""

STAGES = ["4x4", "8x8 fade-in", "8x8", "16x16 fade-in", "16x16"]


def build(
    size=(8, 8), *, penalty=None, epochs=(None, None), batch_sizes=None, ways=None, growing=True,
    packing=1, **rules
):  # fmt: skip
    torch.manual_seed(0)
    sizes = resolutions(*size)
    channels = [4, 3, 3, 2][: len(sizes)]
    penalties = {} if penalty is None else {penalty: (GRADIENT_PENALTIES[penalty], 0.5)}
    contest = Contest(
        **{"game": GAMES["non-saturating"], "penalties": penalties, "packing": packing, **rules}
    )
    batch_sizes = [None] * len(sizes) if batch_sizes is None else batch_sizes
    levels = [Level(s, contest, *epochs, b) for s, b in zip(sizes, batch_sizes, strict=True)]
    return ProgressiveGANModel(
        GrowingGenerator(LATENT, sizes, channels, COLOURS),
        GrowingDiscriminator(sizes, channels, packing * COLOURS),
        LATENT,
        levels,
        growing=growing,
        noise=NOISES["gaussian"],
        **(ways or {}),
    ).double()


def batch(size=(8, 8), n=N):
    generator = torch.Generator().manual_seed(2)
    return Batch(torch.rand(n, COLOURS, *size, generator=generator, dtype=torch.float64))


def train(model, data=None, *, max_epochs=2, callbacks=(), batch_size=4, resume=None, **more):
    recipe = Recipe(max_epochs=max_epochs, batch_size=batch_size, **more)
    data = TensorData(batch() if data is None else data)
    trainer = Trainer(model, data, recipe, seed=0, callbacks=callbacks)
    trainer.run(resume)
    return trainer


@pytest.mark.parametrize("size", [(8, 8), (4, 4), (7, 9), (20, 12)], ids=str)
@pytest.mark.parametrize("penalty", [None, "r1"])
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
    ids=str,
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


class Watch(Callback):
    """Notes what each batch was trained as."""

    def on_train_start(self, trainer):
        self.rows, self.start = [], {}

    def on_stage_start(self, trainer):
        # Copies: the storage that they are in now is the stage's.
        weights = {n: p.detach().clone() for n, p in trainer.model.named_parameters()}
        states = optimizer_states(trainer.updates).items()
        self.start[trainer.stage.name] = (weights, {n: t.clone() for n, t in states})

    def on_step(self, trainer):
        m = trainer.model
        size = trainer.last_batch_size
        self.rows.append((trainer.stage.name, float(m.generator.fade), size))


def test_the_weight_of_a_fade_is_the_share_of_its_samples_that_were_seen():
    watch = Watch()
    train(build(), max_epochs=3, callbacks=[watch])
    fades = [fade for name, fade, _ in watch.rows if name == "8x8 fade-in"]
    # As told for the batch that comes next: a division of whole numbers would leave it 0.
    assert fades == [step / 6 for step in range(1, 7)]
    assert {fade for name, fade, _ in watch.rows if name != "8x8 fade-in"} == {1.0}


def test_the_first_batch_of_a_fade_is_that_of_the_network_before():
    model = build()
    seen = []
    forward = model.generator.forward

    def noting(z):
        seen.append((model.level, model.generator.fading, float(model.generator.fade)))
        return forward(z)

    model.generator.forward = noting
    train(model, max_epochs=1)
    fades = [fade for level, fading, fade in seen if fading]
    assert fades[0] == 0.0
    assert max(fades) == 0.5


def test_batches_are_as_large_as_their_resolution_says():
    watch = Watch()
    train(build(batch_sizes=[8, 2]), callbacks=[watch], max_epochs=1)
    assert {(name, n) for name, _, n in watch.rows} == {
        ("4x4", 8), ("8x8 fade-in", 2), ("8x8", 2),
    }  # fmt: skip


def test_older_layers_are_trained_on_with_the_new_ones():
    watch, model = Watch(), build((16, 16))
    trainer = train(model, batch((16, 16)), callbacks=[watch])
    names = [*watch.start, None]
    last = {n: p.detach() for n, p in trainer.model.named_parameters()}
    for name, following in pairwise(names):
        before = watch.start[name][0]
        after = last if following is None else watch.start[following][0]
        still = [n for n in before.keys() & after.keys() if torch.equal(before[n], after[n])]
        assert not still, f"{still} did not move in stage {name}"


def test_optimisers_start_anew_with_every_stage():
    watch = Watch()
    train(build(), callbacks=[watch])
    for name, (_, states) in watch.start.items():
        assert states, name
        assert not any(t.any() for t in states.values()), name


def test_an_average_knows_the_new_layers_and_forgets_no_buffer():
    model, averaging = build(), WeightAveraging(half_life=1.0)
    averages = []

    class Look(Callback):
        def on_stage_start(self, trainer):
            averages.append(averaging.average().keys())

    train(model, callbacks=[averaging, Look()])
    state = model.state_dict()
    assert averages[0] < averages[1]
    assert "generator.blocks.0.0.weight" in averages[1]
    assert averages[2] == {n for n in state if n not in ("turn", "generator.fade",
                                                         "discriminator.fade")}  # fmt: skip
    assert float(model.generator.fade) == 1.0, "a fade is no statistic to be averaged"


def test_an_average_is_made_of_the_weights_it_follows():
    """Followed by hand, over growth: the new layers from their own first values on."""
    averaging, own = WeightAveraging(half_life=6.0, ramp_up=1e9), {}

    class Follow(Callback):
        def on_stage_start(self, trainer):
            now = {n: p.detach().clone() for n, p in trainer.model.named_parameters()}
            own.update({n: own.get(n, p) for n, p in now.items()})

        def on_step(self, trainer):
            share = 1 - 0.5 ** (trainer.last_batch_size / 6.0)
            for name, p in trainer.model.named_parameters():
                own[name] = own[name] + share * (p.detach() - own[name])

    model = build()
    train(model, callbacks=[averaging, Follow()])
    for name, p in model.named_parameters():
        torch.testing.assert_close(p.detach(), own[name])


def test_an_average_forgets_the_first_weights_of_new_layers_as_soon_as_any():
    averaging, own = WeightAveraging(half_life=1e9, ramp_up=0.5), {}

    class Follow(Callback):
        def on_stage_start(self, trainer):
            now = {n: p.detach().clone() for n, p in trainer.model.named_parameters()}
            if now.keys() - own.keys():
                self.since = trainer.position.samples
            own.update({n: own.get(n, p) for n, p in now.items()})

        def on_step(self, trainer):
            half_life = 0.5 * (trainer.position.samples - self.since)
            share = 1 - 0.5 ** (trainer.last_batch_size / half_life)
            for name, p in trainer.model.named_parameters():
                own[name] = own[name] + share * (p.detach() - own[name])

    model = build((16, 16))
    train(model, batch((16, 16)), callbacks=[averaging, Follow()])
    for name, p in model.named_parameters():
        torch.testing.assert_close(p.detach(), own[name])


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
