"""Every estimator keeps scikit-learn's contract, all of it."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from espelho import Autoencoder, LSTMAutoencoder

ESTIMATORS = [
    Autoencoder(max_epochs=3, hidden_sizes=(8,), random_state=0),
    Autoencoder(max_epochs=3, hidden_sizes=(8,), tied=True, activation="tanh", random_state=0),
    Autoencoder(max_epochs=3, hidden_sizes=(), loss="bernoulli", random_state=0),
    LSTMAutoencoder(max_epochs=2, hidden_sizes=(6,), random_state=0),
    LSTMAutoencoder(
        max_epochs=2, hidden_sizes=(6,), feedback=True, bidirectional=True, random_state=0
    ),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_checks_pass_with_no_expected_failures(estimator, check):
    check(estimator)
