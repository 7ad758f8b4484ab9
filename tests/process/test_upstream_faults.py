"""Each fault of an upstream that a client should not notice, or only as far as it must: for each, what the
client saw is asserted."""

import random
import subprocess
import time

import pytest

from conftest import NAME
from support import answers, dnsclient, load, netns, paths
from support.fault_server import FaultServer, answering, silent, tls_context

RATE = 500


def told(what, result):
    """Prints one row of the table in docs/decisions/upstream-faults.md; seconds at p50, p99 and the most."""
    took = sorted(a - s for s, a in result.times if a is not None)
    at = [took[int((len(took) - 1) * q)] for q in (0.5, 0.99, 1)]
    print(f"\n| {what} | {result.sent} | {result.right} | {len(result.failed)} | {len(result.lost)} | "
          + " | ".join(f"{t * 1000:.0f}" for t in at) + " |")
    assert not result.wrong
    return at


def all_right(what, result, p99, most):
    """Every query was answered, as fast as this (seconds)."""
    at = told(what, result)
    assert result.right == result.sent, str(result)
    assert at[1] <= p99 and at[2] <= most, at


def query_by_query(prefix, count, timeout=5):
    """A load.Result of queries one after the other."""
    result = load.Result()
    for number in range(count):
        began = time.monotonic()
        response = dnsclient.query(f"{prefix}{number}.example", timeout=timeout)
        result.sent += 1
        result.times.append((began, time.monotonic()))
        if response.rcode() != 0:
            result.failed[f"{prefix}{number}.example"] = response.rcode()
        elif dnsclient.addresses(response) == [answers.ipv4_for(f"{prefix}{number}.example")]:
            result.right += 1
    return result


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
        result = query_by_query("o", 20)
        at = told("certificate replaced by one that fails policy", result)
        # Who comes while an attempt is made waits for its end; for the next one, if that is 0.3 s away at most.
        assert at[1] <= 0.5 and at[2] <= 0.5, at
        assert set(result.failed.values()) == {2} and len(result.failed) == 20
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
        all_right("the only server restarts, with the key of the backup pin", under_load.result, 0.5, 1)
        line = [text for text in dotkeep.log.text().splitlines() if "upstream is up" in text][-1]
        assert "pin=2" in line and "days_left=" in line


def test_one_of_three_is_dead(start, leaf):
    servers = three(leaf)
    with servers[1], servers[2]:
        start(servers)
        all_right("one of three is dead", load.UdpLoad("n", 1000, rate=RATE).run(), 0.25, 0.5)


def test_one_of_three_answers_nothing_but_servfail(start, leaf):
    def failing(connection, query):
        connection.send(answers.response(query, rcode=answers.SERVFAIL))

    servers = three(leaf, failing)
    with servers[0], servers[1], servers[2]:
        start(servers, query={"select": "round-robin"})
        all_right("one of three answers only SERVFAIL", load.UdpLoad("n", 600, rate=RATE).run(), 0.25, 0.5)
        assert len(servers[0].queries) > 100


def test_one_of_three_answers_after_three_seconds(start, leaf):
    def late(connection, query):
        connection.later(3, connection.send, answers.answer(query))

    servers = three(leaf, late)
    with servers[0], servers[1], servers[2]:
        start(servers, query={"timeout": "5s"})
        result = load.UdpLoad("n", 2000, rate=RATE, window=2000).run()
        all_right("one of three answers only after 3 s", result, 0.5, 4.5)
        over = sum(1 for s, a in result.times if a - s > 0.5)
        assert over <= result.sent / 100, f"{over} over 500 ms"


@pytest.mark.parametrize("kind", ["accepts and is silent", "handshake without end", "unreachable"])
def test_one_that_never_gets_so_far(start, leaf, kind):
    if kind == "unreachable":
        dead = {"id": "far", "address": "192.0.2.1:853", "name": NAME}
    else:
        dead = FaultServer("127.0.0.2", None if kind == "handshake without end" else tls_context(leaf), silent)
        dead.start()
    with FaultServer("127.0.0.3", tls_context(leaf)) as good:
        start([dead, good], query={"timeout": "5s"})
        result = load.UdpLoad("n", 1000, rate=RATE, window=1000).run()
        all_right(f"one of two: {kind}", result, 0.5, 4.5)
        assert sum(1 for s, a in result.times if a - s > 0.5) <= 10
    if kind != "unreachable":
        dead.stop()


@pytest.mark.parametrize("how", ["abort", "close"])
def test_storm(start, leaf, how):
    """Every fifth answer is the end of a connection with queries in flight instead."""
    dice = random.Random(3)

    def stormy(connection, query):
        if dice.random() < 0.2:
            connection.abort() if how == "abort" else connection.close()
        else:
            connection.later(0.005, connection.send, answers.answer(query))

    servers = three(leaf, stormy)
    with servers[0], servers[1], servers[2]:
        start(servers, query={"select": "round-robin"})
        result = load.UdpLoad("n", 1000, rate=RATE).run()
        what = "a storm of resets" if how == "abort" else "closed with queries in flight"
        all_right(f"one of three: {what}", result, 0.5, 2)


