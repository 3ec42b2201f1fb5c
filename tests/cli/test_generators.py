"""Adversarial generators from the command line: fitted, told labels, sampled."""

import numpy as np
import pytest

from espelho import ConditionalGAN, load

TINY = (
    "--max-epochs", "1", "--channels", "4", "--hidden-sizes", "8", "--discriminator-sizes", "8",
    "--random-state", "0", "--verbose", "0",
)  # fmt: skip


@pytest.fixture
def conditional(call):
    assert call("fit", "conditional-gan", "digits", *TINY, "--run", "r").status == 0
    return "r"


def test_a_gan_makes_a_run_with_figures_and_a_report(call, tmp_path):
    result = call("fit", "gan", "digits", *TINY, "--run", "r", "--json")
    assert result.status == 0, result.err
    assert (tmp_path / "r" / "report.html").exists()
    assert load(tmp_path / "r").sample_shape_ == (1, 8, 8)
    assert "frechet" in {row["name"] for row in result.json["evaluation"]["rows"]}
    plain = call("evaluate", "r", "--features", "none")
    assert plain.status == 0
    assert "on features" not in plain.out
    assert call("sample", "r", "-n", 3, "-o", "s.npy").status == 0
    assert np.load("s.npy").shape == (3, 64)


def test_kinds_of_changes_are_names_with_commas(call, tmp_path):
    changes = ("--augmentation", "always", "--augmentation-kinds")
    result = call("fit", "gan", "digits", *TINY, *changes, "cutout, translation", "--run", "r")
    assert result.status == 0, result.err
    assert load(tmp_path / "r").augmentation_kinds == ("cutout", "translation")
    assert "--augmentation-kinds cutout,translation" in (tmp_path / "r/report.html").read_text()
    said = call("fit", "gan", "digits", *changes, "cutout,colour").err
    assert "'colour' must be one of color, translation, cutout." in said


def test_a_conditional_gan_learns_the_labels_of_the_data_set(call, tmp_path, conditional):
    model = load(tmp_path / "r")
    assert model.classes_.tolist() == list(range(10))
    assert call("sample", "r", "-n", 2, "--label", 7, "--seed", 1, "-o", "s.npy").status == 0
    expected = model.sample(2, y=7, random_state=np.random.default_rng(1))
    np.testing.assert_array_equal(np.load("s.npy"), expected)
    report = (tmp_path / "r" / "report.html").read_text()
    assert "--label 0" in report


def test_labels_of_a_table_are_strings(call, tmp_path):
    rows = [f"{i},{i % 3},{'ab'[i % 2]}" for i in range(40)]
    (tmp_path / "t.csv").write_text("\n".join(["p,q,kind", *rows]))
    made = call("fit", "conditional-gan", "t.csv", "--target", "kind", *TINY, "--run", "r")
    assert made.status == 0, made.err
    assert call("sample", "r", "-n", 2, "--label", "b", "-o", "s.csv").status == 0
    assert call("resume", "r", "--max-epochs", 2, "--verbose", 0).status == 0
    assert load("r").n_epochs_ == 2


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    rows = [f"{i},{i % 3},{'ab'[i % 2]},{x:.3f}" for i, x in enumerate(rng.uniform(1, 2, 120))]
    (tmp_path / "t.csv").write_text("\n".join(["p,q,kind,size", *rows]))
    return ("t.csv", "--target", "kind", "--target", "size")


def test_labels_of_several_columns_are_learned_and_asked_for(call, tmp_path, table):
    made = call("fit", "conditional-gan", *table, *TINY, "--run", "r")
    assert made.status == 0, made.err
    assert "recognised as the label asked for: kind" in made.out
    model = load("r")
    assert (model.condition_.names, model.n_features_in_) == (("kind", "size"), 2)
    asked = ("--label", "b", "--label", "1.5", "--seed", 1)
    assert call("sample", "r", "-n", 2, *asked, "-o", "s.npy").status == 0
    expected = model.sample(2, y=("b", 1.5), random_state=np.random.default_rng(1))
    np.testing.assert_array_equal(np.load("s.npy"), expected)
    report = (tmp_path / "r" / "report.html").read_text()
    assert "--target kind --target size" in report
    assert "--label a --label 1." in report
    assert "y=(&#x27;a&#x27;, 1." in report
    assert call("evaluate", "r").status == 0
    assert call("evaluate", "r", *table).status == 0
    assert call("resume", "r", "--max-epochs", 2, "--verbose", 0).status == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--label", "b"), "once for each column of labels (kind, size), in this order, and was"),
        (("--label", "c", "--label", "1.5"), "--label c never came in the data in kind."),
        (("--label", "b", "--label", "big"), "--label big must be a number in size, from 1."),
        (("--label", "b", "--label", "nan"), "Input y contains NaN in column"),
    ],
)
def test_rows_of_labels_that_cannot_be_asked_for_say_so(call, table, words, said):
    call("fit", "conditional-gan", *table, *TINY, "--run", "r")
    result = call("sample", "r", *words, "-o", "s.npy")
    assert result.status == 2
    assert said in result.err


def test_columns_without_names_are_asked_for_by_their_place(call, tmp_path):
    rng = np.random.default_rng(0)
    y = np.c_[np.arange(60) % 2, rng.uniform(size=60)]
    tiny = {"hidden_sizes": (8,), "discriminator_sizes": (8,), "max_epochs": 1}
    ConditionalGAN(**tiny).fit(rng.normal(size=(60, 3)), y).save(tmp_path / "p")
    assert call("sample", "p", "--label", "1.0", "--label", "0.5", "-o", "s.npy").status == 0
    result = call("sample", "p", "--label", "1.0", "-o", "s.npy")
    assert "once for each column of labels (column 0, column 1)" in result.err


