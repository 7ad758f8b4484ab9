"""A load of unique names that checks every answer, and knows when each query was sent and answered."""

import dataclasses
import selectors
import socket
import struct
import threading
import time

from support import answers
from support.dnsclient import SERVER, wire_query


@dataclasses.dataclass
class Result:
    sent: int = 0
    right: int = 0
    wrong: list = dataclasses.field(default_factory=list)   # names with an answer that is not theirs
    failed: dict = dataclasses.field(default_factory=dict)  # name -> rcode
    lost: list = dataclasses.field(default_factory=list)    # names without an answer in time
    times: list = dataclasses.field(default_factory=list)   # (sent at, answered at or None)

    def __str__(self):
        return (f"sent {self.sent}, right {self.right}, wrong {len(self.wrong)}, "
                f"failed {len(self.failed)}, lost {len(self.lost)}")

    def longest_gap(self):
        """Seconds of the longest time between two answers."""
        moments = sorted(a for _, a in self.times if a is not None)
        return max((b - a for a, b in zip(moments, moments[1:])), default=0.0)


class UdpLoad:
    """Sends `count` names (None: until stop()) PREFIX<number>.example with at most `window` unanswered, at
    most `rate` a second, from `clients` sockets. A query is lost after `timeout` seconds."""

    def __init__(self, prefix, count=None, window=64, rate=None, clients=4, timeout=5.0,
                 server=SERVER, port=53, first=0):
        self.prefix, self.count, self.window, self.rate = prefix, count, window, rate
        self.timeout, self.first = timeout, first
        self.result = Result()
        self._sockets = []
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        for _ in range(clients):
            sock = socket.socket(family, socket.SOCK_DGRAM)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
            sock.setblocking(False)
            sock.connect((server, port))
            self._sockets.append(sock)
        self._pending = {}  # (socket, id) -> (name, sent at); in order of sending
        self._stopped = threading.Event()
        self._thread = None

    def __enter__(self):
        """Runs beside the test until the block ends."""
        self._thread = threading.Thread(target=self.run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """No new queries; waits for the answers of those that are out."""
        self._stopped.set()
        if self._thread:
            self._thread.join(self.timeout + 5)
        return self.result

    def wait_for_sent(self, count, timeout=10):
        deadline = time.monotonic() + timeout
        while self.result.right < count:
            assert time.monotonic() < deadline, f"load does not flow: {self.result}"
            time.sleep(0.005)

    def run(self):
        selector = selectors.DefaultSelector()
        for sock in self._sockets:
            selector.register(sock, selectors.EVENT_READ)
        began, number = time.monotonic(), 0
        while True:
            now = time.monotonic()
            more = not self._stopped.is_set() and (self.count is None or number < self.count)
            if not more and not self._pending:
                break
            allowed = self.window - len(self._pending) if more else 0
            if self.rate:
                allowed = min(allowed, int((now - began) * self.rate) - number)
            if self.count is not None:
                allowed = min(allowed, self.count - number)
            for _ in range(max(allowed, 0)):
                self._send(number, now)
                number += 1
            for key, _ in selector.select(0.002):
                self._receive(key.fileobj)
            self._expire(time.monotonic())
        selector.close()
        for sock in self._sockets:
            sock.close()
        return self.result

    def _send(self, number, now):
        sock = self._sockets[number % len(self._sockets)]
        name = f"{self.prefix}{self.first + number}.example"
        ident = (number // len(self._sockets)) & 0xFFFF
        self._pending[sock, ident] = (name, now)
        self.result.sent += 1
        try:
            sock.send(wire_query(name, ident=ident))
        except (BlockingIOError, ConnectionRefusedError):
            pass  # counts as lost when its time is over

    def _receive(self, sock):
        while True:
            try:
                message = sock.recv(4096)
            except (BlockingIOError, ConnectionRefusedError):
                return
            name, sent = self._pending.pop((sock, struct.unpack_from(">H", message)[0]), (None, 0))
            if name is None:
                continue  # after its time
            self.result.times.append((sent, time.monotonic()))
            rcode = message[3] & 15
            if rcode != 0:
                self.result.failed[name] = rcode
            elif self._is_right(name, message):
                self.result.right += 1
            else:
                self.result.wrong.append(name)

    @staticmethod
    def _is_right(name, message):
        end = answers.question_end(message)
        return (answers.name_of(message) == name and message[6:8] == b"\0\1"
                and message[end:end + 6] == b"\xc0\x0c\0\1\0\1"
                and message[end + 12:end + 16] == socket.inet_aton(answers.ipv4_for(name)))

    def _expire(self, now):
        while self._pending:
            key, (name, sent) = next(iter(self._pending.items()))
            if now - sent < self.timeout:
                return
            del self._pending[key]
            self.result.lost.append(name)
            self.result.times.append((sent, None))
