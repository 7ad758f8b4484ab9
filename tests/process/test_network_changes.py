"""The network changes under dotkeep, which hears of it by netlink: what the client saw. DOTKEEP_FULL=1 asks
for the long versions."""

import contextlib
import time

from support import dnsclient, netns, paths
from support.fault_server import FaultServer, tls_context


@contextlib.contextmanager
def uplink():
    """An interface of that name that is up; what is at its other end nobody asks."""
    netns.run("ip", "link", "add", "uplink", "type", "veth", "peer", "name", "beyond")
    try:
        for end in ("uplink", "beyond"):
            netns.run("ip", "link", "set", end, "up")
        yield
    finally:
        netns.run("ip", "link", "del", "uplink")


def peers_of(server):
    return {c.transport.get_extra_info("peername")[0] for c in server.connections}


def test_own_address_changes(start, leaf):
    """The address that connections were made from goes and another comes: they are dead, and nothing says so."""
    server_at = "10.9.9.9"
    with uplink():
        for address in (server_at, "10.9.0.1", "10.9.0.2"):
            netns.run("ip", "address", "add", f"{address}/32", "dev", "uplink")
        route = ("route", "replace", "local", server_at, "dev", "uplink", "table", "local", "src")
        netns.run("ip", *route, "10.9.0.1")
        with FaultServer(server_at, tls_context(leaf)) as server:
            start([server])
            assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]
            assert peers_of(server) == {"10.9.0.1"}
            netns.run("ip", *route, "10.9.0.2")
            netns.run("ip", "address", "del", "10.9.0.1/32", "dev", "uplink")
            response, took = dnsclient.timed_query("n2.example", timeout=5)
            print(f"\nanother address of its own: answered after {took * 1000:.0f} ms")
            assert dnsclient.addresses(response) == ["20.0.0.2"]
            assert took <= 1
            assert "10.9.0.2" in peers_of(server)


def test_link_goes_down_and_up(start, leaf):
    """Long enough for every back-off to grow; then the first query."""
    server_at = "10.9.9.9"
    with uplink():
        netns.run("ip", "address", "add", f"{server_at}/32", "dev", "uplink")
        with FaultServer(server_at, tls_context(leaf)) as server:
            dotkeep = start([server])
            assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]
            netns.run("ip", "address", "del", f"{server_at}/32", "dev", "uplink")
            netns.run("ip", "link", "set", "uplink", "down")
            until = time.monotonic() + (60 if paths.FULL else 3)
            number = 0
            while time.monotonic() < until:
                assert dnsclient.query(f"gone{number}.example", timeout=6).rcode() == 2
                number += 1
            netns.run("ip", "link", "set", "uplink", "up")
            netns.run("ip", "address", "add", f"{server_at}/32", "dev", "uplink")
            response, took = dnsclient.timed_query("n2.example", timeout=5)
            print(f"\nlink down and up: {number} queries failed, then one was answered after {took * 1000:.0f} ms")
            assert dnsclient.addresses(response) == ["20.0.0.2"] and took <= 1
            assert dotkeep.log.count("upstream is down") <= 6
