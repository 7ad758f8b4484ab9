"""What dies or goes away while a load runs: how much is lost, how long until service is back."""

import os
import random
import signal
import time

import pytest

from support import dnsclient, load
from support.answers import answer
from support.fault_server import FaultServer, tls_context

RATE = 800         # queries a second; the load and the server share one Python
BACK_WITHIN = 0.2  # seconds from a death to the first answer


def running_load(prefix):
    return load.UdpLoad(prefix, window=512, rate=RATE, timeout=4)


@pytest.mark.parametrize("room", ["frontend", "upstream", "connector"])
def test_killed_worker_is_back(start, good_server, stalls, room):
    dotkeep = start([good_server])
    [victim] = dotkeep.workers(room)
    with running_load(room) as under_load:
        under_load.wait_for_sent(400)
        killed = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        back = stalls.less(dnsclient.poll_until_answered(f"back{room}", timeout=5))
        under_load.wait_for_sent(under_load.result.right + 800)
    result = under_load.result
    print(f"\nkill -9 {room}: back after {back * 1000:.0f} ms, longest gap "
          f"{result.longest_gap() * 1000:.0f} ms; {result}")
    line = dotkeep.log.wait_for("died", room)
    assert "SIGKILL" in line.text and str(victim) in line.text
    assert back <= BACK_WITHIN
    assert not result.wrong
    lost_later = [s for s, a in result.times if a is None and s > killed + BACK_WITHIN]
    assert not lost_later, "queries sent after service was back were lost"
    # A frontend takes with it what it had read and not answered; nobody else may lose a query.
    assert len(result.lost) <= (32 if room == "frontend" else 0), str(result)
    assert len(result.failed) == 0, str(result)
    [heir] = dotkeep.workers(room)
    assert heir != victim


def test_killed_upstream_room_while_answers_are_out(start, leaf):
    """The answers that the dead room had asked for are asked for again."""
    def late(connection, query):
        connection.later(0.2, connection.send, answer(query))

    with FaultServer("127.0.0.2", tls_context(leaf), late) as server:
        dotkeep = start([server])
        with running_load("n") as under_load:
            under_load.wait_for_sent(100)
            os.kill(dotkeep.workers("upstream")[0], signal.SIGKILL)
            under_load.wait_for_sent(under_load.result.right + 300)
        assert under_load.result.right == under_load.result.sent, str(under_load.result)


def test_one_of_two_frontends_dies(start, good_server):
    dotkeep = start([good_server], process={"frontends": 2})
    with running_load("two") as under_load:
        under_load.wait_for_sent(400)
        victim = dotkeep.workers("frontend")[0]
        os.kill(victim, signal.SIGKILL)
        under_load.wait_for_sent(under_load.result.right + 800)
    assert not under_load.result.wrong and not under_load.result.failed, str(under_load.result)
    assert len(under_load.result.lost) <= 32, str(under_load.result)
    assert len(dotkeep.workers("frontend")) == 2 and victim not in dotkeep.workers()


def test_killed_again_and_again(start, good_server):
    """Each room in turn, more often than restarts are free: it is served in the end."""
    dotkeep = start([good_server])
    for round_ in range(4):
        for room in ("frontend", "upstream", "connector"):
            for pid in dotkeep.workers(room):
                os.kill(pid, signal.SIGKILL)
        assert dnsclient.poll_until_answered(f"again{round_}", timeout=5) < 5
    assert dotkeep.log.count("died") >= 12


def test_supervisor_dies(start, good_server):
    """Nobody is left behind without a supervisor."""
    dotkeep = start([good_server])
    workers = dotkeep.workers()
    dotkeep.process.kill()
    dotkeep.process.wait(5)
    deadline = time.monotonic() + 3
    while any(os.path.exists(f"/proc/{pid}/exe") and os.path.lexists(f"/proc/{pid}/fd/3")
              for pid in workers):
        assert time.monotonic() < deadline, "a worker outlives its supervisor"
        time.sleep(0.01)


@pytest.mark.parametrize("how", ["abort", "close"])
def test_upstream_closes_connections_at_random(start, leaf, how):
    dice = random.Random(7)

    def closing(connection, query):
        if dice.random() < 1 / 200:
            connection.abort() if how == "abort" else connection.close()
        else:
            connection.send(answer(query))

    with FaultServer("127.0.0.2", tls_context(leaf), closing) as server:
        start([server])
        result = load.UdpLoad(how, 4000, rate=RATE, window=32).run()
        print(f"\n{how} at random: {len(server.connections)} connections, {result}")
        assert len(server.connections) > 10
        assert result.right == result.sent, str(result)


def test_upstream_closes_after_each_answer(start, leaf):
    def once(connection, query):
        connection.send(answer(query))
        connection.close()

    with FaultServer("127.0.0.2", tls_context(leaf), once) as server:
        start([server])
        for number in range(20):
            response = dnsclient.query(f"n{number}.example")
            assert dnsclient.addresses(response) == [f"20.0.0.{number}"]


def test_server_is_restarted(start, leaf):
    """Down for half a second: nothing is lost without an answer, and it is used again soon."""
    with FaultServer("127.0.0.2", tls_context(leaf)) as server:
        dotkeep = start([server])
        with running_load("restart") as under_load:
            under_load.wait_for_sent(400)
            server.stop()
            dotkeep.log.wait_for("upstream is down")
            server.start()
            back = dnsclient.poll_until_answered("restarted", timeout=5)
            under_load.wait_for_sent(under_load.result.right + 400)
        result = under_load.result
        print(f"\nrestart of the server: back after {back * 1000:.0f} ms; {result}")
        assert not result.lost and not result.wrong, str(result)
        assert set(result.failed.values()) <= {2}
        assert back < 1.5
        dotkeep.log.wait_for("upstream is up")


def test_connection_that_went_deaf(start, leaf):
    """The server stops answering on one connection but takes new ones: it is condemned and replaced."""
    def deaf_on_first(connection, query):
        if connection.number > 0 or len(connection.queries) <= 20:
            connection.send(answer(query))

    with FaultServer("127.0.0.2", tls_context(leaf), deaf_on_first) as server:
        start([server], query={"timeout": "5s"})
        for number in range(40):
            response = dnsclient.query(f"n{number}.example", timeout=6)
            assert dnsclient.addresses(response) == [f"20.0.0.{number}"]
        assert len(server.connections) >= 2


def test_second_upstream_takes_over(start, leaf):
    first = FaultServer("127.0.0.2", tls_context(leaf))
    second = FaultServer("127.0.0.3", tls_context(leaf))
    with first, second:
        start([first, second])
        with running_load("over") as under_load:
            under_load.wait_for_sent(400)
            first.stop()
            under_load.wait_for_sent(under_load.result.right + 800)
        assert under_load.result.right == under_load.result.sent, str(under_load.result)
        assert second.queries
