"""``espelho compare``: from a file to a table, a page, and back after an interruption."""

import json

import pytest

from espelho.panel.result.comparison import Comparison
from espelho.panel.running import workers

QUICK = ("--models", "autoencoder", "--grid", "autoencoder.max_epochs=1", "--jobs", "1")
NAME = "autoencoder[max_epochs=1]"


@pytest.fixture
def measured_after(monkeypatch):
    """Let the panel be interrupted after so many rows."""

    def after(n):
        whole = workers.measure
        calls = iter(range(100))

        def interrupted(member, task):
            if next(calls) >= n:
                raise KeyboardInterrupt
            return whole(member, task)

        monkeypatch.setattr(workers, "measure", interrupted)

    return after


def test_a_bundled_set_becomes_a_table_a_page_and_files(call, tmp_path):
    result = call("compare", "iris", *QUICK)
    assert result.status == 0
    assert "2 of 2  autoencoder[max_epochs=1]:" in result.err
    assert f"\n{NAME}" in result.out
    folder = tmp_path / "runs" / "compare-iris"
    for name in ("compare.html", "compare.csv", "compare.json"):
        assert (folder / name).stat().st_size > 100
    again = call("compare", "iris", *QUICK, "--json")
    assert again.err == ""
    assert again.json == json.loads((folder / "compare.json").read_text())


def test_a_file_of_ones_own_with_a_target_by_name(call, tmp_path):
    rows = [f"{i % 7},{i * i % 11},{'yes' if i % 2 else 'no'}" for i in range(60)]
    (tmp_path / "own.csv").write_text("\n".join(["a,b,kept", *rows]))
    told = call("compare", "own.csv", "--target", "kept", "--models", "pca", "--json").json
    assert told["facts"]["data"] == "own"
    assert 0 < told["rows"][0]["knn_score"] <= 1


def test_an_interruption_says_how_to_go_on_and_does(call, monkeypatch, measured_after):
    words = ["compare", "iris", *QUICK, "--force"]
    monkeypatch.setattr("sys.argv", ["espelho", *words])
    with monkeypatch.context() as patch:
        patch.setattr(workers, "measure", workers.measure)
        measured_after(1)
        result = call(*words)
        assert result.status == 130
        assert result.err.splitlines()[-1] == (
            "Interrupted. Finished rows stay; go on with: espelho compare iris --models "
            "autoencoder --grid autoencoder.max_epochs=1 --jobs 1"
        )
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("iris", "--models", "autoencodr"), "Did you mean 'autoencoder'"),
        (("iris", "--models", "cyclegan"), "learns from two sets"),
        (("iris", "--budget", "soon"), "such as 90s, 10m or 1.5h"),
        (("iris", "--grid", "latent_dim"), "model.setting=value,value"),
        (("iris", "--grid", "none.toml"), "cannot be read"),
        (("iris", "--grid", "autoencoder.latent_dim=two"), "'two' is not a valid integer"),
        (("iris", "--grid", "autoencoder.latent_dims=2"), "Did you mean 'latent_dim'"),
        (("one.csv", "--target", "y"), "one value only"),
    ],
)
def test_mistakes_are_one_line(call, tmp_path, words, said):
    (tmp_path / "one.csv").write_text("\n".join(["a,y", *["1.5,b"] * 50]))
    result = call("compare", *words)
    assert result.status == 2
    assert said in result.err
    assert "Traceback" not in result.err


def test_grids_come_from_words_and_from_files(tmp_path, monkeypatch):
    from espelho.cli.options.grid import make_grid

    file = tmp_path / "grid.toml"
    file.write_text("latent_dim = [2, 3]\n[gan]\nhidden-sizes = [[4], [8, 4]]\n")
    assert make_grid([str(file)]) == {"latent_dim": [2, 3], "gan.hidden_sizes": [(4,), (8, 4)]}
    words = ["autoencoder.hidden-sizes=64;128,64", "latent_dim=2,8", "pca.latent_dim=3", "a=x,0.5"]
    assert make_grid(words) == {
        "autoencoder.hidden_sizes": [(64,), (128, 64)],
        "latent_dim": [2, 8],
        "pca.latent_dim": [3],
        "a": ["x", 0.5],
    }


@pytest.mark.parametrize(
    ("text", "said"), [("[gan", "is no TOML"), ("[gan]\nlatent_dim = 2", "list of values")]
)
def test_files_that_hold_no_grid_say_so(tmp_path, text, said):
    from espelho.cli.options.grid import make_grid

    file = tmp_path / "grid.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=said):
        make_grid([str(file)])


def test_a_comparison_has_a_text_without_any_figures():
    facts = {"data": "x", "n_train": 1, "n_test": 1, "width": 1, "n_features": 1, "share": 1.0}
    assert str(Comparison((), facts)).startswith("x: 1 rows")
