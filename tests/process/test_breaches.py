"""What happens to a process that does what it may not, or dies of anything else: named, replaced by a new exec with a new
layout, and ever more slowly when it goes on. And the whole way in: a bug planted into the parser, code run by it."""

import os
import re
import signal
import socket
import struct
import subprocess
import time

import pytest

from support import dnsclient, paths, procfs
from support.stand_ins import Standing

BACK_WITHIN = 0.2
KERNEL_LOG_INTERVAL = 5.5  # seconds; it takes ten lines in five
ROOMS = ("frontend", "upstream", "connector")
FROM_OUTSIDE = [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE,
                signal.SIGSYS, signal.SIGTRAP, signal.SIGQUIT, signal.SIGTERM, signal.SIGINT, signal.SIGHUP,
                signal.SIGUSR1, signal.SIGALRM, signal.SIGPIPE]


@pytest.fixture
def standing(folder, authority, good_server):
    with Standing(folder, authority) as made:
        yield made


def layout(pid):
    with open(f"/proc/{pid}/maps") as maps:
        found = {}
        for line in maps:
            address, *_, name = line.split()
            found.setdefault(name, address.split("-")[0])
    return found


def wait_for_another(dotkeep, room, pid):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = dotkeep.workers(room)
        if found and found != [pid]:
            return found[0]
        time.sleep(0.005)
    raise AssertionError(f"no other {room}")


@pytest.mark.parametrize("room", ROOMS)
def test_any_signal(start, good_server, room):
    """SIGKILL ends a worker; the others end it too or do not reach it, where it is the first of its process namespace.
    Either way there is service within 200 ms."""
    dotkeep = start([good_server])
    slowest = 0.0
    for number in FROM_OUTSIDE:
        dnsclient.poll_until_answered(f"before{number}x{room}", timeout=5)
        victim = wait_for_another(dotkeep, room, None)  # who is being replaced is not needed for every answer
        before = len(dotkeep.log.lines)
        os.kill(victim, number)
        back = dnsclient.poll_until_answered(f"sig{int(number)}x{room}", timeout=5)
        slowest = max(slowest, back)
        if number == signal.SIGKILL:
            assert "SIGKILL" in dotkeep.log.wait_for("a worker died", room, since=before).text
        elif died := dotkeep.log.find("a worker died", since=before):
            assert signal.Signals(number).name in died.text
    print(f"\n{room}: {len(FROM_OUTSIDE)} signals, back after {slowest * 1000:.0f} ms at most")
    assert slowest <= BACK_WITHIN


@pytest.mark.parametrize("room,word,call", [("frontend", "socket", "socket (41)"), ("upstream", "socket", "socket (41)"),
                                            ("upstream", "openat", "openat (257)"),
                                            ("connector", "openat", "openat (257)")])
def test_a_breach_of_policy_is_named_by_its_system_call(standing, room, word, call):
    for attempt in range(3):
        before = standing.take(room, word)
        line = standing.log.wait_for("a worker died", f"worker={room}", "SIGSYS", since=before)
        standing.heal()
        if "left it out" not in line.text:
            break
        time.sleep(KERNEL_LOG_INTERVAL)  # other tests filled it
    if os.access("/dev/kmsg", os.R_OK):
        assert f"system call {call}" in line.text
    dnsclient.poll_until_answered(f"named{room}{word}", timeout=5)


def test_a_fault_is_named(standing):
    before = standing.take("upstream", "fault")
    assert standing.log.wait_for("a worker died", "upstream", "SIGSEGV", since=before)


def test_a_new_process_has_a_new_layout(standing):
    for room in ROOMS:
        [old] = standing.dotkeep.workers(room)
        was = layout(old)
        os.kill(old, signal.SIGKILL)
        now = layout(wait_for_another(standing.dotkeep, room, old))
        same = {name for name in ("[stack]", "[heap]", "[vdso]") if name in was and was[name] == now.get(name)}
        program = next(name for name in was if "dotkeep-" in name)
        assert not same and was[program] != now[program], f"{room}: {same}"


