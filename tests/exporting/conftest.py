"""Exports are traced with shapes that are symbols, which checks of shapes would make numbers."""

import jaxtyping
import pytest


@pytest.fixture(autouse=True, scope="package")
def _shapes_unchecked():
    before = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", before)
