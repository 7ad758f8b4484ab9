"""Walls under attack: a worker that was taken breaks the contract, floods, and hands over what nobody asked for, in real
processes. Its neighbour ends or sheds, both ends are started anew, and service is back."""

import collections
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

import pytest

from support import answers, dnsclient, pass_rights, paths, procfs
from support.stand_ins import Standing

# Who speaks to whom, and what breaks their contract. No descriptor belongs on any wall but the connector's to the
# upstream room: to the others the kernel sends none, where it has the option; else who receives it ends.
ANY = ("cut", "oversize", "longer", "garbage", "kind", "huge")
DESCRIPTORS = ("descriptor", "descriptors")
REFUSED = [(liar, prefix + word) for liar, prefix in (("frontend", ""), ("upstream", ""), ("upstream", "to-frontend-"))
           for word in DESCRIPTORS] if pass_rights.kernel_has() else []
BREACHES = [breach for breach in (
    *(("frontend", word, "upstream", "a frontend") for word in (*ANY, *DESCRIPTORS, "nobody")),
    *(("upstream", word, "connector", "the upstream room") for word in (*ANY, *DESCRIPTORS, "nobody", "many")),
    *(("upstream", f"to-frontend-{word}", "frontend", "the upstream room") for word in (*ANY, *DESCRIPTORS)),
    *(("connector", word, "upstream", "the connector") for word in (*ANY, *DESCRIPTORS)),
) if breach[:2] not in REFUSED]
FLOODS = [("frontend", "flood"), ("upstream", "flood"), ("upstream", "to-frontend-flood"), ("connector", "flood"),
          ("connector", "unasked")]


@pytest.fixture
def standing(folder, authority, good_server):
    with Standing(folder, authority) as made:
        yield made
        everything = made.log.text()
        assert "SIGSYS" not in everything and "SIGSEGV" not in everything and "out of memory" not in everything


def back(standing, name):
    """Service is there again, by whatever processes."""
    return dnsclient.poll_until_answered(name, timeout=10)


@pytest.mark.parametrize("liar,word,receiver,by", BREACHES, ids=[f"{b[0]}-{b[1]}" for b in BREACHES])
def test_who_is_lied_to_ends_and_both_are_started_anew(standing, liar, word, receiver, by):
    supervisor = standing.dotkeep.pid
    before = standing.take(liar, word)
    broken = standing.log.wait_for("contract of a wall was broken", f'by="{by}"', since=before, timeout=10)
    assert broken.process.split("[")[0] == receiver
    standing.log.wait_for("a worker is replaced, because it broke the contract", f"worker={liar}", since=before)
    died = standing.log.wait_for("a worker died", f"worker={receiver}", "exit status 1", since=before)
    assert "restart_in_ms=0" in died.text, "who was lied to waits for it"
    standing.heal()
    back(standing, f"after{liar}{word}".replace("-", ""))
    assert standing.dotkeep.pid == supervisor and procfs.alive(supervisor)


@pytest.mark.parametrize("liar,word", REFUSED, ids=[f"{r}-{w}" for r, w in REFUSED])
def test_a_descriptor_that_belongs_nowhere_is_not_even_sent(standing, liar, word):
    """So nobody notices it, and nobody but the sender, which was told to do it, is started anew."""
    replaced = (f"dotkeep-{liar}", "dotkeep-connector")  # the connector by the reload
    others = {pid for pid in standing.dotkeep.workers() if procfs.program(pid) not in replaced}
    before = standing.take(liar, word)
    standing.log.wait_for("stand-in: the kernel sends no descriptor there", since=before, timeout=10)
    back(standing, f"unsent{liar}{word}".replace("-", ""))
    assert not standing.log.find("contract of a wall", since=before)
    assert others <= set(standing.dotkeep.workers())


@pytest.mark.skipif(not pass_rights.kernel_has(), reason="Linux 6.16")
def test_descriptors_go_to_two_places_only(standing):
    """Every Unix socket of every process, those that replace another one too: orders, which the supervisor alone can
    send, and the upstream room's end of the connector's wall."""
    def takers():
        found = collections.Counter()
        for pid in (standing.dotkeep.pid, *standing.dotkeep.workers()):
            for fd, kind in procfs.descriptors(pid).items():
                if kind != "unix" or fd < 3:
                    continue
                with procfs.taken_descriptor(pid, fd) as end:
                    if end.type & 0xf != socket.SOCK_SEQPACKET:
                        continue
                    if end.getsockopt(socket.SOL_SOCKET, pass_rights.SO_PASSRIGHTS):
                        found[procfs.program(pid)] += 1
        return found

    expected = collections.Counter(procfs.program(pid) for pid in standing.dotkeep.workers())  # orders
    expected["dotkeep-upstream"] += 1
    assert len(expected) >= 3
    assert takers() == expected
    for room in ("frontend", "upstream", "connector"):
        before = len(standing.log.lines)
        os.kill(next(iter(standing.dotkeep.workers(room))), signal.SIGKILL)
        standing.log.wait_for("sealed layers", f" {room}", since=before, timeout=10)
    back(standing, "newwalls")
    assert takers() == expected


