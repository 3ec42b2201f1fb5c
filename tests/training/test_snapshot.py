"""What a snapshot holds."""

import json

from tests.training.toys import AfterEachStep, Busy, Snapshots, gaussian, trainer

import espelho


def test_a_snapshot_is_json_and_tensors_by_unique_names():
    taken = Snapshots()
    callbacks = (espelho.EarlyStopping(), espelho.WeightAveraging(), AfterEachStep(str), taken)
    model = Busy()
    trainer(model, gaussian(10, 4), callbacks=callbacks).run()

    values, tensors = taken.taken[-1]
    assert json.loads(json.dumps(values))["position"]["step"] == 6
    assert values["callbacks"].keys() == {"EarlyStopping-1", "WeightAveraging-1"}
    names = {name.split("/")[0] for name in tensors}
    assert names == {"model", "random", "shuffle", "optimizer", "terms", "callback"}
    assert {f"model/{name}" for name in model.state_dict()} <= tensors.keys()
    assert "optimizer/confuse/encoder.0.weight/exp_avg" in tensors
    assert "optimizer/reconstruct/encoder.0.weight/exp_avg" in tensors


def test_the_terms_of_the_unfinished_epoch_are_in_it():
    taken = Snapshots()
    trainer(Busy(), gaussian(10, 4), callbacks=(taken,)).run()

    assert [len(s.tensors["terms/confuse"]) for s in taken.taken] == [1, 2, 3, 1, 2, 3]
    assert taken.taken[2].values["terms"]["confuse"] == [("real", "fake"), [4, 4, 2]]
