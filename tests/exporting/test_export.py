"""Exports keep what they promise, or say why not; programs of torch are the quickest to trace."""

import json
import runpy

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import csr_matrix
from sklearn.datasets import load_iris
from torch import nn

import espelho
from espelho.errors import DataError, ExportError, FileError, SettingError
from espelho.exporting.graphs.units import AsType, Scale, Unscale

TINY = {"hidden_sizes": (6,), "max_epochs": 1, "random_state": 0}
IRIS = load_iris()


@pytest.fixture(scope="module")
def autoencoder():
    return espelho.Autoencoder(latent_dim=2, **TINY).fit(IRIS.data)


def export(model, folder, **settings):
    return espelho.export(model, folder, format="torch", **settings)


def run(part, *inputs):
    with torch.no_grad():
        return torch.export.load(part.path).module()(*map(torch.from_numpy, inputs)).numpy()


def test_a_program_does_what_the_library_does(autoencoder, tmp_path):
    made = export(autoencoder, tmp_path / "new" / "folder", rows=IRIS.data)
    x = IRIS.data.astype(np.float32)
    codes = run(made["encoder"], x)
    np.testing.assert_allclose(codes, autoencoder.transform(x), atol=1e-5)
    np.testing.assert_allclose(
        run(made["decoder"], codes), autoencoder.inverse_transform(codes), atol=1e-5
    )
    np.testing.assert_allclose(
        run(made["reconstruction"], x), autoencoder.reconstruct(x), atol=1e-5
    )
    assert sorted(path.name for path in made.path.iterdir()) == sorted(
        path.name for part in made.parts for path in (part.path, part.example)
    )
    assert not list(tmp_path.glob(".espelho*"))


def test_a_program_says_what_it_is(autoencoder, tmp_path):
    made = export(autoencoder, tmp_path, part="encoder")
    extra = {"espelho.json": ""}
    torch.export.load(made["encoder"].path, extra_files=extra)
    facts = json.loads(extra["espelho.json"])
    assert (facts["class"], facts["method"]) == ("Autoencoder", "transform")
    assert facts["compared"] == "drawn rows"
    assert not made.given


def test_what_was_not_exported_is_said_with_the_reason(autoencoder, tmp_path):
    made = export(autoencoder, tmp_path)
    assert "fit_sampler" in made.skipped["generator"]
    assert "no generator: " in str(made)
    with pytest.raises(SettingError, match=r"generator of this Autoencoder .*: nothing says how"):
        export(autoencoder, tmp_path, part="generator")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"part": "encodr"}, "no part 'encodr' to export. Did you mean 'encoder'"),
        ({"part": ["encoder", "translator"]}, "Its parts are: encoder, decoder, reconstruction"),
        ({"format": "onxx"}, "format must be 'onnx' or 'torch', got 'onxx'. Did you mean 'onnx'"),
        ({"precision": "float16"}, "precision must be 'float32' or 'float64', got 'float16'"),
        ({"resolution": 4}, "resolution=4 is for a ProgressiveGAN; leave it out for Autoencoder"),
        ({"rows": IRIS.data[:, :3]}, "X has 3 features"),
    ],
)
def test_a_setting_that_cannot_be_is_named(settings, message, autoencoder, tmp_path):
    with pytest.raises((SettingError, DataError)) as caught:
        espelho.export(autoencoder, tmp_path / "folder", **{"format": "torch", **settings})
    assert message in str(caught.value)
    assert not (tmp_path / "folder").exists()


def test_an_export_without_its_scaling_fails_and_leaves_nothing(
    autoencoder, tmp_path, monkeypatch
):
    monkeypatch.setattr(Scale, "forward", lambda self, x: x.to(self.dtype))
    with pytest.raises(ExportError, match=r"encoder differs from transform by .* Nothing was"):
        export(autoencoder, tmp_path / "folder", rows=IRIS.data)
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_fails_leaves_what_was_there(autoencoder, tmp_path, monkeypatch):
    made = export(autoencoder, tmp_path, part="decoder")
    before = made["decoder"].path.read_bytes()
    monkeypatch.setattr(Unscale, "forward", lambda self, x: x)
    with pytest.raises(ExportError, match="decoder differs"):
        export(autoencoder, tmp_path, rows=IRIS.data)
    assert made["decoder"].path.read_bytes() == before
    assert not (tmp_path / "encoder.pt2").exists()


def test_an_export_that_rounds_otherwise_fails(tmp_path, monkeypatch):
    X = np.arange(60).reshape(20, 3)
    model = espelho.Autoencoder(latent_dim=1, **TINY).fit(X)
    made = export(model, tmp_path, part="reconstruction", rows=X)
    assert made["reconstruction"].output.dtype == X.dtype.name
    np.testing.assert_array_equal(run(made["reconstruction"], X), model.reconstruct(X))
    monkeypatch.setattr(AsType, "forward", lambda self, x: (x.round() + 1).to(self.dtype))
    with pytest.raises(ExportError, match="in how it rounds"):
        export(model, tmp_path, part="reconstruction", rows=X)


