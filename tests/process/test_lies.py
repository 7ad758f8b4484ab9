"""A trusted server that lies: what it says never reaches a client, who gets SERVFAIL with an EDE in time."""

import struct
import time

import dns.message
import pytest

from support import answers, dnsclient
from support.answers import A, AAAA, CNAME, record, response, wire_name
from support.fault_server import FaultServer, tls_context

FORGED = b"\x06\x06\x06\x06"


def forged(query, **options):
    return response(query, [record(A, FORGED)], **options)


def with_question(query, name, rtype=A, rclass=1):
    return (query[:4] + struct.pack(">4H", 1, 1, 0, 0) + wire_name(name)
            + struct.pack(">HH", rtype, rclass) + record(A, FORGED))


def header(query, flags=0x8180, counts=(1, 1, 0, 0)):
    end = answers.question_end(query)
    return query[:2] + struct.pack(">5H", flags, *counts) + query[12:end]


def chain(query, steps):
    """CNAMEs along `steps`, names as text, the first for the question's name."""
    owners = [b"\xc0\x0c"] + [wire_name(s) for s in steps[:-1]]
    return [record(CNAME, wire_name(s), o) for o, s in zip(owners, steps)]


def flip_id(query):
    return struct.pack(">H", struct.unpack_from(">H", query)[0] ^ 1) + forged(query)[2:]


LIES = {
    "another id": flip_id,
    "another name": lambda q: with_question(q, "evil.example"),
    "another type in the question": lambda q: with_question(q, answers.name_of(q), AAAA),
    "another class in the question": lambda q: with_question(q, answers.name_of(q), A, 3),
    "QR=0": lambda q: forged(q, flags=0x0100),
    "another opcode": lambda q: forged(q, flags=0x8180 | 0x2000),
    "TC over TLS": lambda q: forged(q, flags=0x8380),
    "unknown RCODE": lambda q: forged(q, rcode=12),
    "two questions": lambda q: header(q, counts=(2, 1, 0, 0)) + q[12:answers.question_end(q)]
    + record(A, FORGED),
    "no question": lambda q: q[:2] + struct.pack(">5H", 0x8180, 0, 1, 0, 0)
    + record(A, FORGED, wire_name(answers.name_of(q))),
    "garbage": lambda q: q[:2] + b"\xff" * 100,
    "a header alone": lambda q: q[:12],
    "eleven octets": lambda q: forged(q)[:11],
    "cut inside a record": lambda q: forged(q)[:-9],
    "octets left over": lambda q: forged(q) + b"\0",
    "more records than there are": lambda q: header(q, counts=(1, 9, 0, 0)) + record(A, FORGED),
    "RDATA of A with five octets": lambda q: response(q, [record(A, FORGED + b"\0")]),
    "a pointer to itself": lambda q: header(q) + struct.pack(">H", 0xC000 | len(header(q)))
    + record(A, FORGED, b""),
    "a pointer forwards": lambda q: header(q) + b"\xc0\xff" + record(A, FORGED, b""),
    "a record of class CH": lambda q: header(q) + b"\xc0\x0c" + struct.pack(">HHIH", A, 3, 1, 4)
    + FORGED,
    "two OPT": lambda q: header(q, counts=(1, 1, 0, 2)) + record(A, FORGED)
    + (b"\0" + struct.pack(">HHIH", 41, 1232, 0, 0)) * 2,
    "a TSIG": lambda q: header(q, counts=(1, 1, 0, 1)) + record(A, FORGED)
    + record(250, b"\0" * 16, b"\0"),
    "CNAME to itself": lambda q: response(q, chain(q, [answers.name_of(q)])),
    "a loop of CNAMEs": lambda q: response(q, chain(q, ["a.example", "b.example", "a.example"])),
    "two CNAMEs for one name": lambda q: response(
        q, [record(CNAME, wire_name("a.example")), record(CNAME, wire_name("b.example")),
            record(A, FORGED, wire_name("a.example"))]),
    "a chain of 64": lambda q: response(q, chain(q, [f"c{i}.example" for i in range(64)])),
    "answer for another name only": lambda q: response(q, [record(A, FORGED, wire_name("evil.example"))]),
    "NOERROR with nothing": response,
    "SERVFAIL": lambda q: forged(q, rcode=2),
    "REFUSED": lambda q: forged(q, rcode=5),
}


@pytest.mark.parametrize("lie", LIES)
def test_lie_never_reaches_the_client(start, leaf, lie):
    def lying(connection, query):
        connection.send(LIES[lie](query))

    with FaultServer("127.0.0.2", tls_context(leaf), lying) as server:
        start([server])
        began = time.monotonic()
        octets, _ = dnsclient.udp_exchange(dnsclient.wire_query("victim1.example", ident=77), timeout=4)
        assert time.monotonic() - began < 2.3
        parsed = dns.message.from_wire(octets)
        assert parsed.id == 77 and FORGED not in octets
        assert parsed.rcode() == 2 and dnsclient.ede_codes(parsed), parsed
        assert not parsed.answer
        assert len(server.queries) <= 3


