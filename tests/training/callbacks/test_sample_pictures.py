"""Pictures of samples are drawn after the right epochs, whole, and again after a resume."""

import pytest
from tests.training.toys import Mirror, Snapshots, assert_same_tensors, copied, trainer

from espelho import Checkpoint, SamplePictures, WeightAveraging
from espelho.errors import SettingError
from espelho.training.callbacks.sample_pictures import is_round


def drawn(callback, *more, max_epochs=9, resume=None, draw=lambda weights: b"png"):
    callback.draw_by(draw)
    model = Mirror()
    trainer(model, callbacks=(callback, *more), max_epochs=max_epochs).run(resume)
    return model


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def epochs(folder):
    return [int(name[6:11]) for name in names(folder)]


def test_pictures_come_more_and_more_rarely_and_at_the_end(tmp_path):
    drawn(SamplePictures(tmp_path), max_epochs=13)
    assert epochs(tmp_path) == [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 13]
    assert names(tmp_path)[-1] == "epoch-00013.png"
    assert len([n for n in range(1, 10_001) if is_round(n)]) < 50


def test_how_often_can_be_chosen(tmp_path):
    drawn(SamplePictures(tmp_path, every=4))
    assert epochs(tmp_path) == [4, 8, 9]


def test_the_run_folder_of_a_checkpoint_is_where_they_go_without_a_folder(tmp_path):
    drawn(SamplePictures(), Checkpoint(tmp_path / "run"), max_epochs=2)
    assert epochs(tmp_path / "run" / "pictures") == [1, 2]


def test_what_is_drawn_is_the_average_where_there_is_one(tmp_path):
    seen = []
    averaging = WeightAveraging(half_life=7)
    model = drawn(SamplePictures(tmp_path), averaging, draw=seen.append)
    assert_same_tensors(seen[-1], dict(model.state_dict()))
    assert names(tmp_path) == []


def test_a_resumed_training_goes_on_without_a_picture_twice(tmp_path):
    taken = Snapshots()
    contents = iter(range(100))
    drawn(SamplePictures(tmp_path), taken, draw=lambda weights: b"%d" % next(contents))
    before = epochs(tmp_path)

    resume = copied(taken.taken[10])  # in the fourth epoch
    drawn(SamplePictures(tmp_path), taken, resume=resume, draw=lambda weights: b"again")

    assert epochs(tmp_path) == before
    again = [path.read_bytes() == b"again" for path in sorted(tmp_path.iterdir())]
    assert again == [epoch >= 4 for epoch in before]


def test_what_is_wrong_is_said():
    with pytest.raises(SettingError, match="every of at least 1, got 0"):
        SamplePictures("x", every=0)
    with pytest.raises(SettingError, match="needs a folder, or a Checkpoint"):
        drawn(SamplePictures())
    with pytest.raises(SettingError, match="draws what generators and translators make"):
        trainer(Mirror(), callbacks=(SamplePictures("x"),)).run()
