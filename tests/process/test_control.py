"""The control room: what it shows moves with what happens, whoever speaks nonsense to it gets nowhere, and when
it dies nobody else notices."""

import ctypes
import json
import os
import re
import signal
import socket
import stat
import struct
import time

import pytest

from support import answers, dnsclient, pass_rights, paths, procfs
from support.dotkeep import ACCOUNT, run
from support.fault_server import FaultServer, answering, tls_context

METRICS = ("127.0.0.1", 9153)
FIRST_FRONTEND = 11  # ipc::kFirstControlWallFd
GET = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def watched(start, good_server, folder):
    """dotkeep with both sockets; `.control` is the path of the one."""
    path = folder / "run" / "control"
    dotkeep = start([good_server, {"id": "gone", "address": "127.0.0.9:853", "name": "x.example"}],
                    control={"socket": str(path)}, metrics={"listen": "127.0.0.1:9153"},
                    process={"frontends": 2}, query={"select": "ordered", "timeout": "2s"})
    dotkeep.control = path
    return dotkeep


def exchange(octets, timeout=5):
    """What comes back over HTTP until the end."""
    with socket.create_connection(METRICS, timeout) as client:
        client.sendall(octets)
        return read_all(client)


def read_all(client):
    got = b""
    while True:
        try:
            more = client.recv(65536)
        except ConnectionResetError:
            return got
        if not more:
            return got
        got += more


def metrics():
    """{name{labels}: value}; the form of every line is checked."""
    head, _, body = exchange(GET).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n") and b"Connection: close" in head
    assert int(re.search(rb"Content-Length: (\d+)", head)[1]) == len(body)
    found = {}
    for line in body.decode().splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP|TYPE) dotkeep_\w+ .+", line), line
            continue
        name, value = re.fullmatch(r"(dotkeep_\w+(?:\{.*\})?) ([0-9.]+)", line).groups()
        assert name not in found
        found[name] = float(value)
    return found


def total(found, prefix, *parts):
    return sum(v for k, v in found.items() if k.startswith(prefix) and all(p in k for p in parts))


def status(dotkeep, *options):
    done = run("status", "--socket", dotkeep.control, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def eventually(condition, what, timeout=5):
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.02)
    return value


def test_numbers_move_with_queries(watched, good_server):
    before = metrics()
    for i in range(20):
        dnsclient.query(f"n{i}.example")
    dnsclient.query("n1.example", tcp=True)
    dnsclient.query("n1.example")
    after = metrics()
    assert total(after, "dotkeep_queries_total", 'kind="udp"') - total(before, "dotkeep_queries_total", 'kind="udp"') == 21
    assert total(after, "dotkeep_queries_total", 'kind="tcp"') == 1
    assert total(after, "dotkeep_cache_total", 'kind="fresh"') >= 1
    # Over TCP it may be the other frontend that is asked, which has not heard of the name.
    asked = len(good_server.queries)
    assert asked in (20, 21) and total(after, "dotkeep_upstream_answers_total", 'id="up0"') == asked
    assert total(after, "dotkeep_upstream_up", 'id="up0"') == 1
    assert total(after, "dotkeep_upstream_up", 'id="gone"') == 0
    assert total(after, "dotkeep_upstream_handshake_total", 'id="up0"') >= 1
    assert total(after, "dotkeep_upstream_opening_failed_total", 'id="gone"', "refused") >= 1
    assert total(after, "dotkeep_process_up{") == 6
    assert exchange(b"GET /healthz HTTP/1.1\r\n\r\n").endswith(b"\r\n\r\nok\n")


