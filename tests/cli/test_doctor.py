"""``espelho doctor``: verdicts on a run folder, as text and as JSON, and its errors."""

from tests.cli.conftest import TINY


def test_the_verdicts_on_a_run_are_printed_with_their_remedies(call, tmp_path):
    call(
        "fit",
        "autoencoder",
        "iris",
        "--latent-dim",
        "1",
        *TINY,
        "--max-epochs",
        "15",
        "--run",
        "run",
    )
    said = call("doctor", "run")
    assert said.status == 0
    assert "not converged (since epoch 15" in said.out
    assert "Remedy: a larger max_epochs" in said.out
    found = call("doctor", "run", "--json").json
    assert not found["healthy"]
    assert "not converged" in [verdict["name"] for verdict in found["verdicts"]]
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "not converged" in page
    assert 'id="doctor"' in page


def test_a_run_from_before_says_what_cannot_be_judged(call, tmp_path):
    call("fit", "autoencoder", "iris", *TINY, "--run", "run")
    (tmp_path / "run" / "signals.jsonl").unlink()
    assert "Not judged, for no signals were read in this training" in call("doctor", "run").out


def test_a_folder_that_is_no_run_and_other_formats_are_one_clear_error(call, tmp_path):
    (tmp_path / "empty").mkdir()
    said = call("doctor", "empty")
    assert (said.status, said.out) == (2, "")
    assert "is not a run folder" in said.err
    call("fit", "autoencoder", "iris", *TINY, "--run", "run")
    (tmp_path / "run" / "signals.jsonl").write_text('{"format": 2, "facts": {}}\n')
    said = call("doctor", "run")
    assert said.status == 2
    assert "format 2, and this espelho reads format 1" in said.err.replace("\n", " ")
