"""No answer leaves in fragments: what a narrow link does not carry in one piece is sent as TC=1."""

import re
import socket

import dns.flags
import dns.message
import pytest

from support import answers, dnsclient, netns
from support.capture import Capture
from support.dnsclient import wire_query
from support.fault_server import FaultServer, tls_context


def texts(connection, query):
    """TXT: as many octets as the name says; anything else as always."""
    found = re.match(r"t(\d+)", answers.name_of(query))
    if not found:
        connection.send(answers.answer(query))
        return
    size, records = int(found[1]), []
    while size > 0:
        part = min(size, 200)
        records.append(answers.record(answers.TXT, bytes([part]) + bytes([65 + len(records)]) * part))
        size -= part
    connection.send(answers.response(query, records))


@pytest.fixture
def narrow():
    yield lambda octets: netns.run("ip", "link", "set", "lo", "mtu", str(octets))
    netns.run("ip", "link", "set", "lo", "mtu", "65536")
    netns.add_addresses("::1/128")  # which goes where a link is too narrow for IPv6


def ask(name, family=socket.AF_INET, server="127.0.0.1"):
    octets, _ = dnsclient.udp_exchange(wire_query(name, answers.TXT), server, family=family)
    return octets, dns.message.from_wire(octets)


def test_ipv4(start, leaf, narrow):
    with FaultServer("127.0.0.2", tls_context(leaf), texts) as server:
        dotkeep = start([server])
        narrow(800)
        with Capture() as capture:
            octets, response = ask("t1000.example")
            assert response.flags & dns.flags.TC and not response.answer and len(octets) < 100
            octets, response = ask("t600.example")
            assert not response.flags & dns.flags.TC and len(octets) > 600
            whole = dnsclient.query("t1000.example", "TXT", tcp=True)
            assert sum(len(r.to_text()) for r in whole.answer[0]) > 1000
        narrow(65536)
        _, response = ask("t1000.example")
        assert not response.flags & dns.flags.TC, "the link is wide again"
    assert not [p for p in capture.packets if p.fragment]
    dotkeep.terminate()
    dotkeep.log.wait_for_end()
    assert 'counted what=cut kind="" count=1\n' in dotkeep.log.text()


def test_ipv6_at_its_least(start, leaf, narrow):
    """The largest answer, 1232 octets, on the narrowest link that IPv6 has."""
    with FaultServer("127.0.0.2", tls_context(leaf), texts) as server:
        start([server], listen=["[::1]:53"])
        narrow(1280)
        sizes = set()
        with Capture() as capture:
            for size in range(1100, 1160, 4):
                octets, response = ask(f"t{size}.example", socket.AF_INET6, "::1")
                sizes.add((len(octets), bool(response.flags & dns.flags.TC)))
    assert not [p for p in capture.packets if p.fragment]
    whole = [size for size, cut in sizes if not cut]
    assert 1228 < max(whole) <= 1232 and any(cut for _, cut in sizes)
