"""SIGTERM and SIGHUP: an orderly end, and a change of configuration that loses nothing."""

import json
import os
import signal
import termios
import threading
import time

import pytest

from conftest import NAME
from support import answers, dnsclient, load, procfs, toml
from support.dotkeep import config, run
from support.fault_server import FaultServer, tls_context


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_end_within_two_seconds(start, good_server, number):
    dotkeep = start([good_server], process={"frontends": 2})
    dnsclient.query("n1.example")
    workers = dotkeep.workers()
    began = time.monotonic()
    dotkeep.signal(number)
    assert dotkeep.process.wait(5) == 0
    assert time.monotonic() - began < 2
    assert not [pid for pid in workers if procfs.alive(pid)]
    dotkeep.notify.wait_for("STOPPING=1", 1)
    assert not dotkeep.log.find("did not end in time")
    assert not dotkeep.log.find("died")


def test_end_while_the_server_is_silent(start):
    with FaultServer("127.0.0.2", None) as server:
        dotkeep = start([server])
        server.wait_for(lambda: server.connections)
        client = dnsclient.TcpClient()
        client.send(dnsclient.wire_query("n1.example"))
        assert dotkeep.terminate() < 2
        assert dotkeep.process.returncode == 0
        client.socket.close()


def test_queries_in_flight_are_answered(start, leaf):
    def late(connection, query):
        connection.later(0.4, connection.send, answers.answer(query))

    with FaultServer("127.0.0.2", tls_context(leaf), late) as server:
        dotkeep = start([server])
        found = {}

        def ask(number, tcp):
            response = dnsclient.query(f"n{number}.example", tcp=tcp, timeout=3)
            found[number] = dnsclient.addresses(response)

        threads = [threading.Thread(target=ask, args=(i, i % 2 == 1)) for i in range(10)]
        for thread in threads:
            thread.start()
        server.wait_for_queries(10)
        took = dotkeep.terminate()
        for thread in threads:
            thread.join(5)
        assert found == {i: [f"20.0.0.{i}"] for i in range(10)}
        assert took < 2


def upstream(server, ident="one"):
    return {"id": ident, "address": f"{server.address}:{server.port}", "name": NAME}


@pytest.fixture
def pair(leaf):
    first = FaultServer("127.0.0.2", tls_context(leaf))
    second = FaultServer("127.0.0.3", tls_context(leaf))
    with first, second:
        yield first, second


def test_reload_to_another_upstream_loses_nothing(start, pair, authority):
    first, second = pair
    dotkeep = start([first])
    with load.UdpLoad("reload", rate=500, window=256) as under_load:
        under_load.wait_for_sent(300)
        dotkeep.configure(config([upstream(second, "two")], authority.ca_file))
        dotkeep.signal(signal.SIGHUP)
        second.wait_for_queries(1)
        under_load.wait_for_sent(under_load.result.right + 500)
    assert under_load.result.right == under_load.result.sent, str(under_load.result)
    before = len(first.queries)
    dnsclient.query("after1.example")
    assert len(first.queries) == before, "the old upstream is still asked"
    assert not dotkeep.log.find("died")


def test_reload_again_and_again(start, pair, authority):
    first, second = pair
    dotkeep = start([first])
    with load.UdpLoad("often", rate=500, window=256) as under_load:
        for round_ in range(6):
            target = (second, first)[round_ % 2]
            before = len(target.queries)
            dotkeep.configure(config([upstream(target, f"up{round_}")], authority.ca_file))
            dotkeep.signal(signal.SIGHUP)
            target.wait_for_queries(before + 20)
    assert under_load.result.right == under_load.result.sent, str(under_load.result)


def test_reload_that_makes_an_identity_stricter(start, pair, authority, leaf):
    """The pin is wrong from now on: the connection that was made before must not be used any more."""
    first, _ = pair
    dotkeep = start([upstream(first)])
    assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]
    other = authority.issue(NAME).pin
    dotkeep.configure(config([{**upstream(first), "pins": [other]}], authority.ca_file))
    dotkeep.signal(signal.SIGHUP)
    dotkeep.log.wait_for("pin mismatch")
    before = len(first.queries)
    response = dnsclient.query("n2.example")
    assert dnsclient.is_servfail_with_ede(response, 22, 23)
    assert len(first.queries) == before


@pytest.mark.parametrize("which", ["configuration", "ca_file", "cookie_secret_file"])
def test_start_does_not_wait_for_a_pipe(folder, authority, which):
    pipe = folder / "pipe"
    os.mkfifo(pipe, 0o644)
    files = {"ca_file": authority.ca_file, "cookie_secret_file": "", which: pipe}
    text = toml.dump(config([{"address": "127.0.0.2:853", "name": NAME}], files["ca_file"],
                            limits={"cookie_secret_file": str(files["cookie_secret_file"])}))
    (folder / "dotkeep.toml").write_text(text)
    done = run("run", "--config", files.get("configuration", folder / "dotkeep.toml"), timeout=5)
    assert done.returncode == 78 and f"{pipe}: is not a regular file" in done.stderr


