#!/usr/bin/python3
"""Writes the seeds of fuzz/reply.cc and fuzz/render.cc with dnspython, an implementation that is not ours, and of each
form of RDATA a good one and a bad one.

Usage: tools/make_dns_seeds.py FOLDER...
A seed is one octet (bit 0: DO was asked; bit 1: the client has EDNS) and one reply.
"""

import pathlib
import re
import sys

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

SOA = "example. 300 IN SOA ns.example. hostmaster.example. 1 7200 3600 1209600 300"
SIG = "13 2 300 20301231235959 20200101000000 4711 example. c2lnbmF0dXJlIG9mIG5vYm9keQ=="
SIG_SHORT = SIG.replace("13 2", "13 1")

# One record of each type whose form we know, in presentation form.
RECORDS = {
    "A": "192.0.2.1",
    "AAAA": "2001:db8::1",
    "NS": "ns.example.",
    "SOA": SOA.split("SOA ")[1],
    "PTR": "host.example.",
    "MX": "10 mx.example.",
    "TXT": '"v=spf1 -all" "second"',
    "SPF": '"v=spf1 -all"',
    "HINFO": '"RFC8482" ""',
    "RP": "hostmaster.example. txt.example.",
    "AFSDB": "1 afs.example.",
    "RT": "2 relay.example.",
    "KX": "1 kx.example.",
    "PX": "50 a.example. b.example.",
    "SRV": "0 5 853 dot.example.",
    "NAPTR": '100 10 "S" "SIP+D2U" "!^.*$!sip:x@example!" _sip._udp.example.',
    "LOC": "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m",
    "APL": "1:192.0.2.0/25 !2:2001:db8::/32",
    "CERT": "PKIX 1 RSASHA256 AAECAw==",
    "DNAME": "new.test.",
    "DS": "4711 13 2 " + "ab" * 32,
    "CDS": "0 0 0 00",
    "DNSKEY": "257 3 13 bm90IGEga2V5",
    "CDNSKEY": "0 3 0 AA==",
    "NSEC": "z.example. A MX RRSIG NSEC TYPE1234",
    "NSEC3": "1 1 0 aabb 2t7b4g4vsa5smi47k61mv5bv1a22bojr A RRSIG",
    "NSEC3PARAM": "1 0 0 -",
    "TLSA": "3 1 1 " + "cd" * 32,
    "SMIMEA": "3 0 0 " + "ef" * 20,
    "OPENPGPKEY": "bm90IGEga2V5",
    "CSYNC": "66 3 A NS AAAA",
    "ZONEMD": "2018031900 1 1 " + "12" * 48,
    "SVCB": "16 foo.example. mandatory=alpn,ipv4hint alpn=h2 ipv4hint=192.0.2.1",
    "HTTPS": "1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1 ech=AEX+DQ== ipv6hint=2001:db8::1",
    "SSHFP": "4 2 " + "34" * 32,
    "IPSECKEY": "10 3 2 gateway.example. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==",
    "EUI48": "00-00-5e-00-53-2a",
    "EUI64": "00-00-5e-ef-10-00-00-2a",
    "URI": '10 1 "https://www.example/"',
    "CAA": '0 issue "ca.example"',
    "NID": "10 0014:4fff:ff20:ee64",
    "L32": "10 192.0.2.1",
    "L64": "10 2001:0db8:1140:1000",
    "LP": "10 l64.example.",
    "DHCID": "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=",
    "TYPE1234": r"\# 4 0a000001",
}


def reply(qname, qtype, answer=(), authority=(), additional=(), rcode="NOERROR", edns=None, flags="QR RD RA"):
    message = dns.message.make_response(dns.message.make_query(qname, qtype), recursion_available=True)
    message.id = 0x1234
    message.flags = dns.flags.from_text(flags)
    for section, lines in ((message.answer, answer), (message.authority, authority), (message.additional, additional)):
        for line in lines:
            owner, ttl, _, rdtype, *rdata = line.split(None, 4)
            section.append(dns.rrset.from_text(owner, int(ttl), "IN", rdtype, *rdata))
    if edns is not None:
        message.use_edns(0, payload=1232, options=edns)
    message.set_rcode(dns.rcode.from_text(rcode))
    return message.to_wire(max_size=65535)


def option(code, data):
    return dns.edns.GenericOption(code, data)


