"""Reads what TLS shows on the wire: record headers and the ClientHello (RFC 8446 sections 4.1.2 and 5.1)."""

import dataclasses
import struct

HANDSHAKE, APPLICATION_DATA = 22, 23


class RecordLog:
    """Splits a ciphertext stream into records; keeps (content type, length) of each and the first's body."""

    def __init__(self):
        self.records = []
        self.first = b""
        self._rest = b""

    def feed(self, octets):
        self._rest += octets
        while len(self._rest) >= 5:
            kind, size = self._rest[0], struct.unpack_from(">H", self._rest, 3)[0]
            if len(self._rest) < 5 + size:
                return
            if not self.records:
                self.first = self._rest[5:5 + size]
            self.records.append((kind, size))
            self._rest = self._rest[5 + size:]


@dataclasses.dataclass
class ClientHello:
    server_name: str = ""
    alpn: tuple = ()
    versions: tuple = ()
    groups: tuple = ()
    key_shares: tuple = ()
    extensions: tuple = ()


def _list16(data):
    return tuple(struct.unpack(f">{len(data) // 2}H", data))


def parse_client_hello(body):
    """`body`: the handshake message that the first record carries, whole."""
    hello = ClientHello()
    if not body or body[0] != 1:
        raise ValueError("not a ClientHello")
    at = 4 + 2 + 32
    at += 1 + body[at]
    at += 2 + struct.unpack_from(">H", body, at)[0]
    at += 1 + body[at]
    end = at + 2 + struct.unpack_from(">H", body, at)[0]
    at += 2
    kinds = []
    while at < end:
        kind, size = struct.unpack_from(">HH", body, at)
        data = body[at + 4:at + 4 + size]
        at += 4 + size
        kinds.append(kind)
        if kind == 0:
            hello.server_name = data[5:].decode()
        elif kind == 10:
            hello.groups = _list16(data[2:])
        elif kind == 16:
            names, i = [], 2
            while i < len(data):
                names.append(data[i + 1:i + 1 + data[i]].decode())
                i += 1 + data[i]
            hello.alpn = tuple(names)
        elif kind == 43:
            hello.versions = _list16(data[1:])
        elif kind == 51:
            shares, i = [], 2
            while i < len(data):
                group, length = struct.unpack_from(">HH", data, i)
                shares.append(group)
                i += 4 + length
            hello.key_shares = tuple(shares)
    hello.extensions = tuple(kinds)
    return hello
