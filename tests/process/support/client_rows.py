"""What clients may and may not say, the rows of docs/accepted.md: octets, and what becomes of them."""

import dataclasses
import struct

SILENT, FORWARDED = "silence", "forwarded"
FORMERR, NOTIMP, REFUSED, BADVERS, NOERROR = 1, 4, 5, 16, 0
NAME = b"\x04n042\x07example\x00"
ROOT = b"\x00"
A, HINFO, OPT, TSIG, ANY = 1, 13, 41, 250, 255


@dataclasses.dataclass(frozen=True)
class Row:
    kind: str  # a RejectionKind; "" where the query is taken
    result: object  # an RCODE, SILENT or FORWARDED
    tail: bytes  # the message behind its id
    echoed: bool = True  # the question comes back
    edns: bool = False  # an OPT comes back


def message(flags=0x0100, counts=(1, 0, 0, 0), question=NAME + struct.pack(">HH", A, 1), more=b""):
    """All of a message but its id."""
    return struct.pack(">5H", flags, *counts) + question + more


def asking(rtype=A, rclass=1, name=NAME, **options):
    return message(question=name + struct.pack(">HH", rtype, rclass), **options)


def record(owner, rtype, rclass, ttl, rdata=b""):
    return owner + struct.pack(">HHIH", rtype, rclass, ttl, len(rdata)) + rdata


def opt(*options, ttl=0, owner=ROOT, payload=1232):
    rdata = b"".join(struct.pack(">HH", code, len(data)) + data for code, data in options)
    return record(owner, OPT, payload, ttl, rdata)


def with_opt(*options, **fields):
    return message(counts=(1, 0, 0, 1), more=opt(*options, **fields))


def raw_opt(rdata):
    return message(counts=(1, 0, 0, 1), more=record(ROOT, OPT, 1232, 0, rdata))


def question(octets, counts=(1, 0, 0, 0)):
    return message(counts=counts, question=octets)


def labels(*sizes):
    return b"".join(bytes([s]) + b"x" * s for s in sizes) + ROOT