def seeds():
    for rdtype, rdata in RECORDS.items():
        yield f"type-{rdtype.lower()}", 0, reply("www.example.", rdtype, [f"www.example. 300 IN {rdtype} {rdata}"])
    chain = [
        "www.example. 300 IN CNAME a.example.",
        "a.example. 60 IN CNAME b.cdn.test.",
        "b.cdn.test. 20 IN A 192.0.2.1",
        "b.cdn.test. 20 IN A 192.0.2.2",
    ]
    yield "chain", 2, reply("www.example.", "A", chain, edns=[])
    yield "chain-scrambled", 2, reply("www.example.", "A", reversed(chain), edns=[])
    yield "chain-loop", 0, reply("www.example.", "A", [chain[0], "a.example. 9 IN CNAME www.example."])
    yield "chain-two-cnames", 0, reply("www.example.", "A", [chain[0], "www.example. 9 IN CNAME b.example."])
    yield "dname", 3, reply(
        "a.old.example.",
        "A",
        [
            "old.example. 300 IN DNAME new.test.",
            f"old.example. 300 IN RRSIG DNAME {SIG}",
            "a.old.example. 300 IN CNAME a.new.test.",
            "a.new.test. 300 IN A 192.0.2.1",
        ],
        edns=[],
    )
    yield "dnames-three", 0, reply(
        "a.old.example.",
        "A",
        [
            "old.example. 300 IN DNAME new.test.",
            "old.example. 300 IN DNAME evil.test.",
            "old.example. 300 IN DNAME third.test.",
            "a.old.example. 300 IN CNAME a.new.test.",
        ],
    )
    # A name of 256 octets (RFC 6672 section 2.2); then one of 255, which is none.
    for name, octets in (("dname-too-long", 62), ("dname-not-too-long", 61)):
        yield name, 3, reply(
            "www.example.",
            "A",
            [
                f"www.example. 300 IN CNAME {'x' * octets}.old.example.",
                "old.example. 300 IN DNAME " + ("x" * 63 + ".") * 3,
                f"old.example. 300 IN RRSIG DNAME {SIG_SHORT}",
            ],
            rcode="YXDOMAIN",
            edns=[],
        )
    yield "nodata", 0, reply("www.example.", "AAAA", authority=[SOA])
    yield "nxdomain", 0, reply("nx.example.", "A", authority=[SOA], rcode="NXDOMAIN")
    yield "nxdomain-without-soa", 0, reply("nx.example.", "A", rcode="NXDOMAIN")
    yield "nxdomain-signed", 3, reply(
        "nx.example.",
        "A",
        authority=[
            SOA,
            f"example. 300 IN RRSIG SOA {SIG_SHORT}",
            "nw.example. 300 IN NSEC ny.example. A RRSIG NSEC",
            f"nw.example. 300 IN RRSIG NSEC {SIG}",
            "example. 300 IN NSEC a.example. NS SOA RRSIG NSEC DNSKEY",
            f"example. 300 IN RRSIG NSEC {SIG_SHORT}",
        ],
        rcode="NXDOMAIN",
        edns=[],
        flags="QR RD RA AD",
    )
    yield "wildcard-signed", 3, reply(
        "w.example.",
        "A",
        ["w.example. 300 IN A 192.0.2.1", f"w.example. 300 IN RRSIG A {SIG_SHORT}"],
        [
            "2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. 300 IN NSEC3 1 1 0 - 2vptu5timamqttgl4luu9kg21e0aor3s A",
            f"2t7b4g4vsa5smi47k61mv5bv1a22bojr.example. 300 IN RRSIG NSEC3 {SIG}",
        ],
        edns=[],
    )
    yield "referral", 0, reply(
        "www.example.",
        "A",
        authority=["example. 300 IN NS ns.example."],
        additional=["ns.example. 300 IN A 192.0.2.1"],
    )
    yield "poison-in-additional", 0, reply(
        "www.example.", "A", ["www.example. 300 IN A 192.0.2.1"], additional=["bank.test. 300 IN A 192.0.2.66"]
    )
    yield "servfail-with-ede", 2, reply(
        "www.example.", "A", rcode="SERVFAIL", edns=[option(15, b"\x00\x06DNSSEC bogus: signature expired")]
    )
    yield "ede-and-keepalive", 2, reply(
        "www.example.",
        "A",
        ["www.example. 300 IN A 192.0.2.1"],
        edns=[option(11, b"\x00\x64"), option(15, b"\x00\x03st\xc3\xa9le\x1b[0m"), option(12, bytes(32))],
    )
    yield "badvers", 2, reply("www.example.", "A", rcode="BADVERS", edns=[])
    yield "any-case", 0, reply("WwW.eXample.", "MX", ["www.EXAMPLE. 300 IN MX 10 Mx.wWw.example."])
    yield "root", 0, reply(".", "NS", [". 300 IN NS a.root-servers.example."])
    header = bytes.fromhex("1234 8180 0001 0001 0000 0000")
    question = b"\x03www\x07example\x00\x00\x01\x00\x01"
    fixed = bytes.fromhex("0001 0001 0000012c 0004 c0000201")
    yield "pointer-to-itself", 0, header + question + b"\xc0\x1d" + fixed
    yield "pointer-forwards", 0, header + question + b"\xc0\x20" + fixed
    yield "pointer-into-header", 0, header + question + b"\xc0\x00" + fixed
    yield "reserved-label", 0, header + question + b"\x41w\x00" + fixed
    # A label that covers the pointer to it, and what fuzz/differential.cc explains.
    two = bytes.fromhex("1234 8180 0001 0002 0000 0000")
    text = b"\xc0\x0c" + bytes.fromhex("0010 0001 0000012c 0002 0104")
    yield "label-over-pointer", 0, two + question + text + b"\xc0\x2a" + fixed

    def asked(rtype, rdata, more=b"", counts="0001 0000 0000"):
        number = rtype.to_bytes(2, "big")
        return (bytes.fromhex("1234 8180 0001" + counts) + question[:-4] + number + b"\x00\x01\xc0\x0c" + number
                + bytes.fromhex("0001 0000012c") + len(rdata).to_bytes(2, "big") + rdata + more)

    yield "left-over-in-rdata", 0, asked(15, b"\x00\x0a\x01m\xc0\x0c\x00")
    yield "pointer-to-root", 0, asked(15, b"\x00\x0a\x02mx\xc0\x18")
    yield "srv-compressed", 0, asked(33, b"\x00\x00\x00\x05\x03U\x03dot\xc0\x0c")
    opt = bytes.fromhex("00 0029 0001 00000000 0000")
    yield "small-payload", 3, asked(1, b"\xc0\x00\x02\x01", opt, "0001 0000 0001")