def dropped(address):
    """Half-open: from now on nothing passes between it and us."""
    script = "add table inet gone; add chain inet gone o { type filter hook output priority 0; };"
    for way in ("daddr", "saddr"):
        script += f"add rule inet gone o ip {way} {address} tcp dport 853 drop;"
        script += f"add rule inet gone o ip {way} {address} tcp sport 853 drop;"
    subprocess.run([paths.tool("nft"), script], check=True)


def test_one_of_two_is_half_open(start, leaf):
    with FaultServer("127.0.0.2", tls_context(leaf)) as first, \
         FaultServer("127.0.0.3", tls_context(leaf)) as second:
        start([first, second], query={"timeout": "5s"})
        try:
            with load.UdpLoad("n", rate=RATE, window=2000) as under_load:
                under_load.wait_for_sent(RATE)
                dropped("127.0.0.2")
                under_load.wait_for_sent(under_load.result.right + 6 * RATE, timeout=20)
        finally:
            subprocess.run([paths.tool("nft"), "delete table inet gone"], check=True)
        result = under_load.result
        all_right("one of two: half-open, all packets dropped", result, 0.5, 4.5)
        assert sum(1 for s, a in result.times if a - s > 0.5) <= result.sent / 100


def test_only_one_handshake_is_slow(start, leaf):
    """Its TLS takes a second and a half each time; who is connected is asked meanwhile."""
    slow = FaultServer("127.0.0.2", tls_context(leaf))
    shake = slow_hands(slow, 1.5)
    with slow, FaultServer("127.0.0.3", tls_context(leaf)) as good:
        start([slow, good])
        all_right("one of two: handshakes of 1.5 s", load.UdpLoad("n", 1500, rate=RATE).run(), 0.25, 0.5)
        assert slow.wait_for(lambda: any(c.handshaken for c in slow.connections))
        assert shake


def slow_hands(server, seconds):
    """Makes its connections read their first octets only after `seconds`; what follows at once. Returns those that
    were held up so."""
    held = []

    def accepted(connection):
        type(server).accepted(server, connection)
        read, early = connection.data_received, bytearray()

        def go_on():
            connection.data_received = read
            read(bytes(early))

        def first(octets):  # a ClientHello may come in two segments
            if not early:
                held.append(connection)
                connection.later(seconds, go_on)
            early.extend(octets)
        connection.data_received = first
    server.accepted = accepted
    return held


def with_keepalive(units):
    """Answers whose OPT says how long the server keeps an idle connection (RFC 7828), in 100 ms."""
    option = b"\0\x0b\0\2" + units.to_bytes(2, "big")

    def behaviour(connection, query):
        octets = answers.answer(query)
        connection.send(octets[:-2] + (4 + 2).to_bytes(2, "big") + option)
    return behaviour


def test_keepalive_of_zero(start, leaf):
    """Each answer asks us to leave (RFC 7828 section 3.2.2): we do, and no query meets a closed connection."""
    with FaultServer("127.0.0.2", tls_context(leaf), with_keepalive(0)) as server:
        dotkeep = start([server])
        all_right("keepalive 0 in every answer", query_by_query("n", 60), 0.25, 0.5)
        assert server.wait_for(lambda: len(server.open_connections()) <= 1)
        assert len(server.connections) > 30
        assert dotkeep.log.count("upstream is down") == 0


def test_keepalive_is_offered_once_and_kept(start, leaf):
    """On a connection's first query alone; an idle connection is closed before the time that was told."""
    import dns.message
    with FaultServer("127.0.0.2", tls_context(leaf), with_keepalive(20)) as server:
        start([server])
        for number in range(5):
            assert dnsclient.addresses(dnsclient.query(f"n{number}.example"))
        [connection] = server.connections
        offered = [[int(o.otype) for o in dns.message.from_wire(q).options] for q in connection.queries]
        assert 11 in offered[0] and not any(11 in o for o in offered[1:]), offered
        idle_since = time.monotonic()
        assert server.wait_for(lambda: not connection.open, timeout=4)
        assert 1.0 < time.monotonic() - idle_since < 2.0


def test_segments_that_every_path_carries(start, leaf):
    """Towards a path that carries 1,280 octets and says so to nobody: what is announced bounds both ways."""
    address = "192.0.2.53"  # not a loopback one: before that lies no path
    netns.add_addresses(f"{address}/32")
    script = ("add table inet narrow; add chain inet narrow o { type filter hook output priority 0; };"
              f"add rule inet narrow o ip daddr {address} tcp dport 853 tcp flags syn "
              "tcp option maxseg size > 1220 counter drop")
    subprocess.run([paths.tool("nft"), script], check=True)
    try:
        with FaultServer(address, tls_context(leaf)) as server:
            start([server])
            assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]
    finally:
        subprocess.run([paths.tool("nft"), "delete table inet narrow"], check=True)
