"""TCP (RFC 7766): pipelining, frames cut anywhere, half-closed and slow clients, bounds."""

import socket
import struct
import time

import dns.message
import pytest

from support import answers, dnsclient
from support.dnsclient import TcpClient, framed, wire_query
from support.fault_server import FaultServer, tls_context


def delaying(connection, query):
    """Answers names that begin with "slow" 300 ms late."""
    late = answers.name_of(query).startswith("slow")
    if late:
        connection.later(0.3, connection.send, answers.answer(query))
    else:
        connection.send(answers.answer(query))


@pytest.fixture
def running(start, leaf):
    with FaultServer("127.0.0.2", tls_context(leaf), delaying) as server:
        yield start([server])


def read_all(client, count):
    """`count` responses: {id: (rank of arrival, addresses)}."""
    found = {}
    for rank in range(count):
        message = client.receive()
        assert message is not None, f"ended after {rank} of {count} responses"
        parsed = dns.message.from_wire(message)
        found[parsed.id] = (rank, dnsclient.addresses(parsed))
    return found


def a_turn_passes():
    """The only frontend has gone through its loop: it answers a message that needs no upstream."""
    assert dnsclient.udp_exchange(wire_query("x.example", flags=0x1100)) is not None  # STATUS: NOTIMP


def test_replies_leave_as_they_come(running):
    with TcpClient() as client:
        client.send(wire_query("slow1.example", ident=1))
        client.send(wire_query("n2.example", ident=2), wire_query("n3.example", ident=3))
        found = read_all(client, 3)
    assert found[1] == (2, ["20.0.0.1"])
    assert {found[2][0], found[3][0]} == {0, 1}
    assert found[2][1] == ["20.0.0.2"] and found[3][1] == ["20.0.0.3"]


def test_many_frames_in_one_segment(running):
    with TcpClient() as client:
        client.send(*(wire_query(f"n{i}.example", ident=i) for i in range(100)))
        found = read_all(client, 100)
    assert all(found[i][1] == [answers.ipv4_for(f"n{i}.example")] for i in range(100))


def test_frames_cut_at_every_octet(running):
    octets = framed(wire_query("n4.example", ident=4))
    with TcpClient() as client:
        for cut in range(1, len(octets)):
            client.send_octets(octets[:cut])
            a_turn_passes()
            client.send_octets(octets[cut:])
            assert read_all(client, 1)[4][1] == ["20.0.0.4"], f"cut at {cut}"


def test_octet_by_octet(running):
    with TcpClient() as client:
        for octet in framed(wire_query("n5.example", ident=5)) * 2:
            client.send_octets(bytes([octet]))
            a_turn_passes()
        assert len(read_all(client, 1)) == 1 and len(read_all(client, 1)) == 1


def test_two_frames_cut_across(running):
    first, second = (framed(wire_query(f"n{i}.example", ident=i)) for i in (6, 7))
    with TcpClient() as client:
        client.send_octets(first + second[:5])
        assert read_all(client, 1)[6][1] == ["20.0.0.6"]
        client.send_octets(second[5:])
        assert read_all(client, 1)[7][1] == ["20.0.0.7"]


def test_half_closed_client_gets_every_answer(running):
    with TcpClient() as client:
        client.send(wire_query("slow8.example", ident=8), wire_query("n9.example", ident=9))
        client.half_close()
        found = read_all(client, 2)
        assert found[8][1] == ["20.0.0.8"] and found[9][1] == ["20.0.0.9"]
        assert client.receive() is None


def test_client_that_leaves_harms_nobody(running):
    for number in range(20):
        client = TcpClient()
        client.send(wire_query(f"slow{number}.example"))
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.close()  # a reset
    with TcpClient() as client:
        client.send(wire_query("slow21.example", ident=21))
        assert read_all(client, 1)[21][1] == ["20.0.0.21"]
    assert not running.log.find("died")