def test_status_for_people_and_programs(watched):
    dnsclient.query("n1.example")
    dnsclient.query("n1.example")
    text = status(watched)
    assert re.search(r"frontend\[1\] +sealed, pid \d+", text)
    assert "down: connection refused" in text and re.search(r"up0 +127\.0\.0\.2:853 +up", text)
    assert "hit rate      50.0 % of 2" in text
    told = json.loads(status(watched, "--json"))
    assert told["healthy"] is True and told["queries"]["udp"] == 2
    assert {p["pid"] for p in told["processes"]} == {watched.pid, *watched.workers()}
    assert [u["state"] for u in told["upstreams"]] == ["up", "down"]
    by_pid = run("status", "--json", "--pid", watched.pid)
    assert json.loads(by_pid.stdout)["processes"][0]["pid"] == watched.pid
    by_config = run("status", "--json", "--config", watched.config_file)
    assert by_config.returncode == 0


def test_slow_and_down_are_told_with_their_time(start, leaf, folder):
    """Once each in the log; for as long as it lasts in the status."""
    def at_ease(connection, query):
        connection.later(0.7, connection.send, answers.answer(query))

    path = folder / "run" / "control"
    with FaultServer("127.0.0.2", tls_context(leaf), at_ease) as server:
        dotkeep = start([server], control={"socket": str(path)})
        dotkeep.control = path
        for number in range(30):
            assert dnsclient.addresses(dnsclient.query(f"n{number}.example"))
            if dotkeep.log.count("upstream is slow"):
                break
        upstream = json.loads(status(dotkeep, "--json"))["upstreams"][0]
        assert upstream["state"] == "slow" and upstream["seconds"] <= 2
        assert re.search(r":853 +slow, for \d s, usually [567]\d\d\.\d ms", status(dotkeep))
        server.behaviour = answering
        for number in range(30, 1000):
            dnsclient.query(f"n{number}.example")
            if dotkeep.log.count("no longer slow"):
                break
            time.sleep(0.01)  # a client's pace: it is called slow for five seconds at least
        dotkeep.log.wait_for("upstream is no longer slow")
        assert dotkeep.log.count("upstream is slow") == 1
        assert "  up, for " in status(dotkeep)
    response = dnsclient.query("down.example")
    assert dnsclient.is_servfail_with_ede(response, 22, 23) and "connection refused" in str(response)
    assert re.search(r"down: connection refused, for \d s,", status(dotkeep))


def test_flush_makes_the_next_query_go_upstream(watched, good_server):
    for name in ("a.example", "b.example", "c.other"):
        dnsclient.query(name)

    def asked_anew():
        before = len(good_server.queries)
        for name in ("a.example", "b.example", "c.other"):
            dnsclient.query(name)
        return len(good_server.queries) - before

    def flush(*what):
        done = run("cache", "flush", "--socket", watched.control, *what)
        assert done.returncode == 0, done.stderr
        return int(done.stdout.split()[0])

    assert asked_anew() == 0
    assert flush("A.Example.") == 1 and asked_anew() == 1
    assert flush("--suffix", "example") == 2 and asked_anew() == 2
    assert flush() == 3 and asked_anew() == 3
    assert flush("nobody.asked") == 0 and asked_anew() == 0
    for empty in ([""], ["--suffix", ""]):  # a script's variable that nobody set
        nothing = run("cache", "flush", "--socket", watched.control, *empty)
        assert nothing.returncode == 64 and "empty" in nothing.stderr
    assert asked_anew() == 0
    bad = run("cache", "flush", "--socket", watched.control, "a..b")
    assert bad.returncode == 1 and "no domain name" in bad.stderr


def test_killed_it_is_back_and_nobody_else_notices(watched):
    others = [p for p in watched.workers() if p not in watched.workers("control")]
    dnsclient.query("n1.example")
    before = metrics()
    [victim] = watched.workers("control")
    os.kill(victim, signal.SIGKILL)
    for i in range(20):
        assert dnsclient.addresses(dnsclient.query(f"k{i}.example", timeout=1))
    eventually(lambda: watched.workers("control") not in ([], [victim]), "no new control room")
    after = metrics()  # the socket stayed open: a scrape in between waits
    assert total(after, "dotkeep_queries_total") == total(before, "dotkeep_queries_total") + 20
    assert total(after, "dotkeep_process_restarts_total", 'process="control"') == 1
    assert "last death" in status(watched)
    assert [p for p in watched.workers() if p not in watched.workers("control")] == others
    assert run("cache", "flush", "--socket", watched.control).stdout == "21 answers forgotten\n"


