"""The harness itself: what it calls good and bad must be so for clients that others wrote."""

import os
import select
import socket
import subprocess
import threading

import dns.message
import dns.query
import dns.rcode
import pytest

from conftest import NAME
from support import answers, capture, dnsclient, load, logs, netns, notify, paths, peers, procfs, toml
from support.fault_server import FaultServer, silent, tls_context
from support.zone import BIG_TEXTS, LONGEST, ZONE


def kdig(*arguments):
    done = subprocess.run([paths.tool("kdig"), "+timeout=2", "+retry=0", *map(str, arguments)],
                          capture_output=True, text=True, timeout=20)
    return done.stdout + done.stderr


def kdig_tls(authority, name, *more, address="127.0.0.2"):
    return kdig(f"@{address}", f"+tls-ca={authority.ca_file}", f"+tls-hostname={NAME}", *more, name)


def test_namespace_is_our_own_and_empty():
    assert netns.is_own()
    links = subprocess.run([paths.tool("ip"), "-o", "link"], capture_output=True, text=True).stdout
    assert [line.split(": ")[1] for line in links.splitlines()] == ["lo"]


def test_good_server_is_good_for_kdig(good_server, authority):
    said = kdig_tls(authority, "n258.example")
    assert "20.0.1.2" in said and "NOERROR" in said
    assert good_server.connections[0].hello().server_name == NAME
    assert dns.message.from_wire(good_server.queries[0]).question[0].name.to_text() == "n258.example."


def test_pin_is_what_kdig_computes(good_server, leaf, authority):
    assert "20.0.0.1" in kdig("@127.0.0.2", "+tls", f"+tls-pin={leaf.pin}", "n1.example")
    other = authority.issue(NAME).pin
    before = len(good_server.queries)
    assert "20.0.0.1" not in kdig("@127.0.0.2", "+tls", f"+tls-pin={other}", "n1.example")
    assert len(good_server.queries) == before


@pytest.mark.parametrize("bad", [
    {"names": ["other.example.net"]}, {"days": (-10, -1)}, {"days": (1, 10)}, {"self_signed": True}])
def test_bad_leaf_is_bad_for_kdig(authority, bad):
    names = bad.pop("names", [NAME])
    with FaultServer("127.0.0.2", tls_context(authority.issue(*names, **bad))) as server:
        assert "20.0.0.1" not in kdig_tls(authority, "n1.example")
        assert server.connections and not server.queries and not server.plaintext


def test_old_version_silence_and_garbage(leaf):
    with FaultServer("127.0.0.2", tls_context(leaf, ("1.2", "1.2"))) as server:
        assert "TLS1.2" in kdig("@127.0.0.2", "+tls", "-d", "n1.example").replace("-", "")
        assert server.queries
    for greeting in (None, b"220 mail.example ESMTP\r\n" * 20):
        with FaultServer("127.0.0.2", None, greeting=greeting) as server:
            assert "20.0.0.1" not in kdig("@127.0.0.2", "+tls", "n1.example")
            assert server.connections and not server.queries
    with FaultServer("127.0.0.2", tls_context(leaf), silent) as server:
        assert "20.0.0.1" not in kdig("@127.0.0.2", "+tls", "n1.example")
        server.wait_for_queries(1)


def test_computed_answers_are_well_formed():
    for name, rtype in [("n7.example", "A"), ("n7.example", "AAAA"), ("n7.example", "TXT"),
                        ("n7.example", "MX"), ("nx7.example", "A")]:
        query = dns.message.make_query(name, rtype, use_edns=0)
        response = dns.message.from_wire(answers.answer(query.to_wire()))
        assert query.is_response(response)
        assert response.rcode() == (dns.rcode.NXDOMAIN if name.startswith("nx") else dns.rcode.NOERROR)
        assert bool(response.answer) == (rtype in ("A", "AAAA", "TXT") and not name.startswith("nx"))
        assert bool(response.authority) != bool(response.answer)


def zone_is_served(address, authority):
    """Asks the whole zone of a packaged server over TLS, by kdig with every check on."""
    ask = lambda *what: kdig_tls(authority, *what, address=address)  # noqa: E731
    assert "192.0.2.80" in ask(f"www.{ZONE}")
    assert "2001:db8::80" in ask(f"www.{ZONE}", "AAAA")
    assert f"mail2.{ZONE}." in ask(ZONE, "MX")
    assert BIG_TEXTS[-1] in ask(f"big.{ZONE}", "TXT")
    assert "5060" in ask(f"_sip._tcp.{ZONE}", "SRV")
    assert "alpn" in ask(f"svc.{ZONE}", "HTTPS") or "TYPE65" in ask(f"svc.{ZONE}", "HTTPS")
    assert "192.0.2.255" in ask(LONGEST)
    assert "NXDOMAIN" in ask(f"nothing.{ZONE}")
    assert "SOA" in ask(f"www.{ZONE}", "MX")


def test_unbound_serves_the_zone(folder, authority, leaf):
    with peers.unbound(folder / "unbound", "127.0.0.3", leaf):
        zone_is_served("127.0.0.3", authority)


def test_nsd_serves_the_zone(folder, authority, leaf):
    with peers.nsd(folder / "nsd", "127.0.0.4", leaf):
        zone_is_served("127.0.0.4", authority)


