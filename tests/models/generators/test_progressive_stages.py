"""Stages of a progressive network: fades, batches, optimisers and averages through growth."""

from itertools import pairwise

import torch
from tests.models.generators.progressive_toys import batch, build, train

from espelho.training.callbacks.base import Callback
from espelho.training.callbacks.weight_averaging import WeightAveraging
from espelho.training.snapshot import optimizer_states


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
