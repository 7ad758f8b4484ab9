"""Who is answered and how: cookies, special-use names, rebinding, lists of listeners, loops."""

import random
import re
import socket
import struct
import subprocess
import time

import dns.rcode
import dns.rdatatype
import pytest

from conftest import NAME
from support import answers, dnsclient, netns, paths, peers
from support.capture import Capture
from support.dnsclient import wire_query
from support.fault_server import FaultServer, silent, tls_context

ONE, TWO = "10.53.0.1", "10.53.0.2"  # clients
PUBLIC = "9.9.9.9"                   # an upstream with a public address
SECRET = "e5e973e5a6b2a43f48e7dc849e37bfcf"


@pytest.fixture(scope="module", autouse=True)
def addresses():
    netns.add_addresses(f"{ONE}/32", f"{TWO}/32", f"{PUBLIC}/32", "10.53.0.9/32")


def dig(*arguments, source=ONE):
    done = subprocess.run([paths.tool("dig"), "@127.0.0.1", "-b", source, "+tries=1", "+time=3", *arguments],
                          capture_output=True, text=True, timeout=20)
    return done.stdout


def cookie_in(text):
    """What dig says of the cookie that it got: (hex, "good" or what it thinks of it)."""
    found = re.search(r"COOKIE: ([0-9a-f]+)(?: \((\w+)\))?", text)
    return found and found.groups()


def refused(dotkeep, what, reason):
    """How often, as the frontends say at their end."""
    return sum(int(n) for n in re.findall(
        rf"counted what={what} kind={reason} count=(\d+)", dotkeep.log.text()))


def counted(dotkeep):
    dotkeep.terminate()
    dotkeep.log.wait_for_end()
    return lambda what, reason: refused(dotkeep, what, reason)


# --- cookies


def test_dig_gets_a_cookie_and_is_known_by_any_frontend(start, good_server):
    dotkeep = start([good_server], process={"frontends": 2})
    text = dig("+cookie", "n1.example")
    cookie, verdict = cookie_in(text)
    assert verdict == "good" and len(cookie) == 48, text
    for number in range(8):  # names are dealt out to both
        known, verdict = cookie_in(dig(f"+cookie={cookie}", f"n{number}.example"))
        assert known[:16] == cookie[:16] and len(known) == 48
    count = counted(dotkeep)
    assert count("verified", '""') == 8


def test_a_cookie_of_another_address_is_not_accepted(start, good_server):
    dotkeep = start([good_server])
    cookie, _ = cookie_in(dig("+cookie", "n1.example"))
    assert "NOERROR" in dig(f"+cookie={cookie}", "n1.example", source=TWO)
    assert counted(dotkeep)("verified", '""') == 0


@pytest.mark.parametrize("given", [True, False])
def test_a_cookie_after_a_restart(start, good_server, folder, given):
    """Known with a secret of the operator's; without one, every run begins anew."""
    file = folder / "secrets"
    file.write_text(f"# of this site\n{SECRET}\n")
    file.chmod(0o600)  # read before the account changes
    limits = {"cookie_secret_file": str(file)} if given else {}
    first = start([good_server], limits=limits)
    cookie, _ = cookie_in(dig("+cookie", "n1.example"))
    first.stop()
    second = start([good_server], limits=limits)
    dig(f"+cookie={cookie}", "n1.example")
    assert counted(second)("verified", '""') == (1 if given else 0)


def test_a_cookie_lifts_the_rate(start, good_server):
    """Over the rate a client gets TC or nothing; the same with its cookie is answered."""
    start([good_server], limits={"rate": 1, "burst": 3, "slip": 1})
    cookie, _ = cookie_in(dig("+cookie", "n1.example"))
    texts = [dig("+ignore", "+nocookie", "n1.example") for _ in range(5)]
    assert "flags: qr tc" in texts[-1] and "ANSWER: 0" in texts[-1]
    text = dig("+ignore", f"+cookie={cookie}", "n1.example")
    assert "ANSWER: 1" in text and " tc" not in text
    assert "ANSWER: 1" in dig("+tcp", "+nocookie", "n1.example")


def test_a_broken_secret_stops_the_start(start, good_server, folder):
    (folder / "secrets").write_text("0123\n")
    with pytest.raises(AssertionError, match="line 1 is not 32 hexadecimal digits"):
        start([good_server], limits={"cookie_secret_file": str(folder / "secrets")})


# --- special names, and what no upstream may hear

