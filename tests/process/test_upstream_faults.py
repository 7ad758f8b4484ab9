"""Each fault of an upstream that a client should not notice, or only as far as it must: for each, what the
client saw is asserted."""

import random

import pytest

from conftest import NAME
from support import answers, dnsclient, load
from support.fault_server import FaultServer, answering, silent, tls_context

RATE = 500


def seen(result):
    """What the client saw: counts, and seconds at p50, p99 and the most."""
    took = sorted(a - s for s, a in result.times if a is not None)
    if not took:
        return f"{result}"
    at = [took[int((len(took) - 1) * q)] * 1000 for q in (0.5, 0.99, 1)]
    return f"{result}; p50 {at[0]:.0f}, p99 {at[1]:.0f}, max {at[2]:.0f} ms"


def slowest(result):
    return max(a - s for s, a in result.times if a is not None)


def all_right(what, result, within):
    print(f"\n{what}: {seen(result)}")
    assert result.right == result.sent, str(result)
    assert slowest(result) <= within


def three(leaf, first=answering):
    return [FaultServer(f"127.0.0.{2 + i}", tls_context(leaf), first if i == 0 else answering)
            for i in range(3)]


def test_certificate_is_replaced_by_one_that_fails(start, authority, leaf):
    """At the next connection nobody is answered and one line says why; with a good one all goes on."""
    with FaultServer("127.0.0.2", tls_context(leaf)) as server:
        dotkeep = start([server])
        assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]
        server.context = tls_context(authority.issue("other.example.net"))
        server.abort_all()
        for number in range(5):
            response = dnsclient.query(f"m{number}.example")
            assert dnsclient.is_servfail_with_ede(response, 22, 23)
        line = dotkeep.log.wait_for("name mismatch")
        assert "other.example.net" in line.text
        assert dotkeep.log.count("name mismatch") == 1
        server.context = tls_context(leaf)
        assert dnsclient.poll_until_answered("good", timeout=10) < 9


def test_key_rotates_to_the_backup_pin(start, authority):
    now, later = authority.issue(NAME), authority.issue(NAME)
    with FaultServer("127.0.0.2", tls_context(now)) as server:
        dotkeep = start([{"id": "pinned", "address": "127.0.0.2:853", "name": NAME,
                          "pins": [now.pin, later.pin]}])
        assert "pin=1" in dotkeep.log.wait_for("upstream is up").text
        with load.UdpLoad("pin", rate=RATE, window=128, timeout=4) as under_load:
            under_load.wait_for_sent(200)
            server.stop()
            dotkeep.log.wait_for("upstream is down")
            server.context = tls_context(later)
            server.start()
            under_load.wait_for_sent(under_load.result.right + 200)
        line = [text for text in dotkeep.log.text().splitlines() if "upstream is up" in text][-1]
        assert "pin=2" in line and "days_left=" in line
        assert set(under_load.result.failed.values()) <= {2} and not under_load.result.lost


def test_one_of_three_is_dead(start, leaf):
    servers = three(leaf)
    with servers[1], servers[2]:
        start(servers)
        all_right("one dead of three", load.UdpLoad("n", 1000, rate=RATE).run(), 0.5)


def test_one_of_three_answers_nothing_but_servfail(start, leaf):
    def failing(connection, query):
        connection.send(answers.response(query, rcode=answers.SERVFAIL))

    servers = three(leaf, failing)
    with servers[0], servers[1], servers[2]:
        start(servers, query={"select": "round-robin"})
        all_right("SERVFAIL from one", load.UdpLoad("n", 600, rate=RATE).run(), 0.5)
        assert len(servers[0].queries) > 100


def test_one_of_three_answers_after_three_seconds(start, leaf):
    def late(connection, query):
        connection.later(3, connection.send, answers.answer(query))

    servers = three(leaf, late)
    with servers[0], servers[1], servers[2]:
        start(servers, query={"timeout": "5s"})
        result = load.UdpLoad("n", 2000, rate=RATE, window=2000).run()
        print(f"\nanswers only after 3 s: {seen(result)}")
        assert result.right == result.sent, str(result)
        over = sum(1 for s, a in result.times if a - s > 0.5)
        assert over <= result.sent / 100, f"{over} over 500 ms"


@pytest.mark.parametrize("kind", ["accepts and is silent", "slow handshake", "unreachable"])
def test_one_that_never_gets_so_far(start, leaf, kind):
    if kind == "unreachable":
        dead = {"id": "far", "address": "192.0.2.1:853", "name": NAME}
    else:
        dead = FaultServer("127.0.0.2", None if kind == "slow handshake" else tls_context(leaf), silent)
        dead.start()
    with FaultServer("127.0.0.3", tls_context(leaf)) as good:
        start([dead, good], query={"timeout": "5s"})
        result = load.UdpLoad("n", 1000, rate=RATE, window=1000).run()
        print(f"\n{kind}: {seen(result)}")
        assert result.right == result.sent, str(result)
        assert sum(1 for s, a in result.times if a - s > 0.5) <= 10
    if kind != "unreachable":
        dead.stop()


def test_storm_of_resets(start, leaf):
    """Every fifth answer is a reset instead, of a connection with queries in flight."""
    dice = random.Random(3)

    def stormy(connection, query):
        if dice.random() < 0.2:
            connection.abort()
        else:
            connection.later(0.005, connection.send, answers.answer(query))

    servers = three(leaf, stormy)
    with servers[0], servers[1], servers[2]:
        start(servers, query={"select": "round-robin"})
        all_right("resets", load.UdpLoad("n", 1000, rate=RATE).run(), 2)