def test_knot_behind_dnsdist_serves_the_zone(folder, authority, leaf):
    with peers.knot(folder / "knot", "127.0.0.5"):
        with peers.dnsdist(folder / "dnsdist", "127.0.0.6", leaf, backend="127.0.0.5:5300"):
            zone_is_served("127.0.0.6", authority)


def test_dnsdist_computes_the_same_as_we_do(folder, authority, leaf):
    with peers.dnsdist(folder / "dnsdist", "127.0.0.6", leaf):
        for number in (0, 255, 256, 65536, 999_999):
            name = f"n{number}.example"
            assert answers.ipv4_for(name) in kdig_tls(authority, name, address="127.0.0.6")


class EchoServer:
    """Plain UDP on 127.0.0.1:53 with `answer`; what dotkeep stands for in the tests of the clients."""

    def __init__(self, answer):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        self.answer = answer

    def __enter__(self):
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", ("127.0.0.1", 53))
        self.thread.join(5)
        self.socket.close()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            if not query:
                return
            response = self.answer(query)
            if response:
                self.socket.sendto(response, client)


def test_load_tells_right_wrong_failed_and_lost_apart():
    def answer(query):
        number = answers.number_for(answers.name_of(query))
        if number % 10 == 3:
            return None
        if number % 10 == 4:
            return answers.response(query, rcode=answers.SERVFAIL)
        if number % 10 == 5:
            return answers.response(query, [answers.record(answers.A, b"\1\2\3\4")])
        return answers.answer(query)

    with EchoServer(answer):
        result = load.UdpLoad("n", 1000, timeout=0.5).run()
    assert (result.sent, result.right, len(result.wrong), len(result.failed), len(result.lost)) == (
        1000, 700, 100, 100, 100)
    assert set(result.failed.values()) == {2}


def test_poll_counts_only_good_answers():
    with EchoServer(answers.answer):
        assert dnsclient.poll_until_answered("p") < 1
    with EchoServer(lambda q: answers.response(q, rcode=answers.SERVFAIL)):
        with pytest.raises(AssertionError):
            dnsclient.poll_until_answered("p", timeout=0.3)


def test_capture_sees_both_directions_and_the_payload():
    with EchoServer(answers.answer), capture.Capture() as seen:
        dnsclient.query("captured7.example")
    here = [p for p in seen.packets if b"captured7" in p.payload]
    assert [p.protocol for p in here] == ["udp", "udp"]
    assert here[0].target == ("127.0.0.1", 53) and here[1].source == ("127.0.0.1", 53)


def test_getaddrinfo_asks_the_given_resolver_and_no_other():
    with EchoServer(answers.answer):
        done = netns.with_resolver("127.0.0.1", "getent", "ahosts", "n9.example")
    assert "20.0.0.9" in done.stdout, done.stderr
    assert netns.with_resolver("127.0.0.1", "getent", "ahosts", "n9.example").returncode != 0


def test_log_lines_are_read():
    line = logs.parse('2026-11-21T07:00:00.123Z warning upstream: upstream is down id=q reason="a b"')
    assert (line.level, line.process, line.event) == ("warning", "upstream", "upstream is down")
    assert line.fields == {"id": "q", "reason": "a b"}
    assert logs.parse("nonsense").event == ""


def test_toml_is_what_python_reads():
    import tomllib
    config = {"process": {"user": "a\"b", "frontends": 2}, "listen": [{"address": "x"}, {"address": "y"}],
              "access": {"allow": ["1", "2"], "on": True}}
    assert tomllib.loads(toml.dump(config)) == config


def test_notify_and_procfs(folder):
    receiver = notify.NotifySocket(folder / "n")
    command = ["sh", "-c", f"{paths.tool('systemd-notify')} --ready; exec sleep 30"]
    process = subprocess.Popen(command, env={"NOTIFY_SOCKET": receiver.path, "PATH": "/usr/bin:/bin"})
    try:
        receiver.wait_for("READY=1", 5)
        with pytest.raises(AssertionError):
            receiver.wait_for("STOPPING=1", 0.1)
        assert process.pid in procfs.children(os.getpid())
        assert procfs.status(process.pid)["Uid"].split()[0] == "0"
        assert procfs.program(process.pid) == os.path.basename(os.path.realpath("/bin/sleep"))
        assert procfs.alive(process.pid)
    finally:
        process.kill()
        process.wait()
        receiver.close()
    assert not procfs.alive(process.pid)


def test_descriptors_are_told_apart():
    listener = socket.create_server(("127.0.0.1", 7001))
    client = socket.create_connection(("127.0.0.1", 7001))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 7002))
    memory, null = os.memfd_create("x"), os.open("/dev/null", os.O_RDONLY)
    file, poll = os.open(__file__, os.O_RDONLY), select.epoll()
    pair = socket.socketpair()
    seen = procfs.descriptors("self")
    expected = {listener.fileno(): "listen 7001", client.fileno(): "connected 7001",
                udp.fileno(): "udp 7002", memory: "memfd", null: "null", poll.fileno(): "epoll",
                file: f"file {os.path.realpath(__file__)}", pair[0].fileno(): "unix"}
    assert {fd: seen[fd] for fd in expected} == expected
    for thing in (listener, client, udp, *pair, poll):
        thing.close()
    for fd in (memory, null, file):
        os.close(fd)
