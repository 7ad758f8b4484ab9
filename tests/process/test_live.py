"""dotkeep policy --live: what it says of running processes is what is so."""

import os
import subprocess

from support import paths
from support.dotkeep import run

NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


def sections(text):
    """Process name -> layer -> what."""
    found, current = {}, None
    for line in text.splitlines():
        if line.startswith("  "):
            current[line[2:16].strip()] = line[17:]
        elif "(process" in line:
            current = found.setdefault(line.split(" (")[0], {})
    return found


def test_running_processes(start, good_server):
    dotkeep = start([good_server])
    done = run("policy", "--live", dotkeep.pid)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = sections(done.stdout)
    assert set(seen) == {"dotkeep", *paths.WORKERS} - {"dotkeep-control"}, "no control socket, no such process"
    for name, layers in seen.items():
        assert layers["account"] == "65532" and layers["no_new_privs"] == "yes" and layers["not_dumpable"] == "yes"
        assert layers["capabilities"] == "none in any set" and "filters" in layers["seccomp"]
        assert layers["memory"].startswith("none writable and executable")
        assert "core file size 0" in layers["limits"]
        if name == "dotkeep":
            continue
        assert "processes 0" in layers["limits"] and "locked memory 0" in layers["limits"]
        assert layers["root folder"] == "empty, and stays so"
        own = layers["namespaces"].split(";")[0].split()[2:]
        assert set(own) == {"user", "mnt", "pid", "ipc", "uts", "cgroup"} | (
            set() if name == "dotkeep-connector" else {"net"})
        assert (layers["network"] == "no interface but lo") or name == "dotkeep-connector"


def test_by_an_account_that_may_not_see_all(start, good_server):
    dotkeep = start([good_server])
    done = subprocess.run([*NOBODY, paths.DOTKEEP, "policy", "--live", str(dotkeep.pid)], capture_output=True, text=True,
                          cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr
    assert sections(done.stdout)["dotkeep-upstream"]["namespaces"] == "only root can see them"


def test_who_is_not_sealed():
    done = run("policy", "--live", os.getpid())
    assert done.returncode == 1 and "seccomp        MISSING: none" in done.stdout
    assert run("policy", "--live", 2**22 + 5).returncode == 64