def test_what_does_not_answer_is_left_out(start, leaf):
    """Records beside the answer are dropped, wherever they stand."""
    def generous(connection, query):
        name = answers.name_of(query)
        good = record(A, b"\x14\0\0\x01")
        evil = [record(A, FORGED, wire_name("bank.example")), record(AAAA, FORGED * 4)]
        end = answers.question_end(query)
        head = query[:2] + struct.pack(">5H", 0x8580, 1, 3, 1, 2) + query[12:end]
        connection.send(head + good + b"".join(evil)
                        + record(2, wire_name("ns.evil.example"), wire_name(name))
                        + record(A, FORGED, wire_name("ns.evil.example"))
                        + record(A, FORGED, wire_name("x.evil.example")))

    with FaultServer("127.0.0.2", tls_context(leaf), generous) as server:
        start([server])
        octets, _ = dnsclient.udp_exchange(dnsclient.wire_query("victim1.example"))
        assert dnsclient.addresses(dns.message.from_wire(octets)) == ["20.0.0.1"]
        assert FORGED not in octets and b"evil" not in octets and b"bank" not in octets


def test_liar_beside_an_honest_server_is_overruled(start, leaf):
    liar = FaultServer("127.0.0.2", tls_context(leaf),
                       lambda c, q: c.send(response(q, rcode=answers.SERVFAIL)))
    honest = FaultServer("127.0.0.3", tls_context(leaf))
    with liar, honest:
        start([liar, honest], query={"select": "ordered"})
        for number in range(10):
            name = f"n{number}.example"
            assert dnsclient.addresses(dnsclient.query(name)) == [answers.ipv4_for(name)]
        assert liar.queries, "the liar was asked, else this shows nothing"


STRAYS = {
    "unknown_id": [flip_id],
    "other_question": [lambda q: with_question(q, "evil.example"), lambda q: with_question(q, "victim1.exampl"),
                       lambda q: with_question(q, answers.name_of(q), AAAA)],
    "duplicate": [],
}


@pytest.mark.parametrize("stray", STRAYS)
def test_strays_are_dropped_and_counted_while_the_wait_goes_on(start, leaf, stray):
    """The truth comes behind them on the same connection, which stays."""
    def confused(connection, query):
        for lie in STRAYS[stray]:
            connection.send(lie(query))
        connection.send(answers.answer(query))
        if stray == "duplicate":
            connection.send(answers.answer(query))

    with FaultServer("127.0.0.2", tls_context(leaf), confused) as server:
        dotkeep = start([server])
        for number in range(2):
            octets, _ = dnsclient.udp_exchange(dnsclient.wire_query(f"n{number}.example"))
            assert dnsclient.addresses(dns.message.from_wire(octets)) == [f"20.0.0.{number}"]
        assert len(server.connections) == 1 and len(server.queries) == 2
        dotkeep.terminate()
        line = dotkeep.log.wait_for("counted", "what=stray", f"kind={stray}")
        assert int(line.fields["count"]) == 2 * max(1, len(STRAYS[stray]))


def test_frames_that_are_no_messages(start, leaf):
    """Lengths of 0 and a stream that makes no sense: the connection ends, the next one works."""
    stage = []

    def broken(connection, query):
        stage.append(1)
        if len(stage) == 1:
            connection.send_octets(b"\0\0" * 50 + b"\xff\xff" + b"junk")
        else:
            connection.send(answers.answer(query))

    with FaultServer("127.0.0.2", tls_context(leaf), broken) as server:
        start([server])
        dnsclient.query("n1.example", timeout=4)
        assert dnsclient.addresses(dnsclient.query("n2.example")) == ["20.0.0.2"]
        assert len(server.connections) >= 2


def test_answers_to_questions_that_were_never_asked(start, leaf):
    """A server that guesses ids of its own accord is cut off, and the client's answer still is right."""
    def chatty(connection, query):
        for number in range(200):
            other = struct.pack(">H", (struct.unpack_from(">H", query)[0] + 1 + number) & 0xFFFF)
            connection.send(other + forged(query)[2:])
        connection.send(answers.answer(query))

    with FaultServer("127.0.0.2", tls_context(leaf), chatty) as server:
        start([server])
        octets, _ = dnsclient.udp_exchange(dnsclient.wire_query("n3.example"), timeout=4)
        assert FORGED not in octets
        assert len(server.connections) >= 2, "the connection was not closed"
