"""Settings: bounds from annotations, help from docstrings, errors that teach."""

from dataclasses import dataclass, fields

import numpy as np
import pytest

from espelho import Autoencoder, EarlyStopping
from espelho.errors import SettingError
from espelho.estimators import registry
from espelho.estimators.registry import MODELS, command_name, find
from espelho.estimators.settings import check_settings, field_help, field_hints

CLASSES = [find(name) for name in MODELS]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_setting_has_help_bounds_and_a_valid_default(cls):
    assert field_help(cls).keys() == field_hints(cls).keys() == {f.name for f in fields(cls)}
    assert all(text.endswith(".") for text in field_help(cls).values())
    check_settings(cls())


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"latent_dim": 0},
            "latent_dim of Autoencoder must be greater than or equal to 1, got 0.",
        ),
        ({"latent_dim": 2.5}, "latent_dim of Autoencoder must be an integer, got 2.5."),
        ({"latent_dim": True}, "must be an integer, got True."),
        ({"latent_dim": "2"}, "must be an integer, got '2'."),
        ({"learning_rate": 0}, "learning_rate of Autoencoder must be greater than 0, got 0."),
        ({"learning_rate": float("inf")}, "must be a finite number, got inf."),
        ({"hidden_sizes": (8, 0)}, "hidden_sizes (item 1) of Autoencoder must be greater than"),
        ({"hidden_sizes": 8}, "hidden_sizes of Autoencoder must be a tuple, got 8."),
        ({"activation": "rellu"}, "Did you mean 'relu'?"),
        ({"validation_fraction": 1.0}, "must be less than 1, got 1.0."),
        ({"tied": 1}, "tied of Autoencoder must be a boolean, got 1."),
        (
            {"callbacks": ("x",)},
            "callbacks (item 0) of Autoencoder must be an instance of Callback",
        ),
        ({"random_state": "x"}, "random_state of Autoencoder must be"),
    ],
)
def test_a_value_out_of_bounds_is_named_with_what_it_must_be(settings, said):
    with pytest.raises(SettingError) as raised:
        check_settings(Autoencoder(**settings))
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"latent_dim": np.int64(3), "learning_rate": np.float32(0.5)},
        {"learning_rate": 1, "hidden_sizes": [np.int32(4), 2]},
        {"random_state": np.random.RandomState(0), "callbacks": [EarlyStopping()]},
        {"optimizer_options": {"betas": (0.5, 0.9)}, "warm_start": np.bool_(True)},
    ],
)
def test_what_grid_searches_and_people_pass_is_accepted_and_left_as_it_is(settings):
    model = Autoencoder(**settings)
    check_settings(model)
    assert all(getattr(model, name) is value for name, value in settings.items())


def test_a_subclass_without_the_decorator_is_told_so():
    class Careless(Autoencoder):
        temperature: float = 1.0

    with pytest.raises(SettingError, match=r"'temperature'.*@dataclass"):
        check_settings(Careless())


def test_a_subclass_states_only_what_it_adds():
    @dataclass(kw_only=True, eq=False, repr=False)
    class Careful(Autoencoder):
        """An autoencoder.

        Parameters
        ----------
        temperature
            How warm.

        Notes
        -----
        Nothing more.
        """

        temperature: float = 1.0

    check_settings(Careful())
    assert field_help(Careful)["temperature"] == "How warm."
    assert field_help(Careful)["latent_dim"].startswith("Width of the code")
    assert "Notes" not in field_help(Careful)


def test_models_are_found_by_class_and_by_command():
    for name in MODELS:
        assert registry.find(name) is registry.find(command_name(name))
    with pytest.raises(SettingError, match="Did you mean 'autoencoder'"):
        registry.find("autoencodr")


def test_estimators_that_hold_another_are_found_by_class_only():
    assert registry.class_of("PretrainedClassifier").__name__ == "PretrainedClassifier"
    assert registry.class_of("Autoencoder") is registry.find("autoencoder")
    for name in ("pretrained-classifier", "PretrainedClassifier"):
        with pytest.raises(SettingError, match="no model"):
            registry.find(name)
    with pytest.raises(SettingError, match="Did you mean 'PretrainedClassifier'"):
        registry.class_of("PretrainedClasifier")
