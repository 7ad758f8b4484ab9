"""The namespaces and the empty root of each worker, where there are any to be had, and that it says so where not."""

import os
import pathlib
import subprocess

import pytest

from support import answers, dnsclient, no_namespaces, paths, procfs
from support.dotkeep import Dotkeep, config

KINDS = ("user", "mnt", "pid", "ipc", "uts", "cgroup", "net")
UPSTREAM = {"address": "127.0.0.2:853", "name": "dns.example.net"}
NOBODY = [paths.tool("setpriv"), "--reuid", "65534", "--regid", "65534", "--clear-groups"]
NO_NAMESPACES = no_namespaces.wrapper()


def namespace(pid, kind):
    return os.stat(f"/proc/{pid}/ns/{kind}").st_ino


def layers(dotkeep, worker):
    return dotkeep.log.wait_for("sealed layers", f" {worker}:").text.split('"')[1].split()


@pytest.fixture
def running(start, good_server):
    dotkeep = start([good_server], process={"frontends": 2})
    assert dnsclient.addresses(dnsclient.query("n1.example")) == [answers.ipv4_for("n1.example")]
    return dotkeep


def test_every_worker_has_namespaces_of_its_own(running):
    for kind in KINDS:
        of = {pid: namespace(pid, kind) for pid in running.workers()}
        own = [pid for pid in of if kind != "net" or procfs.program(pid) != "dotkeep-connector"]
        assert len({of[pid] for pid in own}) == len(own), f"{kind}: shared"
        assert namespace("self", kind) not in {of[pid] for pid in own}, f"{kind}: the machine's"
    for worker in ("frontend[0]", "frontend[1]", "upstream", "connector"):
        assert "namespaces" in layers(running, worker)


def test_who_is_not_to_connect_has_no_network(running):
    for pid in running.workers():
        interfaces = pathlib.Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]
        routes = pathlib.Path(f"/proc/{pid}/net/route").read_text().splitlines()[1:]
        if procfs.program(pid) == "dotkeep-connector":
            assert namespace(pid, "net") == namespace("self", "net")
            assert "empty_network" not in layers(running, "connector")
            continue
        assert [i.split(":")[0].strip() for i in interfaces] == ["lo"] and not routes
        flags = subprocess.run(["nsenter", f"--net=/proc/{pid}/ns/net", "ip", "-o", "link"], capture_output=True,
                               text=True, check=True).stdout
        assert "state DOWN" in flags and "UP" not in flags.split("<")[1].split(">")[0], flags
    assert "empty_network" in layers(running, "upstream")


def test_the_root_folder_is_empty_and_stays_so(running):
    for pid in running.workers():
        assert os.readlink(f"/proc/{pid}/root").endswith(" (deleted)")
        assert os.listdir(f"/proc/{pid}/root") == []
        assert os.readlink(f"/proc/{pid}/cwd") == os.readlink(f"/proc/{pid}/root")
        with pytest.raises(FileNotFoundError):  # to root itself
            open(pathlib.Path(f"/proc/{pid}/root", "file"), "w")
    assert "empty_root" in layers(running, "connector")


def test_nothing_is_left_behind(running):
    running.terminate()
    left = [str(p) for place in ("/run", "/dev/shm", "/tmp", "/var/tmp") for p in pathlib.Path(place).glob("dotkeep-*")
            if p.is_dir() and not os.listdir(p) and p.stat().st_mode & 0o777 == 0o555]
    assert not left


def test_no_capability_in_its_own_namespace(running):
    for pid in running.workers():
        status = procfs.status(pid)
        for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            assert int(status[kind], 16) == 0, f"{kind} of {procfs.program(pid)}"


def test_where_namespaces_are_not_to_be_had(folder, authority, good_server):
    settings = config([UPSTREAM], authority.ca_file, listen=["127.0.0.1:5353"])
    with Dotkeep(folder, settings, NO_NAMESPACES) as dotkeep:
        assert dnsclient.addresses(dnsclient.query("n2.example", port=5353)) == [answers.ipv4_for("n2.example")]
        for pid in dotkeep.workers():
            assert namespace(pid, "net") == namespace("self", "net")
        assert not {"namespaces", "empty_network", "empty_root"} & set(layers(dotkeep, "frontend[0]"))
        assert {"seccomp", "landlock_files"} <= set(layers(dotkeep, "frontend[0]"))


