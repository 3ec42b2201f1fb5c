"""Drawing samples: who can, and what the others say."""

import pytest

from espelho import Autoencoder


def test_an_autoencoder_without_a_distribution_of_codes_says_what_has_one():
    assert not hasattr(Autoencoder(), "sample")
    with pytest.raises(AttributeError, match="has no attribute 'sample'") as error:
        Autoencoder().sample(3)
    assert "VariationalAutoencoder" in str(error.value.__cause__)
