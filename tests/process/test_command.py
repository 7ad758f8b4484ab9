"""The command line: what each command prints and how it ends."""

import os
import re
import subprocess

import pytest

from conftest import NAME
from support import dnsclient, paths, toml
from support.dotkeep import Dotkeep, config, run
from support.fault_server import FaultServer, tls_context
from support.logs import Log
from support.notify import NotifySocket

OK, FAILED, USAGE, CANNOT_WRITE, CONFIG = 0, 1, 64, 74, 78

BAD = """\
[process]
usr = "nobody"

[[listen]]
address = "127.0.0.1:99999"

[[upstream]]
address = "9.9.9.9:853"

[[upstream]]
address = "dns.example.net"
name = "dns.example.net"
pins = ["tooshort"]

[query]
timeout = "5"
"""
# line, key and a word of what is said
EXPECTED = [(2, "process", "usr"), (5, "listen[0].address", ""), (7, "upstream[0]", "name"),
            (11, "upstream[1].address", ""), (13, "upstream[1].pins", ""), (16, "query.timeout", "")]


@pytest.fixture
def bad_file(folder):
    file = folder / "bad.toml"
    file.write_text(BAD)
    return file


@pytest.fixture
def good_file(folder, authority):
    file = folder / "good.toml"
    file.write_text(toml.dump(config([{"address": "127.0.0.2:853", "name": NAME}],
                                     authority.ca_file)))
    return file


@pytest.mark.parametrize("command", ["run", "check"])
def test_every_error_with_line_and_key(bad_file, command):
    done = run(command, "--config", bad_file)
    assert done.returncode == CONFIG
    said = (done.stdout + done.stderr).splitlines()
    for line, key, word in EXPECTED:
        matching = [s for s in said if f"{bad_file}:{line}:" in s and key in s]
        assert matching and word in matching[0], f"line {line}, {key}:\n" + "\n".join(said)
    assert "user" in next(s for s in said if "usr" in s), "no suggestion for a misspelt key"


@pytest.mark.parametrize("text", ["", "[listen", "upstream = 5\n", "\0\0\0", "a = " + "[" * 5000],
                         ids=["empty", "cut", "wrong kind", "binary", "nested"])
def test_files_that_are_no_configuration(folder, text):
    file = folder / "bad.toml"
    file.write_text(text)
    done = run("check", "--config", file)
    assert done.returncode == CONFIG
    assert str(file) in done.stdout + done.stderr


def test_no_such_file(folder):
    done = run("run", "--config", folder / "missing.toml")
    assert done.returncode == CONFIG
    assert "missing.toml" in done.stderr


def test_check_of_a_good_file(good_file):
    done = run("check", "--config", good_file)
    assert done.returncode == OK, done.stdout + done.stderr
    assert "MiB" in done.stdout, "no worst-case memory"


def test_check_says_when_the_ca_file_is_not_there(folder):
    """Not an error: the file may be for another machine."""
    file = folder / "ca.toml"
    file.write_text(toml.dump(config([{"address": "127.0.0.2:853", "name": NAME}],
                                     folder / "none.pem")))
    done = run("check", "--config", file)
    assert done.returncode == OK
    assert f"warning: tls.ca_file {folder / 'none.pem'}: No such file" in done.stdout


def test_check_live(good_file, good_server, leaf):
    done = run("check", "--live", "--config", good_file)
    assert done.returncode == OK, done.stdout + done.stderr
    assert leaf.pin in done.stdout
    assert re.search(r"handshake \d+\.\d ms, resumed \d+\.\d ms", done.stdout), done.stdout
    # In TLS 1.3 the client is done before the server has seen its Finished.
    assert good_server.wait_for(lambda: good_server.connections[0].handshaken)
    assert not good_server.queries


@pytest.mark.parametrize("how,words", [({"days": (-9, -1)}, "expired"),
                                       ({"self_signed": True}, "not trusted")])
