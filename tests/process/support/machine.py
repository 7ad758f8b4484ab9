"""The moments at which the machine itself stood still. Where processors are shared with other machines, one may be
taken away for a tenth of a second, and a bound on times that does not know of it fails for nothing."""

import contextlib
import multiprocessing
import os
import time

REST = 0.002   # seconds between two looks at the clock; a look costs 20 us
LATE = 0.004   # seconds beyond REST that a sleeper of the highest priority oversleeps only where nothing runs at all


def _watch(cpu, pipe):
    """Before everything else that the kernel schedules on this processor, so that no load on it makes this late."""
    os.sched_setaffinity(0, {cpu})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    pipe.send(None)  # it stands
    before = time.monotonic()
    while True:
        time.sleep(REST)
        now = time.monotonic()
        if now - before > REST + LATE:
            pipe.send((before + REST, now))
            now = time.monotonic()
        before = now


class Stalls:
    """`with Stalls() as stalls:` then `stalls.during(since, until)`: seconds of that time in which at least one of the
    processors stood still; times are of time.monotonic(). Zero where no process may have a higher priority."""

    def __init__(self):
        self._watchers, self._pipes, self._seen = [], [], []
        self.watched = []  # process ids of the watchers

    def __enter__(self):
        context = multiprocessing.get_context("fork")
        for cpu in sorted(os.sched_getaffinity(0)):
            here, there = context.Pipe(False)
            watcher = context.Process(target=_watch, args=(cpu, there), daemon=True)
            watcher.start()
            there.close()
            with contextlib.suppress(EOFError):  # it may not
                here.recv()
                self._pipes.append(here)
                self.watched.append(watcher.pid)
            self._watchers.append(watcher)
        return self

    def __exit__(self, *_):
        for watcher in self._watchers:
            watcher.kill()
            watcher.join()

    def less(self, took):
        """`took` without what the machine stood still of it, for something that ended now."""
        now = time.monotonic()
        return took - self.during(now - took, now)

    def during(self, since, until):
        if time.monotonic() - until < 2 * REST:
            time.sleep(2 * REST)  # what has just begun to move again says so first
        for pipe in self._pipes:
            while pipe.poll():
                self._seen.append(pipe.recv())
        stood, last = 0.0, since
        for begin, end in sorted(self._seen):
            begin, end = max(begin, last), min(end, until)
            if end > begin:
                stood, last = stood + end - begin, end
        return stood
