"""What the tests with bounds on times take for a moment at which the machine stood still, and what not."""

import multiprocessing
import os
import signal
import time

import pytest


def burn():
    while True:
        pass


def test_a_processor_that_was_away_is_known(stalls):
    """Its watcher is stopped, which is what the watcher of a processor sees that runs another machine."""
    if not stalls.watched:
        pytest.skip("no process may have a higher priority here")
    began = time.monotonic()
    os.kill(stalls.watched[0], signal.SIGSTOP)
    time.sleep(0.2)  # this is how long it is away
    os.kill(stalls.watched[0], signal.SIGCONT)
    took = time.monotonic() - began
    assert 0.15 < took - stalls.less(took) <= took
    assert stalls.during(began - 10, began - 9) == 0


def test_a_load_is_no_excuse(stalls):
    """A watcher is late where nobody runs, not where others do."""
    burning = [multiprocessing.get_context("fork").Process(target=burn, daemon=True) for _ in range(8)]
    for process in burning:
        process.start()
    began = time.monotonic()
    time.sleep(0.5)  # so long they have the processors
    stood = stalls.during(began, time.monotonic())
    for process in burning:
        process.kill()
        process.join()
    assert stood < 0.3