@pytest.mark.parametrize("which", ["configuration", "ca_file"])
def test_reload_does_not_wait_for_a_pipe(start, good_server, folder, authority, which):
    """Who waits in open() replaces nobody who dies, and does not hear SIGTERM."""
    ca_file = folder / "ca.pem"
    ca_file.write_bytes(authority.ca_file.read_bytes())
    dotkeep = start([good_server], tls={"ca_file": str(ca_file)})
    pipe = dotkeep.config_file if which == "configuration" else ca_file
    pipe.unlink()
    os.mkfifo(pipe, 0o644)
    pipe.chmod(0o644)
    dotkeep.signal(signal.SIGHUP)
    dotkeep.log.wait_for("reload refused")
    assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]
    assert dotkeep.terminate() < 2


MEANINGLESS = [signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO,
               signal.SIGPWR, signal.SIGRTMIN, signal.SIGRTMIN + 3, signal.SIGRTMAX]
UNHEARD = [signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTTOU, signal.SIGWINCH, signal.SIGCONT]


def test_signals_that_mean_nothing_end_nobody(start, good_server):
    """Log rotation and job control of whatever kind: each is named, to the supervisor and to each worker."""
    dotkeep = start([good_server])
    workers = dotkeep.workers()
    for number in MEANINGLESS:
        before = len(dotkeep.log.lines)
        for pid in workers:
            os.kill(pid, number)
        dotkeep.signal(number)
        line = dotkeep.log.wait_for("a signal that means nothing here", since=before)
        real_time = number >= signal.SIGRTMIN
        name = f"SIGRTMIN+{number - signal.SIGRTMIN}" if real_time else signal.Signals(number).name
        assert line.fields["signal"] == {"SIGIO": "SIGPOLL"}.get(name, name)
        assert line.fields["by_pid"] == str(os.getpid())
    for number in UNHEARD:
        dotkeep.signal(number)
    assert dnsclient.addresses(dnsclient.query("n7.example")) == ["20.0.0.7"]
    assert dotkeep.workers() == workers


def test_a_log_that_stands_still_stops_nobody(start, good_server):
    """Ctrl-S on the terminal that the log goes to; nobody reads on, and it takes no more. Who dies is replaced, and
    the configuration is read again."""
    master, terminal = os.openpty()
    with open(master, "rb", buffering=0), open(terminal, "rb", buffering=0):
        path = os.ttyname(terminal)
        wrapper = ["sh", "-c", f'exec "$@" 2>{path}', "sh"]
        dotkeep = start([good_server], {"wrapper": wrapper})
        termios.tcflow(terminal, termios.TCOOFF)
        for room in ("frontend", "upstream", "connector"):
            for _ in range(20):
                dotkeep.signal(signal.SIGUSR1)  # lines that nobody takes
            [victim] = dotkeep.workers(room)
            os.kill(victim, signal.SIGKILL)
            assert dnsclient.poll_until_answered(f"stopped{len(room)}x", timeout=5) < 1
        dotkeep.signal(signal.SIGHUP)
        dotkeep.notify.wait_for("RELOADING=1", 3)
        assert dotkeep.terminate() < 2


@pytest.mark.parametrize("bad", ["[upstream\n", "[[upstream]]\naddress = \"nonsense\"\n", ""])
def test_bad_file_leaves_the_old_one_in_force(start, good_server, bad):
    dotkeep = start([good_server])
    before = len(dotkeep.log.lines)
    dotkeep.configure(bad)
    dotkeep.signal(signal.SIGHUP)
    line = dotkeep.log.wait_for("configuration", since=before)
    assert line.level in ("error", "warning")
    for number in range(5):
        assert dnsclient.addresses(dnsclient.query(f"n{number}.example")) == [f"20.0.0.{number}"]


def test_errors_of_a_reload_are_lines_of_the_log(start, good_server, authority):
    """Who gathers JSON gets nothing else, and every error all the same."""
    dotkeep = start([good_server], log={"format": "json"})
    before = len(dotkeep.log.lines)
    dotkeep.configure("[log]\nformat = \"json\"\nlevle = \"info\"\n")
    dotkeep.signal(signal.SIGHUP)
    dotkeep.log.wait_for("reload refused", since=before)
    said = [json.loads(line.text) for line in dotkeep.log.lines[before:]]
    assert any("did you mean 'level'?" in line["event"] for line in said)


def test_missing_file_leaves_the_old_one_in_force(start, good_server):
    dotkeep = start([good_server])
    before = len(dotkeep.log.lines)
    dotkeep.config_file.unlink()
    dotkeep.signal(signal.SIGHUP)
    dotkeep.log.wait_for("configuration", since=before)
    assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]


@pytest.mark.parametrize("what", ["listener", "account", "upstream port"])
def test_what_cannot_be_reloaded_is_refused_and_said(start, good_server, authority, what):
    """What needs a right that is gone, or that the sealed sandbox does not let through."""
    changed = {
        "listener": config([upstream(good_server)], authority.ca_file, listen=["127.0.0.1:54"]),
        "account": config([upstream(good_server)], authority.ca_file, process={"user": "65533"}),
        "upstream port": config([{**upstream(good_server), "address": "127.0.0.2:8853"}],
                                authority.ca_file),
    }
    dotkeep = start([good_server])
    before = len(dotkeep.log.lines)
    dotkeep.configure(changed[what])
    dotkeep.signal(signal.SIGHUP)
    line = dotkeep.log.wait_for("reload refused", "restart", since=before)
    assert line.level in ("warning", "error") and what.split()[-1][:6] in line.text.replace(
        "[process]", "account")
    assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]
