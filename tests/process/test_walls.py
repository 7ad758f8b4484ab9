"""Walls under attack: a worker that was taken breaks the contract, floods, and hands over what nobody asked for, in real
processes. Its neighbour ends or sheds, both ends are started anew, and service is back."""

import re
import subprocess

import pytest

from support import dnsclient, paths, procfs
from support.stand_ins import Standing

# Who speaks to whom, and what breaks their contract.
ANY = ("cut", "oversize", "longer", "garbage", "kind", "huge", "descriptor", "descriptors")
BREACHES = [
    *(("frontend", word, "upstream", "a frontend") for word in (*ANY, "nobody")),
    *(("upstream", word, "connector", "the upstream room") for word in (*ANY, "nobody", "many")),
    *(("upstream", f"to-frontend-{word}", "frontend", "the upstream room") for word in ANY),
    *(("connector", word, "upstream", "the connector") for word in ANY),
]
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


def test_the_other_frontend_loses_nothing(folder, authority, good_server):
    """The first of two frontends is taken and lies; what the names of the second one are asked is answered."""
    with Standing(folder, authority, frontends=2) as standing:
        names = [f"n{i}.example" for i in range(64)]
        for name in names:
            assert dnsclient.query(name)
        # All four processes are hostile or lied to in turn; every name is answered in the end.
        before = standing.take("frontend", "garbage")
        standing.log.wait_for("contract of a wall was broken", since=before)
        standing.heal()
        for name in names:
            dnsclient.poll_until_answered(name.split(".")[0] + "x", timeout=5)


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
