"""A trusted server that lies: what it says never reaches a client, who gets SERVFAIL with an EDE in time."""

import collections
import struct
import time

import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from support import answers, dnsclient
from support.answers import A, AAAA, CNAME, record, response, wire_name
from support.dotkeep import Dotkeep, config
from support.fault_server import FaultServer, answering, tls_context
from support.lies import DNAME, FORGED, LIES, LONG, STRAYS, forged, rdata_lies

LISTENER = "127.0.0.54"  # beside the dotkeep of each other test
TOLD = {**LIES, **rdata_lies()}


class Liar:
    """One dotkeep before one server that tells `lie`; what it counted is known at its end."""

    def __init__(self, dotkeep, server):
        self.dotkeep, self.server = dotkeep, server
        self.expected = collections.Counter()
        self.number = 0

    def ask(self, lie, ident, tcp):
        self.be_believed()
        self.server.behaviour = lambda connection, query: connection.send(lie.tell(query))
        self.number += 1  # a name of its own, so that no answer is from the cache
        query = dnsclient.wire_query(f"victim{self.number}.example", lie.rtype, ident=ident)
        if not tcp:
            return dnsclient.udp_exchange(query, LISTENER, timeout=4)[0]
        with dnsclient.TcpClient(LISTENER) as client:
            client.send(query)
            return client.receive()


    def be_believed(self):
        """The lie before may have ended its connection, and a server that breaks the framing is left alone for a
        while. One query after the other: none is left to be lied to."""
        self.server.behaviour = answering
        deadline = time.monotonic() + 8
        while True:
            self.number += 1
            if dnsclient.query(f"honest{self.number}.example", server=LISTENER).rcode() == 0:
                return
            assert time.monotonic() < deadline


@pytest.fixture(scope="module")
def liar(shared_folder, authority, leaf):
    with FaultServer("127.0.0.9", tls_context(leaf)) as server:
        upstream = {"id": "liar", "address": "127.0.0.9:853", "name": "dns.example.net"}
        with Dotkeep(shared_folder, config([upstream], authority.ca_file, (f"{LISTENER}:53",))) as dotkeep:
            yield Liar(dotkeep, server)


@pytest.mark.parametrize("name", TOLD)
def test_lie_never_reaches_the_client(liar, name):
    lie = TOLD[name]
    for ident, tcp in ((77, False), (78, True)):
        began = time.monotonic()
        octets = liar.ask(lie, ident, tcp)
        assert time.monotonic() - began < 2.3
        assert FORGED not in octets
        parsed = dns.message.from_wire(octets)
        assert parsed.id == ident and parsed.rcode() == 2, parsed
        assert not parsed.answer and not parsed.authority and not parsed.additional
        errors = [o for o in parsed.options if isinstance(o, dns.edns.EDEOption)]
        assert errors, parsed
        if lie.fault:
            assert errors[0].text == f"liar: {lie.fault}"
            liar.expected[lie.fault] += 1


def test_each_lie_was_counted_as_what_it_is(liar):
    """Runs behind the others: every ReplyFault that a reply can have here, and the count of each."""
    liar.dotkeep.terminate()
    counted = {line.fields["kind"]: int(line.fields["count"]) for line in liar.dotkeep.log.lines
               if line.event == "counted" and line.fields["what"] == "reply_fault"}
    if liar.expected:  # else this test runs alone
        assert counted == dict(liar.expected)


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
def test_a_name_that_a_dname_makes_too_long_is_no_lie(start, leaf, tcp):
    """RFC 6672 section 2.2: the client is told what the server said, and the server is asked each time."""
    def honest(connection, query):
        connection.send(response(query, [record(DNAME, wire_name(LONG), wire_name("example"))], rcode=dns.rcode.YXDOMAIN))

    with FaultServer("127.0.0.2", tls_context(leaf), honest) as server:
        start([server])
        for asked in (1, 2):
            parsed = dnsclient.query("victim1.example", tcp=tcp)
            assert parsed.rcode() == dns.rcode.YXDOMAIN and not parsed.authority
            [rrset] = parsed.answer
            assert rrset.rdtype == dns.rdatatype.DNAME and rrset[0].target.to_text() == f"{LONG}."
            assert len([q for q in server.queries if answers.name_of(q) == "victim1.example"]) == asked


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


