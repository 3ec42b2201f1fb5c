"""What a panel says: by intervals, not by point estimates."""

import pytest

from espelho.panel.result.finding import Finding
from espelho.panel.result.verdict import level_for, sentences


def finding(name, score, error, half, freedom=100.0):
    """Return a member that scores so much above PCA's 0.5, and has so much more error than 1."""
    margins = {"mean": 0.0, "error": half / 2, "freedom": freedom}
    rows = {
        "knn_score": {
            "value": 0.5 + score,
            "baselines": {"pca": 0.5},
            "margins": {"pca": {**margins, "mean": score}},
        },
        "reconstruction_error_scaled": {
            "value": 1 + error,
            "baselines": {"pca": 1.0},
            "margins": {"pca": {**margins, "mean": error}},
        },
    }
    return Finding(name=name, model="Autoencoder", width=2, epochs=3, rows=rows)


def said(*findings):
    return list(sentences(findings))


def test_a_gain_within_its_interval_is_none():
    about_error, about_score = said(finding("a", 0.05, -0.05, half=0.1))
    assert about_error.startswith("Reconstruction: PCA is as good")
    assert "no member is clearly better" in about_score
    assert "5.0 points better (from 5.0 worse to 15.0 better)" in about_score.replace("4.9", "5.0")


def test_a_gain_beyond_its_interval_is_one():
    about_error, about_score = said(finding("a", 0.3, -0.3, half=0.1))
    assert about_error.startswith("Reconstruction: a is 30.0 % better (20.1 to 39.9)")
    assert about_score.startswith("Prediction by nearest neighbours: a is 30.0 points better")


def test_where_everybody_is_clearly_worse_pca_is_better():
    about_error, about_score = said(
        finding("a", -0.3, 0.3, half=0.1), finding("b", -0.2, 2, half=0.1)
    )
    assert "PCA is better: every member is clearly worse" in about_error
    assert "a, is 30.0 % worse (18" in about_error
    assert "b, is 20.0 points worse" in about_score


def test_what_never_differs_is_no_different():
    assert "The best of them, a, is no different." in said(finding("a", 0.0, 0.1, half=0.0))[1]


def test_the_best_of_several_is_named_and_the_others_after_it():
    (_, about_score) = said(finding("a", 0.3, 0, half=0.1), finding("b", 0.4, 0, half=0.1))
    assert about_score.startswith("Prediction by nearest neighbours: b is")
    assert about_score.endswith("Clearly better too: a.")


def test_the_more_members_the_surer_each_must_be():
    alone = finding("a", 0.11, -0.11, half=0.1)
    others = [finding(str(i), 0, 0, half=0.1) for i in range(20)]
    assert "a is 11.0 points better" in said(alone)[1]
    assert "PCA is as good" in said(alone, *others)[1]
    assert level_for([alone, *others]) == pytest.approx(1 - 0.05 / 21)


def test_baselines_and_failures_win_nothing():
    baseline = Finding(**{**finding("pca", 0.4, -0.4, 0.1).to_dict(), "epochs": None})
    failed = Finding(name="b", model="GAN", error="no")
    assert said(baseline, failed) == []


def test_samples_are_judged_by_how_often_they_are_told_from_data():
    def generator(name, apart):
        rows = {
            "classifier": {"value": apart},
            "coverage": {"value": 0.4, "baselines": {"real": 1}},
        }
        return Finding(name=name, model="GAN", epochs=3, rows=rows)

    (sentence,) = said(generator("a", 0.9), generator("b", 0.6))
    assert "those of b are told" in sentence
    assert "60%" in sentence
    assert "40% of the data" in sentence


def test_samples_of_a_label_are_said_to_be_recognised_or_not():
    rows = {
        "classifier": {"value": 0.7},
        "coverage": {"value": 0.4, "baselines": {"real": 1}},
        "recognised": {"value": 0.81, "baselines": {"real": 0.96}},
    }
    sentence = said(Finding(name="a", model="ConditionalGAN", epochs=3, rows=rows))[-1]
    assert "of a are recognised as the label asked for 81% of the time" in sentence
    assert sentence.endswith("real data 96%.")
    rows["recognised"] = {"value": None, "note": "No real row has the label 9."}
    sentence = said(Finding(name="a", model="ConditionalGAN", epochs=3, rows=rows))[-1]
    assert sentence.endswith("label asked for is not known: No real row has the label 9.")
