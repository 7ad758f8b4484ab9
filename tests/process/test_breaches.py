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
# Such as end a process wherever they reach it; and such as a worker never hears, because they are for the supervisor.
ENDS = [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGSYS,
        signal.SIGTRAP, signal.SIGXCPU]
UNHEARD = [signal.SIGQUIT, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM,
           signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO, signal.SIGPWR, signal.SIGPIPE, signal.SIGXFSZ,
           signal.SIGTTOU, signal.SIGRTMIN, signal.SIGRTMAX]
UNCOUNTED = 3  # deaths in a row that cost no wait
NOBODY = [paths.tool("setpriv"), "--reuid", "65534", "--regid", "65534", "--clear-groups"]
METRICS = ("127.0.0.1", 9153)


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


def differ(was, now, room):
    same = {name for name in ("[stack]", "[heap]", "[vdso]") if name in was and was[name] == now.get(name)}
    program = next(name for name in was if "dotkeep-" in name)
    assert not same and was[program] != now[program], f"{room}: {same}"


def wait_for_another(dotkeep, room, pid):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        found = dotkeep.workers(room)
        if found and found != [pid]:
            return found[0]
        time.sleep(0.005)
    raise AssertionError(f"no other {room}")


def back(dotkeep, room, name):
    """Seconds until there is service again: an answer, or of the control room a page."""
    if room != "control":
        return dnsclient.poll_until_answered(name, timeout=5, port=5353)
    began = time.monotonic()
    while time.monotonic() - began < 5:
        try:
            with socket.create_connection(METRICS, 0.2) as client:
                client.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
                if client.recv(16).startswith(b"HTTP/1.1 200"):
                    return time.monotonic() - began
        except OSError:
            pass
    raise AssertionError("no metrics within 5 s")


def begin(start, good_server, account):
    options = {"wrapper": NOBODY if account == "nobody" else []}
    return start([good_server], options, listen=["127.0.0.1:5353"], metrics={"listen": "127.0.0.1:9153"})


@pytest.mark.parametrize("account", ["root", "nobody"])
@pytest.mark.parametrize("room", (*ROOMS, "control"))
def test_any_signal(start, good_server, stalls, room, account):
    """Each is named where it ends a worker, and there is service within 200 ms by a process with a layout of its own. In
    a process namespace of its own (started as root) a worker dies of SIGKILL only, as the first of it."""
    slowest = 0.0
    for first in range(0, len(ENDS), UNCOUNTED):
        dotkeep = begin(start, good_server, account)
        for number in ENDS[first:first + UNCOUNTED]:
            back(dotkeep, room, f"before{int(number)}x{room}")
            [victim] = dotkeep.workers(room)
            was, before = layout(victim), len(dotkeep.log.lines)
            os.kill(victim, number)
            slowest = max(slowest, stalls.less(back(dotkeep, room, f"sig{int(number)}x{room}")))
            if number == signal.SIGKILL or account == "nobody":
                line = dotkeep.log.wait_for("a worker died", f"worker={room}", since=before)
                assert f"signal {number.name}" in line.text
                differ(was, layout(wait_for_another(dotkeep, room, victim)), room)
        dotkeep.stop()
    print(f"\n{room} of {account}: {len(ENDS)} signals, back after {slowest * 1000:.0f} ms at most")
    assert slowest <= BACK_WITHIN


@pytest.mark.parametrize("account", ["root", "nobody"])
def test_signals_that_are_not_for_a_worker(start, good_server, account):
    dotkeep = begin(start, good_server, account)
    workers = dotkeep.workers()
    for number in UNHEARD:
        for pid in workers:
            os.kill(pid, number)
    for room in (*ROOMS, "control"):
        back(dotkeep, room, f"unheard{room}")
    assert dotkeep.workers() == workers


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


@pytest.mark.parametrize("word,fault", [("lie-id", "id_mismatch"), ("lie-name", "question_mismatch")])
def test_a_taken_upstream_room_cannot_pass_off_another_answer(standing, word, fault):
    """What the honest room drops by itself, the frontend does not take from one that is taken: it holds each reply
    against its question again."""
    before = standing.take("upstream", f"to-frontend-{word}")
    standing.log.wait_for("sealed layers", " upstream:", since=before)
    octets, _ = dnsclient.udp_exchange(dnsclient.wire_query(f"{word}.example"), timeout=6)
    assert octets[3] & 15 == 2 and f": {fault}".encode() in octets
    assert standing.log.wait_for("reply is not acceptable", f"reason={fault}", since=before)


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
def test_from_a_packet_to_nothing(standing, stalls, tried):
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
            assert stalls.less(dnsclient.poll_until_answered(f"a{numbers[attempted]}", timeout=5)) <= BACK_WITHIN


def outcome(standing, since):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for entry in standing.log.lines[since:]:
            if "payload:" in entry.text or "a worker died" in entry.text:
                return entry.text
        time.sleep(0.005)
    raise AssertionError(f"no outcome in:\n{standing.log.text()}")


# --- what lies under a mapping

def test_a_cache_file_that_is_cut_off(start, good_server, stalls, folder):
    """Who maps it dies of it, by name; who comes after runs without it."""
    file = folder / "cache"
    dotkeep = start([good_server], cache={"file": str(file), "size": "1MiB"})
    dnsclient.query("n1.example")
    os.truncate(file, 0)
    [frontend] = dotkeep.workers("frontend")
    before = len(dotkeep.log.lines)
    os.kill(frontend, signal.SIGKILL)
    assert stalls.less(dnsclient.poll_until_answered("aftercut", timeout=5)) <= BACK_WITHIN
    assert dotkeep.log.wait_for("cache.file", since=before).level in ("warning", "error")
    dotkeep.stop()

    dotkeep = start([good_server], cache={"file": str(file), "size": "1MiB"})
    dnsclient.query("n1.example")
    os.truncate(file, 0)
    assert dotkeep.terminate() < 2, "it saves at its end"
    assert dotkeep.log.wait_for("a worker died", "worker=frontend", "SIGBUS")
