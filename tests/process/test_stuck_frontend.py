"""One frontend that takes nothing does not end the service of the others."""

import os
import pathlib
import signal
import socket
import time

import pytest

from support import answers, dnsclient, procfs
from support.dnsclient import wire_query
from support.fault_server import FaultServer, tls_context

QUERIES = 400  # half of them to either frontend: 6 MB of answers, more than a wall and its backlog
LARGE = (b"\xff" + b"x" * 255) * 120


def held_back(connection, query):
    """A at once; TXT, large, when the test says so."""
    if answers.type_of(query) == answers.TXT:
        message = answers.response(query, [answers.record(answers.TXT, LARGE)])
        connection.server.held.append((connection, message))
    else:
        connection.send(answers.answer(query))


@pytest.fixture
def server(leaf):
    with FaultServer("127.0.0.2", tls_context(leaf), held_back) as running:
        running.held = []
        yield running


def frontend(dotkeep, index):
    for pid in procfs.children(dotkeep.process.pid):
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if words[:2] == [b"dotkeep-frontend", str(index).encode()]:
            return pid
    raise AssertionError(f"no frontend {index}")


def test_the_other_one_serves(start, server):
    dotkeep = start([server], process={"frontends": 2}, query={"timeout": "20s"})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", 53))
        for i in range(QUERIES):
            client.send(wire_query(f"t{i}.example", answers.TXT))
        server.wait_for_queries(QUERIES, 10)
        stopped = frontend(dotkeep, 1)
        os.kill(stopped, signal.SIGSTOP)
        try:
            server.on_thread(lambda: [c.send(m) for c, m in server.held])
            # Half of the names are the stopped one's; one answer to another shows that the
            # upstream room reads on. Its patience may last half a second.
            names = (f"n{i}.example" for i in range(1000))
            until = time.monotonic() + 8
            answered = False
            while not answered and time.monotonic() < until:
                found = dnsclient.udp_exchange(wire_query(next(names)), timeout=0.3)
                answered = found is not None and found[0][3] & 15 == answers.NOERROR
            assert answered
        finally:
            os.kill(stopped, signal.SIGCONT)
