"""Stub resolvers that others wrote, through dotkeep, to servers that others wrote."""

import contextlib
import subprocess

import dns.flags
import dns.message
import dns.rcode
import pytest

from support import dnsclient, netns, paths, peers
from support.zone import BIG_TEXTS, LONGEST, ZONE

UPSTREAMS = ("unbound", "nsd", "knot behind dnsdist")


@pytest.fixture(params=UPSTREAMS)
def served(request, folder, leaf, start):
    """dotkeep in front of one of the packaged servers."""
    if request.param == "unbound":
        servers = [peers.unbound(folder / "unbound", "127.0.0.3", leaf)]
    elif request.param == "nsd":
        servers = [peers.nsd(folder / "nsd", "127.0.0.3", leaf)]
    else:
        servers = [peers.knot(folder / "knot", "127.0.0.5"),
                   peers.dnsdist(folder / "dnsdist", "127.0.0.3", leaf, backend="127.0.0.5:5300")]
    with contextlib.ExitStack() as running:
        for server in servers:
            running.enter_context(server)
        yield start([{"address": "127.0.0.3:853", "name": "dns.example.net"}])


def said_by(*command):
    done = subprocess.run([paths.tool(command[0]), *command[1:]], capture_output=True, text=True,
                          timeout=20)
    return done.stdout + done.stderr


def dig(*what):
    return said_by("dig", "@127.0.0.1", "+tries=1", "+time=4", *what)


def kdig(*what):
    return said_by("kdig", "@127.0.0.1", "+retry=0", "+timeout=4", *what)


@pytest.mark.parametrize("client", [dig, kdig])
def test_dig_and_kdig(served, client):
    assert "192.0.2.80" in client(f"www.{ZONE}", "A")
    assert "2001:db8::80" in client(f"www.{ZONE}", "AAAA")
    mail = client(ZONE, "MX")
    assert f"10 mail.{ZONE}." in mail and f"20 mail2.{ZONE}." in mail
    text = client(f"text.{ZONE}", "TXT")
    assert '"hello" "and \\"quotes\\"" "back\\\\slash"' in text
    assert f"1 2 5060 www.{ZONE}." in client(f"_sip._tcp.{ZONE}", "SRV")
    https = client(f"svc.{ZONE}", "HTTPS")
    assert 'alpn="h2,h3"' in https.replace("alpn=h2,h3", 'alpn="h2,h3"') and "192.0.2.80" in https
    assert '0 issue "ca.example"' in client(f"caa.{ZONE}", "CAA")
    chain = client(f"alias2.{ZONE}", "A")
    assert f"alias.{ZONE}." in chain and "192.0.2.80" in chain
    assert "192.0.2.99" in client(f"anything.wild.{ZONE}", "A")
    missing = client(f"nothing.{ZONE}", "A")
    assert "NXDOMAIN" in missing and "SOA" in missing
    nodata = client(f"www.{ZONE}", "MX")
    assert "NOERROR" in nodata and "SOA" in nodata


@pytest.mark.parametrize("client", [dig, kdig])
def test_longest_name_and_answers_that_need_tcp(served, client):
    assert "192.0.2.255" in client(LONGEST, "A")
    whole = client(f"big.{ZONE}", "TXT")
    for text in BIG_TEXTS:
        assert text in whole
    assert "TCP" in whole.upper()  # both say that they came over TCP or retried with it
    cut = client(f"big.{ZONE}", "TXT", "+ignore")
    assert BIG_TEXTS[0] not in cut


def test_truncation_bit_by_bit(served):
    """Over UDP: TC, an empty answer section and no more octets than allowed; over TCP: everything."""
    for payload in (None, 512, 1232, 4096):
        options = {"use_edns": False} if payload is None else {"payload": payload}
        response = dnsclient.query(f"big.{ZONE}", "TXT", **options)
        assert response.flags & dns.flags.TC and not response.answer
    response = dnsclient.query(f"big.{ZONE}", "TXT", tcp=True)
    assert not response.flags & dns.flags.TC
    assert [s.decode() for s in response.answer[0][0].strings] == BIG_TEXTS


def test_header_of_answers(served):
    for name, rcode in ((f"www.{ZONE}", dns.rcode.NOERROR), (f"nothing.{ZONE}", dns.rcode.NXDOMAIN)):
        response = dnsclient.query(name)
        assert response.rcode() == rcode
        assert response.flags & dns.flags.RA and response.flags & dns.flags.RD
        assert not response.flags & dns.flags.AA  # we are no authority, whatever the upstream is
        assert not response.additional


def test_spelling_is_the_clients(served):
    response = dnsclient.query(f"wWw.zONE.exAMPLE", "A")
    assert response.question[0].name.to_text() == "wWw.zONE.exAMPLE."
    assert response.answer[0].name.to_text() == "wWw.zONE.exAMPLE."
    assert dnsclient.addresses(response) == ["192.0.2.80"]


def test_queries_that_come_together(served):
    """What arrives in one turn of the loop goes to the server in one go; each server answers all of it."""
    names = [f"n{i}.wild.{ZONE}" for i in range(32)]
    with dnsclient.TcpClient(timeout=4) as client:
        client.send(*(dnsclient.wire_query(name, ident=i) for i, name in enumerate(names)))
        responses = [dns.message.from_wire(client.receive()) for _ in names]
    assert {r.id: dnsclient.addresses(r) for r in responses} == {
        i: ["192.0.2.99"] for i in range(32)}


def test_host(served):
    found = said_by("host", f"www.{ZONE}", "127.0.0.1")
    assert "has address 192.0.2.80" in found and "has IPv6 address 2001:db8::80" in found
    assert f"mail is handled by 10 mail.{ZONE}." in said_by("host", ZONE, "127.0.0.1")
    assert "NXDOMAIN" in said_by("host", f"nothing.{ZONE}", "127.0.0.1")
    assert BIG_TEXTS[3] in said_by("host", "-t", "TXT", f"big.{ZONE}", "127.0.0.1")


def test_getaddrinfo(served):
    found = netns.with_resolver("127.0.0.1", "getent", "ahosts", f"www.{ZONE}")
    assert "192.0.2.80" in found.stdout and "2001:db8::80" in found.stdout, found.stderr
    found = netns.with_resolver("127.0.0.1", "getent", "ahosts", f"alias2.{ZONE}")
    assert "192.0.2.80" in found.stdout
    assert netns.with_resolver("127.0.0.1", "getent", "ahosts", f"nothing.{ZONE}").returncode == 2
