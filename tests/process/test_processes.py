"""What every process is once it runs: unprivileged, sealed, and with no descriptor that it was not given."""

import ctypes
import os
import subprocess

import pytest

from support import answers, dnsclient, paths, procfs
from support.dotkeep import ACCOUNT, Dotkeep, config

UID = GID = ACCOUNT
NOBODY = "65534"

# By program: what each descriptor may be. Ports: 53 listens, 853 is the upstream's.
COMMON = {"null", "pipe", "memfd", "unix", "epoll"}
ALLOWED = {
    "dotkeep-frontend": COMMON | {"udp 53", "listen 53"},
    "dotkeep-upstream": COMMON | {"connected 853"},
    "dotkeep-connector": COMMON,
    "dotkeep-control": COMMON | {"listen 9153"},
    "dotkeep": COMMON | {"udp 53", "listen 53", "listen 9153", "signal", "pidfd"},
}


def everyone(dotkeep):
    """(program, pid) of the supervisor and each worker; complete or the test fails."""
    pids = [dotkeep.pid, *dotkeep.workers()]
    found = [(procfs.program(pid), pid) for pid in pids]
    assert {name for name, _ in found} == {"dotkeep", *paths.WORKERS}
    return found


def is_sealed(pid, uid):
    status = procfs.status(pid)
    assert status["Uid"].split() == [uid] * 4 and status["Gid"].split() == [uid] * 4
    assert status["Groups"] in ("", uid)
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[kind], 16) == 0, f"{kind} of {procfs.program(pid)}"
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    assert int(status["Seccomp_filters"]) >= 1
    assert status["Threads"] == "1"


@pytest.fixture
def running(start, good_server):
    dotkeep = start([good_server], process={"frontends": 2}, metrics={"listen": "127.0.0.1:9153"})
    assert dnsclient.addresses(dnsclient.query("n1.example")) == [answers.ipv4_for("n1.example")]
    return dotkeep


def test_as_root_on_port_53_every_process_is_sealed(running):
    assert len(running.workers("frontend")) == 2
    for _, pid in everyone(running):
        is_sealed(pid, UID)


def test_nobody_can_look_into_a_process(running):
    for name, pid in everyone(running):
        assert os.stat(f"/proc/{pid}/fd").st_uid == 0, f"{name} is dumpable"
        same_account = ["setpriv", "--reuid", UID, "--regid", GID, "--clear-groups"]
        for file in ("environ", "maps", "mem"):
            done = subprocess.run([*same_account, "cat", f"/proc/{pid}/{file}"], capture_output=True)
            assert done.returncode != 0 and not done.stdout, f"{name}: {file} can be read"
        assert ptrace_attach_fails(pid), f"{name} can be traced"


def ptrace_attach_fails(pid):
    """Whether a process of the same account cannot attach."""
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(int(GID), int(GID), int(GID))
        os.setresuid(int(UID), int(UID), int(UID))
        ptrace = ctypes.CDLL(None, use_errno=True).ptrace
        os._exit(0 if ptrace(16, pid, None, None) == -1 else 1)  # PTRACE_ATTACH
    return os.waitpid(child, 0)[1] == 0


def test_descriptors_are_only_the_given_ones(running):
    for name, pid in everyone(running):
        for fd, kind in procfs.descriptors(pid).items():
            if name == "dotkeep" and kind.startswith("file "):
                owned = kind.removeprefix("file ")
                if "/dotkeep-" in owned and owned.endswith(" (deleted)"):
                    continue  # the workers' empty root folder
                assert owned.startswith(str(paths.LIBEXEC)) or owned == "/dev/kmsg", owned
                continue
            assert kind in ALLOWED[name], f"{name} holds {fd}: {kind}"
        assert "pipe" == procfs.descriptors(pid)[2], f"{name} cannot log"


def test_each_room_holds_what_its_job_needs(running):
    """Guards the test before: a list of what is allowed proves nothing when nothing is seen."""
    held = {name: set(procfs.descriptors(pid).values()) for name, pid in everyone(running)}
    assert {"udp 53", "listen 53", "unix"} <= held["dotkeep-frontend"]
    assert {"connected 853", "unix"} <= held["dotkeep-upstream"]
    assert "unix" in held["dotkeep-connector"]
    assert {"udp 53", "listen 53"} <= held["dotkeep"]


def test_every_worker_has_its_own_layout(running):
    """Spawned by exec, not fork: what is learned about one address space says nothing about another."""
    bases = set()
    for _, pid in everyone(running):
        with open(f"/proc/{pid}/maps") as maps:
            bases.add(maps.readline().split("-")[0])
    assert len(bases) == 6


def test_without_any_right_on_a_high_port(folder, authority, good_server):
    settings = config([{"address": "127.0.0.2:853", "name": "dns.example.net"}], authority.ca_file,
                      listen=["127.0.0.1:5353"], metrics={"listen": "127.0.0.1:9153"})
    wrapper = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
    with Dotkeep(folder, settings, wrapper) as dotkeep:
        response = dnsclient.query("n2.example", port=5353)
        assert dnsclient.addresses(response) == [answers.ipv4_for("n2.example")]
        for _, pid in everyone(dotkeep):
            status = procfs.status(pid)
            assert status["Uid"].split() == [NOBODY] * 4
            assert all(int(status[c], 16) == 0 for c in ("CapInh", "CapPrm", "CapEff", "CapAmb"))
            assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


def test_with_nothing_but_the_right_to_bind(folder, authority, good_server):
    settings = config([{"address": "127.0.0.2:853", "name": "dns.example.net"}], authority.ca_file,
                      metrics={"listen": "127.0.0.1:9153"})
    wrapper = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups",
               "--inh-caps", "-all,+net_bind_service", "--ambient-caps", "-all,+net_bind_service",
               "--bounding-set", "-all,+net_bind_service"]
    with Dotkeep(folder, settings, wrapper) as dotkeep:
        response = dnsclient.query("n3.example")
        assert dnsclient.addresses(response) == [answers.ipv4_for("n3.example")]
        for _, pid in everyone(dotkeep):
            status = procfs.status(pid)
            assert all(int(status[c], 16) == 0 for c in ("CapInh", "CapPrm", "CapEff", "CapAmb"))
            assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


def test_a_port_it_may_not_bind_is_said_plainly(folder, authority):
    settings = config([{"address": "127.0.0.2:853", "name": "dns.example.net"}], authority.ca_file)
    wrapper = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
    dotkeep = Dotkeep(folder, settings, wrapper)
    try:
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start") as first:
            assert int(first.read()) > 53
        with pytest.raises(AssertionError):
            dotkeep.start()
        assert dotkeep.process.wait(5) not in (0, None)
        assert "127.0.0.1:53" in dotkeep.log.text()
    finally:
        dotkeep.stop()
        dotkeep.notify.close()
