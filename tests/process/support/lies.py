"""Replies that are not true, one row of docs/accepted.md each or more: what is wrong with it, the ReplyFault that
names it, and the octets. Of the types with a form every case of tests/dns/rdata_cases.h is told, too."""

import dataclasses
import pathlib
import re
import struct
import typing

from support import answers, paths
from support.answers import A, AAAA, CNAME, NS, OPT, SOA, TXT, name_of, record, response, wire_name

FORGED = b"\x06\x06\x06\x06"
DNAME, RRSIG, NSEC, SRV, KX, DS = 39, 46, 47, 33, 36, 43
SELF = b"\xc0\x0c"  # the question's name


@dataclasses.dataclass(frozen=True)
class Lie:
    fault: str  # a ReplyFault
    tell: typing.Callable[[bytes], bytes]  # from the query to the reply
    rtype: int = A


def forged(query, **options):
    return response(query, [record(A, FORGED)], **options)


def header(query, flags=0x8180, counts=(1, 1, 0, 0)):
    end = answers.question_end(query)
    return query[:2] + struct.pack(">5H", flags, *counts) + query[12:end]


def with_question(query, name, rtype=A, rclass=1):
    return (query[:4] + struct.pack(">4H", 1, 1, 0, 0) + wire_name(name)
            + struct.pack(">HH", rtype, rclass) + record(A, FORGED))


def chain(query, steps, end=True):
    """CNAMEs along `steps`, names as text, the first for the question's name, and a forged address at the end."""
    owners = [SELF] + [wire_name(s) for s in steps[:-1]]
    cnames = [record(CNAME, wire_name(s), o) for o, s in zip(owners, steps)]
    return response(query, cnames + ([record(A, FORGED, wire_name(steps[-1]))] if end else []))


def owned(name):
    """An address whose owner's octets are `name`, a function of the offset where they stand."""
    def tell(query):
        head = header(query)
        return head + name(len(head)) + record(A, FORGED, b"")
    return tell


def rdata(rtype, octets, behind=b""):
    return Lie("bad_name", lambda q: header(q, counts=(1, 1, 0, 0)) + record(rtype, octets) + behind, rtype)


def with_opt(octets, ttl=0, owner=b"\0", count=1):
    def tell(query):
        opt = owner + struct.pack(">HHIH", OPT, 1232, ttl, len(octets)) + octets
        return header(query, counts=(1, 1, 0, count)) + record(A, FORGED) + opt * count
    return tell


def dname(target_of_cname, dnames=("new.test",), rcode=0):
    """victim1.example below a DNAME of "example", with the CNAME that it does not give."""
    def tell(query):
        below = [record(DNAME, wire_name(d), wire_name("example")) for d in dnames]
        cname = [record(CNAME, wire_name(target_of_cname)),
                 record(A, FORGED, wire_name(target_of_cname))] if target_of_cname else []
        return response(query, below + cname, rcode=rcode)
    return tell


def of_class(rclass, section):
    counts = [1, 1, 0, 0]
    counts[section] += 1
    return lambda q: (header(q, counts=counts) + record(A, FORGED)
                      + SELF + struct.pack(">HHIH", A, rclass, 1, 4) + FORGED)


def flip_id(query):
    return struct.pack(">H", struct.unpack_from(">H", query)[0] ^ 1) + forged(query)[2:]


def pointers_to_pointers(query):
    head = header(query, counts=(1, 12, 0, 0))
    first = len(head)
    # Ten records of NULL whose RDATA ends in a pointer to the one before, then an owner that points there.
    body, target = b"", 12
    for _ in range(11):
        body += record(10, struct.pack(">H", 0xC000 | target))
        target = first + len(body) - 2
    return head + body + struct.pack(">H", 0xC000 | target) + record(A, FORGED, b"")


def label_over_pointer(query):
    """The last octet of one record is the length of a label that covers the pointer to it, the next one's owner."""
    head = header(query, counts=(1, 2, 0, 0)) + record(TXT, b"\1\4")
    return head + struct.pack(">H", 0xC000 | len(head) - 1) + record(A, FORGED, b"")


def name_of_labels(*sizes):
    return b"".join(bytes([s]) + b"x" * s for s in sizes) + b"\0"


LONG = ".".join(("x" * 63, "x" * 63, "x" * 63, "x" * 58))  # of 252 octets

SIGNED = struct.pack(">HBBIIIH", A, 13, 2, 300, 0x70000000, 0x60000000, 7)