SPECIAL = ["localhost", "a.localhost", "x.invalid", "test", "www.test", "printer.local", "abc.onion",
           "home.arpa", "nas.home.arpa", "_dns.resolver.arpa", "1.0.0.10.in-addr.arpa",
           "1.2.31.172.in-addr.arpa", "1.1.168.192.in-addr.arpa", "1.0.0.127.in-addr.arpa",
           "1.1.254.169.in-addr.arpa", "1.1.64.100.in-addr.arpa", "1.8.e.f.ip6.arpa", "1.d.f.ip6.arpa",
           "8.b.d.0.1.0.0.2.ip6.arpa"]


def told(capture, address):
    """What a capture saw of octets to or from the DNS-over-TLS port of an address."""
    return [p for p in capture.packets if p.payload and (address, 853) in (p.source, p.target)]


def test_special_names_never_reach_an_upstream(start, leaf):
    """By what the server of the public upstream read, and by a capture of the whole wire: no octet goes there."""
    with FaultServer(PUBLIC, tls_context(leaf)) as server:
        start([server])
        with Capture() as capture:
            for name in SPECIAL:
                for rtype in ("A", "AAAA", "TXT", "SOA", "HTTPS"):
                    response = dnsclient.query(name, rtype)
                    assert response.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN), name
                    # A stub may keep the "no": there is an SOA whose zone the name is in.
                    if not response.answer:
                        assert [r.rdtype for r in response.authority] == [dns.rdatatype.SOA]
                        assert response.question[0].name.is_subdomain(response.authority[0].name)
                dnsclient.query(name, "A", tcp=True)
        assert len(capture.packets) > 10 * len(SPECIAL) and not told(capture, PUBLIC)
        assert dnsclient.addresses(dnsclient.query("localhost", "A")) == ["127.0.0.1"]
        assert dnsclient.addresses(dnsclient.query("localhost", "AAAA")) == ["::1"]
        assert dnsclient.query("n1.example").rcode() == dns.rcode.NOERROR
        asked = {answers.name_of(q).lower() for q in server.queries}
    assert asked == {"n1.example"}, asked


def test_a_routed_name_goes_to_its_upstream_and_nowhere_else(start, leaf):
    with FaultServer(PUBLIC, tls_context(leaf)) as public, \
            FaultServer("127.0.0.3", tls_context(leaf)) as inner:
        start([public, inner], route=[{"domain": "corp.home.arpa", "upstreams": ["up1"]}])
        with Capture() as capture:
            assert dnsclient.query("n1.corp.home.arpa").rcode() == dns.rcode.NOERROR
            assert dnsclient.query("n1.home.arpa").rcode() == dns.rcode.NXDOMAIN
            inner.abort_all()  # and not when the one that may answer it does not
            inner.behaviour = silent
            assert dnsclient.query("n2.corp.home.arpa", timeout=8).rcode() == dns.rcode.SERVFAIL
        assert {answers.name_of(q) for q in inner.queries} == {"n1.corp.home.arpa", "n2.corp.home.arpa"}
        assert not public.queries and told(capture, "127.0.0.3") and not told(capture, PUBLIC)


def private(connection, query):
    connection.send(answers.response(query, [answers.record(1, socket.inet_aton("192.168.1.1"))]))


def test_rebinding_is_refused_and_can_be_excepted(start, leaf):
    with FaultServer(PUBLIC, tls_context(leaf), private) as server:
        start([server], names={"rebinding_except": ["ours.example"]})
        response = dnsclient.query("evil.example")
        assert response.rcode() == dns.rcode.REFUSED and dnsclient.ede_codes(response) == [15]
        assert dnsclient.addresses(dnsclient.query("a.ours.example")) == ["192.168.1.1"]


# --- who


def test_a_listener_has_lists_of_its_own(start, good_server):
    start([good_server], listen=[
        {"address": "127.0.0.1:53"},
        {"address": "10.53.0.9:53", "allow": [f"{ONE}/32"]}])
    ask = wire_query("n1.example")

    def answered(server, source):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((source, 0))
            sock.settimeout(0.5)
            sock.sendto(ask, (server, 53))
            try:
                return bool(sock.recv(512))
            except TimeoutError:
                return False

    assert answered("127.0.0.1", ONE) and answered("127.0.0.1", TWO)
    assert answered("10.53.0.9", ONE) and not answered("10.53.0.9", TWO)
    with dnsclient.TcpClient("10.53.0.9", source=TWO) as client:
        client.send(ask)
        assert client.ended_within(2)


