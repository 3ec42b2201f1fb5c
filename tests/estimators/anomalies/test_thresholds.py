"""Thresholds: shares of rows, probabilities of extremes, and the largest F1."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import f1_score

from espelho.errors import DataError
from espelho.estimators.anomalies.thresholds import by_extreme_values, by_labels, by_quantile


@pytest.mark.parametrize("share", [0.01, 0.1, 0.29, 0.3, 0.5])
@pytest.mark.parametrize("n", [10, 100, 333])
def test_the_share_lies_below_in_whole_rows(share, n):
    scores = np.random.default_rng(0).normal(size=n)
    below = (scores < by_quantile(scores, share)).sum()
    assert below == int(share * n + 1e-9)


def test_a_weight_of_two_counts_like_a_row_given_twice():
    random = np.random.default_rng(0)
    scores, weight = random.normal(size=50), random.integers(0, 4, 50)
    repeated = by_quantile(np.repeat(scores, weight), 0.2)
    given = weight > 0
    assert by_quantile(scores[given], 0.2, weight[given].astype(float)) == repeated


def test_rows_that_score_alike_lie_on_one_side_whatever_rounding_makes_of_them():
    scores = np.array([-9.0, -1.0, -1.0 - 1e-13, -1.0 + 1e-13, 0.0])
    assert (scores < by_quantile(scores, 0.5)).tolist() == [True, False, False, False, False]
    assert (scores[1:] < by_quantile(scores[1:], 0.5)).sum() == 0


@pytest.mark.parametrize(
    "ordinary",
    [stats.expon(), stats.norm(), stats.genpareto(0.2), stats.uniform()],
    ids=["exponential", "normal", "pareto", "uniform"],
)
def test_an_ordinary_row_is_beyond_the_extreme_value_threshold_with_that_probability(ordinary):
    drawn = ordinary.rvs(20_000, random_state=0)
    for risk in (1e-2, 1e-3):
        found = -by_extreme_values(-drawn, risk, 0.1)
        assert ordinary.sf(found) == pytest.approx(risk, rel=0.25)


def test_extremes_beyond_all_that_was_seen_have_a_threshold():
    drawn = stats.expon().rvs(2_000, random_state=0)
    found = -by_extreme_values(-drawn, 1e-5, 0.1)
    assert drawn.max() < found < 30


def test_units_of_the_scores_do_not_matter():
    drawn = -stats.gamma(2).rvs(500, random_state=0)
    found = by_extreme_values(drawn, 1e-3, 0.1)
    assert by_extreme_values(drawn * 1e-6 - 3, 1e-3, 0.1) == pytest.approx(found * 1e-6 - 3)


def test_too_few_extremes_are_counted():
    scores = np.random.default_rng(0).normal(size=40)
    with pytest.raises(DataError, match=r"4 of 40, and needs at least 10. Give 100 rows"):
        by_extreme_values(scores, 0.001, 0.1)


@pytest.mark.parametrize("seed", range(5))
def test_no_other_threshold_has_a_larger_f1(seed):
    random = np.random.default_rng(seed)
    labels = np.where(random.random(60) < 0.2, -1, 1)
    scores = np.round(random.normal(size=60) + labels, 1)

    def f1(threshold):
        return f1_score(labels == -1, scores < threshold)

    best = max(f1(threshold) for threshold in np.unique(scores))
    assert f1(by_labels(scores, labels)) == pytest.approx(best)