def test_check_live_of_a_bad_server(good_file, authority, how, words):
    with FaultServer("127.0.0.2", tls_context(authority.issue(NAME, **how))) as server:
        done = run("check", "--live", "--config", good_file)
        assert done.returncode == FAILED
        assert words in done.stdout + done.stderr
        assert not server.plaintext


def test_check_live_of_a_server_that_is_not_there(good_file):
    done = run("check", "--live", "--config", good_file)
    assert done.returncode == FAILED
    assert "refused" in done.stdout + done.stderr


def test_pin(good_server, leaf, authority):
    done = run("pin", f"127.0.0.2:853#{NAME}", "--ca-file", authority.ca_file)
    assert done.returncode == OK, done.stdout + done.stderr
    assert leaf.pin in done.stdout and authority.pin in done.stdout
    assert not good_server.plaintext


def test_pin_of_a_server_that_is_not_trusted(good_server, leaf):
    done = run("pin", f"127.0.0.2:853#{NAME}")
    assert done.returncode == FAILED
    assert leaf.pin in done.stdout and "not trusted" in done.stdout + done.stderr
    assert "pins = [  # NOT verified" in done.stdout, "nothing warns where it is pasted from"


def test_pin_that_was_printed_works(good_server, start, authority, leaf):
    done = run("pin", f"127.0.0.2:853#{NAME}", "--ca-file", authority.ca_file)
    printed = next(w for w in done.stdout.replace('"', " ").split() if leaf.pin in w)
    start([{"address": "127.0.0.2:853", "pins": [printed.removeprefix("sha256/")]}])
    assert dnsclient.addresses(dnsclient.query("n1.example")) == ["20.0.0.1"]


def test_health(start, good_server):
    assert run("health", "127.0.0.1:53").returncode == FAILED, "nobody listens yet"
    dotkeep = start([good_server])
    assert run("health", "127.0.0.1:53").returncode == OK
    dotkeep.terminate()
    assert run("health", "127.0.0.1:53").returncode == FAILED


def test_health_is_of_now_and_not_of_the_cache(start, leaf):
    with FaultServer("127.0.0.2", tls_context(leaf)) as server:
        start([server], query={"timeout": "1s"})
        assert run("health", "127.0.0.1:53").returncode == OK
        server.stop()
        assert run("health", "127.0.0.1:53").returncode == FAILED


def test_health_when_no_upstream_is_up(start):
    start([{"address": "127.0.0.2:853", "name": NAME}])
    assert run("health", "127.0.0.1:53").returncode == FAILED


def test_more_memory_than_there_is_ends_the_start(folder, authority):
    """It would be the same at every start: no loop of dying workers."""
    settings = config([{"address": "127.0.0.2:853", "name": NAME}], authority.ca_file, cache={"size": "1GiB"})
    dotkeep = Dotkeep(folder, settings, ["prlimit", "--as=500000000:500000000"])
    try:
        with pytest.raises(AssertionError):
            dotkeep.start()
        assert dotkeep.process.wait(5) == 71
        assert dotkeep.log.find("too little memory for this configuration") and dotkeep.log.find("cannot start")
    finally:
        dotkeep.stop()
        dotkeep.notify.close()


def test_version():
    done = run("version")
    assert done.returncode == OK
    assert "0.1.0" in done.stdout and "wolfSSL" in done.stdout


def test_policy():
    whole = run("policy")
    assert whole.returncode == OK
    for room in ("frontend", "upstream", "connector", "control", "supervisor"):
        one = run("policy", room)
        assert one.returncode == OK and room in whole.stdout
        lines = [s.split() for s in one.stdout.splitlines()]
        assert any("allow" in words for words in lines)
    assert not any(words[:2] == ["allow", "socket"] for words in
                   (s.split() for s in run("policy", "frontend").stdout.splitlines()))
    assert run("policy", "kitchen").returncode == USAGE


@pytest.mark.parametrize("room,most", [("frontend", 16), ("upstream", 16), ("connector", 12),
                                       ("control", 12)])
