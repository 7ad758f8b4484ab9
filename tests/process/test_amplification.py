"""What an attacker gains by forging an address: no refusal over UDP is longer than what it refuses."""

import random
import resource
import select
import socket
import time

import pytest

from support import paths
from support.client_rows import ROWS
from support.dnsclient import wire_query
from support.mutate import mutated

COUNT = 20_000 if paths.FULL else 2_000  # spoilt messages beside the whole ones
AT_ONCE = 400
NOERROR, SERVFAIL, NXDOMAIN = 0, 2, 3


def corpus():
    """Every row of docs/accepted.md, every seed of the parser's fuzz target, and both spoilt."""
    generator = random.Random(6)
    whole = [b"\x12\x34" + row.tail for row in ROWS.values()]
    whole += [f.read_bytes() for f in sorted((paths.SOURCE / "fuzz" / "seeds" / "query").iterdir())]
    whole = [message for message in whole if len(message) < 1400]
    return whole + [mutated(generator, generator.choice(whole), whole) for _ in range(COUNT)]


def exchange(messages):
    """[(message, all that came back)], each from a port of its own."""
    found = []
    for start in range(0, len(messages), AT_ONCE):
        sockets = {}
        poll = select.poll()
        for message in messages[start:start + AT_ONCE]:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.connect(("127.0.0.1", 53))
            sock.send(message)
            sockets[sock.fileno()] = (sock, message, [])
            poll.register(sock, select.POLLIN)
        quiet = time.monotonic()
        while time.monotonic() - quiet < 0.3:
            for fd, _ in poll.poll(50):
                sockets[fd][2].append(sockets[fd][0].recv(65535))
                quiet = time.monotonic()
        for sock, message, back in sockets.values():
            found.append((message, back))
            sock.close()
    return found


def kind_of(response):
    """What it is: an answer, RFC 8482's to ANY, "no usable answer came" (SERVFAIL), or a refusal."""
    if b"RFC8482" in response:
        return "ANY"
    rcode, truncated = response[3] & 15, response[2] & 2
    if truncated or rcode not in (NOERROR, NXDOMAIN, SERVFAIL):
        return "refusal"
    return "failure" if rcode == SERVFAIL else "answer"


def factors(found):
    """Of each kind: [how many, the largest factor, the message that it was]."""
    kinds = {}
    for message, back in found:
        assert len(back) <= 1, "more than one answer"
        for response in back:
            seen = kinds.setdefault(kind_of(response), [0, 0.0, b""])
            seen[0] += 1
            factor = len(response) / len(message)
            if factor > seen[1]:
                seen[1:] = factor, message
    return kinds


@pytest.fixture(autouse=True)
def descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))


@pytest.mark.parametrize("limits", [{}, {"rate": 1, "burst": 1, "slip": 1},
                                    {"cookies": "require-under-attack", "flood": 1000}],
                         ids=["each for itself", "over the rate", "while cookies are required"])
def test_of_the_whole_hostile_corpus(start, good_server, limits):
    dotkeep = start([good_server], limits=limits)
    messages = corpus()
    if "flood" in limits:  # one that lasts
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect(("127.0.0.1", 53))
            for _ in range(3000):
                sock.send(wire_query("n1.example"))
    kinds = factors(exchange(messages))
    print(f"\n{len(messages)} messages", *(f"{kind}: {count}, at most {factor:.2f}"
                                           for kind, (count, factor, _) in sorted(kinds.items())), sep="; ")
    count, factor, worst = kinds["refusal"]
    assert count > 50
    assert factor <= 1.0, worst.hex()
    assert kinds.get("ANY", (0, 0.0))[1] < 2.0
    assert not dotkeep.log.find("died")
