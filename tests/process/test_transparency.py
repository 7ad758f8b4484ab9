"""A client that asks through dotkeep sees what it sees when it asks the server itself; a validator validates."""

import contextlib
import struct
import subprocess

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

from support import dnsclient, paths, peers, zones
from support.dotkeep import Dotkeep, config

SERVER, PORT = "127.0.0.5", 5300
BATCH = 48
LONGEST_TEST = 60  # seconds


@pytest.fixture(scope="module")
def served(shared_folder, authority, leaf):
    """dotkeep before dnsdist before Knot, which is asked directly as well."""
    upstream = {"id": "knot", "address": "127.0.0.3:853", "name": "dns.example.net"}
    with contextlib.ExitStack() as running:
        running.enter_context(zones.knot(shared_folder / "knot", SERVER, PORT))
        front = peers.dnsdist(shared_folder / "dnsdist", "127.0.0.3", leaf, backend=f"{SERVER}:{PORT}")
        front.ready = lambda settings: True  # its probe asks for another zone
        running.enter_context(front)
        dotkeep = running.enter_context(Dotkeep(shared_folder, config([upstream], authority.ca_file)))
        dnsclient.query("ns." + zones.PLAIN, timeout=5)
        yield dotkeep


def ask_all(server, port, questions, dnssec):
    """Over TCP, many at a time; the responses in the order of the questions."""
    with dnsclient.TcpClient(server, port, timeout=10) as client:
        for begin in range(0, len(questions), BATCH):
            batch = questions[begin:begin + BATCH]
            queries = [dns.message.make_query(name, rtype, use_edns=0, want_dnssec=dnssec) for name, rtype in batch]
            for number, query in enumerate(queries):
                query.id = number
            client.send(*(query.to_wire() for query in queries))
            received = dict.fromkeys(range(len(batch)))
            for _ in batch:
                octets = client.receive()
                received[struct.unpack_from(">H", octets)[0]] = octets
            for number, (question, octets) in enumerate(zip(batch, received.values())):
                assert octets is not None, question
                yield question, dns.message.from_wire(octets)


def same(direct, ours):
    """RCODE and answer, records in any order; TTLs may have been counted down meanwhile."""
    a, b = ({(r.name, r.rdtype, r.covers): (r.ttl, frozenset(r)) for r in x.answer} for x in (direct, ours))
    return direct.rcode() == ours.rcode() and a.keys() == b.keys() and all(
        a[key][1] == b[key][1] and 0 <= a[key][0] - b[key][0] <= LONGEST_TEST for key in a)


@pytest.mark.parametrize("dnssec", [False, True], ids=["", "DO"])
@pytest.mark.parametrize("zone", [zones.PLAIN, *zones.SIGNED])
def test_no_difference(served, zone, dnssec):
    questions = zones.pairs(zone)
    assert len(questions) * 3 > 2000
    kinds, different = set(), []
    through = ask_all(dnsclient.SERVER, 53, questions, dnssec)
    for (question, direct), (_, ours) in zip(ask_all(SERVER, PORT, questions, dnssec), through, strict=True):
        kinds.add((direct.rcode(), bool(direct.answer)))
        if not same(direct, ours):
            different.append(f"{question}\n{direct}\n--- through dotkeep\n{ours}")
        assert not ours.flags & dns.flags.AA and ours.flags & dns.flags.RA and not ours.additional
    assert len(kinds) == 4, "answers, aliases to nothing, NODATA and NXDOMAIN were among them"
    assert not different, f"{len(different)} differ; the first: {different[0]}"


def test_no_difference_over_udp(served):
    """TC where it does not fit, and then TCP; the same for a few hundred."""
    for name, rtype in zones.pairs(zones.NSEC)[::5]:
        query = dns.message.make_query(name, rtype, use_edns=0, want_dnssec=True, payload=1232)
        answers = []
        for server, port in ((SERVER, PORT), (dnsclient.SERVER, 53)):
            response, _ = dns.query.udp_with_fallback(query, server, port=port, timeout=5)
            answers.append(response)
        assert same(*answers), f"{answers[0]}\n---\n{answers[1]}"


