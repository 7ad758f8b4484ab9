"""Listeners: replies come from the address that was asked, and each name has one frontend."""

import os
import signal
import socket
import struct

import dns.message
import pytest

from support import answers, dnsclient, load, netns
from support.dnsclient import wire_query

V4 = ("127.0.0.1", "10.77.0.1", "10.77.0.2")
V6 = ("::1", "fd77::1", "fd77::2")


@pytest.fixture
def addresses():
    netns.add_addresses(*(f"{a}/32" for a in V4[1:]), *(f"{a}/128" for a in V6[1:]))


def test_reply_comes_from_the_address_that_was_asked(addresses, start, good_server):
    start([good_server], listen=["0.0.0.0:53", "[::]:53"])
    for address in (*V4, *V6):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        result = dnsclient.udp_exchange(wire_query("n1.example"), address, family=family)
        assert result is not None, f"no answer from {address}"
        octets, source = result
        assert source[0] == address and source[1] == 53
        assert dnsclient.addresses(dns.message.from_wire(octets)) == ["20.0.0.1"]
        response = dnsclient.query("n1.example", server=address, tcp=True)
        assert dnsclient.addresses(response) == ["20.0.0.1"]


def test_several_listeners(addresses, start, good_server):
    start([good_server], listen=["127.0.0.1:53", "10.77.0.1:5353", "[fd77::1]:53"])
    for address, port in (("127.0.0.1", 53), ("10.77.0.1", 5353), ("fd77::1", 53)):
        for tcp in (False, True):
            response = dnsclient.query("n2.example", server=address, port=port, tcp=tcp)
            assert dnsclient.addresses(response) == ["20.0.0.2"]
    assert dnsclient.udp_exchange(wire_query("n2.example"), "10.77.0.2", timeout=0.3) is None


def test_a_listener_for_one_protocol(start, good_server):
    start([good_server], listen=[{"address": "127.0.0.1:53", "protocols": ["udp"]},
                                 {"address": "127.0.0.1:54", "protocols": ["tcp"]}])
    assert dnsclient.addresses(dnsclient.query("n3.example")) == ["20.0.0.3"]
    assert dnsclient.addresses(dnsclient.query("n3.example", port=54, tcp=True)) == ["20.0.0.3"]
    with pytest.raises(OSError):
        dnsclient.query("n3.example", tcp=True)
    assert dnsclient.udp_exchange(wire_query("n3.example"), port=54, timeout=0.3) is None


def test_stranger_gets_silence_on_udp_and_a_closed_connection_on_tcp(start, good_server):
    start([good_server], access={"allow": ["127.0.0.1/32"]})
    assert dnsclient.addresses(dnsclient.query("n4.example")) == ["20.0.0.4"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.7", 0))
        stranger.settimeout(0.5)
        stranger.sendto(wire_query("n5.example"), ("127.0.0.1", 53))
        with pytest.raises(TimeoutError):
            stranger.recv(512)
    with dnsclient.TcpClient(source="127.0.0.7") as stranger:
        assert stranger.ended_within(2)
    assert len(good_server.queries) == 1


@pytest.mark.parametrize("frontends", [2, 4])
def test_every_answer_is_right_with_several_frontends(start, good_server, frontends):
    dotkeep = start([good_server], process={"frontends": frontends})
    assert len(dotkeep.workers("frontend")) == frontends
    result = load.UdpLoad("n", 4000, window=128, clients=8).run()
    assert result.right == 4000, str(result)
    with dnsclient.TcpClient() as client:
        client.send(*(wire_query(f"n{i}.example", ident=i) for i in range(50)))
        for _ in range(50):
            parsed = dns.message.from_wire(client.receive())
            assert dnsclient.addresses(parsed) == [answers.ipv4_for(f"n{parsed.id}.example")]


def answered(names, timeout):
    """Those of `names` that are answered in time, each asked in its own spelling from its own socket."""
    sockets = {}
    for name in names:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.connect(("127.0.0.1", 53))
        sock.send(wire_query(name, edns=name[0].islower()))
        sockets[name] = sock
    found = set()
    for name, sock in sockets.items():
        sock.settimeout(timeout)
        try:
            message = sock.recv(4096)
            if struct.unpack_from(">H", message, 2)[0] & 15 == 0:
                found.add(name.lower())
        except TimeoutError:
            timeout = 0.01  # they had the same time together
        sock.close()
    return found


@pytest.mark.parametrize("frontends", [2, 4])
def test_a_name_belongs_to_one_frontend(start, good_server, frontends):
    """With one frontend stopped, the names that get no answer are its own: the same ones whatever the
    spelling, id, port and size of the query, and each frontend has its share."""
    dotkeep = start([good_server], process={"frontends": frontends})
    names = [f"{a}{b}steer{a}{b}7.example" for a in "abcdefgh" for b in "klmnop"]
    assert answered(names, 2) == set(names)
    owners = {}
    for pid in dotkeep.workers("frontend"):
        os.kill(pid, signal.SIGSTOP)
        try:
            unanswered = set(names) - answered(names, 0.7)
            shouted = [n.upper().replace("EXAMPLE", "ExAmPlE") for n in names]
            assert set(names) - answered(shouted, 0.7) == unanswered
        finally:
            os.kill(pid, signal.SIGCONT)
        assert unanswered, "a frontend without names"
        for name in unanswered:
            assert owners.setdefault(name, pid) == pid, f"{name} has two frontends"
        dnsclient.poll_until_answered("resumed")
    assert set(owners) == set(names)