@pytest.mark.filterwarnings("default")
def test_a_number_outside_the_data_warns(call, table):
    call("fit", "conditional-gan", *table, *TINY, "--run", "r")
    result = call("sample", "r", "--label", "b", "--label", "9", "-o", "s.npy")
    assert result.status == 0
    assert "espelho: y holds 9 in column 'size', outside the" in result.err


def test_averaging_can_be_switched_off(call, tmp_path):
    result = call("fit", "gan", "iris", *TINY, "--averaging", "none", "--run", "r")
    assert result.status == 0
    assert load(tmp_path / "r").averaging is None
    assert call("fit", "gan", "iris", "--averaging", "nothing").status == 2


def test_models_without_presets_have_no_such_option(call):
    assert "--preset" not in call("fit", "gan", "--help").out
    assert "--preset" in call("fit", "autoencoder", "--help").out


@pytest.mark.parametrize("model", ["gan", "autoencoder"])
def test_models_that_take_one_column_say_so(call, table, model):
    result = call("fit", model, *table, "--max-epochs", 1)
    assert result.status == 2
    assert "--target names 2 columns" in result.err
    assert "conditional-gan learns from several" in result.err


@pytest.mark.parametrize(
    ("kind", "said"),
    [("a,a,a", "got one class only, 'a'"), ("1.5,,2.5", "Input y contains NaN: ")],
)
def test_labels_that_cannot_be_learned_from_say_so(call, tmp_path, kind, said):
    rows = [f"{i},{i % 3},{label}" for i, label in enumerate(kind.split(",") * 10)]
    (tmp_path / "t.csv").write_text("\n".join(["p,q,kind", *rows]))
    result = call("fit", "conditional-gan", "t.csv", "--target", "kind", *TINY)
    assert result.status == 2
    assert said in result.err


def test_labels_of_another_number_than_rows_say_so(call, tmp_path):
    (tmp_path / "y.txt").write_text("\n".join("ab" * 10))
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(40, 3)))
    result = call("fit", "conditional-gan", "x.npy", "--labels", "y.txt", *TINY)
    assert result.status == 2
    assert "y.txt has 20 labels, but x.npy has 40 rows" in result.err


def test_data_without_labels_says_how_to_name_them(call, tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).normal(size=(40, 3)))
    result = call("fit", "conditional-gan", "x.npy", *TINY)
    assert result.status != 0
    assert "ConditionalGAN learns from labels, and x has none" in result.err
    assert "--target" in result.err


def test_a_label_that_never_came_says_which_did(call, conditional):
    result = call("sample", "r", "--label", 12, "-o", "s.npy")
    assert result.status != 0
    assert "--label 12 never came in the data" in result.err
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9." in result.err


def test_a_model_without_labels_says_so(call):
    call("fit", "gan", "iris", *TINY, "--run", "r")
    result = call("sample", "r", "--label", 1, "-o", "s.npy")
    assert result.status != 0
    assert "--label needs a model that was trained on labels" in result.err


def pictures(run):
    return sorted(path.name for path in (run / "pictures").glob("epoch-*"))


@pytest.mark.slow
def test_pictures_are_drawn_while_a_generator_learns(call, tmp_path):
    fit = ("fit", "gan", "digits", *TINY, "--max-epochs", 3)
    assert call(*fit, "--run", "r").status == 0
    assert pictures(tmp_path / "r") == [f"epoch-0000{n}.png" for n in (1, 2, 3)]
    assert "Samples while learning" in (tmp_path / "r" / "report.html").read_text()
    assert call("resume", "r", "--max-epochs", 4, "--verbose", 0).status == 0
    assert pictures(tmp_path / "r") == [f"epoch-0000{n}.png" for n in (1, 2, 3, 4)]
    assert call(*fit, "--run", "s", "--pictures-every", 2).status == 0
    assert pictures(tmp_path / "s") == ["epoch-00002.png", "epoch-00003.png"]
    assert call(*fit, "--run", "t", "--pictures-every", 0).status == 0
    assert pictures(tmp_path / "t") == []


def test_only_generators_have_pictures_to_draw(call):
    assert "--pictures-every" in call("fit", "moment-matching-network", "--help").out
    assert "--pictures-every" not in call("fit", "autoencoder", "--help").out


def test_samples_can_be_of_the_last_weights(call, tmp_path):
    more = ("--max-epochs", 30, "--learning-rate", 0.03, "--latent-dim", 8)
    call("fit", "gan", "iris", *TINY, *more, "--run", "r")
    model = load(tmp_path / "r")
    drawn = {}
    for which in ("best", "last"):
        command = ("sample", "r", "-n", 3, "--seed", 1, "--weights", which, "-o", f"{which}.npy")
        assert call(*command).status == 0
        drawn[which] = np.load(f"{which}.npy")
        random = np.random.default_rng(1)
        expected = model.use_weights(which).sample(3, random_state=random)
        np.testing.assert_array_equal(drawn[which], expected)
    assert not np.array_equal(drawn["best"], drawn["last"])


def test_a_model_with_one_set_of_weights_says_so(call):
    call("fit", "variational-autoencoder", "iris", "--max-epochs", 1, "--run", "r")
    result = call("sample", "r", "--weights", "last", "-o", "s.npy")
    assert result.status == 2
    assert "--weights needs a generator" in result.err