def test_counters_survive_who_counts(watched):
    for i in range(10):
        dnsclient.query(f"n{i}.example")
    for room in ("frontend", "upstream"):
        for pid in watched.workers(room):
            os.kill(pid, signal.SIGKILL)
    dnsclient.poll_until_answered("back")
    after = eventually(lambda: (m := metrics()) and total(m, "dotkeep_process_up{") == 6 and m, "all are back")
    assert total(after, "dotkeep_queries_total") >= 11
    assert total(after, "dotkeep_upstream_answers_total", 'id="up0"') >= 11
    told = json.loads(status(watched, "--json"))
    assert "SIGKILL" in [p for p in told["processes"] if p["name"] == "upstream"][0]["last_death"]
    assert run("cache", "flush", "--socket", watched.control).returncode == 0


def test_one_that_asks_for_many_flushes_at_once_is_replaced(watched):
    """Each may walk through a whole cache: a record of thousands kept a frontend's clients waiting for minutes."""
    dnsclient.query("n1.example")
    [control] = watched.workers("control")
    flush = struct.pack(">BIIB", 0, 5, 7, 0)  # kind, size, number, of all
    with procfs.taken_descriptor(control, FIRST_FRONTEND) as wall:
        wall.send(flush)
        with procfs.taken_descriptor(control, FIRST_FRONTEND + 1) as other:
            other.send(flush)
        eventually(lambda: total(metrics(), "dotkeep_cache_entries") == 0, "one is what it may")
        assert watched.workers("control") == [control]
        wall.send(2 * flush)
        watched.log.wait_for("contract of a wall was broken", 'by="the control room"')
    eventually(lambda: watched.workers("control") not in ([], [control]), "no new control room")
    dnsclient.poll_until_answered("n2.example")


def test_reload_brings_a_new_one(watched):
    [before] = watched.workers("control")
    watched.signal(signal.SIGHUP)
    watched.log.wait_for("reloaded")
    eventually(lambda: watched.workers("control") not in ([], [before]), "no new control room")
    assert total(metrics(), "dotkeep_reloads_total") == 1
    assert total(metrics(), "dotkeep_process_restarts_total", 'process="control"') == 1
    assert "last death" not in status(watched)


@pytest.mark.parametrize("octets,code", [
    (b"GET /nothing HTTP/1.1\r\n\r\n", 404), (b"POST /metrics HTTP/1.1\r\n\r\n", 405),
    (b"GET /metrics HTTP/3.0\r\n\r\n", 505), (b"GET /metrics HTTP/1.1\nHost: a\n\n", 400),
    (b"\x16\x03\x01\x00\xf0\x01\x00\x00", 400), (b"GET /" + b"a" * 5000, 431),
    (b"GET /metrics HTTP/1.1\r\n" + b"a: b\r\n" * 65 + b"\r\n", 431)],
    ids=["path", "method", "version", "line", "tls", "long", "fields"])
def test_requests_that_are_none(watched, octets, code):
    assert exchange(octets).startswith(b"HTTP/1.1 %d " % code)
    assert total(metrics(), "dotkeep_control_total", "bad_request") == 1


def test_hostile_scrapers(watched):
    """Garbage, floods, silence and slowness at once; an honest one is served all the while."""
    assert exchange(GET * 50).count(b"HTTP/1.1 200 OK") == 1, "one answer to a connection"
    slow = []
    for i in range(30):  # more than there are places
        client = socket.create_connection(METRICS, 5)
        client.sendall(GET[:i + 1])
        slow.append(client)
        assert metrics()
    deaf = socket.create_connection(METRICS, 5)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.sendall(GET)
    began = time.monotonic()
    assert all(read_all(client) == b"" for client in slow)
    assert time.monotonic() - began < 6, "whoever never finishes is let go"
    found = metrics()
    assert total(found, "dotkeep_control_total", "evicted") >= 20
    assert total(found, "dotkeep_control_total", "evicted") + total(found, "dotkeep_control_total", "overdue") >= 30
    for client in (*slow, deaf):
        client.close()
    noise = os.urandom(100_000)
    for size in (1, 100, 100_000):
        try:
            exchange(noise[:size] + b"\n")
        except OSError:
            pass
    assert not watched.log.find("died")
    assert metrics()


