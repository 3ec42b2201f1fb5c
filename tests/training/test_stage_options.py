"""What a stage may say of its own: batches, and something that goes on with it."""

from tests.training.toys import AfterEachStep, TwoPlayers, gaussian, trainer

N = 12


def seen(**stage):
    told, sizes = [], []
    model = TwoPlayers(progress=told.append, **stage)
    watch = AfterEachStep(lambda t: sizes.append(t.last_batch_size))
    trainer(model, gaussian(N, 1), max_epochs=2, batch_size=6, callbacks=[watch]).run()
    return told, sizes


def test_a_stage_is_told_which_share_of_it_is_done():
    told, _ = seen()
    # Where an epoch begins it is told again: it may have been resumed there.
    assert told == [0, 1 / 4, 2 / 4, 2 / 4, 3 / 4, 1]


def test_a_stage_has_batches_of_its_own():
    assert seen()[1] == [6] * 4
    told, sizes = seen(batch_size=4)
    assert sizes == [4] * 6
    assert told[-1] == 1
