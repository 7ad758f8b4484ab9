"""Every row of what clients may say (docs/accepted.md), over UDP and TCP, against the sealed program."""

import collections
import socket
import struct

import dns.edns
import dns.flags
import dns.message
import dns.rdatatype
import pytest

from support import answers, dnsclient
from support.client_rows import BADVERS, FORWARDED, NAME, NOERROR, OPT, ROWS, SILENT
from support.dotkeep import Dotkeep, config
from support.fault_server import FaultServer, tls_context

BARRIER = struct.pack(">6H", 0xBBBB, 2 << 11, 0, 0, 0, 0)  # STATUS: NOTIMP at once, behind all that came before


class Bench:
    def __init__(self, dotkeep, server):
        self.dotkeep, self.server = dotkeep, server
        self.counted = collections.Counter()
        self.ids = []  # of a query as it came and as it left
        self.number = 9  # of the name asked last: each that is forwarded has one of its own, none is in the cache


@pytest.fixture(scope="module")
def bench(shared_folder, authority, leaf):
    with FaultServer("127.0.0.2", tls_context(leaf)) as server:
        upstream = {"id": "up", "address": "127.0.0.2:853", "name": "dns.example.net"}
        with Dotkeep(shared_folder, config([upstream], authority.ca_file)) as dotkeep:
            yield Bench(dotkeep, server)


def exchange(octets, tcp, forwarded):
    """What comes back for `octets`: the message, or None when nothing came before the barrier's answer."""
    if tcp:
        with dnsclient.TcpClient() as client:
            client.send(octets) if forwarded else client.send(octets, BARRIER)
            first = client.receive()
            if forwarded or first[:2] == BARRIER[:2]:
                return first if forwarded else None
            assert client.receive()[:2] == BARRIER[:2], "more than one answer"
            return first
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(4)
        client.connect((dnsclient.SERVER, 53))
        client.send(octets)
        if forwarded:
            return client.recv(65535)
        client.send(BARRIER)
        first = client.recv(65535)
        if first[:2] == BARRIER[:2]:
            return None
        assert client.recv(65535)[:2] == BARRIER[:2], "more than one answer"
        return first


def check_refusal(row, ident, query, reply, tcp):
    assert reply[2] & 0x78 == query[2] & 0x78, "the opcode comes back"
    # dnspython knows five opcodes, and reads UPDATE differently.
    parsed = dns.message.from_wire(reply[:2] + bytes([reply[2] & 0x87]) + reply[3:])
    assert parsed.id == ident and parsed.flags & dns.flags.QR and parsed.rcode() == row.result
    assert not parsed.flags & (dns.flags.AA | dns.flags.TC | dns.flags.AD)
    assert not parsed.authority and not parsed.additional
    assert bool(parsed.question) == row.echoed
    if row.echoed:  # octet for octet, spelled as it came
        end = 12 + len(NAME) + 4
        assert reply[12:end] == query[12:end]
    assert (parsed.edns >= 0) == row.edns
    assert row.result != BADVERS or parsed.edns == 0
    if row.kind == "any_query":
        (rrset,) = parsed.answer
        assert rrset.rdtype == dns.rdatatype.HINFO and rrset[0].cpu == b"RFC8482"
    else:
        assert not parsed.answer
        assert tcp or len(reply) <= len(query), "an answer to a forged address is no longer than its cause"


def check_forwarded(bench, row, query, reply):
    parsed = dns.message.from_wire(reply)
    assert parsed.rcode() == NOERROR and dnsclient.addresses(parsed) == [f"20.0.0.{bench.number}"]
    assert (parsed.edns >= 0) == row.edns and not parsed.additional
    assert not parsed.flags & (dns.flags.AA | dns.flags.TC | dns.flags.AD)
    for option in parsed.options:
        assert option.otype in (dns.edns.EDE, 10, 11), "an option of the client's came back"
    sent = bench.server.queries[-1]
    # All of it but the id, and padding, a part of which is a keepalive on a connection's first query.
    canonical = sent[2:12 + len(NAME) + 4 + 11]
    name = NAME.replace(b"042", b"%03d" % bench.number)
    assert canonical == (struct.pack(">5H", 0x0120, 1, 0, 0, 1) + name + b"\0\1\0\1" + b"\0"
                         + struct.pack(">HHI", OPT, 1232, 0) + struct.pack(">H", len(sent) - len(NAME) - 27))
    assert len(sent) == 128 and sent[12 + len(NAME) + 4 + 11 + 8:].strip(b"\0") == b""
    bench.ids.append((query[:2], sent[:2]))


