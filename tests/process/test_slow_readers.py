"""Clients that ask for much over TCP and read nothing take neither the memory nor the service of others."""

import socket
import struct

import pytest

from support import answers, procfs
from support.dnsclient import TcpClient, framed, wire_query
from support.fault_server import FaultServer, tls_context

SLOW = 240    # connections, each of which comes to hold nearly as much as one may
AT_ONCE = 8   # queries of each before the first answer: no more than what ends it
LARGE = (b"\xff" + b"x" * 255) * 240  # 60 KiB of TXT


def held_back(connection, query):
    """Large answers to TXT, those to names that begin with "late" only when the test says so."""
    message = answers.response(query, [answers.record(answers.TXT, LARGE)])
    if answers.name_of(query).startswith("late"):
        connection.server.held.append((connection, message))
    else:
        connection.send(message)


@pytest.fixture
def server(leaf):
    with FaultServer("127.0.0.2", tls_context(leaf), held_back) as running:
        running.held = []
        yield running


def slow_reader(number):
    """A connection whose kernel buffers hold little; 30 of them to an address."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
    client.bind((f"127.0.1.{1 + number // 30}", 0))
    client.connect(("127.0.0.1", 53))
    client.sendall(b"".join(framed(wire_query(f"late{number}-{i}.example", answers.TXT, ident=i))
                            for i in range(AT_ONCE)))
    return client


def test_others_are_answered(start, server):
    dotkeep = start([server], query={"timeout": "20s"})
    before = procfs.children(dotkeep.process.pid)
    slow = [slow_reader(i) for i in range(SLOW)]
    server.wait_for_queries(SLOW * AT_ONCE, 10)
    server.on_thread(lambda: [c.send(m) for c, m in server.held])
    with TcpClient() as client:
        for i in range(200):
            client.send(wire_query(f"n{i}.example", answers.TXT, ident=i))
            message = client.receive()
            assert message is not None, f"closed at answer {i}"
            assert struct.unpack_from(">H", message)[0] == i and len(message) > len(LARGE)
    assert procfs.children(dotkeep.process.pid) == before
    for client in slow:
        client.close()
