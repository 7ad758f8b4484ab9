"""Floods, each with an honest client beside it: more than 99 % of its queries are answered, p99 under 50 ms.

DOTKEEP_FULL=1 asks for longer floods, at whatever speed the machine has."""

import contextlib
import re
import resource
import socket
import struct
import threading
import time

import pytest

from support import answers, netns, paths, peers, procfs
from support.dnsclient import framed, wire_query
from support.flood import Spoofed, ask_honestly

SECONDS = 20 if paths.FULL else 3
HONEST = "10.53.1.1"
CROWD = [f"10.53.2.{i}" for i in range(1, 101)]  # addresses of attackers that speak TCP


@pytest.fixture(scope="module", autouse=True)
def addresses():
    netns.add_addresses(f"{HONEST}/32", *(f"{a}/32" for a in CROWD))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    # What answers to spoofed sources find: nobody, and no ICMP.
    netns.run("ip", "route", "add", "blackhole", "10.128.0.0/9")
    netns.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.lo.rp_filter=0")


@pytest.fixture
def run(folder, leaf, start):
    """run(**limits): dotkeep before an upstream that keeps up with any load."""
    with peers.dnsdist(folder / "dnsdist", "127.0.0.6", leaf):
        yield lambda frontends=1, **limits: start(
            [{"address": "127.0.0.6:853", "name": "dns.example.net"}],
            process={"frontends": frontends},
            limits={"rate": 200, "burst": 400, "error_rate": 100, "suffix_rate": 500, **limits})


def check(honest, p99=0.05):
    print(f"\n{honest}")
    assert honest.share > 0.99, honest
    assert honest.percentile(0.99) < p99, honest


def within_budget(dotkeep):
    """RSS of each frontend against what `dotkeep check` says of it."""
    import subprocess
    done = subprocess.run([str(paths.DOTKEEP), "check", "--config", str(dotkeep.config_file)],
                          capture_output=True, text=True)
    line = next(x for x in done.stdout.splitlines() if "frontend" in x)
    number, unit = re.search(r"([\d.]+) (KiB|MiB|GiB)", line).groups()
    budget = float(number) * {"KiB": 1, "MiB": 1024, "GiB": 1 << 20}[unit]
    for pid in dotkeep.workers("frontend"):
        rss = int(procfs.status(pid)["VmRSS"].split()[0])
        print(f"RSS {rss} KiB of {budget:.0f} KiB")
        assert rss <= budget


