"""Answers that follow from the question alone, so that a wrong one can be told from a right one.

Hand-made octets: the fault server must keep up with a load that dnspython could not.
"""

import ipaddress
import re
import struct
import zlib

A, NS, CNAME, SOA, TXT, AAAA, OPT = 1, 2, 5, 6, 16, 28, 41
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
TTL = 300


def number_for(name):
    """24 bits that belong to a name: the digits that end its first label, else a checksum."""
    name = name.lower().rstrip(".")
    digits = re.search(r"(\d+)$", name.split(".", 1)[0])
    return (int(digits.group(1)) if digits else zlib.crc32(name.encode())) & 0xFFFFFF


def ipv4_for(name):
    return str(ipaddress.ip_address(0x14000000 | number_for(name)))


def ipv6_for(name):
    return str(ipaddress.ip_address((0x2001_0DB8 << 96) | number_for(name)))


def question_end(message):
    """Offset behind the one question of a message."""
    at = 12
    while message[at]:
        at += 1 + message[at]
    return at + 5


def name_of(message):
    """The question's name as text, without escapes and without the final dot."""
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]])
        at += 1 + message[at]
    return b".".join(labels).decode("latin-1")


def type_of(message):
    return struct.unpack_from(">H", message, question_end(message) - 4)[0]


def record(rtype, rdata, owner=b"\xc0\x0c", ttl=TTL):
    return owner + struct.pack(">HHIH", rtype, 1, ttl, len(rdata)) + rdata


def wire_name(text):
    return b"".join(bytes([len(x)]) + x.encode() for x in text.rstrip(".").split(".") if x) + b"\0"


def soa(owner="example"):
    rdata = wire_name("ns.example") + wire_name("root.example") + struct.pack(">5I", 1, 2, 3, 4, 60)
    return record(SOA, rdata, wire_name(owner))


def response(query, answers=(), authority=(), rcode=NOERROR, extra=b"", flags=0x8180):
    """A response to `query` with these records; an OPT when the query had one."""
    end = question_end(query)
    opt = b"\0" + struct.pack(">HHIH", OPT, 1232, 0, len(extra)) + extra
    has_opt = struct.unpack_from(">H", query, 10)[0] > 0
    head = query[:2] + struct.pack(
        ">5H", flags | rcode, 1, len(answers), len(authority), 1 if has_opt else 0)
    return head + query[12:end] + b"".join(answers) + b"".join(authority) + (opt if has_opt else b"")


def answer(query):
    """A and AAAA by number_for, TXT with the name in it, one NS; NXDOMAIN for "nx...", else NODATA."""
    name, rtype = name_of(query).lower(), type_of(query)
    if name.split(".", 1)[0].startswith("nx"):
        return response(query, authority=[soa()], rcode=NXDOMAIN)
    if rtype == A:
        return response(query, [record(A, ipaddress.ip_address(ipv4_for(name)).packed)])
    if rtype == AAAA:
        return response(query, [record(AAAA, ipaddress.ip_address(ipv6_for(name)).packed)])
    if rtype == TXT:
        text = name.encode("latin-1")[:255]
        return response(query, [record(TXT, bytes([len(text)]) + text)])
    if rtype == NS:
        return response(query, [record(NS, wire_name("ns.example"))])
    return response(query, authority=[soa()])
