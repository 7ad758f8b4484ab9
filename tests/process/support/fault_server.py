"""A DNS-over-TLS server that does as the test says, and remembers every octet that it could decrypt."""

import asyncio
import ssl
import struct
import threading
import time

from support import answers
from support.tls_records import RecordLog, parse_client_hello


def tls_context(leaf, versions=("1.3", "1.3"), alpn=("dot",)):
    """A server's context for a certs.Leaf, from one TLS version to another."""
    known = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version, context.maximum_version = (known[v] for v in versions)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # weak certificates are among what is tested
    context.load_cert_chain(leaf.chain, leaf.key)
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


class Connection(asyncio.Protocol):
    """One client. A behaviour calls send(), send_octets(), later() and abort() on the server's thread."""

    def __init__(self, server):
        self.server = server
        self.number = 0
        self.queries = []      # DNS messages, without their length
        self.plaintext = b""   # everything that was decrypted
        self.record_log = RecordLog()
        self.fault = None      # why the handshake failed
        self.handshaken = False
        self.resumed = False
        self.open = True
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = None
        self._unframed = b""

    def connection_made(self, transport):
        self.transport = transport
        self.server.accepted(self)
        if self.server.greeting is not None:
            transport.write(self.server.greeting)
        elif self.server.context is not None:
            self._tls = self.server.context.wrap_bio(self._in, self._out, server_side=True)

    def connection_lost(self, error):
        self.open = False
        self.server.changed()

    def data_received(self, octets):
        self.record_log.feed(octets)
        if self._tls is None:
            return
        self._in.write(octets)
        try:
            self._pump()
        except ssl.SSLWantReadError:
            self.flush()
        except ssl.SSLError as error:
            self.fault = error.reason or str(error)
            self.flush()
            self.transport.close()
        self.server.changed()

    def _pump(self):
        if not self.handshaken:
            self._tls.do_handshake()
            self.handshaken = True
            self.resumed = self._tls.session_reused
        while True:
            octets = self._tls.read(65536)
            if not octets:
                self.flush()
                self.transport.close()
                return
            self.plaintext += octets
            self._unframed += octets
            for query in self._frames():
                self.queries.append(query)
                self.server.queries.append(query)
                self.server.behaviour(self, query)

    def _frames(self):
        at, data, frames = 0, self._unframed, []
        while len(data) - at >= 2:
            size = struct.unpack_from(">H", data, at)[0]
            if len(data) - at - 2 < size:
                break
            frames.append(data[at + 2:at + 2 + size])
            at += 2 + size
        self._unframed = data[at:]
        return frames

    def hello(self):
        return parse_client_hello(self.record_log.first)

    def send(self, message):
        self.send_octets(struct.pack(">H", len(message)) + message)

    def send_octets(self, octets):
        """Any plaintext, framed or not."""
        if self.open:
            self._tls.write(octets)
            self.flush()

    def flush(self):
        octets = self._out.read()
        if octets and self.open:
            self.transport.write(octets)

    def later(self, seconds, call, *arguments):
        self.server.loop.call_later(seconds, call, *arguments)

    def abort(self):
        """Ends with a TCP reset and no close_notify."""
        self.transport.abort()

    def close(self):
        self.transport.close()


def answering(connection, query):
    connection.send(answers.answer(query))


def silent(connection, query):
    """Takes queries and says nothing."""


class FaultServer:
    """Serves on its own thread from `with` to its end. context None: accepts and never says a word;
    `greeting`: says that instead of TLS."""

    def __init__(self, address, context, behaviour=answering, port=853, greeting=None):
        self.address, self.port = address, port
        self.context, self.behaviour, self.greeting = context, behaviour, greeting
        self.connections = []
        self.queries = []
        self.loop = None
        self._changed = threading.Condition()
        self._listener = None
        self._thread = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._listener = self._call(self.loop.create_server(
            lambda: Connection(self), self.address, self.port, reuse_address=True, backlog=512))

    def stop(self):
        if self.loop is None:
            return
        self._call(self._shut())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=5)
        self.loop.close()
        self.loop = None

    async def _shut(self):
        self._listener.close()
        for connection in self.open_connections():
            connection.abort()
        await asyncio.sleep(0)

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=5)

    def on_thread(self, function, *arguments):
        """Runs a function on the server's thread; connections may be touched only there."""
        async def call():
            return function(*arguments)
        return self._call(call())

    def abort_all(self):
        self.on_thread(lambda: [c.abort() for c in self.open_connections()])

    def open_connections(self):
        return [c for c in self.connections if c.open]

    def accepted(self, connection):
        connection.number = len(self.connections)
        self.connections.append(connection)
        self.changed()

    def changed(self):
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, condition, timeout=5):
        """Waits until condition() holds; it is asked again whenever something happened. Its last value."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not (value := condition()) and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(min(left, 0.2))
        return value

    def wait_for_queries(self, count, timeout=5):
        assert self.wait_for(lambda: len(self.queries) >= count, timeout), (
            f"{self.address}: {len(self.queries)} of {count} queries came")

    @property
    def plaintext(self):
        """Every octet that any client sent inside TLS."""
        return b"".join(c.plaintext for c in self.connections)