def test_ten_quick_deaths_and_the_back_off_holds_and_says_so(standing):
    before = standing.take("frontend", "socket")
    line = standing.log.wait_for("keeps dying and is started again ever more slowly", "frontend", since=before, timeout=20)
    assert line.fields["deaths"] == "10"
    died = [entry for entry in standing.log.lines[before:] if "a worker died" in entry.text and "SIGSYS" in entry.text]
    waits = [int(entry.fields["restart_in_ms"]) for entry in died]
    assert waits == sorted(waits) and waits[-1] >= 3000, waits
    began = time.monotonic()
    deaths = len(died)
    while time.monotonic() - began < 1.5:  # it holds: the next one is not started meanwhile
        assert standing.log.count("a worker died", "SIGSYS") == deaths
        time.sleep(0.05)
    standing.heal()


def test_an_endless_loop_is_ended_and_idleness_is_not(standing):
    others = standing.dotkeep.workers("upstream")
    before = standing.take("frontend", "hang")
    standing.log.wait_for("sealed layers", " frontend[0]:", since=before)
    standing.heal()  # for the one that comes; this one reads no order any more
    line = standing.log.wait_for("a worker hangs and is ended", "worker=frontend[0]", since=before, timeout=20)
    assert 10 <= int(line.fields["seconds"]) <= 13
    dnsclient.poll_until_answered("afterhang", timeout=5)
    assert standing.dotkeep.workers("upstream") == others, "the upstream room only had nothing to do"
    assert standing.log.count("a worker hangs", "upstream") == 0 == standing.log.count("a worker hangs", "connector")


# --- the planted bug

def payload_at(pid):
    """Where the payload lies in that process: its offset in the file, and the base that a leak would tell."""
    program = f"/proc/{pid}/exe"
    listed = subprocess.run([paths.tool("nm"), os.readlink(program)], capture_output=True, text=True, check=True).stdout
    offset = int(re.search(r"^(\w+) T planted_payload$", listed, re.MULTILINE)[1], 16)
    with open(f"/proc/{pid}/maps") as maps:
        [base] = [line.split("-")[0] for line in maps if "dotkeep-frontend" in line and line.split()[2] == "00000000"]
    return int(base, 16) + offset


def overflow(address, number):
    label = b"overflow".ljust(16, b"x") + struct.pack("<QI", address, number)
    return b"\0\7\1\0\0\1\0\0\0\0\0\0" + bytes([len(label)]) + label + b"\0\0\1\0\1"


def attempts():
    """Name and number of each attempt of the frontend."""
    listed = subprocess.run([paths.STAND_INS.parent / "dotkeep-escape", "-l"], capture_output=True, text=True,
                            check=True).stdout
    return {name: int(number) for number, name in (line.split(" ", 1) for line in listed.splitlines())}


# Three deaths in a row cost no wait: the back-off has its own test.
TRIED = [("openat: read a file", "execve", "mmap: executable memory"),
         ("socket: TCP", "clone: fork", "mprotect: code writable"),
         ("socket: UDP", "ptrace: attach", "brk: a larger heap"),
         ("connect: re-aim a socket that was given", "unshare: user", "munmap"),
         ("kill: whether a sibling lives", "io_uring_setup"),
         ("a 32-bit call: getpid", "process_vm_readv")]


@pytest.mark.parametrize("tried", TRIED, ids=[t[0].split(":")[0] for t in TRIED])
def test_from_a_packet_to_nothing(standing, tried):
    """A client's packet runs code in the frontend; what the code attempts is denied, the process that it dies with is
    replaced, and other clients are answered within 200 ms."""
    numbers = attempts()
    before = standing.take("frontend", "planted")
    standing.log.wait_for("frontend[0]: sealed", since=before)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for attempted in tried:
            dnsclient.poll_until_answered(f"b{numbers[attempted]}", timeout=5)
            [frontend] = standing.dotkeep.workers("frontend")
            lines = len(standing.log.lines)
            client.sendto(overflow(payload_at(frontend), numbers[attempted]), ("127.0.0.1", 53))
            line = outcome(standing, lines)
            assert "SIGSYS" in line or "payload: refused" in line, f"{attempted}: {line}"
            assert dnsclient.poll_until_answered(f"a{numbers[attempted]}", timeout=5) <= BACK_WITHIN


def outcome(standing, since):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for entry in standing.log.lines[since:]:
            if "payload:" in entry.text or "a worker died" in entry.text:
                return entry.text
        time.sleep(0.005)
    raise AssertionError(f"no outcome in:\n{standing.log.text()}")
