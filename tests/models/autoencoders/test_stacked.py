"""A stack: each layer a shallow autoencoder with its activation, on clean codes; then mirrored."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

import espelho
from espelho.errors import SettingError
from espelho.losses.reconstruction import RECONSTRUCTIONS
from espelho.models.autoencoders.autoencoder import Objective
from espelho.models.autoencoders.stacked import StackedAutoencoderModel, layers_of
from espelho.networks.dense import dense

X = load_digits().data
SETTINGS = {
    "hidden_sizes": (20, 9), "latent_dim": 4, "activation": "logistic", "max_epochs": 2,
    "pretraining_epochs": 2, "random_state": 0,
}  # fmt: skip


class Watch(espelho.Callback):
    """Keeps the weights when a stage begins and ends, and the data it trains on."""

    def __init__(self):
        self.start, self.end, self.data = {}, {}, {}

    def on_stage_start(self, trainer):
        self.start[trainer.stage.name] = trainer.model_state()
        self.data[trainer.stage.name] = trainer._stage_data.columns.x.clone()

    def on_stage_end(self, trainer):
        self.end[trainer.stage.name] = trainer.model_state()


def watched(**changes):
    watch = Watch()
    model = espelho.StackedAutoencoder(**{**SETTINGS, **changes}, callbacks=(watch,)).fit(X)
    return model, watch


def moved(watch, stage):
    first, last = watch.start[stage], watch.end[stage]
    return {name for name in first if not torch.equal(first[name], last[name])}


def test_each_stage_moves_its_layer_alone_and_the_last_one_the_whole():
    _, watch = watched()

    for index in range(3):
        expected = {f"encoder.{2 * index}.weight", f"encoder.{2 * index}.bias"}
        assert moved(watch, f"layer {index + 1}") == {*expected, f"shallow.{index}.0.bias"}
    found = moved(watch, "fine-tuning")
    assert all(name.startswith(("encoder.", "decoder.")) for name in found)
    assert len(found) == 12


def test_a_layer_learns_from_the_clean_codes_of_those_below():
    _, watch = watched(corruption="masking", corruption_level=0.5)

    scaled = watch.data["layer 1"]
    state = watch.end["layer 1"]
    codes = torch.sigmoid(scaled @ state["encoder.0.weight"].t() + state["encoder.0.bias"])
    torch.testing.assert_close(watch.data["layer 2"], codes)
    assert torch.equal(watch.data["fine-tuning"], scaled)


def test_shallow_autoencoders_have_the_activations_of_their_layers():
    model, _ = watched(code_activation="tanh", output_activation="relu")

    kinds = [
        [type(module) for module in layer.encoder[1:]]
        + [type(module) for module in layer.decoder[1:]]
        for layer in model.model_._layers
    ]
    assert kinds == [[nn.Sigmoid, nn.ReLU], [nn.Sigmoid, nn.Sigmoid], [nn.Tanh, nn.Sigmoid]]


@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
def test_the_decoder_starts_as_the_mirror_image(normalization):
    _, watch = watched(normalization=normalization)

    state = watch.start["fine-tuning"]
    encoders = [n for n in state if n.startswith("encoder") and state[n].ndim == 2]
    decoders = [n for n in state if n.startswith("decoder") and state[n].ndim == 2]
    for index, (up, down) in enumerate(zip(encoders, decoders[::-1], strict=True)):
        assert torch.equal(state[down], state[up].t())
        bias = down.replace("weight", "bias")
        if bias in state:
            assert torch.equal(state[bias], state[f"shallow.{index}.0.bias"])


def test_pretraining_starts_fine_tuning_from_a_lower_loss():
    settings = {**SETTINGS, "max_epochs": 3, "pretraining_epochs": 10, "learning_rate": 3e-3}
    stacked = espelho.StackedAutoencoder(**settings).fit(X)
    plain = espelho.Autoencoder(**{**settings, "pretraining_epochs": None}).fit(X)

    stages = [record["stage"] for record in stacked.history_]
    first = stages.index("fine-tuning")
    assert stages == ["layer 1"] * 10 + ["layer 2"] * 10 + ["layer 3"] * 10 + ["fine-tuning"] * 3
    assert stacked.history_["reconstruct"][first] < plain.history_["reconstruct"][0]


def test_fine_tuning_can_go_without_corruption_and_penalties():
    settings = {"corruption": "masking", "sparsity": 0.1, "contraction": 0.1}
    model, _ = watched(**settings, finetuning="plain")

    last = model.history_.records[-1]
    assert [name for name in last if "/" in name] == ["reconstruct/squared_error"]
    assert "reconstruct/sparsity" in model.history_.records[0]
    assert model.model_.objective.corruption is None


def test_salt_and_pepper_of_a_layer_are_the_ends_of_its_codes():
    model, watch = watched(corruption="salt_and_pepper")

    corruption = model.model_._layers[1].objective.corruption
    codes = watch.data["layer 2"]
    assert torch.equal(corruption._low, codes.amin(0))
    assert torch.equal(corruption._high, codes.amax(0))


def test_a_linear_layer_alone_spans_the_principal_subspace():
    from sklearn.decomposition import PCA

    settings = {"max_epochs": 1, "pretraining_epochs": 100, "learning_rate": 1e-2}
    model = espelho.StackedAutoencoder(
        hidden_sizes=(3,), latent_dim=2, activation="linear", scaling="none",
        schedule="cosine", batch_size=180, random_state=0, **settings,
    )  # fmt: skip
    centred = X - X.mean(axis=0)
    watch = Watch()
    model.set_params(callbacks=(watch,)).fit(centred)
    rows = watch.end["layer 1"]["encoder.0.weight"].numpy().astype(float)
    principal = PCA(3).fit(centred).components_
    cosines = np.linalg.svd(np.linalg.qr(rows.T)[0].T @ principal.T)[1]
    assert cosines.min() > 0.999


def test_training_further_is_training_the_whole():
    model, _ = watched()
    before = model.model_.decoder[0].weight.clone()

    model.set_params(warm_start=True, max_epochs=1, learning_rate=1e-6).fit(X)

    assert [record["stage"] for record in model.history_] == ["fine-tuning"]
    torch.testing.assert_close(model.model_.decoder[0].weight, before, rtol=0, atol=1e-3)
    model.partial_fit(X)
    assert [record["stage"] for record in model.history_] == ["fine-tuning"] * 2


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (espelho.ConvolutionalAutoencoder, "the structure of ConvolutionalAutoencoder"),
        (lambda **s: espelho.Autoencoder(decoder_sizes=(7,), **s), "decoder_sizes"),
        (lambda **s: espelho.Autoencoder(encoder=nn.Linear(64, 2), **s), "networks of your own"),
    ],
)
def test_what_cannot_be_stacked_is_refused_by_name(make, named):
    with pytest.raises(SettingError, match=f"pretraining='greedy' and {named}"):
        make(pretraining="greedy").fit(X)


def test_layers_are_cut_before_their_linear_parts():
    stack = dense((5, 4, 3), "relu", "tanh", "batch")

    assert [len(part) for part in layers_of(stack)] == [3, 2]


def test_what_a_layer_gives_back_is_not_thinned_by_dropout():
    encoder, decoder = (
        dense(sizes, "tanh", "linear", dropout=0.5) for sizes in ((5, 4, 3, 2), (2, 3, 4, 5))
    )
    objective = Objective(name="squared_error", reconstruction=RECONSTRUCTIONS["squared_error"])
    model = StackedAutoencoderModel(
        encoder, decoder, objective, layer_objective=lambda *_: objective, epochs=1
    )
    assert not any(isinstance(module, nn.Dropout) for module in model.shallow.modules())
    assert any(isinstance(module, nn.Dropout) for module in model.encoder)
