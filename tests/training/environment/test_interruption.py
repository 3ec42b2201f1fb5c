"""Ctrl-C ends a training between two batches, and a second one at once."""

import signal
import threading

import pytest
import torch
from tests.training.toys import AfterEachStep, Mirror, assert_same_tensors, gaussian, trainer

import espelho
from espelho.errors import EspelhoWarning
from espelho.training.environment import interruption
from espelho.training.environment.interruption import deferred_interruption


def at_step(step, times=1):
    def interrupt(trainer):
        if trainer.position.step == step:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)

    return AfterEachStep(interrupt)


def test_training_ends_between_batches_with_a_usable_model():
    steps = []
    model = Mirror()
    watch = AfterEachStep(lambda t: steps.append(t.position.step))
    engine = trainer(model, max_epochs=9, callbacks=(at_step(4), watch))

    assert engine.run() == "interrupted"

    assert steps == [1, 2, 3, 4]
    assert len(engine.history) == 1
    assert not model.training
    assert all(p.isfinite().all() and p.grad is None for p in model.parameters())
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_second_one_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(interruption, "_SAME_SECONDS", 0.0)
    model = Mirror()
    with pytest.raises(KeyboardInterrupt):
        trainer(model, callbacks=(at_step(2, times=2),)).run()

    assert not model.training
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("step", range(1, 7))
def test_an_interrupted_run_is_resumed_to_the_same_bits(tmp_path, step):
    X = gaussian(10, 3).columns.x.numpy()
    settings = {"latent_dim": 2, "hidden_sizes": (3,), "max_epochs": 3, "batch_size": 5}
    settings |= {"random_state": 0, "averaging": 20.0}
    expected = espelho.Autoencoder(**settings).fit(X)
    run = tmp_path / "run"
    callbacks = (espelho.Checkpoint(run, every_steps=2), at_step(step))

    with pytest.warns(EspelhoWarning, match=r"interrupted in epoch .* espelho.resume"):
        stopped = espelho.Autoencoder(**settings, callbacks=callbacks).fit(X)

    assert stopped.stop_reason_ == "interrupted"
    assert stopped.transform(X).shape == (10, 2)
    assert espelho.load(run).stop_reason_ == "interrupted"
    resumed = espelho.resume(run, X)
    assert resumed.stop_reason_ == "finished"
    assert_same_tensors(resumed.model_.state_dict(), expected.model_.state_dict())


def test_an_average_takes_the_weights_place_also_after_an_interruption():
    averaging = espelho.WeightAveraging(half_life=5)
    model = Mirror()

    trainer(model, callbacks=(averaging, at_step(4))).run()

    averages = averaging.state()[1]
    assert_same_tensors({n: p.detach() for n, p in model.named_parameters()}, averages)


def test_a_handler_of_the_programs_own_is_left_in_place():
    asked = []
    signal.signal(signal.SIGINT, lambda number, frame: asked.append(number))

    engine = trainer(Mirror(), callbacks=(at_step(2),))

    assert engine.run() == "finished"
    assert asked == [signal.SIGINT]


def test_outside_the_main_thread_nothing_is_changed():
    found = []

    def work():
        with deferred_interruption() as interruption:
            found.append((interruption.requested, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert found == [(False, signal.default_int_handler)]


def test_training_works_in_a_thread():
    models = []
    for run_it in (lambda work: work(), in_thread):
        torch.manual_seed(0)
        models.append(Mirror())
        engine = trainer(models[-1])
        run_it(engine.run)

    assert_same_tensors(models[0].state_dict(), models[1].state_dict())


def in_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_the_same_one_passed_on_by_a_launcher_is_one():
    model = Mirror()
    assert trainer(model, callbacks=(at_step(2, times=2),)).run() == "interrupted"


def test_a_request_to_terminate_ends_training_in_the_same_way():
    def terminate(trainer):
        if trainer.position.step == 3:
            signal.raise_signal(signal.SIGTERM)

    engine = trainer(Mirror(), max_epochs=9, callbacks=(AfterEachStep(terminate),))

    assert engine.run() == "interrupted"
    assert engine.position.step == 3
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
