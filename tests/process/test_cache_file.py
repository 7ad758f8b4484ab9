"""The cache over a restart: its file, whole, damaged, cut off, somebody else's."""

import os
import signal
import socket
import threading
import time

import pytest

from support import answers, dnsclient
from support.dotkeep import Dotkeep, config, run

DEAD = {"address": "127.0.0.9:853", "name": "dns.example.net"}


def ttl_of(response):
    return min(rrset.ttl for rrset in response.answer + response.authority)


def of_name(server, name):
    """Queries that reached the server for a name, without regard to case."""
    return [q for q in server.queries if answers.name_of(q).lower() == name]


def kept(folder):
    return {"file": str(folder / "cache"), "size": "1MiB"}


def test_a_restart_forgets_nothing(folder, start, good_server):
    names = [f"n{number}.example" for number in range(300)]
    dotkeep = start([good_server], cache=kept(folder))
    for name in names:
        dnsclient.query(name)
    assert dotkeep.terminate() < 2
    assert dotkeep.log.find("cache saved", "records=300")
    assert os.stat(folder / "cache").st_mode & 0o777 == 0o600
    good_server.stop()
    again = start([good_server], cache=kept(folder))
    again.log.wait_for("cache loaded", "records=300")
    for name in names:
        response = dnsclient.query(name)
        assert dnsclient.addresses(response) == [answers.ipv4_for(name)]
        assert ttl_of(response) <= answers.TTL
    # A frontend that crashed comes back with what was saved last.
    seen = len(again.log.text())
    os.kill(again.workers("frontend")[0], signal.SIGKILL)
    again.log.wait_for("a worker died")
    deadline = time.monotonic() + 5
    while again.log.count("cache loaded") < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert again.log.count("cache loaded") == 2, again.log.text()[seen:]
    assert dnsclient.addresses(dnsclient.query(names[7])) == [answers.ipv4_for(names[7])]


def loaded_again(dotkeep, times):
    """The frontend was started anew and has read its file."""
    deadline = time.monotonic() + 10
    while dotkeep.log.count("cache loaded") < times and time.monotonic() < deadline:
        time.sleep(0.02)
    assert dotkeep.log.count("cache loaded") == times, dotkeep.log.text()


@pytest.fixture
def loaded(folder, start, good_server):
    """dotkeep with two names in its cache and in its file, read from there; `.control` is its socket's path."""
    settings = {"cache": kept(folder), "control": {"socket": str(folder / "run" / "control")}}
    first = start([good_server], **settings)
    for name in ("bad.example", "good.example"):
        dnsclient.query(name)
    first.terminate()
    dotkeep = start([good_server], **settings)
    dotkeep.log.wait_for("cache loaded", "records=2")
    dotkeep.control = folder / "run" / "control"
    return dotkeep


@pytest.mark.parametrize("what", [["bad.example"], ["--suffix", "bad.example"], []], ids=["name", "suffix", "all"])
def test_no_crash_brings_back_what_was_flushed(loaded, good_server, what):
    assert run("cache", "flush", "--socket", loaded.control, *what).stdout.startswith("1" if what else "2")
    os.kill(loaded.workers("frontend")[0], signal.SIGKILL)
    loaded_again(loaded, 2)
    dnsclient.poll_until_answered("back")
    dnsclient.query("bad.example")
    assert len(of_name(good_server, "bad.example")) == 2


def test_what_was_not_flushed_is_saved_again_soon(loaded, folder, good_server):
    empty = bytes(4096)
    half = os.stat(folder / "cache").st_size // 2
    assert run("cache", "flush", "--socket", loaded.control, "bad.example").stdout.startswith("1 ")

    def heads():
        content = (folder / "cache").read_bytes()
        return [content[at:at + 4096] for at in (0, half)]

    assert heads() == [empty, empty], "at once"
    deadline = time.monotonic() + 15
    while heads() == [empty, empty]:
        assert time.monotonic() < deadline, "not saved after a flush"
        time.sleep(0.05)
    os.kill(loaded.workers("frontend")[0], signal.SIGKILL)
    loaded.log.wait_for("cache loaded", "records=1", timeout=10)
    dnsclient.poll_until_answered("back")
    assert dnsclient.addresses(dnsclient.query("good.example")) == [answers.ipv4_for("good.example")]
    assert len(of_name(good_server, "good.example")) == 1


def test_a_frontend_that_dies_under_a_flush_is_asked_again(loaded, good_server):
    """Its successor has read the file: what it was to forget is there again."""
    [frontend] = loaded.workers("frontend")
    os.kill(frontend, signal.SIGSTOP)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(10)
        client.connect(str(loaded.control))
        client.sendall(b"flush bad.example\n")
        run("status", "--socket", loaded.control)  # who is answered came later: the other is heard
        os.kill(frontend, signal.SIGKILL)
        told = client.makefile("rb").read()
    assert told.startswith(b"ok\n") and told.endswith(b" answers forgotten\n"), told
    loaded_again(loaded, 2)
    dnsclient.poll_until_answered("back")
    dnsclient.query("bad.example")
    assert len(of_name(good_server, "bad.example")) == 2