def _rows():
    rows = {}

    def add(name, kind, result, tail, echoed=True, edns=False):
        assert name not in rows
        rows[name] = Row(kind, result, tail, echoed, edns)

    # Silence. Nothing is ever answered to an answer.
    for size in (2, 9):
        add(f"{size + 2} octets", "too_short", SILENT, message()[:size])
    for flags in (0x8180, 0x8181, 0x8182, 0x8185, 0x8583, 0x8000, 0xA800, 0xFFFF):
        add(f"QR with flags {flags:04x}", "is_response", SILENT, message(flags))
    add("QR and nothing else right", "is_response", SILENT, b"\xff" * 30)
    for opcode in range(1, 16):
        add(f"opcode {opcode}", "opcode_unsupported", NOTIMP, message(opcode << 11))
    add("an update of a zone", "opcode_unsupported", NOTIMP,
        message(5 << 11, (1, 0, 1, 0), more=record(NAME, A, 255, 0)))

    # FORMERR.
    def formerr(name, kind, tail, echoed=True, edns=False):
        add(name, kind, FORMERR, tail, echoed, edns)

    formerr("no question", "question_count", question(b"", (0, 0, 0, 0)), echoed=False)
    formerr("no question and an OPT", "question_count", question(opt(), (0, 0, 0, 1)), echoed=False)
    formerr("two questions", "question_count", message(counts=(2, 0, 0, 0), more=NAME + b"\0\1\0\1"), echoed=False)
    formerr("65535 questions", "question_count", message(counts=(65535, 0, 0, 0)), echoed=False)
    formerr("an answer", "records_in_query", message(counts=(1, 1, 0, 0), more=record(NAME, A, 1, 9, b"abcd")))
    formerr("65535 answers", "records_in_query", message(counts=(1, 65535, 0, 0)))
    formerr("an OPT in the answer section", "records_in_query", message(counts=(1, 1, 0, 0), more=opt()))
    formerr("an OPT in the authority section", "records_in_query", message(counts=(1, 0, 1, 0), more=opt()))
    formerr("an IXFR with its SOA", "records_in_query",
            asking(251, counts=(1, 0, 1, 0), more=record(NAME, 6, 1, 0, ROOT * 2 + b"\0" * 20)))
    formerr("an authority", "records_in_query", message(counts=(1, 0, 1, 0), more=record(NAME, 2, 1, 9, ROOT)))
    formerr("an A record behind the question", "additional_not_opt",
            message(counts=(1, 0, 0, 1), more=record(NAME, A, 1, 9, b"abcd")))
    formerr("a TSIG", "additional_not_opt", message(counts=(1, 0, 0, 1), more=record(NAME, TSIG, 255, 0, b"\0" * 16)))
    formerr("a SIG(0)", "additional_not_opt", message(counts=(1, 0, 0, 1), more=record(ROOT, 24, 255, 0, b"\0" * 20)))
    formerr("an OPT and a TSIG", "additional_not_opt",
            message(counts=(1, 0, 0, 2), more=opt() + record(NAME, TSIG, 255, 0)))
    formerr("an A record and an OPT", "additional_not_opt",
            message(counts=(1, 0, 0, 2), more=record(NAME, A, 1, 9, b"abcd") + opt()))
    formerr("an OPT and an A record", "additional_not_opt",
            message(counts=(1, 0, 0, 2), more=opt() + record(NAME, A, 1, 9, b"abcd")))
    formerr("two records counted and one there", "truncated", message(counts=(1, 0, 0, 2), more=opt()))
    formerr("65535 additional records", "additional_not_opt", message(counts=(1, 0, 0, 65535)))
    formerr("two OPTs", "second_opt", message(counts=(1, 0, 0, 2), more=opt() * 2))
    formerr("OPT with an owner", "opt_owner", with_opt(owner=b"\x01a\x00"))
    formerr("OPT with a pointer to a root", "opt_owner", with_opt(owner=struct.pack(">H", 0xC000 | 23)))
    formerr("an octet left over", "trailing_octets", message(more=b"\0"))
    formerr("an octet left over behind OPT", "trailing_octets", with_opt() + b"\0", edns=True)
    formerr("an OPT that is not counted", "trailing_octets", message(more=opt()))
    formerr("a whole query behind the query", "trailing_octets", message(more=b"\0\1" + message()))

    for name, octets in {
            "label type 0x40": b"\x41a\0\0\1\0\1", "label type 0x80": b"\x81a\0\0\1\0\1",
            "a label of 64": b"\x40" + b"x" * 64 + b"\0\0\1\0\1",
            "a name of 256 octets": labels(63, 63, 63, 62) + b"\0\1\0\1",
            "a pointer": b"\xc0\x0c\0\1\0\1", "a pointer forwards": b"\xc0\x20\0\1\0\1",
            "a pointer behind a label": b"\1a\xc0\x0c\0\1\0\1", "a pointer into the header": b"\xc0\x02\0\1\0\1",
            "a name cut short": b"\3n42\7exam", "a label that runs out": b"\x3fabc"}.items():
        formerr(name, "bad_name", question(octets), echoed=False)
    formerr("nothing where a question is counted", "truncated", question(b""), echoed=False)
    formerr("a question without its class", "truncated", question(NAME + b"\0\1"), echoed=False)
    formerr("a question cut in its class", "truncated", question(NAME + b"\0\1\0"), echoed=False)
    formerr("nothing where an OPT is counted", "truncated", message(counts=(1, 0, 0, 1)))
    formerr("an OPT cut short", "truncated", with_opt()[:-1])
    formerr("an OPT whose RDATA runs out", "truncated", message(counts=(1, 0, 0, 1), more=opt()[:-2] + b"\0\5"))
    formerr("a bad name in front of OPT", "bad_name", with_opt(owner=b"\x41a\0"))

    formerr("an option that overruns", "opt_options", raw_opt(struct.pack(">HH", 12, 9) + b"1234"))
    formerr("half an option", "opt_options", raw_opt(b"\0\x0c\0"))
    formerr("33 options", "opt_options", with_opt(*[(65001, b"")] * 33))
    formerr("an option of 65535 octets", "opt_options", raw_opt(struct.pack(">HH", 65001, 65535)))
    formerr("an option that overruns by one", "opt_options", raw_opt(struct.pack(">HH", 10, 9) + b"c" * 8))
    formerr("an option behind a cookie that overruns", "opt_options",
            raw_opt(struct.pack(">HH", 10, 8) + b"c" * 8 + b"\0\3\0\1"))
    for size in (*range(8), *range(9, 16), 41, 200):
        formerr(f"a cookie of {size}", "opt_cookie", with_opt((10, b"c" * size)), edns=True)
    formerr("a bad cookie before a good one", "opt_cookie", with_opt((10, b"c" * 9), (10, b"c" * 8)), edns=True)

    # BADVERS and REFUSED.
    for version in (1, 255):
        add(f"EDNS version {version}", "edns_version", BADVERS, with_opt(ttl=version << 16), edns=True)
    for rclass in (0, 2, 3, 4, 254, 255, 0x8001, 65535):
        add(f"class {rclass}", "class_unsupported", REFUSED, asking(A, rclass))
    for rtype in (0, 24, 25, 30, OPT, 128, 200, 249, TSIG, 253, 254):
        add(f"type {rtype}", "type_refused", REFUSED, asking(rtype))
    for rtype in (251, 252):
        add(f"zone transfer {rtype}", "zone_transfer", REFUSED, asking(rtype))
    add("ANY", "any_query", NOERROR, asking(ANY))
    add("ANY with EDNS", "any_query", NOERROR, asking(ANY, counts=(1, 0, 0, 1), more=opt()), edns=True)

    # Taken: what is ignored does not go on.
    def taken(name, tail, edns=False):
        add(name, "", FORWARDED, tail, edns=edns)

    taken("a plain query", message())
    taken("the Z bit", message(0x0140))
    taken("AA, TC, RA and an RCODE", message(0x0780 | 5))
    taken("RD off", message(0))
    taken("unknown options", with_opt((65001, b"hello"), (3, b""), (26946, b"x" * 100)), edns=True)
    taken("client subnet", with_opt((8, b"\0\1\x18\0\xc0\0\2")), edns=True)
    taken("malformed client subnet", with_opt((8, b"\xff")), edns=True)
    for number, subnet in enumerate((b"", b"\0\0\0\0", b"\0\1\x21\0\xc0\0\2\1\1", b"\0\1\x18\x18\xc0\0\2",
                                     b"\0\2\x38\0" + b"\x20" * 7, b"\xff\xff\0\0")):
        taken(f"client subnet, form {number}", with_opt((8, subnet)), edns=True)
    for code in (1, 2, 3, 4, 5, 6, 7, 9, 13, 14, 15, 16, 18, 19, 20292, 65535):
        taken(f"option {code} with octets", with_opt((code, b"12345")), edns=True)
    taken("padding that is no zeros", with_opt((12, b"secret" * 9)), edns=True)
    taken("keepalive of 1 and of 3 octets", with_opt((11, b"1"), (11, b"123")), edns=True)
    for payload in (1, 511, 512, 4096, 65535):
        taken(f"a payload of {payload}", with_opt(payload=payload), edns=True)
    taken("unknown EDNS flags", with_opt(ttl=0x7FFF), edns=True)
    taken("an extended RCODE", with_opt(ttl=0xFF000000), edns=True)
    taken("a payload of 0", with_opt(payload=0), edns=True)
    taken("a second cookie of a wrong length", with_opt((10, b"c" * 8), (10, b"")), edns=True)
    taken("32 options", with_opt(*[(65001, b"")] * 32), edns=True)
    taken("padding", with_opt((12, b"\0" * 90)), edns=True)
    taken("keepalive with a time", with_opt((11, b"\0\1")), edns=True)
    for size in (8, 16, 40):
        taken(f"a cookie of {size} octets", with_opt((10, b"c" * size)), edns=True)
    return rows


ROWS = _rows()
