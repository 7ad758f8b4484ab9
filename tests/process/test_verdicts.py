"""What became of messages is counted by listener and transport, and said while dotkeep runs."""

import re
import socket
import urllib.request

import pytest

from support import dnsclient, netns
from support.dnsclient import TcpClient, udp_exchange, wire_query

STRANGER = "10.55.1.9"
HERE, THERE = "127.0.0.1", "10.55.0.1"


@pytest.fixture
def running(start, good_server):
    netns.add_addresses(f"{STRANGER}/32", f"{THERE}/32")
    return start([good_server], metrics={"listen": "127.0.0.1:9153"},
                 listen=[{"address": f"{HERE}:53"}, {"address": f"{THERE}:53", "deny": [f"{STRANGER}/32"]}])


def verdicts():
    """{(listener, transport, verdict): count} of the one frontend."""
    with urllib.request.urlopen("http://127.0.0.1:9153/metrics", timeout=5) as page:
        text = page.read().decode()
    row = r'dotkeep_verdicts_total\{frontend="0",listener="(.+)",transport="(.+)",verdict="(.+)"\} (\d+)'
    return {(at, how, what): int(count) for at, how, what, count in re.findall(row, text)}


def test_by_listener_and_transport(running):
    for number in range(3):
        dnsclient.query(f"n{number}.example", server=HERE)
    dnsclient.query("n1.example", server=THERE)
    dnsclient.query("n1.example", server=THERE, tcp=True)
    dnsclient.query("x.onion", server=HERE, tcp=True)
    assert udp_exchange(b"\x12\x34\x01" + bytes(9), HERE) is not None  # FORMERR
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((STRANGER, 0))
        for _ in range(2):
            sock.sendto(wire_query("n1.example"), (THERE, 53))
    with TcpClient(THERE, source=STRANGER) as client:
        assert client.ended_within(2)
    here, there = f"{HERE}:53", f"{THERE}:53"
    assert verdicts() == {
        (here, "udp", "passed"): 3, (here, "udp", "rejected.question_count"): 1,
        (here, "tcp", "refused.special_name"): 1,
        (there, "udp", "passed"): 1, (there, "tcp", "passed"): 1,
        (there, "udp", "refused.not_allowed"): 2, (there, "tcp", "refused.not_allowed"): 1}
    said = running.log.wait_for("clients were refused").fields
    assert said["most_for"] == "not_allowed" and said["most_from"] == "10.55.0.0/16"
    assert STRANGER not in running.log.text()