@pytest.mark.parametrize("room,word", FLOODS, ids=[f"{r}-{w}" for r, w in FLOODS])
def test_a_flood_of_well_formed_nonsense_is_shed(standing, room, word):
    """Nobody dies of it, nobody grows, and what is asked meanwhile is answered, or is when it is over."""
    workers = {pid: procfs.program(pid) for pid in standing.dotkeep.workers() if room not in procfs.program(pid)}
    workers = {pid: name for pid, name in workers.items() if name != "dotkeep-connector"}  # a reload replaces it
    before = standing.take(room, word)
    if word == "flood":
        line = standing.log.wait_for("stand-in:", "records sent", since=before, timeout=10)
        assert int(line.text.split()[1]) > 20, "no flood"  # of 200 messages and more each
    else:
        standing.log.wait_for("sealed layers", f" {room}", since=before, timeout=10)
    standing.heal()
    back(standing, f"flood{room}{word}".replace("-", ""))
    assert all(procfs.alive(pid) for pid in workers), "another process was ended by a flood"
    for pid in workers:
        grown = int(procfs.status(pid)["VmRSS"].split()[0])
        assert grown < 100_000, f"{workers[pid]} has {grown} KiB"
    # So many requests to the connector may come in one turn that it takes them for what they are.
    assert (room, word) == ("upstream", "flood") or not standing.log.find("contract of a wall", since=before)


def names_of_the_second(standing, candidates):
    """Those of the names that are steered to the second of two frontends: what is answered while the first stands
    still. AAAA is asked for, so that A is in no cache afterwards."""
    first = next(pid for pid in standing.dotkeep.workers("frontend")
                 if pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1] == b"0")
    os.kill(first, signal.SIGSTOP)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            # Answers come while questions are still sent: none of them is to be lost here.
            client.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_RCVBUFFORCE", 33), 8 << 20)
            client.connect(("127.0.0.1", 53))
            for ident, name in enumerate(candidates):
                client.send(dnsclient.wire_query(name, answers.AAAA, ident=ident))
            client.settimeout(0.5)  # of silence: what comes later is only left out
            found = []
            try:
                while True:
                    found.append(candidates[int.from_bytes(client.recv(2048)[:2], "big")])
            except TimeoutError:
                return found
    finally:
        os.kill(first, signal.SIGCONT)


class Asking(threading.Thread):
    """Each name once, A, 500 a second; `lost` are those that had no answer of their own within the query's time."""

    def __init__(self, names, patience):
        super().__init__(daemon=True)
        self.names, self.patience, self.lost, self.sent = names, patience, set(names), 0

    def run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(("127.0.0.1", 53))
            began, last = time.monotonic(), None
            client.settimeout(0.002)
            while self.lost and (last is None or time.monotonic() - last < self.patience):
                due = min(int((time.monotonic() - began) * 500), len(self.names))
                for ident in range(self.sent, due):
                    client.send(dnsclient.wire_query(self.names[ident], ident=ident))
                    last = time.monotonic() if ident + 1 == len(self.names) else None
                self.sent = due
                try:
                    message = client.recv(2048)
                except TimeoutError:
                    continue
                name = self.names[int.from_bytes(message[:2], "big")]
                if message[3] & 15 == 0 and socket.inet_aton(answers.ipv4_for(name)) in message:
                    self.lost.discard(name)


def test_the_other_frontend_is_served_on(folder, authority, good_server):
    """The first of two frontends is taken and lies to the upstream room, again and again, which ends it each time. Of
    the queries to the second one, each asked once, none is lost."""
    with Standing(folder, authority, frontends=2) as standing:
        names = names_of_the_second(standing, [f"n{i}.example" for i in range(2000)])
        assert len(names) > 500, "steering deals names out evenly"
        asking = Asking(names, patience=5)
        before = standing.take("frontend", "garbage")
        asking.start()
        since = before
        for _ in range(3):
            line = standing.log.wait_for("contract of a wall was broken", since=since, timeout=10)
            since = standing.log.lines.index(line) + 1
        assert asking.sent < len(names), "it was over before it was disturbed"
        standing.heal()
        asking.join(15)
        replaced = [line for line in standing.log.lines[before:] if "a worker died" in line.text]
        print(f"\n{len(names)} queries to the second frontend, {len(replaced)} deaths beside it, "
              f"{len(asking.lost)} not answered")
        assert not asking.lost and not [line for line in replaced if "frontend[1]" in line.text]


def test_no_descriptor_of_the_supervisor_carries_a_workers_octets(standing):
    """What it holds besides files: the listening sockets, its ends of the orders, which are shut for reading, and pipes
    into which nothing is ever written. A worker that writes to its end finds it shut."""
    pid = standing.dotkeep.pid
    kinds = procfs.descriptors(pid)
    assert not [k for k in kinds.values() if k.startswith(("connected", "tcp", "pidfd"))]
    unix = [fd for fd, kind in kinds.items() if kind == "unix"]
    assert len(unix) >= 3, "the orders of three workers, and the notify socket"
    listing = subprocess.run([paths.tool("ss"), "-xnpH"], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        if f"pid={pid}," in line and "u_seq" in line:
            assert re.match(r"u_seq\s+\S+\s+0\s", line), f"something waits to be read by the supervisor: {line}"
