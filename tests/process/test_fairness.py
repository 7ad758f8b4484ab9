"""Places for TCP connections: whoever has a prefix is one client, and gives way to who has none."""

import dns.message
import pytest

from support import answers, dnsclient, netns
from support.dnsclient import TcpClient, udp_exchange, wire_query
from support.fault_server import FaultServer, tls_context

CROWD = [f"fd53:0:0:{site}{host}::{host}" for site in (1, 2) for host in range(10, 26)]
HONEST = "fd53:0:0:900::1"
PLACES = 12


def never_answering(connection, query):
    """Names that begin with "slow" are never answered."""
    if not answers.name_of(query).startswith("slow"):
        connection.send(answers.answer(query))


@pytest.fixture(scope="module", autouse=True)
def addresses():
    netns.add_addresses(*(f"{a}/128" for a in (*CROWD, HONEST, "fd53::53")))


@pytest.fixture
def running(start, leaf):
    with FaultServer("127.0.0.2", tls_context(leaf), never_answering) as server:
        yield start([server], listen=["[fd53::53]:53"], query={"timeout": "30s"},
                    limits={"tcp_clients": PLACES, "tcp_per_client": 8})


def hold(source, number):
    """A connection that waits for an answer; None when it was not let in."""
    client = TcpClient("fd53::53", source=source)
    try:
        client.send(wire_query(f"slow{number}.example"))
    except ConnectionError:
        return None
    return None if client.ended_within(0.05) else client


def test_one_site_is_one_client(running):
    """Sixteen addresses of one /56, each in a /64 of its own."""
    held = [hold(source, number) for number, source in enumerate(CROWD[:16])]
    assert len([c for c in held if c]) == 8


def test_who_has_none_finds_a_place(running):
    """Two sites hold all places with queries that nobody answers; of whoever holds most, one goes."""
    held = [hold(source, number) for number, source in enumerate(CROWD[:7] + CROWD[16:])]
    held = [c for c in held if c]
    assert len(held) >= PLACES
    with TcpClient("fd53::53", source=HONEST) as honest:
        honest.send(wire_query("n1.example"))
        message = honest.receive()
    assert message and dnsclient.addresses(dns.message.from_wire(message)) == [answers.ipv4_for("n1.example")]
    ended = [c for c in held if c.ended_within(0.01)]
    assert ended, "one of the crowd made room"
    assert len(ended) <= len(held) - PLACES + 1
    assert udp_exchange(wire_query("n2.example"), "fd53::53", family=10) is not None
