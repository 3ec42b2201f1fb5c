"""Drawing samples: who can, and what the others say."""

import pytest

from espelho import Autoencoder


def test_an_autoencoder_without_a_distribution_of_codes_says_what_has_one():
    assert not hasattr(Autoencoder(), "sample")
    with pytest.raises(AttributeError, match="has no attribute 'sample'") as error:
        Autoencoder().sample(3)
    assert "VariationalAutoencoder" in str(error.value.__cause__)


def test_a_sampler_is_what_the_message_recommends():
    with pytest.raises(AttributeError) as error:
        Autoencoder().sample_codes(3)
    assert "Set sampler='gaussian-mixture'" in str(error.value.__cause__)
    assert hasattr(Autoencoder(sampler="gaussian-mixture"), "sample")
