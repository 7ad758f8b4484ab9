"""What /proc tells about a process."""

import ctypes
import os
import pathlib
import re
import socket

PIDFD_GETFD = 438


def children(pid):
    """Every living descendant of `pid`; zombies are left out."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = pathlib.Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            state, parent = stat.rsplit(") ", 1)[1].split()[:2]
            if state not in "ZX":
                parents[int(entry)] = int(parent)
    found, todo = [], [pid]
    while todo:
        parent = todo.pop()
        below = [p for p, pp in parents.items() if pp == parent]
        found += below
        todo += below
    return sorted(found)


def taken_descriptor(pid, fd):
    """A copy of another process's descriptor, as a socket."""
    libc = ctypes.CDLL(None, use_errno=True)
    pidfd = os.pidfd_open(pid)
    try:
        copy = libc.syscall(PIDFD_GETFD, pidfd, fd, 0)
        assert copy >= 0, os.strerror(ctypes.get_errno())
        return socket.socket(fileno=copy)
    finally:
        os.close(pidfd)


def program(pid):
    """Name of the file that the process runs."""
    return os.path.basename(os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)"))


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] not in "ZX"
    except OSError:
        return False


def status(pid):
    """/proc/PID/status as a dictionary of texts."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {k: v.strip() for k, v in (line.split(":", 1) for line in lines)}


def cpu_ticks(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def _inet_sockets(pid):
    """inode -> ("udp", "listen", "connected", ..., local port, remote port) in the namespace of `pid`."""
    states = {"01": "connected", "0A": "listen"}
    found = {}
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in pathlib.Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            field = line.split()
            kind = "udp" if table.startswith("udp") else states.get(field[3], "tcp")
            found[field[9]] = (kind, int(field[1][-4:], 16), int(field[2][-4:], 16))
    return found


def descriptors(pid, namespace="self"):
    """fd -> what it is: "null", "memfd", "pipe", "file PATH", "epoll", "timer", "event", "signal", "pidfd",
    "unix", "udp PORT", "listen PORT", "connected REMOTE-PORT". Inet sockets are looked up in the
    namespace of the process `namespace`."""
    inet = _inet_sockets(namespace)
    kinds = {}
    folder = pathlib.Path(f"/proc/{pid}/fd")
    for fd in sorted(int(f) for f in os.listdir(folder)):
        try:
            kinds[fd] = _kind(os.readlink(folder / str(fd)), inet)
        except FileNotFoundError:
            pass  # closed meanwhile
    return kinds


def _kind(target, inet):
    anonymous = {"[eventpoll]": "epoll", "[timerfd]": "timer", "[eventfd]": "event",
                 "[signalfd]": "signal", "[pidfd]": "pidfd"}
    if target == "/dev/null":
        return "null"
    if target.startswith("/memfd:"):
        return "memfd"
    if target.startswith("pipe:"):
        return "pipe"
    if target.startswith("pidfd:"):
        return "pidfd"
    if target.startswith("anon_inode:"):
        name = target.removeprefix("anon_inode:")
        return anonymous.get(name, name)
    found = re.match(r"socket:\[(\d+)\]", target)
    if not found:
        return f"file {target}"
    if found.group(1) not in inet:
        return "unix"
    kind, local, remote = inet[found.group(1)]
    return f"{kind} {remote if kind == 'connected' else local}"
