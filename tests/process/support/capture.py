"""Everything that passes the loopback of this namespace, from an AF_PACKET socket (what tcpdump uses)."""

import dataclasses
import socket
import struct
import threading

ETH_P_ALL = 3


@dataclasses.dataclass(frozen=True)
class Packet:
    protocol: str  # "udp", "tcp" or a number
    source: tuple  # (address, port)
    target: tuple
    payload: bytes
    fragment: bool = False


def _parse(frame):
    kind = struct.unpack_from(">H", frame, 12)[0]
    ip = frame[14:]
    if kind == 0x0800:
        size = (ip[0] & 15) * 4
        total = struct.unpack_from(">H", ip, 2)[0]
        fragment = struct.unpack_from(">H", ip, 6)[0] & 0x3FFF != 0  # more of them, or an offset
        protocol, family, source, target = ip[9], socket.AF_INET, ip[12:16], ip[16:20]
        body = ip[size:total]
    elif kind == 0x86DD:
        protocol, family, source, target = ip[6], socket.AF_INET6, ip[8:24], ip[24:40]
        body, fragment = ip[40:], ip[6] == 44
    else:
        return None
    source, target = (socket.inet_ntop(family, a) for a in (source, target))
    if protocol not in (6, 17):
        return Packet(str(protocol), (source, 0), (target, 0), body, fragment)
    ports = struct.unpack_from(">HH", body)
    head = 8 if protocol == 17 else (body[12] >> 4) * 4
    return Packet("udp" if protocol == 17 else "tcp", (source, ports[0]), (target, ports[1]),
                  body[head:], fragment)


class Capture:
    """`with Capture() as capture:`; after the block `packets` holds what passed within it."""

    def __init__(self):
        self.packets = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, 33, 1 << 25)  # SO_RCVBUFFORCE
        self._socket.bind(("lo", ETH_P_ALL))
        self._end = threading.Event()

    def __enter__(self):
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join(5)
        # SOL_PACKET, PACKET_STATISTICS: packets, drops
        drops = struct.unpack("II", self._socket.getsockopt(263, 6, 8))[1]
        self._socket.close()
        assert drops == 0, f"the capture lost {drops} packets and proves nothing"

    def _read(self):
        self._socket.settimeout(0.05)
        while True:
            try:
                frame, where = self._socket.recvfrom(65600)
            except TimeoutError:
                if self._end.is_set():
                    return
                continue
            if where[2] == socket.PACKET_OUTGOING:  # loopback shows each packet twice
                packet = _parse(frame)
                if packet:
                    self.packets.append(packet)
