"""A long series: each point is scored by the windows that it lies in."""

import numpy as np
import pytest

from espelho import AnomalyDetector, Autoencoder, LSTMAutoencoder
from espelho.data.series.windows import windows
from espelho.errors import DataError, SettingError

TINY = {"hidden_sizes": (8,), "max_epochs": 5, "latent_dim": 2, "random_state": 0}


@pytest.fixture(scope="module")
def series():
    """Two curves, the second of which is off at point 120."""
    t = np.arange(300)
    found = np.column_stack([np.sin(t / 5), np.cos(t / 7)])
    found[120, 1] += 4
    return found


@pytest.mark.parametrize("estimator", [Autoencoder(**TINY), LSTMAutoencoder(**TINY)], ids=repr)
def test_the_point_that_is_off_is_found_and_so_is_its_feature(estimator, series):
    found = AnomalyDetector(estimator, window=20, contamination=0.01).fit(series)
    assert found.predict(series).shape == (300,)
    assert (found.predict(series) == -1).sum() == 3
    why = found.explain(series)
    assert why.contributions.shape == series.shape
    assert np.unravel_index(why.contributions.argmax(), series.shape) == (120, 1)
    np.testing.assert_allclose(-why.contributions.sum(axis=1), found.score_samples(series))
    np.testing.assert_allclose(why.expected + why.residuals, series)


def test_points_score_the_mean_of_the_windows_they_lie_in(series):
    found = AnomalyDetector(LSTMAutoencoder(scaling="none", **TINY), window=20, step=5).fit(series)
    by_inner = found.estimator_.score_points(series, window=20, step=5)
    np.testing.assert_allclose(found.score_samples(series), by_inner)


def test_without_overlap_a_code_adds_evenly_to_its_points(series):
    estimator = LSTMAutoencoder(latent="gaussian", **TINY)
    found = AnomalyDetector(estimator, window=20, step=20).fit(series)
    bound = found.estimator_.score_samples(windows(series, 20, 20))
    np.testing.assert_allclose(found.score_samples(series).reshape(15, 20).sum(axis=1), bound)
    assert (found.explain(series).code[:20] == found.explain(series).code[0]).all()


def test_the_end_of_a_series_is_held_out(series):
    settings = {"window": 20, "validation_fraction": 0.4, "contamination": 0.1}
    found = AnomalyDetector(Autoencoder(**TINY), **settings).fit(series)
    changed = series.copy()
    changed[180:] += 1
    again = AnomalyDetector(Autoencoder(**TINY), **settings).fit(changed)
    np.testing.assert_array_equal(again.score_samples(series), found.score_samples(series))
    assert (found.predict(series)[180:] == -1).sum() == 12
    assert again.offset_ != found.offset_


def test_one_column_and_tables_are_series_too(series):
    pandas = pytest.importorskip("pandas")
    flat = AnomalyDetector(Autoencoder(**TINY), window=20).fit(series[:, 1])
    assert flat.explain(series[:, 1]).residuals.shape == (300, 1)
    frame = pandas.DataFrame(series, columns=["a", "b"])
    table = AnomalyDetector(Autoencoder(**TINY), window=20, contamination=0.01).fit(frame)
    assert table.explain(frame).largest(120, 1)[0].name == "b"


def test_what_is_no_series_is_named(series):
    found = AnomalyDetector(Autoencoder(**TINY), window=20).fit(series)
    with pytest.raises(DataError, match="3 features"):
        found.predict(np.ones((30, 3)))
    with pytest.raises(DataError, match="NaN"):
        found.predict(np.full((30, 2), np.nan))
    with pytest.raises(SettingError, match="has 19 points"):
        found.predict(series[:19])
    with pytest.raises(SettingError, match="a point lies in many windows"):
        found.fit(series, sample_weight=np.ones(300))


def test_several_series_are_seen_in_windows_of_their_own(series):
    parts = [series[:150], series[150:230], series[230:]]
    settings = {"window": 20, "step": 7, "contamination": 0.01}
    found = AnomalyDetector(Autoencoder(**TINY), **settings).fit(parts)
    scores = found.score_samples(parts)
    assert scores.shape == (300,)
    for start, part in zip((0, 150, 230), parts, strict=True):
        alone = found.score_samples(part)
        np.testing.assert_allclose(scores[start : start + len(part)], alone)
    assert found.windows(parts).shape == (20 + 10 + 9, 20, 2)
    assert found.explain(parts).contributions[120].argmax() == 1
    one = AnomalyDetector(Autoencoder(**TINY), **settings).fit([series])
    whole = AnomalyDetector(Autoencoder(**TINY), **settings).fit(series)
    np.testing.assert_array_equal(one.score_samples(series), whole.score_samples(series))


def test_the_end_of_each_of_several_series_is_held_out(series):
    settings = {"window": 20, "validation_fraction": 0.4, "contamination": 0.1}
    parts = [series[:100], series[100:]]
    found = AnomalyDetector(Autoencoder(**TINY), **settings).fit(parts)
    changed = [parts[0].copy(), parts[1].copy()]
    changed[0][60:] += 1
    changed[1][120:] += 1
    again = AnomalyDetector(Autoencoder(**TINY), **settings).fit(changed)
    np.testing.assert_array_equal(again.score_samples(parts), found.score_samples(parts))
    assert again.offset_ != found.offset_


def test_a_series_that_is_too_short_among_several_is_named(series):
    found = AnomalyDetector(Autoencoder(**TINY), window=20)
    with pytest.raises(SettingError, match="a series, the shortest of which has 12 points"):
        found.fit([series, series[:12]])
