"""Floods, each with an honest client beside it over UDP and one over TCP: more than 99 % of their queries are
answered, p99 under 50 ms, and no process takes more memory than `dotkeep check` says. A line for each.

DOTKEEP_FULL=1 asks for them at full size, at whatever speed the machine has."""

import contextlib
import os
import pathlib
import re
import resource
import socket
import struct
import subprocess
import threading
import time

import pytest

from support import dnsclient, netns, paths, peers, procfs
from support.dnsclient import framed, wire_query
from support.flood import Beside, Spoofed

SECONDS = 10 if paths.FULL else 3
HERE = "10.53.0.1"  # no loopback address: from those, dotkeep answers to the loopback interface alone
HONEST = "10.53.1.1", "10.53.3.1"  # over UDP, over TCP; not of one network
CROWD = [f"10.53.2.{i}" for i in range(1, 101)]  # addresses of attackers that speak TCP
LIMITS = {"rate": 200, "burst": 400, "error_rate": 100, "suffix_rate": 500, "unproven_rate": 5_000}  # the defaults


@pytest.fixture(scope="module", autouse=True)
def addresses():
    netns.add_addresses(f"{HERE}/32", *(f"{a}/32" for a in HONEST), *(f"{a}/32" for a in CROWD))
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    netns.nobody_there("10.128.0.0/9")
    netns.run("sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.lo.rp_filter=0")


@pytest.fixture
def run(folder, leaf, start):
    """run(**limits): dotkeep before an upstream that keeps up with any load."""
    with peers.dnsdist(folder / "dnsdist", "127.0.0.6", leaf):
        yield lambda **limits: start([{"address": "127.0.0.6:853", "name": "dns.example.net"}],
                                     limits={**LIMITS, **limits}, listen=[f"{HERE}:53"])


def memory(dotkeep):
    """RSS of each frontend and what `dotkeep check` says of it, in KiB."""
    done = subprocess.run([str(paths.DOTKEEP), "check", "--config", str(dotkeep.config_file)],
                          capture_output=True, text=True)
    line = next(x for x in done.stdout.splitlines() if "frontend" in x)
    number, unit = re.search(r"([\d.]+) (KiB|MiB|GiB)", line).groups()
    budget = float(number) * {"KiB": 1, "MiB": 1024, "GiB": 1 << 20}[unit]
    return max(int(procfs.status(pid)["VmRSS"].split()[0]) for pid in dotkeep.workers("frontend")), budget


def check(flood, honest, dotkeep):
    """One line, and what must hold."""
    rss, budget = memory(dotkeep)
    print(f"\n{flood}: {honest.udp}; {honest.tcp}; RSS {rss / 1024:.0f} of {budget / 1024:.0f} MiB")
    for seen in (honest.udp, honest.tcp):
        assert seen.share > 0.99, seen
        assert seen.percentile(0.99) < 0.05, seen
    assert rss <= budget
    assert not dotkeep.log.find("died")


class Spent:
    """`with Spent(dotkeep) as spent:` what a flood cost: str(spent) with the packets that were sent."""

    def __init__(self, dotkeep, flood):
        self._dotkeep, self._flood = dotkeep, flood

    def _cpu(self):
        return sum(int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0])
                   for pid in self._dotkeep.workers("frontend")) / 1e9

    @staticmethod
    def _lost():
        """Datagrams to port 53 that found the socket's queue full."""
        lines = pathlib.Path("/proc/self/net/udp").read_text().splitlines()[1:]
        return sum(int(line.split()[12]) for line in lines if line.split()[1].endswith(":0035"))

    def __enter__(self):
        self._before = self._cpu(), self._lost(), self._flood.count, time.monotonic()
        return self

    def __exit__(self, *_):
        cpu, lost, count, began = self._before
        self.cpu, self.lost = self._cpu() - cpu, self._lost() - lost
        self.seconds = time.monotonic() - began
        self.packets = self._flood.count - count

    def __str__(self):
        taken = max(self.packets - self.lost, 1)
        return (f"{self.packets / self.seconds:.0f}/s, {self.lost} lost in the queue, "
                f"{1e6 * self.cpu / taken:.1f} us of the frontend's CPU for each")


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


@pytest.mark.parametrize("cookies", ["answer", "require-under-attack"])
def test_a_million_spoofed_sources(run, cookies):
    """Each asks for a name of its own. So much is asked for them as limits.unproven_rate says; beyond it, or while
    cookies are required, who is no forgery is sent to TCP."""
    dotkeep = run(cookies=cookies, flood=1000)
    with Spoofed(lambda n: f"n{n}.example", HERE, rate=None if paths.FULL else 20_000) as flood:
        with Spent(dotkeep, flood) as spent, Beside(SECONDS, HONEST, HERE) as honest:
            pass
    check(f"spoofed, {cookies}: {spent}", honest, dotkeep)


