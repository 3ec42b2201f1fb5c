"""What is special to some members: labels, resolutions, scores, samplers, types, layouts."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_digits, load_iris
from sklearn.frozen import FrozenEstimator

import espelho
from espelho.errors import SettingError
from espelho.exporting.graphs.units import Scale

TINY = {"hidden_sizes": (6,), "max_epochs": 1, "random_state": 0}
GAME = {**TINY, "discriminator_sizes": (6,), "keep": "last"}
IRIS = load_iris()
IMAGES = (load_digits().images[:40] * 15).astype(np.uint8)


def export(model, folder, **settings):
    return espelho.export(model, folder, format="torch", **settings)


def run(part, *inputs):
    with torch.no_grad():
        return torch.export.load(part.path).module()(*map(torch.from_numpy, inputs)).numpy()


def codes(model, n, seed=0):
    return model.sample_codes(n, random_state=seed).astype(np.float32)


def test_a_generator_is_told_labels_as_they_are(tmp_path):
    y = np.array([3, 7, 20])[IRIS.target]
    model = espelho.ConditionalGAN(**GAME).fit(IRIS.data, y)
    part = export(model, tmp_path)["generator"]
    assert "3, 7, 20" in part.inputs[1].about
    expected = model.sample(2, y=[20, 3], random_state=0)
    found = run(part, codes(model, 2), np.array([20, 3]))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_label_that_never_came_stops_the_run(tmp_path):
    y = np.array([3, 7, 20])[IRIS.target]
    model = espelho.ConditionalGAN(**GAME).fit(IRIS.data, y)
    part = export(model, tmp_path)["generator"]
    with pytest.raises(IndexError):
        run(part, codes(model, 2), np.array([3, 4]))


def test_text_is_told_by_its_place_and_numbers_in_their_units(tmp_path):
    y = pd.DataFrame({"my kind": IRIS.target_names[IRIS.target], "size": IRIS.data[:, 0]})
    model = espelho.ConditionalGAN(**GAME).fit(IRIS.data, y)
    part = export(model, tmp_path)["generator"]
    assert [port.name for port in part.inputs] == ["noise", "label_my_kind", "label_size"]
    assert "1 for 'versicolor'" in part.inputs[1].about
    asked = pd.DataFrame({"my kind": ["virginica"] * 2, "size": [5.0, 6.0]})
    expected = model.sample(2, y=asked, random_state=0)
    found = run(part, codes(model, 2), np.array([2, 2]), np.array([5, 6], dtype=np.float32))
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_generator_of_growing_networks_makes_a_resolution(tmp_path):
    settings = {"channels": (4,), "max_epochs": 1, "keep": "last", "random_state": 0}
    model = espelho.ProgressiveGAN(**settings).fit(IMAGES)
    part = export(model, tmp_path, resolution=4)["generator"]
    assert part.output.axes == ("batch", 4, 4)
    found = run(part, codes(model, 3)).astype(int)
    assert np.abs(found - model.sample(3, resolution=4, random_state=0)).max() <= 1
    with pytest.raises(SettingError, match="resolution=5 was never trained"):
        export(model, tmp_path, resolution=5)
    with pytest.raises(SettingError, match="makes samples of one size"):
        export(espelho.GAN(**GAME).fit(IRIS.data), tmp_path, resolution=4)


def test_flat_images_of_a_resolution_stay_flat(tmp_path):
    settings = {"channels": (4,), "max_epochs": 1, "keep": "last", "random_state": 0}
    model = espelho.ProgressiveGAN(sample_shape=(1, 8, 8), **settings)
    model.fit(IMAGES.reshape(-1, 64))
    part = export(model, tmp_path, resolution=(4, 4))["generator"]
    assert run(part, codes(model, 3)).shape == (3, 16)


def test_a_generator_of_codes_ends_in_the_decoder(tmp_path):
    inside = espelho.Autoencoder(latent_dim=2, **TINY).fit(IRIS.data)
    model = espelho.MomentMatchingNetwork(autoencoder=FrozenEstimator(inside), **TINY)
    model.fit(IRIS.data)
    part = export(model, tmp_path)["generator"]
    found = run(part, codes(model, 3))
    np.testing.assert_allclose(found, model.sample(3, random_state=0), atol=1e-4)


def test_a_generator_of_codes_of_sequences_ends_in_their_decoder(tmp_path):
    X = [np.sin(np.arange(n) / 2 + np.array([[0], [1]])).T for n in (6, 4, 5)] * 3
    inside = espelho.LSTMAutoencoder(latent_dim=2, **TINY).fit(X)
    model = espelho.MomentMatchingNetwork(autoencoder=FrozenEstimator(inside), **TINY).fit(X)
    part = export(model, tmp_path)["generator"]
    found = run(part, codes(model, 3), np.full(3, 6))
    np.testing.assert_allclose(found, model.sample(3, random_state=0), atol=1e-4)


def test_an_autoencoder_that_samples_says_how_its_codes_are_drawn(tmp_path):
    model = espelho.VariationalAutoencoder(latent_dim=2, **TINY).fit(IRIS.data)
    assert "N(0, 1^2)" in export(model, tmp_path, part="generator")["generator"].inputs[0].about
    model.set_params(sampler="gaussian-mixture").fit_sampler(IRIS.data)
    part = export(model, tmp_path, part="generator")["generator"]
    assert "sample_codes()" in part.inputs[0].about
    assert "np.array([[" in part.example.read_text()


def test_a_detector_exports_its_score_and_its_autoencoder(tmp_path):
    model = espelho.AnomalyDetector(espelho.Autoencoder(**TINY), random_state=0).fit(IRIS.data)
    made = export(model, tmp_path, part=["score", "encoder"], rows=IRIS.data)
    assert [part.name for part in made.parts] == ["encoder", "score"]
    x = IRIS.data.astype(np.float32)
    np.testing.assert_allclose(run(made["score"], x), model.score_samples(x), rtol=1e-4)
    assert f"{model.offset_:.6g}" in made["score"].output.about


@pytest.mark.parametrize("loss", ["absolute_error", "bernoulli"])
def test_a_score_is_of_the_loss_of_the_autoencoder(loss, tmp_path):
    inside = espelho.Autoencoder(loss=loss, **TINY)
    model = espelho.AnomalyDetector(inside, random_state=0).fit(IRIS.data)
    made = export(model, tmp_path, part="score", rows=IRIS.data)
    assert made.difference < 1e-5


def test_a_detector_of_a_series_exports_what_sees_its_windows(tmp_path):
    series = np.sin(np.arange(120) / 3)[:, np.newaxis]
    model = espelho.AnomalyDetector(
        espelho.LSTMAutoencoder(latent_dim=2, **TINY), window=12, random_state=0
    ).fit(series)
    made = export(model, tmp_path, part="encoder", rows=series)
    assert made["encoder"].inputs[0].axes == ("batch", "time", 1)
    with pytest.raises(SettingError, match="score of this AnomalyDetector cannot be exported"):
        export(model, tmp_path, part="score")


def test_a_classifier_exports_probabilities_in_the_order_of_its_classes(tmp_path):
    model = espelho.PretrainedClassifier(espelho.Autoencoder(**TINY), random_state=0)
    model.fit(IRIS.data, IRIS.target_names[IRIS.target])
    part = export(model, tmp_path, rows=IRIS.data)["predictor"]
    x = IRIS.data.astype(np.float32)
    np.testing.assert_allclose(run(part, x), model.predict_proba(x), atol=1e-5)
    assert "'setosa', 'versicolor', 'virginica'" in part.output.about


@pytest.mark.parametrize("dtype", ["bool", "int16", "uint16", "float64"])
def test_data_goes_in_and_comes_out_as_it_was_fitted(dtype, tmp_path):
    X = (IRIS.data > 3) if dtype == "bool" else (IRIS.data * 100).astype(dtype)
    model = espelho.Autoencoder(
        latent_dim=2, scaling="none" if dtype == "bool" else "auto", **TINY
    )
    model.fit(X)
    part = export(model, tmp_path, part="reconstruction", rows=X)["reconstruction"]
    wanted = "float32" if dtype == "float64" else dtype
    assert (part.inputs[0].dtype, part.output.dtype) == (wanted, wanted)
    compile(part.example.read_text(), "example", "exec")


def test_steps_that_are_fed_back_are_as_many_as_the_longest_has(tmp_path):
    X = [np.sin(np.arange(n) / 2) for n in (6, 4, 5)]
    model = espelho.LSTMAutoencoder(latent_dim=2, feedback=True, **TINY).fit(X)
    made = export(model, tmp_path, rows=X)
    assert made["decoder"].output.axes == ("batch", 6, 1)
    assert made["encoder"].inputs[0].axes == ("batch", "time", 1)


def test_rows_of_sequences_may_come_in_one_array(tmp_path):
    X = np.random.default_rng(0).normal(size=(5, 6, 2))
    model = espelho.LSTMAutoencoder(latent_dim=2, latent="gaussian", **TINY).fit(X)
    made = export(model, tmp_path, part=["encoder", "generator"], rows=X)
    assert made.difference < 1e-5
    assert export(model, tmp_path, part="encoder").given is False


def test_a_generator_of_sequences_is_told_their_lengths(tmp_path):
    X = [np.sin(np.arange(n) / 2) for n in (6, 4, 5)] * 3
    model = espelho.GAN(**GAME).fit(X)
    part = export(model, tmp_path)["generator"]
    expected = model.sample(3, random_state=0)
    lengths = np.array([len(x) for x in expected])
    found = run(part, codes(model, 3), lengths)
    for one, other, n in zip(found, expected, lengths, strict=True):
        np.testing.assert_allclose(one[:n, 0], other, atol=1e-4)
        assert not one[n:].any()


@pytest.mark.parametrize(
    ("shape_a", "shape_b"),
    [
        pytest.param((8, 8), (3, 8, 8), marks=pytest.mark.slow),
        pytest.param((8, 8, 3), (8, 8, 1), marks=pytest.mark.slow),
        ((64,), (64,)),
    ],
)
def test_translators_keep_the_layout_of_each_set(shape_a, shape_b, tmp_path):
    rng = np.random.default_rng(0)
    A, B = (rng.integers(0, 255, (9, *s)).astype(np.uint8) for s in (shape_a, shape_b))
    flat = {"sample_shape": (1, 8, 8)} if len(shape_a) == 1 else {}
    model = espelho.CycleGAN(
        channels=(4, 4), blocks=1, identity_weight=0, max_epochs=1, random_state=0, **flat
    ).fit(A, B)
    made = export(model, tmp_path, part="translator")
    assert [part.name for part in made.parts] == ["translator_to_B", "translator_to_A"]
    large = (2, *(16 if n == 8 else n for n in shape_a))
    images = rng.integers(0, 255, large).astype(np.uint8)
    found = run(made["translator_to_B"], images)
    assert np.abs(found - model.translate(images, rounded=False)).max() < 0.51


def test_dense_translators_take_images_of_one_size(tmp_path):
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(9, 4, 4, 3)), rng.normal(size=(9, 4, 4))
    model = espelho.Pix2Pix(structure="dense", scaling="none", **TINY)
    model.fit(A, B)
    made = export(model, tmp_path, rows=A)
    assert made["translator"].inputs[0].axes == ("batch", 4, 4, 3)
    assert made.difference < 1e-5


def test_what_is_missing_is_stood_for_in_the_units_of_the_network():
    scale = Scale((np.array([1.0, 2.0]), np.array([2.0, 2.0])), "float32", np.array([7.0, 8.0]))
    x = torch.tensor([[3.0, torch.nan], [torch.nan, 4.0]])
    assert scale(x).tolist() == [[1.0, 8.0], [7.0, 1.0]]


def test_a_table_with_categories_is_refused_in_one_line(tmp_path):
    model = espelho.Autoencoder(**TINY).fit(IRIS.data)
    model.layout_ = object()
    with pytest.raises(SettingError, match="fitted with a table of categories"):
        export(model, tmp_path)


def test_a_score_of_rows_with_gaps_is_refused(tmp_path):
    model = espelho.AnomalyDetector(espelho.Autoencoder(**TINY), random_state=0).fit(IRIS.data)
    object.__setattr__(model.estimator_.scaling_, "stand_ins", np.zeros(4))
    with pytest.raises(SettingError, match="scores of rows with gaps"):
        export(model, tmp_path, part="score")
