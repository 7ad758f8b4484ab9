"""By what an upstream is proven, as log, status and metrics tell it."""

import json
import re
import urllib.request

from conftest import NAME
from support import answers, dnsclient
from support.dotkeep import run
from support.fault_server import FaultServer, tls_context

NOBODYS = ["B" * 42 + "A=", "C" * 42 + "A="]


def closing(connection, query):
    """Every query meets a handshake of its own."""
    connection.send(answers.answer(query))
    connection.close()


def told(dotkeep):
    done = run("status", "--json", "--socket", dotkeep.control)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["upstreams"][0]


def ask(number):
    assert dnsclient.addresses(dnsclient.query(f"n{number}.example")) == [f"20.0.0.{number}"]


def begin(start, server, folder, **more):
    path = folder / "run" / "control"
    dotkeep = start([{"address": f"{server.address}:853", "name": NAME, **more}], control={"socket": str(path)},
                    metrics={"listen": "127.0.0.1:9153"})
    dotkeep.control = path
    return dotkeep


def test_pin_is_rotated_to_its_backup(start, folder, authority):
    first, second = authority.issue(NAME), authority.issue(NAME)
    with FaultServer("127.0.0.2", tls_context(first), closing) as server:
        dotkeep = begin(start, server, folder, pins=[first.pin, second.pin])
        ask(1)
        assert told(dotkeep)["pin"] == 1
        assert dotkeep.log.count("another key") == 0
        server.context = tls_context(second)
        for number in range(2, 6):
            ask(number)
        line = dotkeep.log.wait_for("another key").text
        assert "pin=2" in line and "of=2" in line
        assert dotkeep.log.count("another key") == 1, "a change is said once"
        assert told(dotkeep)["pin"] == 2
        with urllib.request.urlopen("http://127.0.0.1:9153/metrics") as page:
            text = page.read().decode()
        assert re.search(r"dotkeep_upstream_pin\{.*\} 2\n", text)
        assert re.search(r"dotkeep_upstream_certificate_not_after_seconds\{.*\} \d{10}\n", text)
        status = run("status", "--socket", dotkeep.control).stdout
        assert re.search(r"certificate for 36[45] days, pin 2 \(backup\)", status)


def test_pins_are_only_reported_on(start, folder, authority, leaf):
    with FaultServer("127.0.0.2", tls_context(leaf), closing) as server:
        dotkeep = begin(start, server, folder, pins=NOBODYS, pin_mode="report")
        for number in range(1, 5):
            ask(number)
        line = dotkeep.log.wait_for("no pin matches").text
        assert leaf.pin in line and dotkeep.log.count("no pin matches") == 1
        upstream = told(dotkeep)
        assert upstream["pin"] == 0 and upstream["counts"]["unpinned"] >= 3


def test_reporting_believes_no_stranger(start, folder, authority, leaf):
    stranger = authority.issue(NAME, self_signed=True)
    with FaultServer("127.0.0.2", tls_context(stranger)) as server:
        dotkeep = begin(start, server, folder, pins=NOBODYS, pin_mode="report")
        dotkeep.log.wait_for("not trusted")
        assert not server.plaintext


def test_status_that_must_be_stapled(start, folder, leaf):
    """Python's server staples nothing."""
    with FaultServer("127.0.0.2", tls_context(leaf)) as server:
        dotkeep = begin(start, server, folder, ocsp="require")
        assert "certificate status missing" in dotkeep.log.wait_for("upstream is down").text
        response = dnsclient.query("n1.example")
        assert response.rcode() == 2 and "certificate status missing" in str(response)
        assert not server.plaintext


def test_dates_do_not_count_before_the_clock_is_right(start, folder, authority):
    expired = authority.issue(NAME, days=(-9, -1))
    with FaultServer("127.0.0.2", tls_context(expired)) as server:
        dotkeep = start([{"address": "127.0.0.2:853", "name": NAME, "pins": [expired.pin, NOBODYS[0]]}],
                        tls={"clock": "pins-only-until-synchronised"})
        ask(1)
        dotkeep.log.wait_for("dates of certificates do not count yet")
        assert server.queries
