"""A training taken up from a snapshot ends as if it had never stopped, to the last bit."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tests.training.toys import (
    AfterEachStep,
    Busy,
    Growing,
    Mirror,
    Snapshots,
    TwoPlayers,
    assert_same_tensors,
    copied,
    gaussian,
    trainer,
    without_seconds,
)

import espelho
from espelho.errors import RunError
from espelho.training.batches import Batch, TensorData
from espelho.training.callbacks.checkpoint import Checkpoint, read_newest
from espelho.training.plan import Phase, Stage

SCRIPT = Path(__file__).with_name("train_in_child.py")


def watchers():
    return (
        espelho.EarlyStopping(patience=2, monitor="validation/reconstruct", min_delta=10.0),
        espelho.WeightAveraging(half_life=7),
    )


SCHEDULES = {
    "constant": {},
    "step": {"epochs": 1, "gamma": 0.5},
    "cosine": {},
    "one-cycle": {},
    "plateau": {"patience": 0, "factor": 0.5, "threshold": 0.9},
}


def run_busy(schedule, *, model_seed, resume=None, more=(), **recipe):
    torch.manual_seed(model_seed)
    model = Busy()
    stopping, averaging = watchers()
    engine = trainer(
        model,
        gaussian(10, 4),
        validation=gaussian(6, 4, seed=2),
        callbacks=(stopping, averaging, *more),
        schedule=schedule,
        schedule_options=SCHEDULES[schedule],
        max_epochs=5,
        **recipe,
    )
    reason = engine.run(resume)
    tensors = {
        **{f"model/{name}": value for name, value in model.state_dict().items()},
        **{f"optimizer/{name}": value for name, value in engine.final_optimizer_state.items()},
        **{f"average/{name}": value for name, value in averaging.state()[1].items()},
        **{f"best/{name}": value for name, value in stopping.state()[1].items()},
    }
    return reason, without_seconds(engine.history), engine.position.step, tensors


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_snapshot_of_any_step_is_enough_to_end_with_the_same_bits(schedule):
    taken = Snapshots()
    reason, history, steps, expected = run_busy(schedule, model_seed=0, more=(taken,))
    assert len(taken.taken) == steps == 9
    assert reason == "early stopping"

    for snapshot in taken.taken:
        again = run_busy(schedule, model_seed=1, resume=copied(snapshot))
        assert again[:3] == (reason, history, steps)
        assert_same_tensors(again[3], expected)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adamw", "rmsprop"])
def test_every_optimiser_is_taken_up_where_it_was(optimizer):
    taken = Snapshots()
    options = {"optimizer": optimizer, "learning_rate": 1e-3, "gradient_clip": 1.0}
    *first, expected = run_busy("constant", model_seed=0, more=(taken,), **options)

    for snapshot in taken.taken[1::3]:
        *again, found = run_busy("constant", model_seed=1, resume=copied(snapshot), **options)
        assert again == first
        assert_same_tensors(found, expected)


@pytest.mark.parametrize("alternate", ["step", "epoch"])
def test_phases_in_turns_are_taken_up_where_they_were(alternate):
    def run(seed, resume=None, *callbacks):
        torch.manual_seed(seed)
        model = TwoPlayers(discriminate={"repeats": 2}, generate={"every": 2}, alternate=alternate)
        engine = trainer(model, gaussian(10, 1), max_epochs=6, callbacks=callbacks)
        engine.run(resume)
        return model.state_dict(), without_seconds(engine.history)

    taken = Snapshots()
    expected, history = run(0, None, taken)

    for snapshot in taken.taken:
        found, again = run(1, copied(snapshot))
        assert_same_tensors(found, expected)
        assert again == history


def test_on_resume_growth_is_replayed_and_entering_is_not():
    taken, averaging = Snapshots(), espelho.WeightAveraging(half_life=7)
    first = Growing(n_stages=3)
    engine = trainer(first, callbacks=(averaging, taken))
    engine.run()
    assert first.entries == ["grow", "on_entry"] * 2

    for snapshot in taken.taken:
        torch.manual_seed(1)
        second = Growing(n_stages=3)
        again = trainer(second, callbacks=(espelho.WeightAveraging(half_life=7),))
        again.run(copied(snapshot))

        stage = snapshot.values["position"]["stage"]
        assert second.entries == ["grow"] * stage + ["grow", "on_entry"] * (2 - stage)
        assert_same_tensors(second.state_dict(), first.state_dict())
        assert without_seconds(again.history) == without_seconds(engine.history)
    assert {snapshot.values["position"]["stage"] for snapshot in taken.taken} == {0, 1, 2}


def test_a_stages_own_data_is_the_same_again_although_it_was_drawn():
    class Noisy(Mirror):
        def plan(self):
            phase = Phase("reconstruct", [self.network], self.error)
            return Stage(phase), Stage(phase, data=self.noisy)

        def error(self, batch):
            return {"noise": torch.randn(()), **super().error(batch)}

        def noisy(self, data):
            assert not self.training
            return TensorData(Batch(data.columns.x + torch.randn_like(data.columns.x)))

    taken, outcomes = Snapshots(), []
    for resume in (None, 10):  # in the last of twelve steps but one
        model = Noisy()
        engine = trainer(model, validation=gaussian(4, 3), callbacks=(taken,))
        engine.run(None if resume is None else taken.taken[resume])
        outcomes.append((model.state_dict(), without_seconds(engine.history)))

    assert_same_tensors(outcomes[0][0], outcomes[1][0])
    assert outcomes[0][1] == outcomes[1][1]


def test_a_run_ended_by_an_exception_is_resumed_in_another_process(tmp_path, in_child):
    training = {"deadly": None, "max_epochs": 4, "every_steps": 1}
    for name, step, codes in (("alone", None, [0]), ("broken", 7, [3, 0])):
        for code in codes:
            process = in_child(SCRIPT, run=str(tmp_path / name), die_at_step=step, **training)
            process.join()
            assert process.exitcode == code

    weights = [load_file(tmp_path / name / "weights.safetensors") for name in ("alone", "broken")]
    histories = [
        [json.loads(line) for line in (tmp_path / name / "history.jsonl").read_text().splitlines()]
        for name in ("alone", "broken")
    ]
    assert_same_tensors(*weights)
    assert without_seconds(histories[0]) == without_seconds(histories[1])


def autoencoder(run, more=(), **settings):
    options = {"latent_dim": 1, "hidden_sizes": (4,), "batch_size": 8, "random_state": 0}
    callbacks = (espelho.Checkpoint(run, every_steps=1), *more) if run else ()
    return espelho.Autoencoder(**options, **settings, callbacks=callbacks)


def test_a_finished_training_goes_on_where_more_epochs_are_asked_for(tmp_path):
    X = gaussian(20, 3).columns.x.numpy()
    autoencoder(tmp_path / "run", max_epochs=2).fit(X)

    longer = espelho.resume(tmp_path / "run", X, max_epochs=4)

    expected = autoencoder(None, max_epochs=4).fit(X)
    assert_same_tensors(longer.model_.state_dict(), expected.model_.state_dict())
    assert longer.n_epochs_ == 4


def test_a_checkpoint_holds_what_callbacks_listed_after_it_made_of_the_step(tmp_path):
    def run(folder, resume=None):
        model, averaging = Mirror(), espelho.WeightAveraging(half_life=7)
        checkpoint = Checkpoint(tmp_path / folder, every_steps=1, keep=100)
        trainer(model, callbacks=(checkpoint, averaging)).run(resume)
        return model.state_dict()

    expected = run("first")
    checkpoints = sorted((tmp_path / "first" / "checkpoints").glob("*.json"))
    for path in checkpoints[3:]:
        path.unlink()

    found = run("second", read_newest(tmp_path / "first" / "checkpoints"))

    assert_same_tensors(found, expected)


def test_a_snapshot_of_another_network_is_refused():
    taken = Snapshots()
    trainer(Mirror(), callbacks=(taken,)).run()

    with pytest.raises(RunError, match="another network"):
        trainer(Busy(), gaussian(10, 4)).run(taken.taken[0])
    with pytest.raises(RunError, match=r"another network.*shapes"):
        trainer(Mirror(torch.nn.Sequential(*wider_layers()))).run(taken.taken[0])


def wider_layers():
    return torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)


def test_a_snapshot_of_another_optimiser_is_refused():
    taken = Snapshots()
    trainer(Mirror(), callbacks=(taken,)).run()

    with pytest.raises(RunError, match="another optimiser"):
        trainer(Mirror(), optimizer="rmsprop").run(taken.taken[0])


def test_a_callback_that_had_kept_something_and_is_missing_is_asked_for():
    taken = Snapshots()
    trainer(Mirror(), callbacks=(espelho.WeightAveraging(), taken)).run()

    with pytest.raises(RunError, match=r"callback WeightAveraging-1"):
        trainer(Mirror(), callbacks=(AfterEachStep(print),)).run(taken.taken[0])


def test_two_callbacks_of_one_kind_keep_apart_what_they_remember():
    def pair():
        return espelho.WeightAveraging(half_life=2), espelho.WeightAveraging(half_life=50)

    taken, first = Snapshots(), pair()
    trainer(Mirror(), callbacks=(*first, taken)).run()
    second = pair()
    trainer(Mirror(), callbacks=second).run(copied(taken.taken[2]))

    for left, right in zip(first, second, strict=True):
        assert_same_tensors(left.state()[1], right.state()[1])


def test_the_seconds_of_an_epoch_go_on_too():
    taken = Snapshots()
    engine = trainer(Mirror(), callbacks=(taken,))
    engine.run()
    snapshot = copied(taken.taken[1])
    snapshot.values["position"]["seconds"] = 1000.0

    again = trainer(Mirror())
    again.run(snapshot)

    assert 1000 <= again.history.records[0]["seconds"] < 1010
    assert again.history.records[1]["seconds"] < 10
