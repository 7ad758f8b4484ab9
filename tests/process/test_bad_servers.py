"""Upstreams that are not who they should be, or not a DoT server at all: no octet of a query goes to them."""

import socket
import struct
import time

import pytest
from cryptography.hazmat.primitives import hashes

from conftest import NAME
from support import answers, certs, dnsclient
from support.capture import Capture
from support.fault_server import FaultServer, silent, tls_context

TIMEOUT = 2.0  # query.timeout of support/dotkeep.py
SLACK = 0.3
NETWORK_ERRORS = (22, 23)  # EDE No Reachable Authority, Network Error (RFC 8914)


def refuses(dotkeep, server, reason, within=TIMEOUT + SLACK, log_within=6):
    """A query gets SERVFAIL with an EDE in time, one log line tells why and where, and the server has not
    seen one octet of application data. Returns the log line."""
    response, took = dnsclient.timed_query("secret1.example", timeout=within + 1)
    assert dnsclient.is_servfail_with_ede(response, *NETWORK_ERRORS), response
    assert took <= within, f"SERVFAIL after {took:.2f} s"
    line = dotkeep.log.wait_for(reason, timeout=log_within)
    assert line.level in ("warning", "error") and line.process.startswith("upstream")
    assert f"{server.address}:{server.port}" in line.text
    again = dnsclient.query("secret2.example", timeout=within + 1)
    assert dnsclient.is_servfail_with_ede(again, *NETWORK_ERRORS)
    assert dotkeep.log.count(reason) == 1, "one line for one state, not one for each query"
    assert "secret" not in dotkeep.log.text()
    assert server.plaintext == b"" and not server.queries
    return line


def identity(server, **fields):
    return {"id": "bad", "address": f"{server.address}:{server.port}", **fields}


BAD_LEAVES = {
    "wrong name": ({"names": ["other.example.net"]}, "name mismatch"),
    "name in the CN alone": ({"names": [], "common": NAME}, "name mismatch"),
    "wildcard too wide": ({"names": ["*.net"]}, "name mismatch"),
    "wildcard inside a label": ({"names": ["d*.example.net"]}, ""),
    "another name, wildcard below": ({"names": ["*.dns.example.net"]}, "name mismatch"),
    "expired": ({"days": (-10, -1)}, "expired"),
    "not yet valid": ({"days": (1, 10)}, "not yet valid"),
    "self-signed": ({"self_signed": True}, "not trusted"),
    "for clients only": ({"usage": "client"}, "not acceptable"),
    "a CA as the leaf": ({"ca": True}, "not acceptable"),
    "RSA of 1024 bits": ({"rsa_bits": 1024}, ""),
    "signed with SHA-1": ({"digest": hashes.SHA1()}, ""),
}


@pytest.mark.parametrize("kind", BAD_LEAVES)
def test_bad_certificate(start, authority, kind):
    how, reason = BAD_LEAVES[kind]
    how = dict(how)
    leaf = authority.issue(*how.pop("names", [NAME]), **how)
    with FaultServer("127.0.0.2", tls_context(leaf)) as server:
        dotkeep = start([identity(server, name=NAME)])
        line = refuses(dotkeep, server, reason or "upstream is down")
        assert "certificate" in line.text or "handshake" in line.text


def test_wrong_ca(start, folder):
    stranger = certs.Authority(folder / "other-ca", "another CA")
    with FaultServer("127.0.0.2", tls_context(stranger.issue(NAME))) as server:
        refuses(start([identity(server, name=NAME)]), server, "not trusted")


def test_wrong_pin_with_right_name(start, authority, leaf):
    other = authority.issue(NAME).pin
    with FaultServer("127.0.0.2", tls_context(leaf)) as server:
        line = refuses(start([identity(server, name=NAME, pins=[other])]), server, "pin mismatch")
        assert leaf.pin in line.text, "the line shows the pin that was seen"


def test_right_pin_with_wrong_name(start, authority):
    leaf = authority.issue("other.example.net")
    with FaultServer("127.0.0.2", tls_context(leaf)) as server:
        line = refuses(start([identity(server, name=NAME, pins=[leaf.pin])]), server,
                       "name mismatch")
        assert "other.example.net" in line.text, "the line shows the names that were seen"


def test_right_pin_and_name_of_an_untrusted_ca(start, folder):
    stranger = certs.Authority(folder / "other-ca")
    leaf = stranger.issue(NAME)
    with FaultServer("127.0.0.2", tls_context(leaf)) as server:
        refuses(start([identity(server, name=NAME, pins=[leaf.pin])]), server, "not trusted")


