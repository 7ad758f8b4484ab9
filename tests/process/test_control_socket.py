"""What lies at the control socket's path already, and who listens there."""

import contextlib
import socket

import pytest

from support import answers, dnsclient
from support.dotkeep import run
from support.fault_server import FaultServer, tls_context


@pytest.fixture
def deaf(folder):
    """The path of a socket at which somebody listens who takes no connection, with as many waiting as may."""
    path = folder / "deaf"
    with contextlib.ExitStack() as held:
        listener = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen(0)
        with pytest.raises(BlockingIOError):
            while True:
                client = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
                client.setblocking(False)
                client.connect(str(path))
        yield path


def test_one_that_takes_no_connection_holds_up_no_start(deaf, start, good_server):
    dotkeep = start([good_server], control={"socket": str(deaf)})
    assert dotkeep.log.find("no control socket", "another dotkeep listens there")


def test_one_that_takes_no_connection_holds_up_no_command(deaf):
    done = run("status", "--socket", deaf, timeout=8)
    assert done.returncode == 69 and "takes no connection" in done.stderr


def test_one_that_says_nothing_is_said_to(folder):
    """Such as a control room that was stopped."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
        silent.bind(str(folder / "silent"))
        silent.listen(1)
        done = run("status", "--socket", folder / "silent")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "dotkeep: the control room does not answer\n")


def test_a_socket_that_is_left_behind_is_replaced(start, good_server, folder):
    path = folder / "control"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
        left.bind(str(path))
    dotkeep = start([good_server], control={"socket": str(path)})
    assert "sealed" in run("status", "--socket", path).stdout
    dotkeep.stop()
    (folder / "file").write_text("precious")
    other = start([good_server], control={"socket": str(folder / "file")})
    assert other.log.find("no control socket") and (folder / "file").read_text() == "precious"


def test_an_answer_under_way_is_not_kept_over_a_flush(start, leaf, folder):
    """It may be the very one that is to be forgotten."""
    held = []

    def holds_the_first(connection, query):
        if held:
            connection.send(answers.answer(query))
        held.append((connection, query))

    with FaultServer("127.0.0.2", tls_context(leaf), holds_the_first) as server:
        path = folder / "control"
        start([server], control={"socket": str(path)})
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(5)
            client.connect(("127.0.0.1", 53))
            client.send(dnsclient.wire_query("www.example"))
            server.wait_for_queries(1)
            assert run("cache", "flush", "other.example", "--socket", path).returncode == 0
            connection, query = held[0]
            server.on_thread(connection.send, answers.answer(query))
            assert len(client.recv(4096)) > 12
        for _ in range(2):
            dnsclient.query("www.example")
        assert len(held) == 2
