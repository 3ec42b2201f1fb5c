"""Presets are settings that their model takes."""

import pytest

import espelho
from espelho.errors import SettingError
from espelho.estimators import registry
from espelho.estimators.presets import PRESETS
from espelho.estimators.settings import check_settings


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_holds_settings_of_its_model(name):
    check_settings(registry.find(PRESETS[name].model)(**espelho.preset(name)))


def test_changes_win_and_the_preset_stays_as_it_is():
    assert espelho.preset("deep-images", max_epochs=3)["max_epochs"] == 3
    assert espelho.preset("deep-images")["max_epochs"] == 60


def test_a_name_that_is_none_is_refused():
    with pytest.raises(SettingError, match="Did you mean 'deep-images'"):
        espelho.preset("deep-image")
