"""What the sockets that a frontend holds can reach, whoever holds them: asked of the very sockets, copied out of it.

A filter sees no address; docs/layers.md says what remains."""

import ctypes
import os
import socket
import struct

import pytest

from support import dnsclient, netns, procfs

NEAR, FAR = "10.9.9.1", "10.9.9.2"  # of an interface that leads out of the machine, and beyond it
PIDFD_GETFD = 438
NAME = "out0"


@pytest.fixture(scope="module", autouse=True)
def way_out():
    netns.run("ip", "link", "add", NAME, "type", "veth", "peer", "name", f"{NAME}peer")
    for end in (NAME, f"{NAME}peer"):
        with open(f"/proc/sys/net/ipv6/conf/{end}/disable_ipv6", "w") as quiet:  # it would count its own packets
            quiet.write("1")
        netns.run("ip", "link", "set", end, "up")
    netns.run("ip", "addr", "add", f"{NEAR}/24", "dev", NAME)
    netns.run("ip", "neigh", "add", FAR, "lladdr", "02:00:00:00:00:02", "dev", NAME)
    yield
    netns.run("ip", "link", "del", NAME)


def packets_out():
    with open("/proc/net/dev") as devices:  # of the namespace of who reads
        [line] = [d for d in devices if d.strip().startswith(f"{NAME}:")]
    return int(line.split(":")[1].split()[9])


def copied(pid, kind):
    """The socket of `pid` that procfs calls `kind`, here."""
    [number] = [fd for fd, what in procfs.descriptors(pid).items() if what == kind]
    handle = os.pidfd_open(pid)
    fd = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, handle, number, 0)
    os.close(handle)
    assert fd >= 0, os.strerror(ctypes.get_errno())
    return socket.socket(fileno=fd)


def send_out(sock):
    """From the machine's outer address, which IP_PKTINFO lets anyone choose. How many packets left."""
    before = packets_out()
    source = struct.pack("I4s4s", 0, socket.inet_aton(NEAR), bytes(4))
    try:
        sock.sendmsg([b"x"], [(socket.IPPROTO_IP, 8, source)], 0, (FAR, 5300))  # IP_PKTINFO
        sock.sendto(b"x", (FAR, 5300))
    except OSError:
        pass
    return packets_out() - before


def test_nothing_leaves_the_machine_from_a_loopback_listener(start, good_server):
    dotkeep = start([good_server])
    [frontend] = dotkeep.workers("frontend")
    with copied(frontend, "udp 53") as sock:
        assert send_out(sock) == 0


def test_what_docs_say_of_other_listeners_is_so(start, good_server):
    """Else the test before proves nothing."""
    dotkeep = start([good_server], listen=[{"address": f"{NEAR}:53"}])
    [frontend] = dotkeep.workers("frontend")
    with copied(frontend, "udp 53") as sock:
        assert send_out(sock) == 2


def test_a_client_at_an_outer_address_of_this_machine_is_answered(start, good_server):
    start([good_server])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind((NEAR, 0))
        client.settimeout(3)
        client.sendto(dnsclient.wire_query("n1.example", ident=7), ("127.0.0.1", 53))
        answer, source = client.recvfrom(2048)
        assert answer[:2] == b"\0\7" and source == ("127.0.0.1", 53)
