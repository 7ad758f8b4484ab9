"""Everything that a sealed process does, done once before a tracer: each run of `dotkeep` has its folder."""

import os
import signal
import socket
import struct
import subprocess
import time

import traces
from support import answers, certs, dnsclient, netns, paths, procfs
from support.dnsclient import TcpClient, framed, query, wire_query
from support.dotkeep import Dotkeep, config
from support.fault_server import FaultServer, tls_context

NAME = "dns.example.net"
SLOW = 20  # seconds; a traced program takes some ten times as long
DEAD = "10.53.0.3"  # nobody listens there; no loopback address, to which connections are made otherwise
CERTIFICATES = 200  # in the CA file: a distribution's has 140


def answering(connection, octets):
    """Big answers to TXT, 100 ms late to "slow..."; else as support/answers.py."""
    if answers.type_of(octets) == answers.TXT:
        texts = [answers.record(answers.TXT, b"\xc8" + bytes([65 + i % 26]) * 200) for i in range(100)]
        connection.send(answers.response(octets, texts))
    elif answers.name_of(octets).startswith("slow"):
        connection.later(0.1, connection.send, answers.answer(octets))
    else:
        connection.send(answers.answer(octets))


def until(condition, what):
    deadline = time.monotonic() + SLOW
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {SLOW} s: {what}"
        time.sleep(0.01)
    return value


def pause(pid):
    """Stops and continues a process while it waits, as a shell's job control does."""
    until(lambda: procfs.status(pid)["State"][0] == "S", "waiting")
    os.kill(pid, signal.SIGSTOP)
    until(lambda: procfs.status(pid)["State"][0] in "tT", "stopped")
    os.kill(pid, signal.SIGCONT)
    until(lambda: procfs.status(pid)["State"][0] == "S", "waiting again")


