"""What tests of training share: the default Ctrl-C, and processes that can be killed."""

import multiprocessing
import runpy
import signal
import sys

import pytest

_PRELOADED = ["torch", "sklearn.utils.validation", "espelho.estimators.training.fitting"]


@pytest.fixture(autouse=True)
def _default_interruption():
    """A worker of pytest-xdist may ignore Ctrl-C; a user's program does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def in_child():
    """Run a script with some globals in a process of its own, which has torch loaded."""
    if sys.platform == "win32":
        pytest.skip("there is no fork")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)

    def start(script, **values):
        names = {"init_globals": values, "run_name": "child"}
        process = context.Process(target=runpy.run_path, args=(str(script),), kwargs=names)
        process.start()
        return process

    return start