def test_what_is_said_beside_the_answer_is_put_right(start, leaf):
    """Times, flags, options and signatures: each lie is mended or left out, and the rest of the reply is good."""
    def option(code, data):
        return struct.pack(">HH", code, len(data)) + data

    rrsig = struct.pack(">HBBIIIH", AAAA, 13, 2, 300, 0x70000000, 0x60000000, 7) + wire_name("example") + b"signature"
    replies = {
        "n1": dict(answers=[record(A, b"\x14\0\0\1", ttl=0x80000000)]),
        "n2": dict(answers=[record(A, b"\x14\0\0\1", ttl=0x7FFFFFFF)]),
        "n3": dict(answers=[record(A, bytes([20, 0, 0, n % 3]), ttl=100 + n) for n in range(6)]),
        "n4": dict(answers=[record(A, b"\x14\0\0\1")], flags=0x85F0),
        "n5": dict(answers=[record(A, b"\x14\0\0\1")], extra=(
            option(15, b"\0\3st\x1b[0m\xe2\x80\xaeal\xffe\0") + option(10, b"c" * 24) + option(12, b"p" * 99)
            + option(3, b"server") + option(8, b"\0\1\0\0") + option(65001, b"x"))),
        "n6": dict(answers=[record(A, b"\x14\0\0\1"), record(46, rrsig)], authority=[
            record(47, wire_name("z.evil.test") + b"\0\1\x40", wire_name("a.evil.test")), answers.soa("example")]),
        "n7": dict(authority=[answers.soa("example"), answers.soa("evil.test"), answers.soa("test")], rcode=3),
    }

    def tell(connection, query):
        connection.send(response(query, **replies[answers.name_of(query).split(".")[0]]))

    def ask(name, flags=0x0100, dnssec=False):
        query = dnsclient.wire_query(f"{name}.example", flags=flags)
        if dnssec:
            query = query[:-4] + b"\x80\0" + query[-2:]
        return dns.message.from_wire(dnsclient.udp_exchange(query)[0])

    with FaultServer("127.0.0.2", tls_context(leaf), tell) as server:
        start([server])
        assert ask("n1").answer[0].ttl == 0
        assert ask("n2").answer[0].ttl in (86400, 86399)
        assert len(ask("n3").answer[0]) == 3 and ask("n3").answer[0].ttl <= 100
        assert ask("n4").flags & 0x7FFF == 0x0180, "of AA, RA, Z, AD and CD only RA is ours to say"
        assert ask("n4", 0x0120).flags & 0x0020 and ask("n4", dnssec=True).flags & 0x0020
        [error] = ask("n5").options
        assert error.code == 3 and error.text == "st[0male"
        signed = ask("n6", dnssec=True)
        assert [r.rdtype for r in signed.answer] == [A] and not signed.authority and not signed.additional
        assert [str(r.name) for r in ask("n7").authority] == ["example."]


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


@pytest.mark.parametrize("stray", [*STRAYS, "duplicate"])
def test_strays_are_dropped_and_counted_while_the_wait_goes_on(start, leaf, stray):
    """The truth comes behind them on the same connection, which stays."""
    def confused(connection, query):
        connection.send(STRAYS.get(stray, answers.answer)(query))
        connection.send(answers.answer(query))

    with FaultServer("127.0.0.2", tls_context(leaf), confused) as server:
        dotkeep = start([server])
        for number in range(2):
            octets, _ = dnsclient.udp_exchange(dnsclient.wire_query(f"n{number}.example"))
            assert dnsclient.addresses(dns.message.from_wire(octets)) == [f"20.0.0.{number}"]
        assert len(server.connections) == 1 and len(server.queries) == 2
        dotkeep.terminate()
        kind = {"another id": "unknown_id", "duplicate": "duplicate"}.get(stray, "other_question")
        assert dotkeep.log.wait_for("counted", "what=stray", f"kind={kind}").fields["count"] == "2"


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