def test_without_root_no_namespace_gives_the_account_a_right_over_the_workers(folder, authority, good_server):
    settings = config([UPSTREAM], authority.ca_file, listen=["127.0.0.1:5353"])
    with Dotkeep(folder, settings, NOBODY) as dotkeep:
        assert dnsclient.query("n3.example", port=5353)
        for pid in dotkeep.workers():
            assert namespace(pid, "user") == namespace("self", "user")
            seen = subprocess.run([*NOBODY, "cat", f"/proc/{pid}/maps"], capture_output=True)
            assert seen.returncode != 0 and not seen.stdout


def refused(folder, authority, require, wrapper=()):
    """The log of a start that ends with status 77."""
    settings = config([UPSTREAM], authority.ca_file, listen=["127.0.0.1:5353"], sandbox={"require": require})
    dotkeep = Dotkeep(folder, settings, wrapper)
    try:
        with pytest.raises(AssertionError):
            dotkeep.start()
        assert dotkeep.process.wait(5) == 77
        return dotkeep.log.text()
    finally:
        dotkeep.stop()
        dotkeep.notify.close()


@pytest.mark.parametrize("layer", ["namespaces", "empty_network", "empty_root"])
def test_a_required_layer_that_is_not_to_be_had_is_refused(folder, authority, layer):
    assert f"a required layer is missing layer={layer}" in refused(folder, authority, [layer], NO_NAMESPACES)
    assert f"a required layer is missing layer={layer}" in refused(folder, authority, [layer], NOBODY)


def test_the_supervisor_itself_is_held_to_what_is_required(folder, authority):
    """An account without the right to empty its bounding set."""
    assert "supervisor: a required layer is missing: capabilities" in refused(folder, authority, ["capabilities"], NOBODY)


def test_all_means_each(folder, authority):
    assert "a required layer is missing" in refused(folder, authority, ["all"], NOBODY)


# With the first kernel that has each.
LAYERS = {"seccomp": (5, 0), "landlock_files": (5, 13), "landlock_network": (6, 7), "landlock_scopes": (6, 12),
          "mdwe": (6, 3), "mseal": (6, 10), "namespaces": (5, 0), "empty_network": (5, 0), "empty_root": (5, 0),
          "capabilities": (5, 0), "no_memory": (5, 0), "descriptors": (5, 9), "not_dumpable": (5, 0),
          "no_new_privs": (5, 0)}
KERNEL = tuple(int(n) for n in os.uname().release.split("-")[0].split(".")[:2])
HERE = [layer for layer, since in LAYERS.items() if KERNEL >= since]
CAP_SYS_RESOURCE = 1 << 24


def test_required_layers_that_are_there(start, good_server):
    """All but locked memory, which hangs on a limit."""
    start([good_server], sandbox={"require": HERE})
    assert dnsclient.query("n4.example")


def test_all_layers(start, good_server, folder, authority):
    """"all" is all of these and locked memory. Who may raise the limit gets it; else the start is refused for that layer
    and no other."""
    [limit] = {line.split()[3] for line in open("/proc/self/limits") if line.startswith("Max locked memory")}
    may_lock = limit == "unlimited" or int(procfs.status("self")["CapEff"], 16) & CAP_SYS_RESOURCE
    if len(HERE) < len(LAYERS):
        assert "a required layer is missing" in refused(folder, authority, ["all"])
    elif may_lock:
        start([good_server], sandbox={"require": ["all"]})
        assert dnsclient.query("n5.example")
    else:
        assert "a required layer is missing layer=memory_locked" in refused(folder, authority, ["all"])


def test_locked_memory_that_is_not_to_be_had_is_refused(folder, authority):
    small = [paths.tool("prlimit"), "--memlock=65536:65536", *NOBODY]
    assert "a required layer is missing layer=memory_locked" in refused(folder, authority, ["memory_locked"], small)
