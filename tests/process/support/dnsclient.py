"""A client that speaks plain DNS: with dnspython where a message is to be read, raw where it is to be bent."""

import random
import socket
import struct
import time

import dns.edns
import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

SERVER = "127.0.0.1"


def query(name, rtype="A", server=SERVER, port=53, timeout=5, tcp=False, source=None, **options):
    """Asks once over UDP or TCP; the parsed response. Options as for dns.message.make_query."""
    options.setdefault("use_edns", 0)
    message = dns.message.make_query(name, rtype, **options)
    ask = dns.query.tcp if tcp else dns.query.udp
    return ask(message, server, timeout=timeout, port=port, source=source)


def timed_query(name, **how):
    """The response, as query() gives it, and the seconds that it took."""
    began = time.monotonic()
    response = query(name, **how)
    return response, time.monotonic() - began


def addresses(response):
    """The addresses in the answer section, sorted."""
    return sorted(r.address for rrset in response.answer for r in rrset
                  if rrset.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA))


def ede_codes(response):
    """Extended DNS Error codes (RFC 8914), in order."""
    return [int(o.code) for o in response.options if isinstance(o, dns.edns.EDEOption)]


def is_servfail_with_ede(response, *codes):
    return response.rcode() == dns.rcode.SERVFAIL and any(c in codes for c in ede_codes(response))


def wire_query(name, rtype=1, ident=None, flags=0x0100, edns=True):
    """Octets of a query; any id, any flags."""
    ident = random.randrange(65536) if ident is None else ident
    labels = b"".join(bytes([len(x)]) + x.encode("latin-1") for x in name.split(".") if x) + b"\0"
    opt = b"\0" + struct.pack(">HHIH", 41, 1232, 0, 0) if edns else b""
    return (struct.pack(">6H", ident, flags, 1, 0, 0, 1 if edns else 0) + labels
            + struct.pack(">HH", rtype, 1) + opt)


def framed(message):
    return struct.pack(">H", len(message)) + message


class TcpClient:
    """One TCP connection; every wait is bounded by `timeout`."""

    def __init__(self, server=SERVER, port=53, timeout=5, source=None):
        self.socket = socket.create_connection((server, port), timeout,
                                               (source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *messages):
        """All messages in one segment where they fit."""
        self.socket.sendall(b"".join(framed(m) for m in messages))

    def send_octets(self, octets):
        self.socket.sendall(octets)

    def receive(self):
        """The next message; None when the server ended the connection before one."""
        head = self._read(2)
        return head and self._read(struct.unpack(">H", head)[0])

    def _read(self, size):
        octets = b""
        while len(octets) < size:
            try:
                more = self.socket.recv(size - len(octets))
            except ConnectionResetError:
                more = b""
            if not more:
                assert not octets, "the connection ended inside a message"
                return None
            octets += more
        return octets

    def ended_within(self, seconds):
        """Whether the server ends the connection in time, without another octet."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)


def udp_exchange(octets, server=SERVER, port=53, timeout=2, family=socket.AF_INET):
    """One datagram out, one back; (octets, address it came from), or None when none comes in time."""
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.sendto(octets, (server, port))
        try:
            return sock.recvfrom(65535)
        except TimeoutError:
            return None


def poll_until_answered(name, timeout=5, server=SERVER, port=53, interval=0.01):
    """Asks names that nobody asked before (`name` with a number) until one is answered without an error;
    seconds that it took. A name is given up after 5 intervals, so this sees the first moment of service."""
    began = time.monotonic()
    sent = {}
    with socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET,
                       socket.SOCK_DGRAM) as sock:
        sock.settimeout(interval)
        sock.connect((server, port))
        while time.monotonic() - began < timeout:
            ident = random.randrange(65536)
            sent[ident] = True
            try:
                sock.send(wire_query(f"{name}{ident}.example", ident=ident))
                response = sock.recv(4096)
            except (TimeoutError, ConnectionRefusedError):
                continue
            if response[:2] in {struct.pack(">H", i) for i in sent} and response[3] & 15 == 0:
                return time.monotonic() - began
    raise AssertionError(f"no service within {timeout} s")
