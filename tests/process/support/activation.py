"""Starts a program as systemd does for a .socket unit: the sockets from descriptor 3 on, LISTEN_FDS and
LISTEN_PID (sd_listen_fds(3))."""

import sys

_LAUNCHER = """
import fcntl, os, sys
fds = [fcntl.fcntl(int(n), fcntl.F_DUPFD, 100) for n in sys.argv[1].split(",")]
for number, fd in enumerate(fds, 3):
    os.dup2(fd, number)
os.closerange(3 + len(fds), 1024)
os.environ.update(LISTEN_FDS=str(len(fds)), LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def wrapper(*sockets):
    """What to put before a command whose Popen passes these sockets' descriptors."""
    return [sys.executable, "-c", _LAUNCHER, ",".join(str(s.fileno()) for s in sockets)]
