"""The receiving end of sd_notify: a Unix datagram socket, read as states come (its queue holds but ten)."""

import os
import socket
import threading
import time


class NotifySocket:
    def __init__(self, path):
        self.path = str(path)
        self.received = []  # (time.monotonic(), state), e.g. "READY=1"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        while True:
            octets = self.socket.recv(4096)
            if not octets:  # our own end
                return
            with self._changed:
                now = time.monotonic()
                self.received += [(now, s) for s in octets.decode().splitlines()]
                self._changed.notify_all()

    def wait_for(self, state, timeout=5, alive=lambda: True, count=1):
        """Waits until `state` has come `count` times; AssertionError when it has not in time, or once
        alive() is false."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while len(self.times(state)) < count:
                left = deadline - time.monotonic()
                assert left > 0, f"no {state} within {timeout} s"
                assert alive(), f"ended before {state}"
                self._changed.wait(min(left, 0.05))

    def times(self, state):
        """When each `state` came."""
        return [at for at, s in list(self.received) if s == state]

    def has(self, state):
        return bool(self.times(state))

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"", self.path)
        self._thread.join(5)
        self.socket.close()
