"""Floods from many places, and the honest client beside them."""

import dataclasses
import multiprocessing
import random
import socket
import struct
import time

from support import answers, machine
from support.dnsclient import SERVER, wire_query


@dataclasses.dataclass
class Honest:
    """What an honest client saw: it asks, waits a second, and turns to TCP when told so."""
    asked: int = 0
    answered: int = 0
    over_tcp: int = 0
    moments: list = dataclasses.field(default_factory=list, repr=False)  # (sent, answered)
    times: list = dataclasses.field(default_factory=list, repr=False)    # seconds, but not those the machine stood still
    transport: str = "UDP"

    @property
    def share(self):
        return self.answered / max(self.asked, 1)

    def percentile(self, share):
        return sorted(self.times)[min(int(len(self.times) * share), len(self.times) - 1)] if self.times else 9.0

    def __str__(self):
        turned = f", {self.over_tcp} sent to TCP" if self.over_tcp else ""
        return (f"{self.transport} {self.answered}/{self.asked} ({100 * self.share:.2f} %{turned}) "
                f"p50 {1000 * self.percentile(.5):.1f} p99 {1000 * self.percentile(.99):.1f} ms")


def ask_honestly(seconds, source, rate=100, prefix="h", tries=1, server=SERVER):
    """Asks names that nobody asked before, `rate` a second, one after the other, from `source`."""
    seen = Honest()
    began = time.monotonic()
    family = socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((source, 0))
        sock.settimeout(1)
        sock.connect((server, 53))
        number = 0
        while time.monotonic() - began < seconds:
            due = began + number / rate
            if due > time.monotonic():
                time.sleep(due - time.monotonic())
            number += 1
            name = f"{prefix}{number}.example"
            sent = time.monotonic()
            seen.asked += 1
            for _ in range(tries):
                if _exchange(sock, name, source, server, seen):
                    seen.answered += 1
                    seen.moments.append((sent, time.monotonic()))
                    break
    return seen


def ask_over_tcp(seconds, source, rate=50, prefix="t", server=SERVER):
    """The same with a connection for each query."""
    seen = Honest(transport="TCP")
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        due = began + seen.asked / rate
        if due > time.monotonic():
            time.sleep(due - time.monotonic())
        seen.asked += 1
        name = f"{prefix}{seen.asked}.example"
        sent = time.monotonic()
        if _over_tcp(wire_query(name), name, source, server):
            seen.answered += 1
            seen.moments.append((sent, time.monotonic()))
    return seen


class Beside:
    """`with Beside(seconds, (one, other)) as honest:` a client at each of two addresses asks, one over UDP and one over
    TCP (what one has proven is of no use to the other), in a process of its own, so that what the test does costs them
    no time; after the block `honest.udp` and `honest.tcp` are what they saw."""

    def __init__(self, seconds, sources, server=SERVER):
        context = multiprocessing.get_context("fork")
        self._pipes, self._processes = [], []
        for ask, source in zip((ask_honestly, ask_over_tcp), sources):
            here, there = context.Pipe(False)
            self._pipes.append(here)
            self._processes.append(context.Process(
                target=lambda ask=ask, source=source, there=there: there.send(ask(seconds, source, server=server)),
                daemon=True))
        self._wait = seconds + 60
        self._stalls = machine.Stalls()
        self.udp = self.tcp = None

    def __enter__(self):
        self._stalls.__enter__()
        for process in self._processes:
            process.start()
        return self

    def __exit__(self, error, *_):
        if error is None:
            self.udp, self.tcp = (p.recv() if p.poll(self._wait) else Honest() for p in self._pipes)
            for seen in (self.udp, self.tcp):
                seen.times = [b - a - self._stalls.during(a, b) for a, b in seen.moments]
        for process in self._processes:
            process.kill() if error else process.join(5)
        self._stalls.__exit__()


def _exchange(sock, name, source, server, seen):
    ident = random.randrange(65536)
    query = wire_query(name, ident=ident)
    sock.send(query)
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        try:
            response = sock.recv(4096)
        except (TimeoutError, ConnectionRefusedError):
            return False
        if response[:2] != query[:2]:
            continue
        if response[2] & 2:  # TC
            seen.over_tcp += 1
            return _over_tcp(query, name, source, server)
        return _is_right(response, name)
    return False


def _over_tcp(query, name, source, server):
    try:
        with socket.create_connection((server, 53), 1, (source, 0)) as tcp:
            tcp.sendall(struct.pack(">H", len(query)) + query)
            octets = b""
            while len(octets) < 2 or len(octets) < 2 + struct.unpack_from(">H", octets)[0]:
                more = tcp.recv(4096)
                if not more:
                    return False
                octets += more
            return _is_right(octets[2:], name)
    except OSError:
        return False


def _is_right(response, name):
    return response[3] & 15 == 0 and socket.inet_aton(answers.ipv4_for(name)) in response


class Spoofed:
    """`with Spoofed(names) as flood:` sends queries from 1,000,000 sources as fast as one process can
    (or `rate` a second). The packets are made beforehand, so a packet costs a system call and no more; `names(number)` says what each asks."""

    def __init__(self, names, server, rate=None, rtype=1, first="10.128.0.0", sources=1_000_000, made=50_000):
        base = struct.unpack(">I", socket.inet_aton(first))[0]
        generator = random.Random(11)
        self._packets = []
        for number in range(made):
            source = struct.pack(">I", base + generator.randrange(sources))
            payload = wire_query(names(number), rtype, ident=number & 0xFFFF)
            udp = struct.pack(">HHHH", 1024 + generator.randrange(60000), 53, 8 + len(payload), 0) + payload
            self._packets.append(struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, source,
                                             socket.inet_aton(server)) + udp)
        self._rate, self._server = rate, server
        self._stop, self._sent = multiprocessing.Event(), multiprocessing.Value("Q")
        self._process = multiprocessing.Process(target=self._run, daemon=True)
        self.sent = 0

    @property
    def count(self):
        """How many were sent until now."""
        return self._sent.value

    def __enter__(self):
        self._process.start()
        while self._sent.value == 0:
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._process.join(5)
        self.sent = self._sent.value

    def _run(self):
        # At the usual priority: an attacker does not slow down because its victim is busy. That the work of forging
        # is done here, and that of receiving in this process's time, takes from the victim what an attacker on
        # another machine would not: a flood here weighs more, not less, than its rate says.
        began, sent = time.monotonic(), 0
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
            generator = random.Random(5)
            while not self._stop.is_set():
                start = generator.randrange(len(self._packets))
                for packet in self._packets[start:start + 200]:
                    try:
                        raw.sendto(packet, (self._server, 53))
                    except OSError:
                        continue  # the device's queue is full: faster than it goes is not needed
                    sent += 1
                self._sent.value = sent
                while self._rate and sent > (time.monotonic() - began) * self._rate:
                    time.sleep(0.001)