# What a validator is asked, and what it should find: an RCODE, and whether there is an answer.
VALIDATED = {
    ("all", "A"): ("NOERROR", True), ("all", "HTTPS"): ("NOERROR", True), ("t-caa", "CAA"): ("NOERROR", True),
    ("big-txt", "TXT"): ("NOERROR", True), ("all", "CERT"): ("NOERROR", False), ("", "DNSKEY"): ("NOERROR", True),
    ("c1", "A"): ("NOERROR", True), ("c1", "CERT"): ("NOERROR", False), ("x.wild", "A"): ("NOERROR", True),
    ("x.y.wild", "TXT"): ("NOERROR", True), ("x.wild", "MX"): ("NOERROR", False), ("x.cwild", "AAAA"): ("NOERROR", True),
    ("a.old", "A"): ("NOERROR", True), ("to-wild", "A"): ("NOERROR", True), ("z.ent", "A"): ("NOERROR", False),
    ("missing", "A"): ("NXDOMAIN", False), ("a.b.missing", "TXT"): ("NXDOMAIN", False),
    ("below.here.wild", "A"): ("NXDOMAIN", False), ("missing.old", "A"): ("NXDOMAIN", False),
    ("to-nothing", "A"): ("NXDOMAIN", False), ("to-nodata", "MX"): ("NOERROR", False),
}


def of_zone(name, zone):
    return f"{name}.{zone}." if name else f"{zone}."


@pytest.fixture(scope="module")
def trusted(served):
    return zones.keys(SERVER, PORT)


@pytest.mark.parametrize("zone", zones.SIGNED)
def test_delv_validates(served, trusted, shared_folder, zone):
    anchors = shared_folder / f"{zone}.anchors"
    anchors.write_text("trust-anchors {" + "".join(
        f' "{zone}." static-key {flags} {protocol} {algorithm} "{"".join(key)}";'
        for flags, protocol, algorithm, *key in (k.split() for k in trusted[zone])) + " };\n")
    for (name, rtype), (rcode, positive) in VALIDATED.items():
        done = subprocess.run([paths.tool("delv"), "@127.0.0.1", "-a", anchors, f"+root={zone}", of_zone(name, zone), rtype],
                              capture_output=True, text=True, timeout=20)
        said = done.stdout + done.stderr
        assert "; fully validated" in said or "; negative response, fully validated" in said, (name, rtype, said)
        assert "; unsigned" not in said, (name, rtype, said)


_UNBOUND = """
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: "{folder}/unbound.pid"
  use-syslog: no
  verbosity: 1
  val-log-level: 2
  interface: {address}@{port}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  module-config: "validator iterator"
  qname-minimisation: no
  {anchors}
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@53
"""


@pytest.fixture(scope="module")
def validator(served, trusted, shared_folder):
    anchors = "\n  ".join(f"trust-anchor: '{zone}. DNSKEY {key}'" for zone in zones.SIGNED for key in trusted[zone])
    settings = {"address": "127.0.0.6", "port": 5353, "anchors": anchors}

    def ready(settings):
        with contextlib.suppress(OSError, dns.exception.DNSException):
            return bool(dnsclient.query("ns." + zones.PLAIN, server="127.0.0.6", port=5353, timeout=1).answer)
    with peers.Peer(shared_folder / "validator", [paths.tool("unbound"), "-d", "-c", "{folder}/conf"], settings,
                    {"conf": _UNBOUND}, ready) as peer:
        yield peer


@pytest.mark.parametrize("zone", zones.SIGNED)
def test_unbound_behind_dotkeep_validates(validator, zone):
    for (name, rtype), (rcode, positive) in VALIDATED.items():
        response = dnsclient.query(of_zone(name, zone), rtype, server="127.0.0.6", port=5353, tcp=True, want_dnssec=True)
        assert dns.rcode.to_text(response.rcode()) == rcode, (name, rtype, validator.log())
        assert response.flags & dns.flags.AD, f"{name} {rtype} is not authentic: {response}\n{validator.log()}"
        wanted = dns.rdatatype.from_text(rtype)
        assert any(r.rdtype == wanted for r in response.answer) == positive, response


def test_what_is_not_signed_is_not_authentic(validator):
    response = dnsclient.query("all." + zones.PLAIN, server="127.0.0.6", port=5353, want_dnssec=True)
    assert response.rcode() == 0 and response.answer and not response.flags & dns.flags.AD
