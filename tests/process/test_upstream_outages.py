"""Upstreams and networks that go away under a client's queries, and connections that never last: what the
client saw, and how often a handshake was whole. DOTKEEP_FULL=1 asks for the long versions."""

import contextlib
import os
import pathlib
import random
import re
import signal
import subprocess
import threading
import time

import pytest

from conftest import NAME
from support import answers, dnsclient, paths, peers
from support.dotkeep import Dotkeep, config
from support.fault_server import FaultServer, tls_context


def handshakes(dotkeep):
    """(all, resumed) of the upstream room, from its last words."""
    dotkeep.terminate()
    dotkeep.log.wait_for_end()
    line = dotkeep.log.wait_for("handshakes").text
    numbers = dict(re.findall(r"(\w+)=(\d+)", line))
    return int(numbers["all"]), int(numbers["resumed"])


def waited(process):
    """For how long its threads were ready to run and did not (seconds): what it lacked of the CPU."""
    tasks = pathlib.Path(f"/proc/{process.pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[1]) for task in tasks) / 1e9


def lateness_until(over, timeout):
    """Waits; how late one who sleeps 5 ms at a time is woken up (p99, seconds): what others use of the CPU."""
    late, deadline = [], time.monotonic() + timeout
    while not over():
        began = time.monotonic()
        assert began < deadline
        time.sleep(0.005)
        late.append(time.monotonic() - began - 0.005)
    return sorted(late)[len(late) * 99 // 100]


@pytest.mark.skipif(not paths.FULL, reason="needs a machine of its own: load, two servers and dotkeep share its cores")
def test_one_of_two_is_stopped_under_load(start, folder, leaf):
    """Half-open at 5,000 queries a second: SIGSTOP of one of two servers."""
    seconds, rate = (30, 5000) if paths.FULL else (10, 5000)
    names = folder / "names"
    with open(names, "w") as file:
        file.writelines(f"n{i}.example A\n" for i in range(seconds * rate))
    two = [peers.dnsdist(folder / f"dnsdist{i}", f"127.0.0.{6 + i}", leaf) for i in range(2)]
    with two[0], two[1]:
        dotkeep = start([{"id": f"u{i}", "address": f"127.0.0.{6 + i}:853", "name": NAME} for i in range(2)],
                        query={"timeout": "5s"}, limits={"pending_per_client": 16384})
        with open(folder / "out", "w") as out:
            running = subprocess.Popen(
                [paths.tool("dnsperf"), "-s", "127.0.0.1", "-d", names, "-n", "1", "-c", "16", "-q",
                 "20000", "-Q", str(rate), "-t", "6", "-v"], stdout=out)
            time.sleep(seconds / 3)  # the moment does not matter
            lacked = -waited(two[1].process)
            os.killpg(two[0].process.pid, signal.SIGSTOP)
            try:
                late = lateness_until(lambda: running.poll() is not None, seconds * 6)
                assert running.returncode == 0
                lacked += waited(two[1].process)
            finally:
                os.killpg(two[0].process.pid, signal.SIGCONT)
        dotkeep.terminate()
        dotkeep.log.wait_for_end()
    took = [(m[1], float(m[2])) for m in re.finditer(
        r"^> (\w+) \S+ A (\d\.\d+)", (folder / "out").read_text(), re.MULTILINE)]
    slow = [t for _, t in took if t > 0.5]
    times = sorted(t for _, t in took)
    print(f"\nSIGSTOP of one of two at {rate}/s: {len(took)} of {seconds * rate} answered, "
          f"{len(slow)} over 500 ms ({100 * len(slow) / len(took):.2f} %), "
          f"p50 {times[len(times) // 2] * 1000:.1f} ms, p99 {times[len(times) * 99 // 100] * 1000:.1f} ms, "
          f"max {times[-1] * 1000:.0f} ms; the server that is left waited {lacked:.1f} s for the CPU")
    if late > 0.02:
        pytest.skip(f"this machine is too busy to measure: a sleeper was {late * 1000:.0f} ms late")
    codes = {code for code, _ in took}
    assert len(took) == seconds * rate and codes == {"NOERROR"}, (
        codes, [x for x in dotkeep.log.text().splitlines() if "totals" in x or "counted" in x])
    assert len(slow) <= seconds * rate / 100


def test_idle_connections_are_closed(folder, authority, leaf):
    """The server closes what is idle, and queries are spaced so that many meet the very moment. The long version
    takes forty of us, so that 10,000 queries around a second apart are asked within minutes."""
    idle, each, many = (1.0, 250, 40) if paths.FULL else (0.03, 100, 3)

    def impatient(connection, query):
        connection.send(answers.answer(query))
        asked = len(connection.queries)
        connection.later(idle, lambda: connection.close() if len(connection.queries) == asked else None)

    def one(number, listen):
        dice = random.Random(number)
        for at in range(each):
            name = f"n{at}.example"
            began = time.monotonic()
            response = dnsclient.query(name, server=listen)
            took[number].append(time.monotonic() - began)
            right[number] += dnsclient.addresses(response) == [answers.ipv4_for(name)]
            time.sleep(idle * dice.uniform(0.8, 1.2))  # the space between two is what is tested

    took, right = [[] for _ in range(many)], [0] * many
    with FaultServer("127.0.0.2", tls_context(leaf), impatient) as server, contextlib.ExitStack() as stack:
        table = [{"id": "up0", "address": "127.0.0.2:853", "name": NAME}]
        all_of_us = [stack.enter_context(Dotkeep(folder, config(
            table, authority.ca_file, listen=(f"127.0.1.{i + 1}:53",), cache={"size": "1MiB"}))) for i in range(many)]
        asking = [threading.Thread(target=one, args=(i, f"127.0.1.{i + 1}")) for i in range(many)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        pairs = [handshakes(dotkeep) for dotkeep in all_of_us]
        every, resumed = sum(a for a, _ in pairs), sum(r for _, r in pairs)
        at_server = [c for c in server.connections if c.handshaken]
    times = sorted(t for one_of_us in took for t in one_of_us)
    print(f"\n| closed after {idle} s idle | {many * each} | {sum(right)} | {many * each - sum(right)} | 0 | "
          f"{times[len(times) // 2] * 1000:.0f} | {times[len(times) * 99 // 100] * 1000:.0f} | {times[-1] * 1000:.0f} |\n"
          f"{every} handshakes, {every - resumed} of them in full ({100 * (every - resumed) / every:.1f} %)")
    assert sum(right) == many * each
    assert every > 10 * many and resumed > every * 0.8
    assert sum(c.resumed for c in at_server) >= resumed - many
    assert times[-1] < 1.5


def test_tickets_that_are_refused(start, leaf):
    """A server that forgets its ticket keys, again and again: a full handshake and nothing else."""
    def once(connection, query):
        connection.send(answers.answer(query))
        connection.server.context = tls_context(leaf)
        connection.close()

    with FaultServer("127.0.0.2", tls_context(leaf), once) as server:
        dotkeep = start([server])
        for number in range(30):
            assert dnsclient.addresses(dnsclient.query(f"n{number}.example")) == [f"20.0.0.{number}"]
        assert dotkeep.log.count("upstream is down") == 0
        every, resumed = handshakes(dotkeep)
        assert every > 25 and resumed <= 1, (every, resumed)


def blocked(on):
    """Drops every packet from and to port 853 in the namespace, as a network does that is gone."""
    script = ("add table inet gone; add chain inet gone o { type filter hook output priority 0; }; "
              "add rule inet gone o tcp dport 853 drop; add rule inet gone o tcp sport 853 drop"
              if on else "delete table inet gone")
    subprocess.run([paths.tool("nft"), script], check=True)


def test_complete_outage(start, leaf):
    """Queries all the while; the first one after the network is back is answered within a second."""
    with FaultServer("127.0.0.2", tls_context(leaf)) as first, \
         FaultServer("127.0.0.3", tls_context(leaf)) as second:
        dotkeep = start([first, second])
        assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]
        blocked(True)
        try:
            until = time.monotonic() + (60 if paths.FULL else 8)
            number = 0
            while time.monotonic() < until:
                response = dnsclient.query(f"out{number}.example", timeout=4)
                assert response.rcode() == 2
                assert dnsclient.ede_codes(response)
                number += 1
        finally:
            blocked(False)
        response, took = dnsclient.timed_query("back1.example", timeout=4)
        print(f"\noutage: {number} queries failed, the first one after it took {took * 1000:.0f} ms")
        assert dnsclient.addresses(response) == [answers.ipv4_for("back1.example")]
        assert took <= 1
        assert dotkeep.log.count("upstream is down") <= 6


def test_program_is_stopped_and_goes_on(start, good_server):
    """SIGSTOP of all processes, as a suspended machine has it; the server closes the connection meanwhile."""
    dotkeep = start([good_server])
    assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]
    everyone = [dotkeep.pid, *dotkeep.workers()]
    for pid in everyone:
        os.kill(pid, signal.SIGSTOP)
    time.sleep(30 if paths.FULL else 3)
    good_server.abort_all()
    for pid in everyone:
        os.kill(pid, signal.SIGCONT)
    response, took = dnsclient.timed_query("n2.example", timeout=3)
    print(f"\nstopped and continued: answered after {took * 1000:.0f} ms")
    assert dnsclient.addresses(response) == ["20.0.0.2"]
    assert took <= 1


def test_no_first_flight_has_early_data(start, leaf):
    def once(connection, query):
        connection.send(answers.answer(query))
        connection.close()

    with FaultServer("127.0.0.2", tls_context(leaf), once) as server:
        start([server])
        for number in range(10):
            dnsclient.query(f"n{number}.example")
        flights = [c.hello() for c in server.connections if c.record_log.first]
        assert len(flights) >= 10 and sum(c.resumed for c in server.connections) >= 5
        for hello in flights:
            assert 42 not in hello.extensions, "early data"