def test_an_export_of_another_kind_than_it_says_fails(autoencoder, tmp_path, monkeypatch):
    monkeypatch.setattr(AsType, "forward", lambda self, x: x.double())
    with pytest.raises(ExportError, match="in kind: it gives float64"):
        export(autoencoder, tmp_path, part="decoder")


def test_numbers_that_are_not_finite_are_infinitely_far_away(autoencoder, tmp_path, monkeypatch):
    monkeypatch.setattr(Unscale, "forward", lambda self, x: x / 0)
    with pytest.raises(ExportError, match="by inf of"):
        export(autoencoder, tmp_path, part="decoder")


def test_files_are_replaced_and_others_stay(autoencoder, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "encoder.pt2").write_text("old")
    export(autoencoder, tmp_path, part="encoder")
    assert run(export(autoencoder, tmp_path, part="encoder")["encoder"], _x(2)).shape == (2, 2)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_is_an_error_of_files(autoencoder, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileError, match="is a file, and an export needs a folder"):
        export(autoencoder, tmp_path / "file")
    with pytest.raises(FileError, match="could not be written"):
        export(autoencoder, tmp_path / "file" / "folder")


def test_a_run_folder_is_exported_by_its_path(autoencoder, tmp_path):
    autoencoder.save(tmp_path / "run")
    made = export(tmp_path / "run", tmp_path / "out", part="encoder", rows=IRIS.data)
    np.testing.assert_allclose(
        run(made["encoder"], _x(5)), autoencoder.transform(_x(5)), atol=1e-5
    )


def test_who_watches_is_told_of_each_part(autoencoder, tmp_path):
    told = []
    export(autoencoder, tmp_path, watch=lambda part, *place: told.append((part.name, *place)))
    assert told == [("encoder", 1, 3), ("decoder", 2, 3), ("reconstruction", 3, 3)]


def test_a_network_that_cannot_be_traced_is_said_in_one_line(tmp_path):
    class Undecided(nn.Linear):
        def forward(self, x):
            return super().forward(x) if x.sum() > 0 else -super().forward(x)

    model = espelho.Autoencoder(encoder=Undecided(4, 2), **TINY).fit(IRIS.data)
    with pytest.raises(ExportError, match=r"^The encoder cannot be exported: \w+: .*own must"):
        export(model, tmp_path, part="encoder")


def test_large_numbers_close_together_need_the_wider_type(tmp_path):
    X = 1e7 + IRIS.data
    model = espelho.Autoencoder(latent_dim=2, **TINY).fit(X)
    with pytest.raises(ExportError, match="precision='float64'"):
        export(model, tmp_path, part="reconstruction", rows=X)
    made = export(model, tmp_path, part="reconstruction", rows=X, precision="float64")
    np.testing.assert_allclose(run(made["reconstruction"], X), model.reconstruct(X), rtol=1e-12)


@pytest.mark.parametrize(
    "rows",
    [
        pd.DataFrame(IRIS.data[:1]),
        pd.DataFrame(IRIS.data).to_numpy().tolist(),
        torch.from_numpy(IRIS.data),
        csr_matrix(IRIS.data[:2]),
    ],
    ids=["one row of a table", "list", "tensor", "sparse"],
)
def test_rows_may_come_as_anything_that_fit_takes(rows, tmp_path, autoencoder):
    made = export(autoencoder, tmp_path, part="encoder", rows=rows)
    assert made["encoder"].rows == min(32, np.shape(rows)[0])


def _x(n):
    return IRIS.data[:n].astype(np.float32)


def test_the_example_of_a_program_runs(autoencoder, tmp_path, capsys):
    made = export(autoencoder, tmp_path, part="encoder")
    runpy.run_path(str(made["encoder"].example))
    assert "torch.Size([3, 2]) torch.float32" in capsys.readouterr().out


def test_names_of_columns_stay_inside_their_comment(tmp_path, capsys):
    frame = pd.DataFrame(IRIS.data, columns=["a", "b\nprint('no')", "c" * 300, "d"])
    model = espelho.Autoencoder(latent_dim=2, **TINY).fit(frame)
    made = export(model, tmp_path, part="encoder", rows=frame)
    source = made["encoder"].example.read_text()
    runpy.run_path(str(made["encoder"].example))
    assert "\nprint('no')" not in source
    assert max(map(len, source.splitlines())) < 300
    assert "no" not in capsys.readouterr().out
