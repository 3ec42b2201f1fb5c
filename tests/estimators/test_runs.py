"""Run folders: saved is loaded, stopped is resumed, damage is named."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris

from espelho import (
    Autoencoder,
    Checkpoint,
    DenoisingAutoencoder,
    EarlyStopping,
    LSTMAutoencoder,
    PretrainedClassifier,
    WeightAveraging,
    load,
    resume,
)
from espelho.errors import EspelhoWarning, FileError, RunError
from espelho.training.callbacks.base import Callback

TINY = {"hidden_sizes": (8,), "max_epochs": 3, "random_state": 0, "latent_dim": 2}


@pytest.fixture(scope="module")
def X():
    return load_iris().data


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"tied": True, "activation": "tanh"},
        {"loss": "bernoulli", "precision": "float32"},
        {"callbacks": (EarlyStopping(2), WeightAveraging(100.0))},
        {"random_state": np.random.RandomState(3), "optimizer_options": {"betas": (0.5, 0.9)}},
    ],
)
def test_saved_is_loaded(X, tmp_path, settings):
    model = Autoencoder(**{**TINY, **settings}).fit(X)
    again = load(model.save(tmp_path / "run"))
    np.testing.assert_array_equal(again.transform(X), model.transform(X))
    np.testing.assert_array_equal(again.reconstruct(X), model.reconstruct(X))
    assert again.history_.records == model.history_.records
    for name in ("n_epochs_", "stop_reason_", "latent_dim_", "sample_shape_", "precision_"):
        assert getattr(again, name) == getattr(model, name)


def test_names_shapes_and_types_are_kept(tmp_path):
    table = pd.DataFrame(load_iris().data, columns=list("abcd"))
    again = load(Autoencoder(**TINY).fit(table).save(tmp_path / "t"))
    assert list(again.feature_names_in_) == list("abcd")
    images = load_digits().images.astype(np.uint8)
    again = load(Autoencoder(**TINY).fit(images).save(tmp_path / "i"))
    assert again.inverse_transform(again.transform(images)).dtype == np.uint8


def test_a_loaded_model_goes_on_learning(X, tmp_path):
    again = load(Autoencoder(**TINY).fit(X).save(tmp_path / "run"))
    assert again.partial_fit(X).n_epochs_ == 4


@pytest.mark.parametrize(
    "model",
    [
        DenoisingAutoencoder(**TINY),
        DenoisingAutoencoder(**TINY, sampler="gaussian-mixture"),
        PretrainedClassifier(Autoencoder(**TINY), max_epochs=2, random_state=0),
        LSTMAutoencoder(**TINY),
    ],
    ids=["denoising", "with a sampler", "classifier", "lstm"],
)
def test_a_loaded_model_is_spoiled_by_the_bounds_of_its_data(tmp_path, model):
    X, y = load_iris(return_X_y=True)
    model = clone(model).set_params(corruption="salt_and_pepper", warm_start=True).fit(X, y)
    again = load(model.save(tmp_path / "run"))
    first, second = (m.fit(X, y).model_.state_dict() for m in (model, again))
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name])


def test_a_run_is_not_overwritten_unless_asked(X, tmp_path):
    model = Autoencoder(**TINY).fit(X)
    model.save(tmp_path / "run")
    with pytest.raises(FileError, match="overwrite=True"):
        model.save(tmp_path / "run")
    model.save(tmp_path / "run", overwrite=True)
    (tmp_path / "mine").mkdir()
    with pytest.raises(FileError, match="no run folder"):
        model.save(tmp_path / "mine", overwrite=True)
    assert {path.name for path in tmp_path.iterdir()} == {"run", "mine"}


def test_a_folder_that_cannot_be_made_leaves_nothing(X, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="could not be written"):
        Autoencoder(**TINY).fit(X).save(tmp_path / "file" / "run")
    assert {path.name for path in tmp_path.iterdir()} == {"file"}


def test_an_unfitted_model_is_not_saved(tmp_path):
    with pytest.raises(AttributeError, match="not fitted"):
        Autoencoder().save(tmp_path / "run")


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("estimator.json", "{", "damaged"),
        ("estimator.json", '{"format": 99, "versions": {"espelho": "9.0"}}', "format 99"),
        ("weights.safetensors", "nothing", "damaged"),
        ("history.jsonl", "{", "damaged"),
    ],
)
def test_damage_is_named(X, tmp_path, file, content, said):
    run = Autoencoder(**TINY).fit(X).save(tmp_path / "run")
    (run / file).write_text(content)
    with pytest.raises(RunError, match=said):
        load(run)


def test_weights_of_other_settings_are_named(X, tmp_path):
    run = Autoencoder(**TINY).fit(X).save(tmp_path / "run")
    facts = json.loads((run / "estimator.json").read_text())
    facts["settings"]["hidden_sizes"] = [9]
    (run / "estimator.json").write_text(json.dumps(facts))
    with pytest.raises(RunError, match="do not fit its settings"):
        load(run)


class Stop(Callback):
    """Press Ctrl-C after some batches."""

    def __init__(self, steps):
        self.steps = steps

    def on_step(self, trainer):
        if trainer.position.step == self.steps:
            import signal

            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"validation_fraction": 0.2, "patience": 30, "averaging": 300.0, "schedule": "one-cycle"},
        {"schedule": "plateau", "schedule_options": {"patience": 0}, "optimizer": "momentum",
         "learning_rate": 1e-3},
    ],
)  # fmt: skip
@pytest.mark.parametrize("steps", [1, 13, 30])
def test_stopped_and_resumed_is_never_stopped(X, tmp_path, settings, steps):
    settings = {**TINY, "batch_size": 16, **settings, "max_epochs": 4}
    whole = Autoencoder(**settings).fit(X)
    stopped = Autoencoder(
        **settings, callbacks=(Checkpoint(tmp_path / "run", every_steps=4), Stop(steps))
    )
    with pytest.warns(EspelhoWarning, match=r"interrupted in epoch.*espelho\.resume"):
        stopped.fit(X)
    assert stopped.stop_reason_ == "interrupted"
    assert np.isfinite(stopped.transform(X)).all()
    resumed = resume(tmp_path / "run", X)
    np.testing.assert_array_equal(resumed.transform(X), whole.transform(X))
    assert [{**r, "seconds": 0} for r in resumed.history_] == [
        {**r, "seconds": 0} for r in whole.history_
    ]
    np.testing.assert_array_equal(load(tmp_path / "run").transform(X), whole.transform(X))


def test_a_run_in_training_says_how_to_go_on(X, tmp_path):
    Autoencoder(**TINY, callbacks=(Checkpoint(tmp_path / "run"),)).fit(X)
    facts = json.loads((tmp_path / "run" / "estimator.json").read_text())
    facts["status"] = "training"
    (tmp_path / "run" / "estimator.json").write_text(json.dumps(facts))
    with pytest.raises(RunError, match=r"espelho\.resume"):
        load(tmp_path / "run")


def test_a_run_is_not_resumed_with_other_data(X, tmp_path):
    Autoencoder(**TINY, callbacks=(Checkpoint(tmp_path / "run"),)).fit(X)
    with pytest.raises(ValueError, match="150 rows then, 149 now"):
        resume(tmp_path / "run", X[1:])


def test_a_second_training_does_not_touch_a_runs_folder(X, tmp_path):
    model = Autoencoder(**TINY, callbacks=(Checkpoint(tmp_path / "run"),))
    model.fit(X)
    with pytest.raises(FileError, match="holds a run already"):
        model.fit(X)


def test_altered_weights_are_named(X, tmp_path):
    run = Autoencoder(**TINY).fit(X).save(tmp_path / "run")
    content = bytearray((run / "weights.safetensors").read_bytes())
    content[-1] ^= 1
    (run / "weights.safetensors").write_bytes(bytes(content))
    with pytest.raises(RunError, match="not what was written"):
        load(run)


@pytest.mark.parametrize("content", ["[]", '{"format": 1}'])
def test_facts_that_are_missing_are_named(X, tmp_path, content):
    run = Autoencoder(**TINY).fit(X).save(tmp_path / "run")
    (run / "estimator.json").write_text(content)
    with pytest.raises(RunError, match="damaged"):
        load(run)


def test_a_run_keeps_the_settings_it_was_fitted_with(X, tmp_path):
    model = Autoencoder(**TINY).fit(X)
    codes = model.transform(X)
    again = load(model.set_params(hidden_sizes=(7,)).save(tmp_path / "run"))
    assert again.hidden_sizes == (8,)
    np.testing.assert_array_equal(again.transform(X), codes)


def test_what_else_is_in_a_folder_stays_when_it_is_overwritten(X, tmp_path):
    run = Autoencoder(**TINY).fit(X).save(tmp_path / "run")
    (run / "report.html").write_text("mine")
    load(run).partial_fit(X).save(run, overwrite=True)
    assert (run / "report.html").read_text() == "mine"
    assert load(run).n_epochs_ == 4


def test_what_was_only_saved_cannot_be_resumed(X, tmp_path):
    run = Autoencoder(**TINY).fit(X).save(tmp_path / "run")
    with pytest.raises(RunError, match="no checkpoints"):
        resume(run, X, max_epochs=9)


def test_the_time_before_an_interruption_counts(X, tmp_path):
    model = Autoencoder(**TINY, callbacks=(Checkpoint(tmp_path / "run"),)).fit(X)
    recorded = sum(record["seconds"] for record in model.history_)
    assert resume(tmp_path / "run", X, max_epochs=4).fit_seconds_ > recorded


def test_a_leftover_of_a_kill_is_tidied_away(X, tmp_path):
    Autoencoder(**TINY, callbacks=(Checkpoint(tmp_path / "run"),)).fit(X)
    (tmp_path / "run" / ".espelho-0.tmp").write_text("half")
    resume(tmp_path / "run", X, max_epochs=4)
    assert not list((tmp_path / "run").glob("*.tmp"))
