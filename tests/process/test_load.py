"""Many unique names over UDP and TCP: every query answered, every answer the one that belongs to its name.

The upstream is dnsdist, which computes its answers from the name. DOTKEEP_FULL=1 asks for the full numbers.
"""

import re
import subprocess

import pytest

from support import load, paths, peers

UDP_QUERIES = 1_000_000 if paths.FULL else 50_000
TCP_QUERIES = 200_000 if paths.FULL else 10_000
CHECKED = 200_000 if paths.FULL else 20_000
CLIENTS = 16


@pytest.fixture
def running(folder, leaf, start):
    with peers.dnsdist(folder / "dnsdist", "127.0.0.6", leaf):
        yield lambda frontends: start([{"address": "127.0.0.6:853", "name": "dns.example.net"}],
                                      process={"frontends": frontends})


def dnsperf(folder, count, *options, first=0):
    """Sends `count` unique names once each; dnsperf's numbers by their names."""
    names = folder / "names"
    with open(names, "w") as file:
        file.writelines(f"n{first + i}.example A\n" for i in range(count))
    done = subprocess.run(
        [paths.tool("dnsperf"), "-s", "127.0.0.1", "-d", str(names), "-n", "1", "-c", str(CLIENTS),
         "-t", "5", *options],
        capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    print("\n" + "\n".join(line for line in done.stdout.splitlines() if ":  " in line))
    found = dict(re.findall(r"^ *([A-Z][\w ]+): +(.+)$", done.stdout, re.MULTILINE))
    return {k: v.split()[0] for k, v in found.items()} | {"codes": found.get("Response codes", "")}


def is_whole(found, count):
    assert int(found["Queries sent"]) == count
    assert int(found["Queries completed"]) == count and int(found["Queries lost"]) == 0
    assert found["codes"].startswith(f"NOERROR {count} "), found["codes"]


@pytest.mark.parametrize("frontends", [1, 2])
def test_udp(running, folder, frontends):
    running(frontends)
    is_whole(dnsperf(folder, UDP_QUERIES, "-q", "400"), UDP_QUERIES)


@pytest.mark.parametrize("frontends", [1, 2])
def test_tcp(running, folder, frontends):
    running(frontends)
    is_whole(dnsperf(folder, TCP_QUERIES, "-m", "tcp", "-q", "400"), TCP_QUERIES)


def test_every_answer_belongs_to_its_name(running):
    running(2)
    result = load.UdpLoad("n", CHECKED, window=200, clients=CLIENTS).run()
    assert result.right == CHECKED, str(result)


def test_load_beyond_what_is_asked_at_once(running, folder):
    """More queries at a time than any client sends; still nothing lost and nothing wrong."""
    running(1)
    is_whole(dnsperf(folder, UDP_QUERIES // 5, "-q", "1000"), UDP_QUERIES // 5)