LIES = {
    # Header and question. Another id or question is dropped while the wait goes on; see STRAYS.
    "eleven octets": Lie("", lambda q: forged(q)[:11]),
    "QR=0": Lie("not_a_response", lambda q: forged(q, flags=0x0100)),
    "another opcode": Lie("opcode_mismatch", lambda q: forged(q, flags=0x8180 | 0x2000)),
    "no question": Lie("question_count", lambda q: q[:2] + struct.pack(">5H", 0x8180, 0, 1, 0, 0)
                       + record(A, FORGED, wire_name(name_of(q)))),
    "two questions": Lie("question_count", lambda q: header(q, counts=(2, 1, 0, 0))
                         + q[12:answers.question_end(q)] + record(A, FORGED)),
    "TC over TLS": Lie("truncated_flag", lambda q: forged(q, flags=0x8380)),
    "unknown RCODE": Lie("unknown_rcode", lambda q: forged(q, rcode=12)),
    "unknown RCODE in the OPT": Lie("unknown_rcode", with_opt(b"", ttl=0x02000000)),
    "SERVFAIL": Lie("upstream_servfail", lambda q: forged(q, rcode=2)),
    "FORMERR": Lie("upstream_refused", lambda q: forged(q, rcode=1)),
    "NOTIMP": Lie("upstream_refused", lambda q: forged(q, rcode=4)),
    "REFUSED": Lie("upstream_refused", lambda q: forged(q, rcode=5)),
    "BADVERS": Lie("upstream_refused", with_opt(b"", ttl=0x01000000)),
    # Where records begin and end.
    "a header alone": Lie("cut_short", lambda q: header(q)[:12]),
    "cut in the question": Lie("cut_short", lambda q: header(q)[:-3]),
    "cut inside a record": Lie("cut_short", lambda q: header(q) + record(A, FORGED)[:-1]),
    "more answers than there are": Lie("cut_short", lambda q: header(q, counts=(1, 9, 0, 0)) + record(A, FORGED)),
    "an authority that is not there": Lie("cut_short", lambda q: header(q, counts=(1, 1, 1, 0)) + record(A, FORGED)),
    "fewer answers than there are": Lie("trailing_octets", lambda q: header(q) + record(A, FORGED) * 2),
    "an octet left over": Lie("trailing_octets", lambda q: forged(q) + b"\0"),
    "4,097 records": Lie("too_many_records", lambda q: header(q, counts=(1, 4097, 0, 0)) + record(A, FORGED) * 4000),
    "names of 300 KiB": Lie("too_large", lambda q: header(q, counts=(1, 1201, 0, 0))
                            + record(A, FORGED, name_of_labels(63, 63, 63, 61))
                            + record(A, FORGED, struct.pack(">H", 0xC000 | len(header(q)))) * 1200),
    # Names.
    "a pointer to itself": Lie("bad_name", owned(lambda at: struct.pack(">H", 0xC000 | at))),
    "a pointer to its own label": Lie("bad_name", owned(lambda at: b"\1a" + struct.pack(">H", 0xC000 | at))),
    "a pointer forwards": Lie("bad_name", owned(lambda at: b"\xc0\xff")),
    "a pointer into the header": Lie("bad_name", owned(lambda at: b"\xc0\x02")),
    "a pointer to what is not over": Lie("bad_name", label_over_pointer),
    "more pointers to pointers than 8": Lie("bad_name", pointers_to_pointers),
    "label type 0x40": Lie("bad_name", owned(lambda at: b"\x41a\0")),
    "label type 0x80": Lie("bad_name", owned(lambda at: b"\x81a\0")),
    "a name of 256 octets": Lie("bad_name", owned(lambda at: name_of_labels(63, 63, 63, 62))),
    "a pointer in DNAME": rdata(DNAME, SELF),
    "a pointer in RRSIG": rdata(RRSIG, SIGNED + SELF + b"signature"),
    "a pointer in NSEC": rdata(NSEC, SELF + b"\0\1\x40"),
    "a pointer in KX": rdata(KX, b"\0\1" + SELF),
    "a pointer in SVCB": rdata(64, b"\0\1" + SELF),
    "a pointer in HTTPS": rdata(65, b"\0\1" + SELF),
    "a name that leaves its RDATA": Lie("bad_rdata", lambda q: header(q) + record(CNAME, b"\3abc") + b"\0", CNAME),
    # What may not be in a reply.
    "class CH in the answer": Lie("class_mismatch", of_class(3, 1)),
    "class ANY in authority": Lie("class_mismatch", of_class(255, 2)),
    "class NONE in additional": Lie("class_mismatch", of_class(254, 3)),
    "two OPT": Lie("opt_invalid", with_opt(b"", count=2)),
    "OPT of version 1": Lie("opt_invalid", with_opt(b"", ttl=0x00010000)),
    "OPT with an owner": Lie("opt_invalid", with_opt(b"", owner=SELF)),
    "OPT in the answer": Lie("opt_invalid", lambda q: response(q, [record(OPT, b"", b"\0"), record(A, FORGED)])),
    "an option that overruns": Lie("opt_invalid", with_opt(struct.pack(">HH", 10, 9) + b"12345678")),
    "33 options": Lie("opt_invalid", with_opt(struct.pack(">HH", 65001, 0) * 33)),
    "keepalive of 3 octets": Lie("opt_invalid", with_opt(struct.pack(">HH", 11, 3) + b"abc")),
    "an error of one octet": Lie("opt_invalid", with_opt(struct.pack(">HH", 15, 1) + b"a")),
    **{f"type {t} in section {s}": Lie("record_misplaced", lambda q, t=t, s=s: response(
        q, [record(A, FORGED)] + [record(t, b"\0" * 16, b"\0")] * (s == 1), [record(t, b"\0" * 16, b"\0")] * (s == 2))
        if s < 3 else header(q, counts=(1, 1, 0, 1)) + record(A, FORGED) + record(t, b"\0" * 16, b"\0"))
       for t, s in ((0, 1), (24, 2), (25, 1), (30, 1), (128, 2), (249, 3), (250, 1), (250, 3), (252, 1), (255, 1))},
    # What does not answer.
    "CNAME to itself": Lie("chain_loop", lambda q: chain(q, [name_of(q)], end=False)),
    "a loop of CNAMEs": Lie("chain_loop", lambda q: chain(q, ["a.example", "b.example", "a.example"], end=False)),
    "a loop in other letters": Lie("chain_loop", lambda q: chain(q, ["a.example", "A.EXAMPLE"], end=False)),
    "a chain of 64": Lie("chain_loop", lambda q: chain(q, [f"c{i}.example" for i in range(64)])),
    "two CNAMEs for one name": Lie("chain_broken", lambda q: response(q, [
        record(CNAME, wire_name("a.example")), record(CNAME, wire_name("b.example")),
        record(A, FORGED, wire_name("a.example"))])),
    "an address beside a CNAME": Lie("chain_broken", lambda q: response(q, [
        record(CNAME, wire_name("a.example")), record(A, FORGED)])),
    "text beside a CNAME": Lie("chain_broken", lambda q: response(q, [
        record(CNAME, wire_name("a.example")), record(TXT, b"\1a"), record(A, FORGED, wire_name("a.example"))])),
    "NXDOMAIN beside an answer": Lie("chain_broken", lambda q: forged(q, rcode=3)),
    "DNAME without its CNAME": Lie("chain_broken", dname(None)),
    "DNAME with another CNAME": Lie("chain_broken", dname("victim1.evil.test")),
    "DNAME that makes the name too long, as NOERROR": Lie("chain_broken", dname(None, (LONG,))),
    "DNAME that makes the name too long, as NXDOMAIN": Lie("chain_broken", dname(None, (LONG,), 3)),
    "YXDOMAIN without a DNAME": Lie("upstream_refused", lambda q: response(q, rcode=6)),
    "YXDOMAIN of a name that fits": Lie("upstream_refused", dname(None, rcode=6)),
    "YXDOMAIN beside an answer": Lie("upstream_refused", lambda q: forged(q, rcode=6)),
    "two DNAMEs": Lie("chain_broken", dname("victim1.new.test", ("new.test", "evil.test"))),
    "a gap in the chain": Lie("nothing_answers", lambda q: response(q, [
        record(CNAME, wire_name("a.example")), record(A, FORGED, wire_name("b.example"))])),
    "another name's address": Lie("nothing_answers", lambda q: response(q, [record(A, FORGED, wire_name("evil.example"))])),
    "an answer in authority": Lie("nothing_answers", lambda q: response(q, authority=[record(A, FORGED)])),
    "another type's answer": Lie("nothing_answers", lambda q: response(q, [record(TXT, b"\4" + FORGED)])),
    "NOERROR with nothing": Lie("nothing_answers", response),
    "SOA of another zone": Lie("nothing_answers", lambda q: response(q, authority=[answers.soa("evil.test")])),
    "SOA of a name below": Lie("nothing_answers", lambda q: response(q, authority=[answers.soa("x." + name_of(q))])),
    "a referral": Lie("nothing_answers", lambda q: header(q, counts=(1, 0, 1, 1)) + record(
        NS, wire_name("ns.evil.test"), wire_name("example")) + record(A, FORGED, wire_name("ns.evil.test"))),
}


def rdata_lies():
    """tests/dns/rdata_cases.h, said over the wire: "type: why" -> Lie."""
    source = pathlib.Path(paths.SOURCE)
    types = {name: int(number) for name, number in
             re.findall(r"^  (\w+) = (\d+),", (source / "src/dns/types.h").read_text(), re.MULTILINE)}
    cases = (source / "tests/dns/rdata_cases.h").read_text().split("bad_rdata()")[1]
    found = re.findall(r'\{Type::(\w+),\s*"([^"]+)",\s*"([0-9a-f ]*)"\}', cases)
    assert len(found) > 90
    return {f"{name}: {why}": Lie("bad_rdata", lambda q, t=types[name], o=bytes.fromhex(octets):
                                  response(q, [record(t, o)]), types[name])
            for name, why, octets in found}


# Told on a connection where the truth follows.
STRAYS = {
    "another id": flip_id,
    "another name": lambda q: with_question(q, "evil.example"),
    "a name as long": lambda q: with_question(q, "x" + name_of(q)[1:]),
    "another type in the question": lambda q: with_question(q, name_of(q), AAAA),
    "another class in the question": lambda q: with_question(q, name_of(q), A, 3),
}
