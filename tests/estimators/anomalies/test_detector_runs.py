"""Runs of a detector: those of its autoencoder, and the threshold beside it."""

import json

import numpy as np
import pytest
import torch
from sklearn.frozen import FrozenEstimator

from espelho import AnomalyDetector, Autoencoder, Checkpoint, LSTMAutoencoder, load, resume
from espelho.errors import RunError, SettingError
from espelho.estimators.runs.detectors import write_detector

TINY = {"hidden_sizes": (8,), "max_epochs": 3, "latent_dim": 2}


@pytest.mark.parametrize("frozen", [False, True])
def test_saved_is_loaded(rows, tmp_path, frozen):
    inner = Autoencoder(random_state=0, **TINY)
    inner = FrozenEstimator(inner.fit(rows)) if frozen else inner
    found = AnomalyDetector(inner, contamination=0.05, random_state=0).fit(rows)
    again = load(found.save(tmp_path / "run"))
    np.testing.assert_array_equal(again.score_samples(rows), found.score_samples(rows))
    np.testing.assert_array_equal(again.predict(rows), found.predict(rows))
    assert again.offset_ == found.offset_
    assert isinstance(again.estimator, FrozenEstimator) == frozen
    assert repr(again) == repr(found)
    again.fit(rows)  # its settings are whole
    assert again.offset_ == found.offset_
    assert load(again.save(tmp_path / "run", overwrite=True)).offset_ == found.offset_


def test_the_default_and_names_and_windows_come_back(rows, tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(rows, columns=list("abcd"))
    found = AnomalyDetector(Autoencoder(**TINY), window=10, random_state=0).fit(frame)
    again = load(found.save(tmp_path / "run"))
    assert again.window == 10
    assert again.feature_names_in_.tolist() == list("abcd")
    np.testing.assert_array_equal(again.predict(frame), found.predict(frame))
    default = AnomalyDetector(random_state=0).fit(rows[:50])
    assert load(default.save(tmp_path / "default")).estimator is None


def test_the_autoencoder_is_a_run_of_its_own_again(rows, tmp_path):
    found = AnomalyDetector(Autoencoder(**TINY), random_state=0).fit(rows)
    run = found.save(tmp_path / "run")
    found.estimator_.save(run, overwrite=True)
    assert isinstance(load(run), Autoencoder)


def test_networks_of_the_users_own_are_given_again(rows, tmp_path):
    encoder = torch.nn.Linear(4, 2)
    found = AnomalyDetector(Autoencoder(encoder=encoder, **TINY), random_state=0).fit(rows)
    run = found.save(tmp_path / "run")
    with pytest.raises(RunError, match="encoder="):
        load(run)
    again = load(run, encoder=torch.nn.Linear(4, 2))
    np.testing.assert_array_equal(again.predict(rows), found.predict(rows))
    assert again.estimator.encoder is not None


def test_sequences_come_back(sequences, tmp_path):
    found = AnomalyDetector(LSTMAutoencoder(**TINY), random_state=0).fit(sequences)
    again = load(found.save(tmp_path / "run"))
    np.testing.assert_array_equal(again.predict(sequences), found.predict(sequences))


@pytest.mark.parametrize("fraction", [0.0, 0.25])
def test_resumed_is_uninterrupted(rows, tmp_path, fraction):
    settings = {"validation_fraction": fraction, "random_state": 0}
    whole = AnomalyDetector(Autoencoder(**{**TINY, "max_epochs": 6}), **settings).fit(rows)
    run = tmp_path / "run"
    inner = Autoencoder(callbacks=[Checkpoint(run)], **TINY)
    short = AnomalyDetector(inner, **settings).fit(rows)
    write_detector(run, short)
    longer = resume(run, rows, max_epochs=6)
    assert longer.offset_ == whole.offset_
    np.testing.assert_array_equal(longer.score_samples(rows), whole.score_samples(rows))
    assert load(run).offset_ == whole.offset_


def test_a_threshold_by_labels_is_not_resumed(rows, tmp_path):
    labels = np.where(np.arange(200) == 7, -1, 1)
    found = AnomalyDetector(Autoencoder(**TINY), threshold="validation")
    run = found.fit(rows, X_validation=rows, y_validation=labels).save(tmp_path / "run")
    with pytest.raises(SettingError, match="which a run does not keep"):
        resume(run, rows)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda facts: facts | {"format": 9}, "a run of format 9"),
        (lambda facts: facts | {"settings": {"colour": 1}}, "damaged"),
        (lambda facts: [], "damaged"),
    ],
)
def test_a_damaged_file_is_named(rows, tmp_path, change, said):
    run = AnomalyDetector(Autoencoder(**TINY), random_state=0).fit(rows).save(tmp_path / "run")
    file = run / "detector.json"
    file.write_text(json.dumps(change(json.loads(file.read_text()))))
    with pytest.raises(RunError, match=said):
        load(run)