def test_few_system_calls_are_allowed(room, most):
    counted = re.search(rf"^{room} +(\d+)$", run("policy").stdout, re.MULTILINE)
    assert 0 < int(counted.group(1)) <= most


@pytest.mark.parametrize("arguments", [["--nonsense"], ["dance"], ["run", "--upstream"], ["pin"]])
def test_wrong_command_lines(arguments):
    done = run(*arguments)
    assert done.returncode == USAGE
    assert done.stderr.strip()


def test_help_names_every_command():
    done = run("--help")
    assert done.returncode == OK
    for word in ("run", "check", "pin", "policy", "health", "version", "--config"):
        assert word in done.stdout


@pytest.mark.parametrize("command", ["run", "check", "health"])
def test_help_of_a_command_names_its_options(command):
    done = run(command, "--help")
    assert done.returncode == OK
    for option in ("--config", "--listen", "--upstream", "--pin"):
        assert option in done.stdout


@pytest.mark.parametrize("before", [True, False])
def test_options_stand_before_the_command_or_behind_it(good_file, before):
    option = ["--config", str(good_file)]
    assert run(*(option if before else []), "check", *([] if before else option)).returncode == OK


def test_an_account_that_is_not_there(folder, authority):
    file = folder / "account.toml"
    file.write_text(toml.dump(config([{"address": "127.0.0.2:853", "name": NAME}],
                                     authority.ca_file, process={"user": "nosuch"})))
    done = run("run", "--config", file)
    assert done.returncode == CONFIG
    assert "process.user: no account 'nosuch'; 'useradd --system" in done.stderr


def test_command_line_alone_is_enough(folder, good_server, leaf):
    """No file at all: a pinned upstream and a listener, by an account without rights."""
    ready = NotifySocket(folder / "notify")
    process = subprocess.Popen(
        ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", str(paths.DOTKEEP),
         "run", "--listen", "127.0.0.1:5397", "--upstream", "127.0.0.2:853", "--pin", leaf.pin],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={"NOTIFY_SOCKET": ready.path, "PATH": os.environ["PATH"]}, start_new_session=True)
    log = Log(process.stderr)
    try:
        ready.wait_for("READY=1", 10, lambda: process.poll() is None)
        response = dnsclient.query("n1.example", port=5397)
        assert dnsclient.addresses(response) == ["20.0.0.1"], log.text()
    finally:
        process.terminate()
        process.wait(5)
        ready.close()


def test_command_line_wins_over_the_file(folder, authority, good_server, start):
    dotkeep = start([{"address": "127.0.0.99:853", "name": NAME}],
                    options={"arguments": ["--upstream", f"127.0.0.2:853#{NAME}",
                                           "--listen", "127.0.0.1:5399"]})
    assert dnsclient.addresses(dnsclient.query("n1.example", port=5399)) == ["20.0.0.1"]
    assert dotkeep.process.poll() is None


@pytest.mark.parametrize("words", [["version"], ["--version"], ["--help"], ["policy"], ["policy", "frontend"], ["check"]],
                         ids=" ".join)
def test_output_that_cannot_be_written(good_file, words):
    """The disk is full: what was printed is not whole, and whoever asked hears of it."""
    if words == ["check"]:
        words = ["check", "--config", str(good_file)]
    with open("/dev/full", "w") as full:
        done = subprocess.run([str(paths.DOTKEEP), *words], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == CANNOT_WRITE
    assert done.stderr == "dotkeep: the output could not be written\n"


@pytest.mark.parametrize("words,status", [(["policy", "nobody"], USAGE), (["check", "--upstream", "x"], CONFIG),
                                          (["pin", "x"], USAGE)], ids=lambda words: str(words))
def test_errors_that_cannot_be_written(words, status):
    """Nobody can be told; the status says it still."""
    with open("/dev/full", "w") as full:
        done = subprocess.run([str(paths.DOTKEEP), *words], stdout=subprocess.PIPE, stderr=full)
    assert done.returncode == status
