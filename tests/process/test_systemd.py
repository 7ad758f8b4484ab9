"""What systemd gives and wants: sockets, READY, STOPPING, WATCHDOG."""

import os
import re
import signal
import socket
import subprocess

import pytest

from conftest import NAME
from support import activation, answers, dnsclient, paths
from support.dotkeep import Dotkeep, config
from support.fault_server import FaultServer, tls_context

UPSTREAM = [{"address": "127.0.0.2:853", "name": NAME}]


@pytest.fixture
def bound():
    """bound(kind): a socket at 127.0.0.1:53, closed here at the test's end."""
    made = []

    def bind(kind):
        sock = socket.socket(socket.AF_INET, kind)
        made.append(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", 53))
        if kind == socket.SOCK_STREAM:
            sock.listen(64)
        return sock

    yield bind
    for sock in made:
        sock.close()


@pytest.mark.parametrize("frontends", [1, 2])
@pytest.mark.parametrize("account", [[], ["setpriv", "--reuid", "65534", "--regid", "65534",
                                          "--clear-groups"]], ids=["root", "nobody"])
def test_sockets_that_are_handed_over(folder, authority, good_server, bound, account, frontends):
    """Port 53 without any right to bind it."""
    sockets = [bound(socket.SOCK_DGRAM), bound(socket.SOCK_STREAM)]
    settings = config(UPSTREAM, authority.ca_file, process={"frontends": frontends})
    # setpriv first: LISTEN_PID names the process that execs last.
    wrapper = [*account, *activation.wrapper(*sockets)]
    with Dotkeep(folder, settings, wrapper, pass_fds=[s.fileno() for s in sockets]) as dotkeep:
        for sock in sockets:
            sock.close()
        for number in range(8):
            for tcp in (False, True):
                response = dnsclient.query(f"n{number}.example", tcp=tcp)
                assert dnsclient.addresses(response) == [f"20.0.0.{number}"]
        assert len(dotkeep.workers("frontend")) == frontends
        for pid in (dotkeep.pid, *dotkeep.workers()):
            environment = open(f"/proc/{pid}/environ", "rb").read()
            if pid != dotkeep.pid:
                assert b"LISTEN_FDS" not in environment and b"NOTIFY_SOCKET" not in environment


def test_query_that_came_before_the_start_is_answered(folder, authority, good_server, bound):
    sock = bound(socket.SOCK_DGRAM)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.connect(("127.0.0.1", 53))
        client.send(dnsclient.wire_query("n1.example", ident=1))
        with Dotkeep(folder, config(UPSTREAM, authority.ca_file), activation.wrapper(sock),
                     pass_fds=[sock.fileno()]):
            sock.close()
            assert client.recv(4096)[:2] == b"\0\1"


def test_sockets_for_another_process_are_not_taken(folder, authority, good_server):
    environment = {"LISTEN_FDS": "1", "LISTEN_PID": "1"}
    with Dotkeep(folder, config(UPSTREAM, authority.ca_file), environment=environment):
        assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]


def test_descriptor_that_is_no_socket(folder, authority):
    null = open(os.devnull)
    dotkeep = Dotkeep(folder, config(UPSTREAM, authority.ca_file), activation.wrapper(null),
                      pass_fds=[null.fileno()])
    try:
        with pytest.raises(AssertionError):
            dotkeep.start()
        assert dotkeep.process.wait(5) != 0
        assert "LISTEN_FDS" in dotkeep.log.text()
    finally:
        dotkeep.stop()
        dotkeep.notify.close()
        null.close()


def test_ready_comes_when_every_worker_is_sealed(start, good_server):
    dotkeep = start([good_server])
    workers = dotkeep.workers()
    assert len(workers) == len(paths.WORKERS) - 1  # no control room
    for pid in workers:
        with open(f"/proc/{pid}/status") as status:
            assert "Seccomp:\t2" in status.read()
    # No wait for the upstream in it: asked at once, answered.
    assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]


def test_ready_does_not_wait_for_an_upstream(start):
    dotkeep = start([{"address": "127.0.0.2:853", "name": NAME}])
    assert dotkeep.notify.has("READY=1")


def test_stopping(start, good_server):
    dotkeep = start([good_server])
    assert not dotkeep.notify.has("STOPPING=1")
    dotkeep.terminate()
    dotkeep.notify.wait_for("STOPPING=1", 1)


def test_watchdog_is_fed_in_time(start, good_server):
    dotkeep = start([good_server], options={"environment": {"WATCHDOG_USEC": "400000"}})
    dotkeep.notify.wait_for("WATCHDOG=1", 3, count=6)
    fed = dotkeep.notify.times("WATCHDOG=1")
    assert max(b - a for a, b in zip(fed, fed[1:])) < 0.4


def test_watchdog_of_another_process(start, leaf):
    def late(connection, query):
        connection.later(0.3, connection.send, answers.answer(query))

    with FaultServer("127.0.0.2", tls_context(leaf), late) as server:
        dotkeep = start([server],
                        options={"environment": {"WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"}})
        for number in range(3):
            dnsclient.query(f"n{number}.example")
        dotkeep.terminate()
    dotkeep.notify.wait_for("STOPPING=1", 1)
    assert not dotkeep.notify.has("WATCHDOG=1")


def test_reload_is_told(start, good_server):
    dotkeep = start([good_server])
    dotkeep.signal(signal.SIGHUP)
    dotkeep.notify.wait_for("RELOADING=1")
    dotkeep.notify.wait_for("READY=1", count=2)
    assert any(s.startswith("MONOTONIC_USEC=") for _, s in dotkeep.notify.received)


def test_exposure_of_the_unit():
    """systemd's own figure, 0 to 10: dnsdist's unit has 2.1, Unbound's 9.6."""
    unit = paths.SOURCE / "deploy" / "systemd" / "dotkeep.service"
    shown = subprocess.run([paths.tool("systemd-analyze"), "security", "--offline=true", "--no-pager", unit],
                           capture_output=True, text=True).stdout
    figure = re.search(r"Overall exposure level for dotkeep.service: ([\d.]+)", shown)
    print(figure[0])
    assert float(figure[1]) <= 1.2