class Scenario:
    """`run()` it, then the folders in `traced` hold what every process did."""

    KILLS = 7  # one of each room; all three where one does not end

    def __init__(self, folder):
        self.folder = folder
        self.traced = []
        self.log = None
        self.authority = certs.Authority(folder / "ca")
        self.ca_file = folder / "ca.pem"
        others = [certs.Authority(folder / f"ca{i}", f"test CA {i}").ca_file for i in range(CERTIFICATES)]
        self.ca_file.write_text("".join(f.read_text() for f in [*others, self.authority.ca_file]))
        self.leaf = self.authority.issue(NAME)
        self.servers = [
            FaultServer("127.0.0.2", tls_context(self.leaf), answering),
            FaultServer("::1", tls_context(self.leaf), answering),
            FaultServer("127.0.0.4", tls_context(self.authority.issue(NAME, self_signed=True))),
            FaultServer("127.0.0.5", None),
        ]

    def run(self):
        netns.add_addresses(f"{DEAD}/32")
        for server in self.servers:
            server.start()
        try:
            self.serve()
            self.serve_without_privileges()
            self.use_tools()
        except AssertionError as error:
            log = self.log.text() if self.log else ""
            raise AssertionError(f"{error}\n{log}") from None
        finally:
            for server in self.servers:
                server.stop()

    def upstreams(self, *addresses):
        return [{"address": f"{a}:853", "name": NAME} for a in addresses]

    def config(self, *addresses):
        return config(self.upstreams(*addresses), self.ca_file,
                      listen=("127.0.0.1:53", "[::1]:53", "0.0.0.0:5300", "[::]:5300"),
                      control={"socket": str(self.folder / "control")}, metrics={"listen": "127.0.0.1:9153"},
                      query={"timeout": "5s", "select": "round-robin"},
                      cache={"file": str(self.folder / "cache")})

    def tracer(self):
        folder = self.folder / f"trace{len(self.traced)}"
        folder.mkdir()
        self.traced.append(folder)
        return traces.wrapper(folder)

    def ended(self, dotkeep):
        """The tracer holds the log open until it has written all."""
        dotkeep.log.wait_for_end(SLOW)
        assert dotkeep.log.ended, "the tracer does not end"

    # --- the rooms

    def serve(self):
        settings = self.config("127.0.0.2", "[::1]", DEAD, "127.0.0.4")
        with Dotkeep(self.folder, settings, self.tracer(), {"WATCHDOG_USEC": "2000000"},
                     ready_within=SLOW) as dotkeep:
            self.log = dotkeep.log
            dotkeep.log.wait_for("refused", timeout=SLOW)
            dotkeep.log.wait_for("not trusted", timeout=SLOW)
            self.ask()
            assert all(server.queries for server in self.servers[:2])
            self.operate()
            for room in ("frontend", "upstream", "connector", "control"):
                self.kill(dotkeep, room)
            with TcpClient(timeout=SLOW) as idle:
                self.reload(dotkeep)
                self.lose_connections()
                self.stop_and_continue(dotkeep)
                assert idle.ended_within(SLOW), "an idle client stays"
            dotkeep.terminate(SLOW)
            self.ended(dotkeep)

    def operate(self):
        """A scraper, one that never finishes, and an operator."""
        with socket.create_connection(("127.0.0.1", 9153), SLOW) as scraper, \
                socket.create_connection(("127.0.0.1", 9153), SLOW) as silent:
            scraper.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
            assert b"dotkeep_queries_total" in scraper.recv(65536)
            assert silent.recv(1) == b""
        for line in (b"status\n", b"flush nobody.asked\n"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as operator:
                operator.settimeout(SLOW)
                operator.connect(str(self.folder / "control"))
                operator.sendall(line)
                assert operator.recv(65536).startswith(b"ok\n")

    def ask(self):
        for server, port in (("127.0.0.1", 53), ("::1", 53), ("127.0.0.1", 5300), ("::1", 5300)):
            for tcp in (False, True):
                response = query("n1.example", server=server, port=port, tcp=tcp, timeout=SLOW)
                assert dnsclient.addresses(response) == ["20.0.0.1"], f"{server}:{port}: {response}"
        self.be_deaf()
        leaving = TcpClient(timeout=SLOW)
        leaving.send(wire_query("slow.example"))
        leaving.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        leaving.socket.close()
        with TcpClient(timeout=SLOW) as half:
            half.send(wire_query("slow2.example"))
            half.half_close()
            assert half.receive() and half.receive() is None

    def be_deaf(self):
        """A client that asks for more than it reads: what is left waits until it has read."""
        with TcpClient(timeout=SLOW) as deaf:
            deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.send(*(wire_query(f"t{i}.example", rtype=16) for i in range(60)))
            query("n2.example", timeout=SLOW)
            for number in range(60):
                assert deaf.receive(), f"ended after {number} answers"

    def kill(self, dotkeep, room):
        [victim] = dotkeep.workers(room)
        os.kill(victim, signal.SIGKILL)
        dotkeep.log.wait_for("died", room, "SIGKILL", timeout=SLOW)
        until(lambda: dotkeep.workers(room), f"another {room}")
        dnsclient.poll_until_answered(f"after{room}", timeout=SLOW, interval=0.5)

    def reload(self, dotkeep):
        before = len(dotkeep.log.lines)
        dotkeep.configure("nonsense")
        dotkeep.signal(signal.SIGHUP)
        dotkeep.log.wait_for("reload refused", since=before, timeout=SLOW)
        dotkeep.configure(self.config("127.0.0.2"))
        dotkeep.signal(signal.SIGHUP)
        dotkeep.log.wait_for("reloaded", since=before, timeout=SLOW)
        dnsclient.poll_until_answered("reloaded", timeout=SLOW, interval=0.5)

    def lose_connections(self):
        for number in range(3):
            self.servers[0].abort_all()
            dnsclient.poll_until_answered(f"again{number}x", timeout=SLOW, interval=0.5)

    def stop_and_continue(self, dotkeep):
        for pid in (dotkeep.pid, *dotkeep.workers()):
            pause(pid)
        dnsclient.poll_until_answered("continued", timeout=SLOW, interval=0.5)
        dotkeep.notify.wait_for("WATCHDOG=1", SLOW, count=len(dotkeep.notify.times("WATCHDOG=1")) + 1)

    def serve_without_privileges(self):
        """No file and no CA; a worker that does not end when it is told to."""
        nobody = [paths.tool("setpriv"), "--reuid", "65534", "--regid", "65534", "--clear-groups"]
        settings = config([{"address": "127.0.0.2:853", "pins": [self.leaf.pin]}], self.ca_file,
                          listen=("127.0.0.1:5397",))
        with Dotkeep(self.folder, settings, [*self.tracer(), *nobody], ready_within=SLOW) as dotkeep:
            query("n1.example", port=5397, timeout=SLOW)
            [stuck] = dotkeep.workers("frontend")
            os.kill(stuck, signal.SIGSTOP)
            dotkeep.terminate(SLOW)
            assert dotkeep.log.find("did not end in time", "frontend")
            self.ended(dotkeep)

    # --- the tools

    def use_tools(self):
        good, bad = self.folder / "good.toml", self.folder / "bad.toml"
        for file, addresses in ((good, ("127.0.0.2",)), (bad, ("127.0.0.3", "127.0.0.4"))):
            Dotkeep(self.folder, self.config(*addresses)).config_file.rename(file)
        assert self.command("check", "--live", "--config", good) == 0
        assert self.command("check", "--live", "--config", bad) == 1
        assert self.command("pin", f"127.0.0.2:853#{NAME}", "--ca-file", self.ca_file) == 0
        assert self.command("health", "127.0.0.1:53") == 1, "nobody listens yet"
        with Dotkeep(self.folder, self.config("127.0.0.2")):
            assert self.command("health", "127.0.0.1:53") == 0

        self.pause_probe()
        self.pause_health()

    def pause_probe(self):
        silent = self.servers[3]
        with self.started("pin", f"127.0.0.5:853#{NAME}") as process:
            until(lambda: silent.connections and silent.connections[0].record_log.records, "a hello")
            pause(procfs.children(process.pid)[0])
            silent.abort_all()
            assert process.wait(SLOW) == 1

    def pause_health(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 5353))
            server.settimeout(SLOW)
            with self.started("health", "127.0.0.1:5353") as process:
                asked, client = server.recvfrom(512)
                pause(procfs.children(process.pid)[0])
                server.sendto(answers.response(asked, rcode=answers.SERVFAIL), client)
                assert process.wait(SLOW) == 1

    def started(self, *arguments):
        return subprocess.Popen([*self.tracer(), str(paths.DOTKEEP), *map(str, arguments)],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")

    def command(self, *arguments):
        with self.started(*arguments) as process:
            process.communicate(timeout=2 * SLOW)  # the tracer has ended too
        return process.returncode
