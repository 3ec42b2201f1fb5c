"""The table of an evaluation, as text and as JSON."""

import json

import pytest

from espelho.evaluation import Evaluation, Row

ROWS = (
    Row("error", "error", "units", 1234.5, {"pca": 2000.0, "mean": 1e-7}, "lower", "a note"),
    Row("share", "share", "", 0.5, {"pca": float("nan"), "raw": 0.5}, "higher"),
    Row("time", "time", "seconds", float("inf")),
)


@pytest.fixture
def evaluation():
    return Evaluation(ROWS, n_samples=1000, held_out=True, verdict="Well done.")


def test_the_best_of_a_row_is_the_lowest_or_the_highest():
    assert ROWS[0].best == {"mean"}
    assert ROWS[1].best == {"model", "raw"}
    assert ROWS[2].best == frozenset()


def test_the_text_is_aligned_and_complete(evaluation):
    text = evaluation.to_text()
    lines = text.splitlines()
    head = lines[2]

    assert lines[0].startswith("1,000 held-out samples")
    assert head.split() == ["model", "PCA", "mean", "raw", "data", "unit"]
    for line, figure in zip(lines[3:6], ("1,234", "0.5000*", "n/a"), strict=True):
        end = line.index(figure) + len(figure.rstrip("*"))
        assert end == head.index("model") + len("model") - 1
    assert "error: a note" in text
    assert text.endswith("Well done.")
    assert str(evaluation) == text


def test_the_text_says_when_samples_were_not_held_out():
    assert Evaluation(ROWS, 3, held_out=False).to_text().startswith("3 samples;")


def test_json_knows_no_infinities(evaluation):
    plain = json.loads(json.dumps(evaluation.to_dict(), allow_nan=False))

    assert plain["rows"][1]["baselines"] == {"pca": None, "raw": 0.5}
    assert plain["rows"][2]["value"] is None
    assert plain["rows"][0]["value"] == 1234.5
    assert plain["verdict"] == "Well done."


def test_rows_are_found_by_name(evaluation):
    assert evaluation["share"] is ROWS[1]
    assert "share" in evaluation
    assert "other" not in evaluation
    with pytest.raises(KeyError, match="this evaluation has"):
        evaluation["other"]


def test_huge_figures_stay_short():
    row = Row("huge", "huge", "", 3e20)

    assert "3.000e+20" in Evaluation((row,), 1, held_out=False).to_text()
    assert "2.500e+15" in Evaluation((Row("h", "h", "", 2.5e15),), 1, held_out=False).to_text()


def test_figures_of_codes_and_of_samples_have_tables_of_their_own():
    codes, samples = Row("a", "first", "x", 1, {"pca": 2}), Row("b", "second", "y", 3, {"real": 4})
    cost = Row("c", "third", "z", 5)
    evaluation = Evaluation((codes, samples, cost), 9, held_out=True)

    assert evaluation.tables == ((codes,), (samples, cost))
    assert Evaluation((codes, cost), 9, held_out=True).tables == ((codes, cost),)
    assert Evaluation((samples,), 9, held_out=True).tables == ((samples,),)
    _, first, second = evaluation.to_text().split("\n\n")
    assert "PCA" in first
    assert "real data" not in first
    assert "real data" in second
    assert "PCA" not in second
