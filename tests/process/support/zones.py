"""Three zones with a record of every type whose form is known, and with whatever else a zone can hold: wildcards,
chains of CNAME and DNAME, names that own nothing, large RRsets. One is unsigned; Knot signs one with NSEC and one with
NSEC3."""

import importlib.util
import pathlib

import dns.dnssec
import dns.message
import dns.query
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from support import paths, peers

PLAIN, NSEC, NSEC3 = "plain.example", "nsec.example", "nsec3.example"
SIGNED = (NSEC, NSEC3)
# Those that the signer makes, or that stand in their own place below.
_NOT_HERE = {"SOA", "NS", "CNAME", "DNAME", "NSEC", "NSEC3", "NSEC3PARAM", "DNSKEY", "CDS", "CDNSKEY", "DS", "ZONEMD", "CSYNC",
             "RRSIG"}
# Asked of names that have several types, or none.
ASKED = ("A", "AAAA", "NS", "CNAME", "DNAME", "SOA", "PTR", "MX", "TXT", "SRV", "CAA", "DS", "DNSKEY", "TLSA", "HTTPS",
         "SVCB", "NAPTR", "HINFO", "SSHFP", "LOC", "NSEC", "NSEC3PARAM", "TYPE1234", "TYPE65280")


def _records():
    """Type -> RDATA in presentation form, of the tool that makes the fuzzers' seeds."""
    spec = importlib.util.spec_from_file_location("make_dns_seeds", pathlib.Path(paths.SOURCE, "tools/make_dns_seeds.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {rtype: text for rtype, text in module.RECORDS.items() if rtype not in _NOT_HERE}


def _generic(rtype, text):
    """TYPEn \\# ... (RFC 3597 section 5): no server refuses a type that it has no parser for."""
    number = dns.rdatatype.from_text(rtype)
    wire = dns.rdata.from_text(dns.rdataclass.IN, number, text).to_wire()
    return f"TYPE{int(number)} \\# {len(wire)} {wire.hex()}"


def zone_file(zone):
    lines = [f"$ORIGIN {zone}.", "$TTL 3600", f"@ SOA ns root 1 3600 600 86400 60", "@ NS ns", "ns A 192.0.2.53"]
    lines += [f"t-{rtype.lower()} {_generic(rtype, text)}" for rtype, text in _records().items()]
    lines += ["t-cdnskey-none A 192.0.2.1", "t-type1234 TYPE1234 \\# 3 c00c00", "t-empty TYPE65280 \\# 0"]
    lines += [f"all 300 {what}" for what in (
        "A 192.0.2.1", "A 192.0.2.2", "AAAA 2001:db8::1", "MX 10 all", "MX 20 mail.elsewhere.test.", 'TXT "one" "two"',
        'CAA 0 issue "ca.example"', "SRV 1 2 853 all", f"TLSA 3 1 1 {'ab' * 32}", "HINFO CPU OS",
        'HTTPS 1 . alpn="h2"', 'NAPTR 1 2 "s" "x" "" all', "LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 1.00m 1.00m",
        f"SSHFP 1 1 {'cd' * 20}", "PTR all")]
    lines += [f"c{i} {60 + i} CNAME c{i + 1}" for i in range(1, 4)] + ["c4 CNAME all"]
    lines += ["to-nothing CNAME nothing.here", "to-nodata CNAME ns", "to-wild CNAME x.wild", "to-old CNAME a.old",
              "to-ent CNAME z.ent"]
    lines += ["old 600 DNAME new", "older DNAME old", "a.new A 192.0.2.9", 'b.a.new TXT "below"', "new MX 5 all",
              "out CNAME t-a"]
    lines += ["*.wild A 192.0.2.7", '*.wild TXT "wild"', "*.cwild CNAME all", "here.wild AAAA 2001:db8::7",
              "x.y.z.ent A 192.0.2.8"]
    lines += [f"big-a 30 A 198.51.100.{i}" for i in range(200)]
    lines += [f'big-txt TXT "{i:03}{"t" * 250}"' for i in range(40)]
    lines += [f"big-ptr PTR host-{i}.some.domain.test." for i in range(300)]
    lines += [f"sp\\032ace A 192.0.2.10", "zero\\000octet A 192.0.2.11", "UPPER A 192.0.2.12", "UPPER MX 1 UpPeR",
              "dot\\.ted TXT \"a\"", f"{'l' * 63} A 192.0.2.13"]
    return "\n".join(lines) + "\n"


_OF_ALL_TYPES = ("@", "all", "c1", "c4", "to-nothing", "to-nodata", "to-wild", "to-old", "to-ent", "old", "a.old",
                 "b.a.old", "missing.old", "a.older", "new", "wild", "x.wild", "x.y.wild", "here.wild", "below.here.wild",
                 "*.wild", "x.cwild", "ent", "z.ent", "y.z.ent", "x.y.z.ent", "missing", "missing.missing", "big-a",
                 "big-txt", "big-ptr", "sp\\032ace", "zero\\000octet", "upper", "dot\\.ted", "l" * 63)


def pairs(zone):
    """Every name and type that is asked about the zone."""
    found = [(name, rtype) for name in _OF_ALL_TYPES for rtype in ASKED]
    for rtype in [*_records(), "TYPE1234"]:
        found += [(f"t-{rtype.lower()}", asked) for asked in dict.fromkeys((rtype, "A", "TXT", "MX"))]
    return [(zone if name == "@" else f"{name}.{zone}", rtype) for name, rtype in dict.fromkeys(found)]


_KNOT = """
server:
  rundir: "{folder}"
  listen: {address}@{port}
  tcp-max-clients: 100
log:
  - target: stderr
    any: warning
database:
  storage: "{folder}"
policy:
  - id: nsec
    algorithm: ecdsap256sha256
    single-type-signing: on
  - id: nsec3
    algorithm: ecdsap256sha256
    single-type-signing: on
    nsec3: on
    nsec3-iterations: 0
template:
  - id: default
    storage: "{folder}"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
  - domain: plain.example
  - domain: nsec.example
    dnssec-signing: on
    dnssec-policy: nsec
  - domain: nsec3.example
    dnssec-signing: on
    dnssec-policy: nsec3
"""


def knot(folder, address, port=5300):
    """Plain DNS, authoritative for the three."""
    files = {"conf": _KNOT, **{f"{zone}.zone": zone_file(zone) for zone in (PLAIN, *SIGNED)}}

    def ready(settings):
        try:
            return all(dns.query.udp(dns.message.make_query(*what), address, port=port, timeout=1).answer
                       for what in ((PLAIN, "SOA"), (NSEC, "DNSKEY"), (NSEC3, "DNSKEY")))
        except (OSError, dns.exception.DNSException):
            return False
    return peers.Peer(folder, [paths.tool("knotd"), "-c", "{folder}/conf"], {"address": address, "port": port}, files, ready)


def keys(address, port=5300):
    """Zone -> its DNSKEYs in presentation form: what a validator has to trust."""
    found = {}
    for zone in SIGNED:
        response = dns.query.tcp(dns.message.make_query(zone, "DNSKEY"), address, port=port, timeout=5)
        found[zone] = [rdata.to_text() for rdata in response.answer[0]]
    return found