def test_a_damaged_file_is_refused_and_the_service_starts(folder, start, good_server):
    dotkeep = start([good_server], cache=kept(folder))
    dnsclient.query("n1.example")
    dotkeep.terminate()
    with open(folder / "cache", "r+b") as file:
        file.seek(4096 + 20)
        octet = file.read(1)
        file.seek(4096 + 20)
        file.write(bytes([octet[0] ^ 0x10]))
    again = start([good_server], cache=kept(folder))
    again.log.wait_for("a slot of cache.file is not used", "reason=damaged")
    again.log.wait_for("cache loaded", "records=0")
    assert dnsclient.addresses(dnsclient.query("n1.example")) == [answers.ipv4_for("n1.example")]
    assert len(of_name(good_server, "n1.example")) == 2


def test_a_file_that_is_cut_off_meanwhile_costs_the_file_alone(folder, start, good_server):
    """Whoever may write the file can take it away under those who have it mapped. Under queries all the while."""
    dotkeep = start([good_server], cache=kept(folder))
    for number in range(50):
        dnsclient.query(f"n{number}.example")
    os.truncate(folder / "cache", 0)
    done, answered = threading.Event(), []

    def ask():
        while not done.is_set():
            answered.append(dnsclient.poll_until_answered("m", timeout=10, interval=0.05))

    client = threading.Thread(target=ask)
    client.start()
    try:
        for _ in range(2):  # whatever ends it, who comes next does without
            [victim] = dotkeep.workers("frontend")
            seen = dotkeep.log.count("cache.file cannot be used")
            os.kill(victim, signal.SIGKILL)  # the first process of its namespace: no SIGBUS of ours would reach it
            deadline = time.monotonic() + 10
            while dotkeep.log.count("cache.file cannot be used") == seen and time.monotonic() < deadline:
                time.sleep(0.02)
            assert dotkeep.log.count("cache.file cannot be used") == seen + 1
            before = len(answered)
            while len(answered) < before + 20 and time.monotonic() < deadline:
                time.sleep(0.02)
            assert len(answered) >= before + 20
    finally:
        done.set()
        client.join(10)
    assert dotkeep.terminate() < 2


def test_a_file_that_is_cut_off_before_it_is_saved_is_said_so(folder, start, good_server):
    dotkeep = start([good_server], cache=kept(folder))
    dnsclient.query("n1.example")
    os.truncate(folder / "cache", 0)
    assert dotkeep.terminate() < 2
    assert dotkeep.log.find("SIGBUS")
    again = start([good_server], cache=kept(folder))
    again.log.wait_for("cache loaded", "records=0")
    assert dnsclient.addresses(dnsclient.query("n1.example")) == [answers.ipv4_for("n1.example")]


def test_a_file_of_other_upstreams_is_refused(folder, start, good_server):
    dotkeep = start([good_server], cache=kept(folder))
    dnsclient.query("n1.example")
    dotkeep.terminate()
    again = start([good_server, DEAD], cache=kept(folder))
    again.log.wait_for("a slot of cache.file is not used", 'reason="of another version, size or configuration"')


def test_a_file_is_for_its_owner_alone_whatever_the_umask(folder, start, good_server):
    for _ in range(2):
        dotkeep = start([good_server], {"wrapper": ["sh", "-c", 'umask 0777; exec "$@"', "sh"]}, cache=kept(folder))
        assert os.stat(folder / "cache").st_mode & 0o777 == 0o600
        dotkeep.terminate()


def test_a_link_is_not_followed(folder, start, good_server):
    (folder / "cache").symlink_to(folder / "elsewhere")
    with pytest.raises(AssertionError, match="cache.file .*: "):
        start([good_server], cache=kept(folder))
    assert not (folder / "elsewhere").exists()


@pytest.mark.parametrize("what", ["its own configuration", "another name of a file"])
def test_what_is_no_cache_is_not_written_over(folder, authority, good_server, what):
    upstreams = [{"address": "127.0.0.2:853", "name": "dns.example.net"}]
    dotkeep = Dotkeep(folder, config(upstreams, authority.ca_file))
    target = dotkeep.config_file
    if what == "another name of a file":
        precious = folder / "precious"
        precious.touch()
        target = folder / "cache"
        os.link(precious, target)
    dotkeep.configure(config(upstreams, authority.ca_file, cache={"file": str(target), "size": "1MiB"}))
    before = target.read_bytes()
    with pytest.raises(AssertionError, match="no cache of dotkeep|has another name"):
        dotkeep.start()
    assert target.read_bytes() == before


def test_two_cannot_share_a_file(folder, start, good_server):
    start([good_server], cache=kept(folder))
    with pytest.raises(AssertionError, match="another dotkeep uses it"):
        start([good_server], cache=kept(folder), listen=("127.0.0.1:5353",))