def test_who_comes_again_and_again_keeps_nobody_else_out(watched):
    """A scraper some way off, whose request takes a while to come, beside one that opens connection after connection."""
    with socket.create_connection(METRICS, 5, source_address=("127.0.0.3", 0)) as scraper:
        assert metrics()  # it has its place by now
        flood = [socket.create_connection(METRICS, 5) for _ in range(30)]
        eventually(lambda: total(metrics(), "dotkeep_control_total", "evicted") >= 20, "they do not give way")
        scraper.sendall(GET)
        assert read_all(scraper).startswith(b"HTTP/1.1 200 OK")
        for client in flood:
            client.close()


def test_hostile_operators(watched):
    def say(octets):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(5)
            client.connect(str(watched.control))
            client.sendall(octets)
            return read_all(client)

    for line in (b"stop\n", b"\n", b"\0\n", b"status  json\n", b"flush a b\n", b"x" * 4096):
        assert say(line).startswith(b"error: "), line
    assert say(b"status\nstatus\n").count(b"ok\n") == 1
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:  # a descriptor nobody asked for
        client.connect(str(watched.control))
        with open("/dev/null") as null:
            if pass_rights.kernel_has():  # not even sent: one that hangs when it is closed would hang the room
                with pytest.raises(PermissionError):
                    socket.send_fds(client, [b"status\n"], [null.fileno()] * 10)
                client.sendall(b"status\n")
            else:
                socket.send_fds(client, [b"status\n"], [null.fileno()] * 10)
        assert read_all(client).startswith(b"ok\n")
    [pid] = watched.workers("control")
    assert list(procfs.descriptors(pid).values()).count("null") == 2, "it kept what it was passed"


def test_the_control_socket_belongs_to_the_account(watched):
    found = os.stat(watched.control)
    assert stat.S_ISSOCK(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o660
    assert (found.st_uid, found.st_gid) == (int(ACCOUNT), int(ACCOUNT))
    done = run("status", "--socket", watched.control, user=65533, group=65533, extra_groups=[])
    assert done.returncode != 0 and "ermission" in done.stderr


def test_the_control_room_cannot_write_what_it_reads(watched):
    """Its pages are mapped to be read; the descriptors that it had could not be written either."""
    [pid] = watched.workers("control")
    with open(f"/proc/{pid}/maps") as maps:
        pages = [line.split()[1] for line in maps if "/memfd:dotkeep-" in line]
    assert len(pages) == 4 and set(pages) == {"r--s"}
    for fd, kind in procfs.descriptors(watched.pid).items():
        if kind == "memfd" and "limits" not in os.readlink(f"/proc/{watched.pid}/fd/{fd}"):
            with open(f"/proc/{watched.pid}/fdinfo/{fd}") as info:
                flags = int(re.search(r"flags:\s+(\d+)", info.read())[1], 8)
            name = os.readlink(f"/proc/{watched.pid}/fd/{fd}")
            assert flags & 3 in ((os.O_RDONLY, os.O_RDWR) if "processes" not in name else (os.O_RDONLY,)), name


def test_a_second_dotkeep_leaves_the_socket_alone(watched, start, good_server):
    second = start([good_server], control={"socket": str(watched.control)}, listen=("127.0.0.1:5300",))
    assert second.log.find("no control socket", "another dotkeep listens there")
    assert not second.workers("control")
    assert json.loads(status(watched, "--json"))["processes"][0]["pid"] == watched.pid
