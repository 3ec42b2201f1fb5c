"""Adversarial generators from the command line: fitted, told labels, sampled."""

import numpy as np
import pytest

from espelho import load

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
    assert call("evaluate", "r").status == 0
    assert call("sample", "r", "-n", 3, "-o", "s.npy").status == 0
    assert np.load("s.npy").shape == (3, 64)


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
    call("fit", "gan", "iris", *TINY, "--max-epochs", 30, "--learning-rate", 0.03, "--run", "r")
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