def forms():
    """Of each type of the table a good and a bad RDATA, those of the unit tests; a name cut short is a bad one of a type
    without a bad case there."""
    root = pathlib.Path(__file__).resolve().parent.parent
    numbers = dict(re.findall(r"^  (\w+) = (\d+),", (root / "src/dns/types.h").read_text(), re.MULTILINE))
    good, bad = (root / "tests/dns/rdata_cases.h").read_text().split("bad_rdata()", 1)
    first = {}
    for name, octets in re.findall(r'\{Type::(\w+),\s*"([0-9a-f ]+)",', good):
        first.setdefault(name, bytes.fromhex(octets))
    wrong = {}
    for name, octets in re.findall(r'\{Type::(\w+),\s*"[^"]+",\s*"([0-9a-f ]*)"\}', bad):
        wrong.setdefault(name, bytes.fromhex(octets))
    for name, rdata in first.items():
        yield f"good-{name.lower().strip('_')}", rdata, int(numbers[name])
        if name != "NULL_":  # whatever is in it is good
            yield f"bad-{name.lower()}", wrong.get(name, rdata[:-1]), int(numbers[name])


def form_seeds():
    question = b"\x03www\x07example\x00"
    for name, rdata, rtype in forms():
        number = rtype.to_bytes(2, "big")
        yield name, 0, (bytes.fromhex("1234 8180 0001 0001 0000 0000") + question + number + b"\x00\x01\xc0\x0c" + number
                        + bytes.fromhex("0001 0000012c") + len(rdata).to_bytes(2, "big") + rdata)


def main():
    for folder in sys.argv[1:]:
        for name, flags, message in (*seeds(), *form_seeds()):
            pathlib.Path(folder, name).write_bytes(bytes([flags]) + message)


if __name__ == "__main__":
    main()
