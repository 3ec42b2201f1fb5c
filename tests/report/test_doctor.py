"""The report says what the doctor found, and marks it on the curves."""

import pytest
from sklearn.datasets import load_iris

import espelho
from espelho import Autoencoder
from espelho.evaluation import Evaluation
from espelho.report import write_report
from espelho.training.history import History


@pytest.fixture
def model():
    X = load_iris().data
    return Autoencoder(hidden_sizes=(8,), latent_dim=1, max_epochs=15, random_state=0).fit(X)


def written(model, tmp_path, **options):
    evaluation = Evaluation((), 5, held_out=True)
    path = write_report(
        tmp_path / "report.html", model, load_iris().data, evaluation=evaluation, commands={},
        **options,
    )  # fmt: skip
    return path.read_text("utf-8")


def test_every_verdict_is_in_the_report_with_its_evidence_and_remedy(model, tmp_path):
    found = espelho.doctor(model)
    page = written(model, tmp_path)
    assert "not converged" in found
    assert 'href="#doctor"' in page
    for verdict in found:
        for text in (verdict.name, verdict.when, verdict.figures, verdict.said):
            assert text in page.replace("&#x27;", "'")
        assert f"Marked: {verdict.name} since {verdict.when}" in page
    assert "Not judged, for no rows were held out (validation_fraction): overfitting." in page


def test_a_healthy_training_is_said_to_be_so(model, tmp_path):
    model.history_ = History({**r, "reconstruct/squared_error": 1.0} for r in model.history_)
    del model.signals_
    page = written(model, tmp_path)
    assert "Nothing wrong was found in the training." in page
    assert "Marked:" not in page