# --- loops


def raw_socket():
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    return sock


def udp_packet(source, target, payload):
    """An IPv4 packet with any source; the kernel fills in the checksum of the header."""
    (from_ip, from_port), (to_ip, to_port) = source, target
    udp = struct.pack(">HHHH", from_port, to_port, 8 + len(payload), 0) + payload
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                       socket.inet_aton(from_ip), socket.inet_aton(to_ip)) + udp


def test_two_instances_do_not_talk_to_each_other(start, good_server, folder):
    start([good_server], listen=["127.0.0.1:53"])
    start([good_server], listen=["127.0.0.8:53"])
    questions = [wire_query("n1.example"), wire_query("x.onion"), wire_query("e.example", rtype=252)]
    with raw_socket() as raw, Capture() as capture:
        for question in questions:  # "from" the other one, and from itself
            raw.sendto(udp_packet(("127.0.0.8", 53), ("127.0.0.1", 53), question), ("127.0.0.1", 0))
            raw.sendto(udp_packet(("127.0.0.1", 53), ("127.0.0.1", 53), question), ("127.0.0.1", 0))
            raw.sendto(udp_packet(("127.0.0.1", 0), ("127.0.0.1", 53), question), ("127.0.0.1", 0))
        time.sleep(0.5)  # what would go on for ever has gone on for long
    between = [p for p in capture.packets
               if p.protocol == "udp" and p.source[1] == 53 and p.target[1] == 53]
    forged = [p for p in between if not p.payload[2] & 0x80]
    answered = [p for p in between if p.payload[2] & 0x80]
    assert len(set((p.source, p.target, p.payload) for p in answered)) <= len(questions)
    assert all(p.source == ("127.0.0.1", 53) and p.target == ("127.0.0.8", 53) for p in answered)
    assert len(answered) <= len(forged)


def test_no_response_is_ever_answered(start, good_server):
    """Random octets with QR=1, and whole responses."""
    dotkeep = start([good_server])
    count = 200_000 if paths.FULL else 40_000
    generator = random.Random(7)
    whole = bytearray(answers.answer(wire_query("n1.example")))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", 53))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        for number in range(count):
            if number % 4 == 0:
                octets = bytearray(whole)
                octets[generator.randrange(12, len(octets))] ^= 1 << generator.randrange(8)
            else:
                octets = bytearray(generator.randbytes(generator.randrange(12, 80)))
            octets[2] |= 0x80
            sock.send(octets)
            if number % 500 == 0:  # no faster than they are taken
                assert dnsclient.udp_exchange(wire_query("n1.example"), timeout=5) is not None
        sock.settimeout(0.3)
        with pytest.raises(TimeoutError):
            sock.recv(4096)
    dotkeep.terminate()
    dotkeep.log.wait_for_end()
    seen = int(re.search(r"counted what=rejection kind=is_response count=(\d+)", dotkeep.log.text())[1])
    assert seen == count


def test_four_frontends_share_one_rate(start, folder, leaf):
    """What a network's clients get over some seconds is its rate, to 5 %, however its queries are dealt out."""
    netns.add_addresses(*(f"10.54.0.{i}/32" for i in range(1, 9)))
    seconds, rate, clients = (10, 50, 8) if paths.FULL else (4, 50, 8)
    with peers.dnsdist(folder / "dnsdist", "127.0.0.6", leaf):
        start([{"address": "127.0.0.6:853", "name": NAME}], process={"frontends": 4},
              limits={"rate": rate, "burst": rate, "aggregate": 4, "slip": 0, "error_rate": 1000})
        names = folder / "names"
        names.write_text("".join(f"n{i}.example A\n" for i in range(20_000)))
        running = [subprocess.Popen(
            [paths.tool("dnsperf"), "-s", "127.0.0.1", "-a", f"10.54.0.{i + 1}", "-d", str(names),
             "-l", str(seconds), "-Q", "200", "-q", "2000", "-t", "1"],
            stdout=subprocess.PIPE, text=True) for i in range(clients)]
        texts = [p.communicate(timeout=60)[0] for p in running]
    completed = sum(int(re.search(r"Queries completed: +(\d+)", t)[1]) for t in texts)
    expected = 4 * rate * (seconds + 1)  # the burst, and the rate for as long as it lasted
    print(f"\ncompleted {completed}, expected {expected}")
    assert abs(completed - expected) <= 0.05 * expected