@contextlib.contextmanager
def beside(work):
    """Runs work(stop) in a thread while the block runs."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


@pytest.mark.parametrize("cookies,rate", [("answer", 5_000), ("require-under-attack", 20_000)])
def test_a_million_spoofed_sources(run, cookies, rate):
    """Each asks for a name of its own. What the upstream carries is carried; beyond, with cookies required,
    the flood is turned away at the door and the honest client is sent to TCP."""
    dotkeep = run(cookies=cookies, flood=1000)
    if paths.FULL and cookies != "answer":
        rate = None
    with Spoofed(lambda n: f"n{n}.example", rate=rate) as flood:
        honest = ask_honestly(SECONDS, HONEST)
    print(f"\nsent {flood.sent} in {SECONDS} s")
    check(honest)
    within_budget(dotkeep)
    assert not dotkeep.log.find("died")


def test_random_names_under_one_suffix(run):
    """None of them exists (the upstream has no AAAA); the honest client asks for others."""
    dotkeep = run()
    with Spoofed(lambda n: f"r{n}.victim.example", rate=10_000, rtype=28) as flood:
        honest = ask_honestly(SECONDS, HONEST)
    print(f"\nsent {flood.sent} in {SECONDS} s")
    check(honest)
    dotkeep.terminate()
    dotkeep.log.wait_for_end()
    found = re.search(r"counted what=refused_udp kind=suffix_rate count=(\d+)", dotkeep.log.text())
    assert found and int(found[1]) > 100


def connect(source, timeout=2):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(timeout)
    sock.bind((source, 0))
    sock.connect(("127.0.0.1", 53))
    return sock


def crowd(count):
    """Connections from many addresses, one after the other."""
    for number in range(count):
        try:
            yield connect(CROWD[number % len(CROWD)])
        except OSError:
            continue


def ask_over_tcp(seconds, source, rate=50):
    """Connections of one query each; (answered, asked, slowest)."""
    answered, asked, times = 0, 0, []
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        asked += 1
        sent = time.monotonic()
        try:
            with connect(source, 1) as tcp:
                tcp.sendall(framed(wire_query(f"n{asked}.example")))
                response = tcp.recv(4096)
                answered += socket.inet_aton(answers.ipv4_for(f"n{asked}.example")) in response
                times.append(time.monotonic() - sent)
        except OSError:
            pass
        time.sleep(max(0, began + asked / rate - time.monotonic()))
    times.sort()
    return answered, asked, times[int(len(times) * 0.99)] if times else 9


def check_tcp(found):
    answered, asked, p99 = found
    print(f"\nhonest over TCP: {answered} of {asked}, p99 {1000 * p99:.1f} ms")
    assert answered > 0.99 * asked and p99 < 0.1


def test_slow_senders(run):
    """500 connections that send one octet a second."""
    run(tcp_clients=600)
    connections = list(crowd(500))
    message = framed(wire_query("slow.example"))

    def drip(stop):
        at = 0
        while not stop.wait(1):
            for sock in connections:
                with contextlib.suppress(OSError):
                    sock.send(message[at:at + 1])
            at += 1

    with beside(drip):
        honest = ask_honestly(SECONDS, HONEST)
        check_tcp(ask_over_tcp(2, HONEST))
    check(honest)
    for sock in connections:
        sock.close()


def test_idle_connections(run):
    """5,000 of them, for 4,096 places: the newcomer that asks is served."""
    count = 5000
    dotkeep = run()
    connections = list(crowd(count))
    assert len(connections) > 0.95 * count
    honest = ask_honestly(SECONDS, HONEST)
    check_tcp(ask_over_tcp(2, HONEST))
    check(honest)
    within_budget(dotkeep)
    for sock in connections:
        sock.close()


def test_never_reading_and_pipelining(run):
    """100,000 queries on one connection whose client takes no answer, or takes them all."""
    count = 100_000 if paths.FULL else 20_000
    run(rate=1_000_000, burst=1_000_000)
    octets = b"".join(framed(wire_query(f"n{i}.example", ident=i & 0xFFFF)) for i in range(count))

    def never_reads(stop):
        with connect(CROWD[0]) as sock:
            sock.setblocking(False)
            at = 0
            while not stop.is_set() and at < len(octets):
                with contextlib.suppress(BlockingIOError):
                    try:
                        at += sock.send(octets[at:at + 65536])
                        continue
                    except ConnectionError:
                        return
                time.sleep(0.01)

    got = [0]

    def reads_all(stop):
        with connect(CROWD[1], 20) as sock:
            sender = threading.Thread(target=sock.sendall, args=(octets,), daemon=True)
            sender.start()
            buffer = b""
            while got[0] < count:
                buffer += sock.recv(1 << 16)
                at = 0
                while len(buffer) - at >= 2:
                    size = struct.unpack_from(">H", buffer, at)[0]
                    if len(buffer) - at < 2 + size:
                        break
                    at += 2 + size
                    got[0] += 1
                buffer = buffer[at:]

    with beside(never_reads), beside(reads_all):
        honest = ask_honestly(SECONDS, HONEST)
        deadline = time.monotonic() + 30
        while got[0] < count and time.monotonic() < deadline:
            time.sleep(0.05)
    assert got[0] == count
    check(honest)


def test_connect_and_reset(run):
    run()
    storms = [0]

    def storm(stop):
        while not stop.is_set():
            try:
                sock = connect(CROWD[storms[0] % len(CROWD)], 0.5)
            except OSError:
                continue
            sock.send(b"\0")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()
            storms[0] += 1

    with beside(storm):
        honest = ask_honestly(SECONDS, HONEST)
        check_tcp(ask_over_tcp(1, HONEST))
    print(f"{storms[0]} resets")
    check(honest)


def test_without_descriptors_udp_is_served(run, folder, leaf, start):
    """A limit of open files below limits.tcp_clients: fewer connections, and nothing else suffers."""
    with peers.dnsdist(folder / "low", "127.0.0.7", leaf):
        dotkeep = start([{"address": "127.0.0.7:853", "name": "dns.example.net"}],
                        options={"wrapper": ["prlimit", "--nofile=400:400"]})
        assert dotkeep.log.find("the limit of open files is too low")
        connections = list(crowd(800))
        check(ask_honestly(2, HONEST))
        check_tcp(ask_over_tcp(1, HONEST))
        for sock in connections:
            sock.close()