def test_pin_of_a_certificate_that_is_merely_shown(start, folder, authority):
    """The leaf's chain leads elsewhere; the pinned certificate only rides along."""
    pinned = authority.issue(NAME)
    leaf = authority.issue(NAME)
    both = folder / "chain.pem"
    both.write_bytes(leaf.chain.read_bytes() + pinned.chain.read_bytes())
    shown = certs.Leaf(both, leaf.key, leaf.pin, leaf.certificate)
    with FaultServer("127.0.0.2", tls_context(shown)) as server:
        refuses(start([identity(server, name=NAME, pins=[pinned.pin])]), server, "pin mismatch")
        assert server.connections


@pytest.mark.parametrize("pins", [False, True])
def test_what_should_be_accepted_is(start, authority, pins):
    """The opposite of all the tests above, with the same means."""
    leaf = authority.issue("other.example.net", self_signed=True) if pins else authority.issue(NAME)
    fields = {"pins": [leaf.pin]} if pins else {"name": NAME}
    with FaultServer("127.0.0.2", tls_context(leaf)) as server:
        start([identity(server, **fields)])
        assert dnsclient.addresses(dnsclient.query("n5.example")) == ["20.0.0.5"]


@pytest.mark.parametrize("names,name", [
    (["*.example.net"], NAME), (["127.0.0.2"], "127.0.0.2"), (["a.example", NAME], NAME)])
def test_other_forms_of_the_right_name(start, authority, names, name):
    with FaultServer("127.0.0.2", tls_context(authority.issue(*names))) as server:
        start([identity(server, name=name)])
        assert dnsclient.addresses(dnsclient.query("n6.example")) == ["20.0.0.6"]


def test_a_pinned_ca_in_the_path(start, authority, leaf):
    with FaultServer("127.0.0.2", tls_context(leaf)) as server:
        start([identity(server, name=NAME, pins=[authority.pin])])
        assert dnsclient.addresses(dnsclient.query("n7.example")) == ["20.0.0.7"]


def test_server_of_an_old_version(start, leaf):
    with FaultServer("127.0.0.2", tls_context(leaf, ("1.2", "1.2"))) as server:
        dotkeep = start([identity(server, name=NAME)])
        line = refuses(dotkeep, server, "upstream is down")
        assert "TLS 1.3" in line.text or "alert" in line.text
        assert server.connections[0].hello().versions == (0x0304,)


def test_server_with_another_alpn(start, leaf):
    """A server that knows "dot" not at all ignores ALPN in Python; it may not choose something else."""
    with FaultServer("127.0.0.2", tls_context(leaf, alpn=())) as server:
        start([identity(server, name=NAME)])
        assert dnsclient.addresses(dnsclient.query("n8.example")) == ["20.0.0.8"]
        assert server.connections[0].hello().alpn == ("dot",)


def test_silent_server(start):
    with FaultServer("127.0.0.2", None) as server:
        dotkeep = start([identity(server, name=NAME)])
        refuses(dotkeep, server, "handshake time-out")


@pytest.mark.parametrize("greeting", [
    b"220 mail.example ESMTP\r\n", b"\x00" * 600, b"\x16\x03\x03\x40\x00" + b"\xff" * 16384,
    b"\x15\x03\x03\x00\x02\x02\x28"], ids=["smtp", "zeros", "bad handshake", "alert"])
def test_garbage_server(start, greeting):
    with FaultServer("127.0.0.2", None, greeting=greeting) as server:
        line = refuses(start([identity(server, name=NAME)]), server, "upstream is down")
        assert "TLS" in line.text


def test_nobody_listens(start):
    dotkeep = start([{"id": "gone", "address": "127.0.0.2:853", "name": NAME}])
    began = time.monotonic()
    response = dnsclient.query("secret1.example")
    assert dnsclient.is_servfail_with_ede(response, *NETWORK_ERRORS)
    assert time.monotonic() - began < 1, "a refused connection is known at once"
    dotkeep.log.wait_for("refused", "127.0.0.2:853")


def test_server_that_takes_queries_and_is_silent(start, leaf):
    with FaultServer("127.0.0.2", tls_context(leaf), silent) as server:
        start([identity(server, name=NAME)])
        began = time.monotonic()
        response = dnsclient.query("n1.example", timeout=4)
        assert dnsclient.is_servfail_with_ede(response, *NETWORK_ERRORS)
        assert TIMEOUT - SLACK <= time.monotonic() - began <= TIMEOUT + SLACK
        assert 1 <= len(server.queries) <= 3, "sent at most three times in all"


def test_good_server_beside_a_bad_one_is_used(start, authority, leaf):
    bad = FaultServer("127.0.0.2", tls_context(authority.issue("other.example.net")))
    good = FaultServer("127.0.0.3", tls_context(leaf))
    with bad, good:
        start([identity(bad, name=NAME), {**identity(good, name=NAME), "id": "good"}])
        for number in range(20):
            response = dnsclient.query(f"n{number}.example")
            assert dnsclient.addresses(response) == [answers.ipv4_for(f"n{number}.example")]
        assert not bad.plaintext and len(good.queries) >= 20