@pytest.mark.parametrize("name", ROWS)
def test_row(bench, name):
    row = ROWS[name]
    for ident, tcp in ((0x1234, False), (0x4321, True)):
        bench.number += row.result == FORWARDED
        query = struct.pack(">H", ident) + row.tail.replace(b"n042", b"n%03d" % bench.number)
        asked = len(bench.server.queries)
        reply = exchange(query, tcp, row.result == FORWARDED)
        if row.kind:
            bench.counted[row.kind] += 1
        if row.result == FORWARDED:
            assert len(bench.server.queries) == asked + 1
            check_forwarded(bench, row, query, reply)
            continue
        assert len(bench.server.queries) == asked, "it went upstream"
        if row.result == SILENT:
            assert reply is None
        else:
            check_refusal(row, ident, query, reply, tcp)
    bench.counted["opcode_unsupported"] += 2 * (row.result != FORWARDED)  # the barriers


def test_ids_are_our_own(bench):
    """Runs behind test_row. By chance one of them may be the client's, but not two."""
    assert sum(came == left for came, left in bench.ids) < 2


def test_spelling_comes_back_and_does_not_go_on(bench):
    reply = exchange(struct.pack(">H", 7) + ROWS["a plain query"].tail.replace(b"n042\7example", b"N999\7eXaMPLE"),
                     False, True)
    assert b"\4N999\7eXaMPLE" in reply
    assert answers.name_of(bench.server.queries[-1]) == "n999.example"


ODD_NAMES = {
    "the root": b"\0", "a NUL": b"\1\0\7example\0", "a dot in a label": b"\3a.b\7example\0", "a space": b"\3a b\7example\0",
    "octets over 127": b"\4\xff\x80\xc0\x0c\7example\0", "a wildcard": b"\1*\7example\0", "quotes": b"\4\"\\;(\7example\0",
    "capitals": b"\5A@Z[`\7EXAMPLE\0", "a label of 63": b"\x3f" + b"x" * 63 + b"\7example\0",
    "127 labels": b"\1x" * 127 + b"\0", "255 octets": (b"\x3f" + b"y" * 63) * 3 + b"\x3d" + b"y" * 61 + b"\0"}


@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_name_is_a_name(bench, name):
    """RFC 2181 section 11: any octets. It goes on in lower case, and comes back as it was spelled."""
    wire = ODD_NAMES[name]
    question = wire + b"\0\1\0\1"
    for tcp in (False, True):
        reply = exchange(struct.pack(">6H", 5, 0x0100, 1, 0, 0, 0) + question, tcp, True)
        assert reply[3] & 15 == NOERROR and reply[6:8] == b"\0\1" and reply[12:12 + len(question)] == question
    assert bench.server.queries[-1][12:12 + len(wire)] == wire.lower()


def test_do_and_cd_go_on(bench):
    query = (struct.pack(">6H", 6, 0x0110, 1, 0, 0, 1) + b"\2cd\7example\0\0\1\0\1"
             + b"\0" + struct.pack(">HHIH", OPT, 1232, 0x8000, 0))
    reply = exchange(query, False, True)
    sent = bench.server.queries[-1]
    assert sent[2:4] == b"\1\x30" and sent[28:36] == b"\0\0\x29\4\xd0\0\0\x80"
    assert reply[3] & 0x10 and dns.message.from_wire(reply).ednsflags & dns.flags.DO


def test_each_row_was_counted_as_what_it_is(bench):
    """Runs behind the others: one counter for each RejectionKind, and each moved as often as its rows were sent."""
    bench.dotkeep.terminate()
    counted = {line.fields["kind"]: int(line.fields["count"]) for line in bench.dotkeep.log.lines
               if line.event == "counted" and line.fields["what"] == "rejection"}
    if len(bench.counted) > 2:  # else this test runs alone
        assert counted == {kind: count for kind, count in bench.counted.items() if count}
