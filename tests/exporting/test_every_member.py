"""Every member of the family, in both formats: the laws of exports hold for all of them."""

import runpy

import pytest
from benchmarks.published.export_cases import CASES

import espelho
from espelho.estimators.registry import MODELS, WRAPPERS
from espelho.exporting.parity import TOLERANCE


def test_every_member_is_a_case():
    assert {name.partition(" ")[0] for name in CASES} == {*MODELS, *WRAPPERS}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["onnx", "torch"])
@pytest.mark.parametrize("name", CASES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_all_parts_agree_with_the_library_and_their_examples_run(name, kind, tmp_path):
    model, rows = CASES[name]()
    made = espelho.export(model, tmp_path, format=kind, rows=rows)
    assert made.parts
    assert made.difference < TOLERANCE / 2
    for part in made.parts:
        runpy.run_path(str(part.example))