def test_a_million_spoofed_sources_ask_for_what_is_kept(run):
    """Nothing needs an upstream, so nothing but the sources' own rates holds them back."""
    dotkeep = run()
    with Spoofed(lambda n: f"n{n % 100}.example", HERE, rate=None if paths.FULL else 20_000) as flood:
        with Spent(dotkeep, flood) as spent, Beside(SECONDS, HONEST, HERE) as honest:
            pass
    check(f"spoofed, kept names: {spent}", honest, dotkeep)


def test_random_names_under_one_suffix(run):
    """None of them exists (the upstream has no AAAA); the honest clients ask for others."""
    dotkeep = run()
    with Spoofed(lambda n: f"r{n}.victim.example", HERE, rate=None if paths.FULL else 10_000, rtype=28) as flood:
        with Spent(dotkeep, flood) as spent, Beside(SECONDS, HONEST, HERE) as honest:
            pass
    check(f"random names: {spent}", honest, dotkeep)
    dotkeep.terminate()
    dotkeep.log.wait_for_end()
    found = re.search(r"counted what=refused_udp kind=suffix_rate count=(\d+)", dotkeep.log.text())
    assert found and int(found[1]) > 100
    assert dotkeep.log.find("clients were refused")


def connect(source, timeout=2):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(timeout)
    sock.bind((source, 0))
    sock.connect((HERE, 53))
    return sock


def crowd(count):
    """Connections from many addresses, one after the other."""
    for number in range(count):
        try:
            yield connect(CROWD[number % len(CROWD)])
        except OSError:
            continue


def test_slow_senders(run):
    """500 connections that send one octet a second; who is closed comes again."""
    dotkeep = run(tcp_clients=600)
    connections = list(crowd(500))
    message = framed(wire_query("slow.example"))

    def drip(stop):
        at = 0
        while not stop.wait(1):
            for number, sock in enumerate(connections):
                try:
                    sock.send(message[at % len(message):][:1])
                except OSError:
                    with contextlib.suppress(OSError):
                        sock.close()
                        connections[number] = connect(CROWD[number % len(CROWD)], 0.2)
            at += 1

    with beside(drip), Beside(SECONDS, HONEST, HERE) as honest:
        pass
    check("500 slow senders", honest, dotkeep)
    for sock in connections:
        sock.close()


def test_idle_connections(run):
    """5,000 of them, for 4,096 places: the newcomer that asks is served."""
    count = 5000
    dotkeep = run()
    connections = list(crowd(count))
    assert len(connections) > 0.95 * count
    with Beside(SECONDS, HONEST, HERE) as honest:
        pass
    check("5,000 idle connections", honest, dotkeep)
    for sock in connections:
        sock.close()


def test_never_reading_and_pipelining(run):
    """100,000 queries on one connection whose client takes no answer, or takes them all."""
    count = 100_000 if paths.FULL else 20_000
    dotkeep = run(rate=1_000_000, burst=1_000_000)
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
        with Beside(SECONDS, HONEST, HERE) as honest:
            pass
        deadline = time.monotonic() + 30
        while got[0] < count and time.monotonic() < deadline:
            time.sleep(0.05)
    assert got[0] == count
    check(f"{count} pipelined, and one that never reads", honest, dotkeep)


def test_connect_and_reset(run):
    dotkeep = run()
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

    with beside(storm), Beside(SECONDS, HONEST, HERE) as honest:
        pass
    check(f"connect and reset, {storms[0] / SECONDS:.0f}/s", honest, dotkeep)


def test_without_descriptors_udp_is_served(folder, leaf, start):
    """A limit of open files below limits.tcp_clients: fewer connections, and nothing else suffers."""
    with peers.dnsdist(folder / "low", "127.0.0.7", leaf):
        dotkeep = start([{"address": "127.0.0.7:853", "name": "dns.example.net"}],
                        listen=[f"{HERE}:53"], options={"wrapper": ["prlimit", "--nofile=400:400"]})
        assert dotkeep.log.find("the limit of open files is too low")
        connections = list(crowd(800))
        with Beside(2, HONEST, HERE) as honest:
            pass
        check("fewer descriptors than connections", honest, dotkeep)
        for sock in connections:
            sock.close()


def test_out_of_descriptors_while_it_runs(run):
    """Connections wait in the kernel, UDP is served meanwhile, and they are once there are descriptors again."""
    dotkeep = run()
    pid, = dotkeep.workers("frontend")
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    last = max(int(fd) for fd in os.listdir(f"/proc/{pid}/fd"))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (last + 3, limits[1]))
    connections = list(crowd(12))
    assert len(connections) == 12
    for sock in connections:
        sock.sendall(framed(wire_query("n1.example")))
    for number in range(20):
        assert dnsclient.query(f"n{number}.example", server=HERE).answer
    with pytest.raises(TimeoutError):
        connections[-1].recv(2)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)
    for sock in connections:
        assert len(sock.recv(4096)) > 12
        sock.close()
    assert not dotkeep.log.find("died")
