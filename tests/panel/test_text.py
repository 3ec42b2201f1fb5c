"""A panel in plain text: whatever is in it, it fits a terminal."""

import math

import pytest

from espelho.panel.result.finding import Finding
from espelho.panel.result.text import as_text, codes_table, score


def row(value, **more):
    return {"value": value, "baselines": {"pca": 1.0, "raw": 2.0}, **more}


def finding(name, **more):
    margin = {"mean": 0.0, "error": 0.01, "freedom": 50.0}
    rows = {
        "reconstruction_error_scaled": row(123456.0),
        "knn_score": row(0.5, margins={"model": margin, "pca": margin}),
        "probe_score": row(0.4),
        "fit_seconds": row(1234567.0),
        "transform_microseconds": row(0.0004),
        "code_bytes": row(8.0),
    }
    return Finding(name=name, model="Autoencoder", width=2, epochs=100_000, rows=rows, **more)


LONG = "lstm-autoencoder[hidden_sizes=128-64, latent=gaussian]"


def test_long_names_and_long_diagnoses_have_lines_of_their_own():
    ill = finding(LONG, doctor=("posterior collapse", "no better than PCA", "underfitting"))
    lines = as_text("x", [ill, finding("short")], ["said"]).splitlines()
    assert lines.count(LONG) == 2
    assert max(map(len, lines)) <= 80
    assert sum("posterior" in line or "underfitting" in line for line in lines) == 2


def test_a_score_stands_with_half_its_interval_where_that_is_known():
    assert score(finding("a"), "knn_score") == "0.500±.02"
    assert score(finding("a"), "probe_score") == "0.400"
    unknown = Finding(name="b", model="GAN", rows={"knn_score": row(math.nan)})
    assert score(unknown, "knn_score") == "n/a"


@pytest.mark.parametrize("findings", [[], [Finding(name="a", model="GAN", error="why")]])
def test_what_has_no_figures_has_no_tables(findings):
    assert codes_table(findings) == []
    text = as_text("head", findings, [])
    assert text == "head" + "\n\na failed: why" * len(findings)
