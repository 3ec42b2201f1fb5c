"""A checkup looks at a model and leaves its training as it would have been without."""

import pytest
import torch
from tests.training.toys import (
    Busy,
    Mirror,
    Snapshots,
    TwoPlayers,
    assert_same_tensors,
    gaussian,
    trainer,
    without_seconds,
)

from espelho.errors import DivergenceError
from espelho.training.batches import Batch
from espelho.training.callbacks.base import Callback
from espelho.training.checkup import Checkup
from espelho.training.checkup.probe import Probe
from espelho.training.doctor.signals import DIVERGED, EVENT, FINAL
from espelho.training.plan import Stage


class Watched(Busy):
    """Dropout, batch norm and a random loss, all of it to be looked at."""

    def shown(self, batch):
        codes = self.encoder(batch.x)
        drawn = torch.randn(len(batch.x), 2, dtype=batch.x.dtype)
        return {
            "codes": codes,
            "answers": self.decoder(codes),
            "real": drawn,
            "made": codes,
            "scores_real": self.judge(drawn).squeeze(1),
            "scores_made": self.judge(codes).squeeze(1),
        }


def batch(n=12, d=4, seed=5):
    return Batch(torch.randn(n, d, generator=torch.Generator().manual_seed(seed)))


def run(checkups=True, every=1, resume=None, more=(), held_out=None, **recipe):
    torch.manual_seed(0)
    model = Watched()
    checkup = Checkup(Probe(model, batch(), held_out, rows=batch(30).x), every)
    watching = (checkup,) if checkups else ()
    engine = trainer(
        model, gaussian(10, 4), callbacks=(*watching, *more), **{"max_epochs": 4, **recipe}
    )
    engine.run(resume)
    return checkup, engine, model.state_dict()


def test_training_with_checkups_comes_to_the_same_bits_and_figures():
    _, looked_at, weights = run()
    _, alone, expected = run(checkups=False)
    assert_same_tensors(weights, expected)
    assert without_seconds(looked_at.history) == without_seconds(alone.history)


def test_signals_are_read_after_the_first_epoch_then_every_few_and_in_the_end():
    checkup, _, _ = run(every=2, held_out=batch(9, seed=6))
    records = checkup.signals.records
    assert [(r["epoch"], r["step"], FINAL in r) for r in records] == [
        (1, 3, False), (3, 9, False), (4, 12, True),
    ]  # fmt: skip
    assert checkup.signals.facts == {"features": 4, "rows": 12, "held_out_rows": 9, "width": 2}
    for name in ("answers/held_out", "scores/known", "units/dead", "samples/diversity"):
        assert all(name in record for record in records)
    assert {"gradient/reconstruct", "gradient/confuse"} <= records[0].keys()
    assert {"linear/train", "linear/held_out"} <= records[-1].keys()


def test_the_longer_a_training_has_gone_on_the_more_rarely_it_is_looked_at():
    records = run(max_epochs=20)[0].signals.records
    assert [record["epoch"] for record in records] == [1, 2, 3, 4, 6, 9, 13, 19, 20]


def test_a_resumed_training_reads_the_signals_of_one_that_never_stopped():
    taken = Snapshots()
    expected, _, _ = run(more=[taken])
    # The third is of the end of an epoch that is not yet counted.
    for snapshot in (taken.taken[2], taken.taken[4], taken.taken[-1]):
        found, _, _ = run(resume=snapshot, more=[Snapshots()])
        assert found.signals.records == expected.signals.records


def test_every_looking_is_at_the_same_and_with_the_same_draws():
    torch.manual_seed(0)
    model = Watched()
    probe = Probe(model, batch())
    state = torch.get_rng_state()
    assert probe.figures() == probe.figures()
    assert torch.equal(torch.get_rng_state(), state)
    assert model.training


def test_the_last_signals_are_of_the_weights_that_training_ends_with():
    class Replace(Callback):
        def on_finish(self, trainer):
            with torch.no_grad():
                trainer.model.decoder[-1].weight.zero_()
                trainer.model.decoder[-1].bias.zero_()

    torch.manual_seed(0)
    model = Watched()
    checkup = Checkup(Probe(model, batch()))
    trainer(model, gaussian(10, 4), callbacks=(Replace(), checkup)).run()
    x = batch().x
    share = float(x.square().sum() / (x - x.mean(0)).square().sum())
    assert checkup.signals.records[-1]["answers/train"] == pytest.approx(share)


def test_a_divergence_is_noted_with_what_was_not_finite():
    class Spoil(Callback):
        def on_step(self, trainer):
            if trainer.position.step == 4:
                trainer.groups[0].data.fill_(torch.nan)

    torch.manual_seed(0)
    model = Watched()
    checkup = Checkup(Probe(model, batch()))
    with pytest.raises(DivergenceError):
        trainer(model, gaussian(10, 4), callbacks=(checkup, Spoil())).run()
    *_, last = checkup.signals.records
    assert last[EVENT] == DIVERGED
    assert (last["epoch"], last["step"]) == (1, 6)
    assert last["back"] == "from before this epoch"


def test_the_norm_of_gradients_is_that_of_the_last_update():
    norms = {}

    class Look(Callback):
        def on_step(self, trainer):
            for update in trainer.updates:
                grads = [p.grad.flatten() for p in update._parameters]
                norms[f"gradient/{update.phase.name}"] = float(torch.cat(grads).norm())

    model = TwoPlayers()
    checkup = Checkup(Probe(model, batch(d=1)))
    trainer(model, gaussian(10, 1), callbacks=(checkup, Look()), max_epochs=1).run()
    first = checkup.signals.records[0]
    for name, norm in norms.items():
        assert first[name] == pytest.approx(norm)


def test_a_model_that_shows_nothing_has_its_gradients_read_and_no_more():
    model = Mirror()
    checkup = Checkup(Probe(model, batch(d=3)))
    trainer(model, callbacks=(checkup,), max_epochs=1).run()
    assert [r.keys() - {"epoch", "step", "stage"} for r in checkup.signals.records] == [
        {"gradient/reconstruct"}, {FINAL},
    ]  # fmt: skip


def test_stages_that_learn_from_other_data_are_passed_over():
    class Layers(Mirror):
        def plan(self):
            (whole,) = super().plan()
            first = Stage(*whole.phases, name="layer 1", data=lambda data: data)
            return (first, Stage(*whole.phases, name="whole"))

    model = Layers()
    checkup = Checkup(Probe(model, batch(d=3)))
    trainer(model, callbacks=(checkup,)).run()
    assert {record["stage"] for record in checkup.signals.records} == {"whole"}


def test_checkups_are_rarer_where_epochs_are_short():
    assert Checkup.epochs_between(1) > Checkup.epochs_between(15) > Checkup.epochs_between(1000)
    assert Checkup.epochs_between(1000) == 1
