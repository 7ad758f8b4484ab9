"""The receiving end of sd_notify: a Unix datagram socket."""

import os
import socket
import time


class NotifySocket:
    def __init__(self, path):
        self.path = str(path)
        self.received = []  # (time.monotonic(), state), e.g. "READY=1"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)

    def wait_for(self, state, timeout=5, alive=lambda: True):
        """Waits until `state` comes; AssertionError when it does not in time or alive() turns false."""
        deadline = time.monotonic() + timeout
        while not self.has(state):
            left = deadline - time.monotonic()
            assert left > 0, f"no {state} within {timeout} s"
            assert alive(), f"ended before {state}"
            self._receive(min(left, 0.05))

    def has(self, state):
        return any(s == state for _, s in self.received)

    def drain(self, seconds=0.0):
        """Takes what has come, and what comes within `seconds`."""
        deadline = time.monotonic() + seconds
        while self._receive(max(deadline - time.monotonic(), 0.001)) or time.monotonic() < deadline:
            pass

    def _receive(self, timeout):
        self.socket.settimeout(timeout)
        try:
            states = self.socket.recv(4096).decode().splitlines()
        except TimeoutError:
            return False
        self.received += [(time.monotonic(), s) for s in states]
        return True

    def close(self):
        self.socket.close()
