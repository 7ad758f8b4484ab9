"""SO_PASSRIGHTS: whether an end of a Unix socket may be sent descriptors."""

import socket

SO_PASSRIGHTS = 83


def kernel_has():
    """Linux 6.16."""
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        ends[0].setsockopt(socket.SOL_SOCKET, SO_PASSRIGHTS, 0)
        return True
    except OSError:
        return False
    finally:
        for end in ends:
            end.close()
