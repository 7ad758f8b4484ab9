"""A network of its own: the test process moves into a fresh network namespace.

The namespace has no name and belongs to this process and its children alone, so the kernel removes it
when the last of them ends, however that happens. Ports 53 and 853 are free in it and nothing leaves it.
"""

import ctypes
import os
import subprocess

CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_home = None


def enter():
    """Moves this process (it must still have one thread) into a new namespace with `lo` up; once."""
    global _home
    if _home is not None:
        return
    if os.geteuid() != 0:
        raise PermissionError("the process tests need root: they make network namespaces")
    _home = os.stat("/proc/self/ns/net").st_ino
    if _libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare(CLONE_NEWNET)")
    run("ip", "link", "set", "lo", "up")


def is_own():
    """Whether this process has left the namespace that it was started in."""
    return _home is not None and os.stat("/proc/self/ns/net").st_ino != _home


def add_addresses(*prefixes):
    """Adds addresses such as "10.77.0.1/32" or "fd77::1/128" to `lo`; one that is there already stays."""
    for prefix in prefixes:
        extra = ["nodad"] if ":" in prefix else []
        run("ip", "addr", "replace", prefix, "dev", "lo", *extra)


def nobody_there(prefix):
    """Sends all packets to a prefix out on a wire that has no other end: an answer to a forged source costs its
    sender the way through its own kernel, no error, and nothing on this machine afterwards. (A bridge without ports:
    on `lo` the sender would be its own recipient, too.)"""
    run("ip", "link", "add", "nobody", "type", "bridge")
    run("ip", "link", "set", "nobody", "up")
    run("ip", "neigh", "replace", "192.0.2.1", "lladdr", "02:00:00:00:00:01", "nud", "permanent", "dev", "nobody")
    run("ip", "route", "replace", prefix, "via", "192.0.2.1", "dev", "nobody", "onlink")


def run(*command):
    subprocess.run(command, check=True, timeout=10)


def with_resolver(address, *command, timeout=20):
    """Runs a command that sees a resolv.conf with `address` alone and asks nothing but DNS for hosts."""
    script = (
        "mount --make-rprivate / && mount -t tmpfs -o size=1M none /mnt && "
        f'printf "nameserver {address}\\noptions timeout:2 attempts:1\\n" >/mnt/resolv.conf && '
        'printf "hosts: dns\\npasswd: files\\n" >/mnt/nsswitch.conf && '
        "mount --bind /mnt/resolv.conf /etc/resolv.conf && "
        "mount --bind /mnt/nsswitch.conf /etc/nsswitch.conf && "
        'exec "$@"'
    )
    return subprocess.run(
        ["unshare", "--mount", "sh", "-ec", script, "sh", *command],
        capture_output=True, text=True, timeout=timeout,
    )
