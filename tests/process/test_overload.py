"""More comes than is taken in: who was served over TCP before is heard, and nobody else."""

import contextlib
import os
import re
import signal
import socket
import time

import pytest

from support import netns
from support.dnsclient import TcpClient, wire_query

KNOWN, UNKNOWN, MANY = "10.53.0.1", "10.53.0.2", "10.53.0.3"
WAITED = 0.012  # frontend/backlog.h: 10 ms are long, and 20 ms of that are too many
MORE = 62       # with two others they are a batch, after which the frontend cannot know that there are no more
QUERY = wire_query("n1.example")


@pytest.fixture
def running(start, good_server):
    netns.add_addresses(f"{KNOWN}/32", f"{UNKNOWN}/32", f"{MANY}/32")
    return start([good_server])


@contextlib.contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def asked(source):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((source, 0))
    sock.settimeout(0.5)
    sock.connect(("127.0.0.1", 53))
    sock.send(QUERY)
    return sock


def answered(sock):
    """TC=1 is no answer."""
    with sock, contextlib.suppress(TimeoutError):
        return not sock.recv(4096)[2] & 2
    return False


def late(pid, many, *sources):
    """One query each, beside so many others, which find the frontend busy with something else; whether each is
    answered."""
    with stopped(pid):
        crowd = [asked(MANY) for _ in range(many)]
        sockets = [asked(source) for source in sources]
        time.sleep(WAITED)  # time itself is what is waited for
    found = [answered(sock) for sock in sockets]
    for sock in crowd:
        sock.close()
    return found


def test_who_was_served_over_tcp_is_heard(running):
    pid, = running.workers("frontend")
    with TcpClient(source=KNOWN) as client:
        client.send(QUERY)
        assert client.receive()
    assert late(pid, MORE, KNOWN, UNKNOWN) == [True, True], "a burst is nothing"
    for _ in range(12):
        assert late(pid, 0, KNOWN, UNKNOWN) == [True, True], "so few are no queue"
    found = [late(pid, MORE, KNOWN, UNKNOWN) for _ in range(12)]
    assert all(known for known, _ in found)
    assert found[-1] == [True, False]
    assert answered(asked(UNKNOWN)), "nobody waits any more"
    running.terminate()
    running.log.wait_for_end()
    counted = re.search(r"counted what=refused_udp kind=overload count=(\d+)", running.log.text())
    assert counted and int(counted[1]) > [unknown for _, unknown in found].count(False)
