"""The public names: complete, sorted, documented, and imported only when asked for."""

import doctest

import pytest

import espelho
from espelho import errors
from espelho.estimators.registry import MODELS, WRAPPERS


def test_they_are_sorted_and_lead_somewhere():
    assert list(espelho.__all__) == sorted(espelho.__all__)
    assert set(espelho.__all__) == set(espelho._PLACES)
    assert set(espelho.__all__) <= set(dir(espelho))


def test_every_model_is_public():
    assert {*MODELS, *WRAPPERS} <= set(espelho.__all__)


@pytest.mark.parametrize("name", espelho.__all__)
def test_each_is_documented(name):
    assert len(getattr(espelho, name).__doc__.splitlines()[0]) > 10


@pytest.mark.parametrize("name", [*MODELS, *WRAPPERS, "evaluate", "load", "load_data"])
def test_what_people_start_with_has_an_example(name):
    assert doctest.DocTestParser().get_examples(getattr(espelho, name).__doc__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = espelho.nothing


@pytest.mark.parametrize("name", errors.__all__)
def test_every_error_is_what_a_caller_expects_besides(name):
    cls = getattr(errors, name)
    builtin = (ValueError, RuntimeError, OSError, ImportError, UserWarning)
    assert name == "EspelhoError" or issubclass(cls, builtin)
    assert name in errors.__doc__