def test_messages_that_are_none(running):
    """A message too short to have an id, a response, a length beyond any query: silence or the end of that
    connection, never an answer, and others are served."""
    response = bytearray(wire_query("n1.example", flags=0x8180))
    for octets in (b"\0\0", framed(b"x"), framed(b"\0" * 11), framed(bytes(response)),
                   b"\xff\xff" + b"z" * 3000):
        with TcpClient(timeout=2) as client:
            client.send_octets(octets)
            try:
                client.half_close()
                assert client.receive() is None
            except (BrokenPipeError, OSError):
                pass
    with TcpClient() as client:
        client.send(wire_query("n1.example", ident=1))
        assert read_all(client, 1)[1][1] == ["20.0.0.1"]


def test_pipelining_beyond_what_is_taken_at_once(running):
    """More queries than one connection may have pending: read later, and every one answered."""
    count = 1000
    with TcpClient(timeout=10) as client:
        client.send(*(wire_query(f"n{i}.example", ident=i) for i in range(count)))
        found = read_all(client, count)
    assert all(found[i][1] == [answers.ipv4_for(f"n{i}.example")] for i in range(count))


def test_idle_connection_is_closed(running):
    with TcpClient() as client:
        client.send(wire_query("n1.example"))
        read_all(client, 1)
        began = time.monotonic()
        assert client.ended_within(15)
        assert 5 < time.monotonic() - began, "RFC 7766 asks for some seconds"


def test_slow_sender_is_cut_off(running):
    """A message has to come whole within its time, however alive its sender seems."""
    octets = framed(wire_query("n1.example"))
    began = time.monotonic()
    with TcpClient() as client:
        sent = 0
        while time.monotonic() - began < 12:
            if sent < len(octets) - 1:
                try:
                    client.send_octets(octets[sent:sent + 1])
                except OSError:
                    break
                sent += 1
            if client.ended_within(0.4):
                break
        else:
            raise AssertionError("still open after 12 s")
    assert 3 < time.monotonic() - began < 9


def test_connections_of_one_client_are_bounded(start, good_server):
    start([good_server], limits={"tcp_per_client": 4})
    clients = [TcpClient(timeout=2) for _ in range(4)]
    for number, client in enumerate(clients):
        client.send(wire_query(f"n{number}.example", ident=number))
        assert read_all(client, 1)[number]
    with TcpClient() as fifth:
        assert fifth.ended_within(2), "one more than limits.tcp_per_client"
    with TcpClient(source="127.0.0.9") as other:
        other.send(wire_query("n9.example", ident=9))
        assert read_all(other, 1)[9][1] == ["20.0.0.9"], "another client has its own bound"
    clients.pop().socket.close()
    deadline = time.monotonic() + 2
    while True:
        with TcpClient() as again:
            again.send(wire_query("n5.example", ident=5))
            message = again.receive()
        if message or time.monotonic() > deadline:
            break
    assert message, "a place that became free is not given again"
    for client in clients:
        client.socket.close()


def test_a_client_that_reads_nothing_blocks_nobody(start, leaf):
    """Big answers that are not taken: others are served, and the connection ends."""
    def big(connection, query):
        texts = [answers.record(answers.TXT, bytes([200]) + bytes([65 + i % 26]) * 200)
                 for i in range(100)]
        connection.send(answers.response(query, texts) if answers.type_of(query) == answers.TXT
                        else answers.answer(query))

    with FaultServer("127.0.0.2", tls_context(leaf), big) as server:
        start([server])
        with TcpClient(timeout=3) as deaf:
            deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.socket.setblocking(False)
            try:
                for number in range(3000):
                    deaf.socket.send(framed(wire_query(f"t{number}.example", rtype=16)))
            except (BlockingIOError, ConnectionError):
                pass  # it reads no more from us: that is the point
            for number in range(50):
                name = f"n{number}.example"
                assert dnsclient.addresses(dnsclient.query(name)) == [answers.ipv4_for(name)]