def test_server_that_turns_good_is_used_again(start, authority, leaf):
    server = FaultServer("127.0.0.2", tls_context(authority.issue("other.example.net")))
    with server:
        dotkeep = start([identity(server, name=NAME)])
        refuses(dotkeep, server, "name mismatch")
        server.context = tls_context(leaf)
        assert dnsclient.poll_until_answered("back", timeout=10) < 10
        dotkeep.log.wait_for("upstream is up")


@pytest.mark.parametrize("good", [True, False])
def test_nothing_leaves_but_tls_to_the_upstream(start, authority, leaf, good):
    """The whole wire, seen by a capture: clients at 127.0.0.1:53, the upstream at 127.0.0.2:853, nothing
    else, and the name of the query only between client and dotkeep."""
    shown = leaf if good else authority.issue("other.example.net")
    label = b"unmistakable"
    with FaultServer("127.0.0.2", tls_context(shown)) as server, Capture() as seen:
        start([identity(server, name=NAME)])
        responses = [dnsclient.query(f"{label.decode()}{i}.example", timeout=4) for i in range(5)]
        assert all((r.rcode() == 0) == good for r in responses)
        dnsclient.query(f"{label.decode()}7.example", tcp=True, timeout=4)
    listener, upstream = ("127.0.0.1", 53), ("127.0.0.2", 853)
    named = False
    for packet in seen.packets:
        ends = (packet.source, packet.target)
        assert listener in ends or upstream in ends, f"a packet to a stranger: {packet}"
        if listener in ends:
            named = named or label in packet.payload.lower()
        else:
            assert packet.protocol == "tcp" and label not in packet.payload.lower()
    assert named and any(upstream in (p.source, p.target) for p in seen.packets)


def test_records_that_carry_queries_have_few_sizes(start, good_server):
    """RFC 8467: what a record's size tells is little. One query at a time, names of every length."""
    start([good_server])
    dnsclient.query("first1.example")  # the connection is there, its first query was sent
    [connection] = good_server.connections
    before = len(connection.record_log.records)
    for number in range(1000):
        dnsclient.query(f"{'x' * (1 + number % 59)}{number}.example")
    queries = [size for kind, size in connection.record_log.records[before:] if kind == 23]
    print(f"\n{len(queries)} queries in records of {sorted(set(queries))} octets")
    assert len(queries) == 1000 and len(set(queries)) <= 2, sorted(set(queries))
    assert len({(s - 2 - 17) % 128 for s in queries}) == 1, "padded to blocks of 128 octets"


def test_a_burst_shows_records_of_the_same_sizes(start, good_server):
    """Queries of one turn go out together, each in a record of its own: its size tells nothing of the
    burst, and servers that read one message of a record (NSD 4.6, dnsdist 1.7) answer them all."""
    start([good_server])
    dnsclient.query("first1.example")  # the connection is there, its first query was sent
    connection = good_server.connections[0]
    before = len(connection.record_log.records)
    with dnsclient.TcpClient() as client:
        client.send(*(dnsclient.wire_query(f"burst{i}.example", ident=i) for i in range(60)))
        for _ in range(60):
            assert client.receive() is not None
    sizes = [size for kind, size in connection.record_log.records[before:] if kind == 23]
    assert len(sizes) == 60 and len(set(sizes)) <= 2, sorted(set(sizes))


def test_what_is_sent_upstream_is_built_by_us(start, good_server):
    """Flags, EDNS options and spelling of the client's are not passed on; the id is not the client's."""
    import dns.edns
    import dns.message
    start([good_server])
    ecs = dns.edns.ECSOption("192.0.2.0", 24)
    nsid = dns.edns.GenericOption(dns.edns.NSID, b"")
    cookie = dns.edns.GenericOption(10, b"\1\2\3\4\5\6\7\x08")
    query = dns.message.make_query("MiXeD9.example", "A", use_edns=0, options=[ecs, nsid, cookie])
    query.flags |= 0x40  # Z
    result = dnsclient.udp_exchange(query.to_wire())
    assert dns.message.from_wire(result[0]).answer
    sent = dns.message.from_wire(good_server.queries[-1])
    assert sent.question[0].name.to_text() == "mixed9.example."
    assert int(sent.flags) & 0xFFFF == 0x0120  # RD and AD, always (RFC 6840 section 5.7)
    assert {int(o.otype) for o in sent.options} <= {11, 12}  # keepalive, padding
    assert sent.payload == 1232 and len(good_server.queries[-1]) % 128 == 0


def test_ids_sent_upstream_are_random(start, good_server):
    start([good_server])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.connect(("127.0.0.1", 53))
        for number in range(64):
            sock.send(dnsclient.wire_query(f"id{number}.example", ident=7))
            sock.recv(4096)
    ids = [struct.unpack_from(">H", q)[0] for q in good_server.queries]
    steps = {(b - a) & 0xFFFF for a, b in zip(ids, ids[1:])}
    assert len(set(ids)) > 60 and len(steps) > 60
