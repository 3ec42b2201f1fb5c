"""Learning from samples on disk is learning from the same samples in memory."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.frozen import FrozenEstimator

import espelho
from espelho.errors import DataError, EspelhoWarning, ShapeError
from espelho.training.batches import streamed

DIGITS = load_digits().data[:400].astype(np.float32)
SETTINGS = {"hidden_sizes": (16,), "latent_dim": 4, "max_epochs": 3, "random_state": 0}


@pytest.fixture(params=["npy", "parquet", "folder"])
def stored(request, tmp_path, monkeypatch):
    """The digits on disk, of which windows of 64 rows are in memory."""
    monkeypatch.setattr(streamed, "WINDOW_BYTES", 64 * 64 * 4)
    table = pa.table({f"p{i}": DIGITS[:, i] for i in range(64)})
    if request.param == "npy":
        source = tmp_path / "digits.npy"
        np.save(source, DIGITS)
    elif request.param == "parquet":
        source = tmp_path / "digits.parquet"
        parquet.write_table(table, source, row_group_size=37)
    else:
        source = tmp_path / "digits"
        source.mkdir()
        for part in range(4):
            rows = table.slice(100 * part, 100)
            parquet.write_table(rows, source / f"part-{part}.parquet", row_group_size=64)
    return espelho.load_data(source, memory_limit=1000).X


def state(model):
    return {name: value.numpy() for name, value in model.model_.state_dict().items()}


def test_full_batches_lead_to_the_weights_that_memory_leads_to(stored):
    # Then order does not matter, and everything else must be the same.
    settings = {**SETTINGS, "batch_size": 400, "max_epochs": 20}
    inside = espelho.Autoencoder(**settings).fit(DIGITS)
    outside = espelho.Autoencoder(**settings).fit(stored)

    np.testing.assert_allclose(outside.scaling_.shift, inside.scaling_.shift, rtol=1e-12)
    np.testing.assert_allclose(outside.scaling_.scale, inside.scaling_.scale, rtol=1e-12)
    for name, value in state(inside).items():
        np.testing.assert_allclose(state(outside)[name], value, rtol=2e-3, atol=2e-4)


def test_learning_from_windows_is_about_as_good(stored):
    settings = {**SETTINGS, "max_epochs": 30, "batch_size": 16, "validation_fraction": 0.2}
    inside = espelho.Autoencoder(**settings).fit(DIGITS)
    outside = espelho.Autoencoder(**settings).fit(stored)

    assert outside.score(DIGITS) == pytest.approx(inside.score(DIGITS), rel=0.1)
    assert len(outside.history_["validation/reconstruct"]) == 30


def test_what_is_asked_of_a_model_is_the_same_on_disk(stored):
    model = espelho.Autoencoder(**SETTINGS).fit(stored)

    for method in ("transform", "reconstruct", "score_samples"):
        expected = getattr(model, method)(DIGITS)
        np.testing.assert_allclose(getattr(model, method)(stored), expected, rtol=1e-4, atol=1e-4)
    assert model.n_features_in_ == 64
    assert model.reconstruct(stored).dtype == np.float32


@pytest.mark.parametrize("step", [1, 7, 13, 20])
def test_a_run_on_disk_resumes_to_the_same_bits_in_the_middle_of_an_epoch(stored, step, tmp_path):
    class Stop(espelho.Callback):
        def on_step(self, trainer):
            if trainer.position.step == step:
                trainer._interruption.requested = True

    settings = {**SETTINGS, "batch_size": 30, "validation_fraction": 0.2}
    expected = espelho.Autoencoder(**settings).fit(stored)
    callbacks = (espelho.Checkpoint(tmp_path / "run", every_steps=5), Stop())
    with pytest.warns(EspelhoWarning, match="interrupted"):
        espelho.Autoencoder(**settings, callbacks=callbacks).fit(stored)

    resumed = espelho.resume(tmp_path / "run", stored)

    assert resumed.stop_reason_ == "finished"
    for name, value in state(expected).items():
        np.testing.assert_array_equal(state(resumed)[name], value)


def test_weights_of_samples_count_on_disk_too(stored):
    weight = np.linspace(0, 2, 400)
    settings = {**SETTINGS, "batch_size": 399, "max_epochs": 10}
    inside = espelho.Autoencoder(**settings).fit(DIGITS, sample_weight=weight)
    outside = espelho.Autoencoder(**settings).fit(stored, sample_weight=weight)

    for name, value in state(inside).items():
        np.testing.assert_allclose(state(outside)[name], value, rtol=2e-3, atol=2e-4)


def test_what_is_wrong_is_said_as_for_arrays(stored, tmp_path):
    spoiled = DIGITS.copy()
    spoiled[7, 3] = np.nan
    np.save(tmp_path / "spoiled.npy", spoiled)
    with pytest.raises(DataError, match=r"1 NaN: in row 7"):
        espelho.Autoencoder(**SETTINGS).fit(
            espelho.load_data(tmp_path / "spoiled.npy", memory_limit=0).X
        )
    model = espelho.Autoencoder(**SETTINGS).fit(stored)
    np.save(tmp_path / "narrow.npy", DIGITS[:, :9])
    with pytest.raises(ShapeError, match="9 features"):
        model.transform(espelho.load_data(tmp_path / "narrow.npy", memory_limit=0).X)


def test_images_on_disk_keep_their_shape(tmp_path):
    images = (load_digits().images * 15).astype(np.uint8)[:200]
    np.save(tmp_path / "images.npy", images)
    stored = espelho.load_data(tmp_path / "images.npy", memory_limit=1000).X

    model = espelho.Autoencoder(**SETTINGS).fit(stored)

    assert model.sample_shape_ == (8, 8)
    assert model.reconstruct(stored).shape == (200, 8, 8)
    assert model.reconstruct(stored).dtype == np.uint8


def test_labels_stay_with_their_rows(stored):
    y = load_digits().target[:400]
    frozen = FrozenEstimator(espelho.Autoencoder(**SETTINGS).fit(DIGITS))
    for size, tolerance in ((400, 1e-4), (16, 0.2)):
        model = espelho.PretrainedClassifier(
            frozen, train_encoder=False, batch_size=size, max_epochs=10, learning_rate=0.02,
            random_state=0,
        )  # fmt: skip
        outside, inside = clone(model).fit(stored, y), clone(model).fit(DIGITS, y)
        losses = (m.history_["classify/cross_entropy"][-1] for m in (outside, inside))
        assert next(losses) == pytest.approx(next(losses), rel=tolerance)
    assert inside.score(stored, y) == inside.score(DIGITS, y)
    with pytest.raises(DataError, match="must be in memory"):
        espelho.PretrainedClassifier().fit(stored, y, X_unlabelled=DIGITS)
