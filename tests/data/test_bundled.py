"""The table of bundled sets says what loading them gives."""

import subprocess
import sys

import numpy as np
import pytest

from espelho.data.bundled import BUNDLED, load_bundled
from espelho.errors import DataError


@pytest.mark.parametrize("name", BUNDLED)
def test_the_table_says_what_is_loaded(name):
    entry, loaded = BUNDLED[name], load_bundled(name)

    assert loaded.X.shape == (entry.n_rows, entry.n_columns)
    assert loaded.X.dtype == np.float64
    assert loaded.y.shape == (entry.n_rows,)
    assert len(loaded.feature_names) == entry.n_columns
    assert all(type(feature) is str for feature in loaded.feature_names)
    assert (loaded.name, loaded.source) == (name, name)
    assert (loaded.target_name, loaded.sample_shape) == (entry.target_name, entry.sample_shape)
    if entry.target.endswith("classes"):
        assert entry.target == f"{len(np.unique(loaded.y))} classes"
    else:
        assert loaded.y.dtype == np.float64


def test_the_rows_of_digits_are_flat_images_from_0_to_16():
    digits = load_bundled("digits")

    assert np.prod(digits.sample_shape) == digits.X.shape[1]
    assert (digits.X.min(), digits.X.max()) == (0, 16)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(DataError, match=r"'Diggits' is no bundled.* Did you mean 'digits'"):
        load_bundled("Diggits")


def test_reading_and_writing_import_no_heavy_library_until_they_are_used():
    modules = ["bundled", "checks", "dataset", "files", "nearest", "writing"]
    code = (
        f"import sys, {', '.join(f'espelho.data.{module}' for module in modules)}\n"
        "heavy = {'torch', 'sklearn', 'pandas', 'polars', 'pyarrow', 'scipy'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
