"""What stands in the bench's namespace: one DoT server, and before it each proxy on a port of its own."""

import pathlib
import subprocess
import time

from support import paths, procfs
from support.dotkeep import ACCOUNT, Dotkeep
from support.peers import Peer

NAME = "dns.example.net"
SERVER = "127.0.0.2"
PORTS = {"dotkeep": 5301, "dnsdist": 5302, "unbound": 5303, "echo": 5304, "dnsdist_cache": 5305}

# Answers every name below bench.example from memory; whatever it costs is not counted.
_SERVER = """
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  verbosity: 1
  num-threads: 1
  interface: {address}@{port}
  tls-port: {port}
  tls-service-key: "{key}"
  tls-service-pem: "{chain}"
  incoming-num-tcp: 1000
  tcp-idle-timeout: 120000
  edns-tcp-keepalive: no
  module-config: "iterator"
  local-zone: "bench.example." redirect
  local-data: "bench.example. 300 IN A 192.0.2.7"
remote-control:
  control-enable: no
"""

_SERVER_DNSDIST = """
setACL({{'127.0.0.0/8'}})
setMaxTCPClientThreads(1)
setMaxTCPConnectionsPerClient(0)
setMaxTCPQueriesPerConnection(0)
setTCPRecvTimeout(120)
addTLSLocal('{address}:{port}', '{chain}', '{key}', {{minTLSVersion='tls1.3'}})
addAction(AllRule(), SpoofAction('192.0.2.7'))
"""

# The peers get what their manuals offer for speed on this way: pipelining, connections that stay, no work on names
# that come once. Each verifies the server's certificate and name, as dotkeep does.
_UNBOUND = """
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  verbosity: 0
  num-threads: 1
  interface: {address}@{port}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  module-config: "iterator"
  qname-minimisation: no
  num-queries-per-thread: 4096
  outgoing-range: 8192
  outgoing-num-tcp: 100
  max-reuse-tcp-queries: 10000
  tcp-reuse-timeout: 60000
  tls-cert-bundle: "{ca}"
  so-rcvbuf: 1m
forward-zone:
  name: "."
  forward-tls-upstream: yes
  forward-addr: {server}@853#{name}
remote-control:
  control-enable: no
"""

_DNSDIST = """
setLocal('{address}:{port}')
setACL({{'127.0.0.0/8'}})
setMaxTCPClientThreads(1)
newServer({{address='{server}:853', tls='openssl', subjectName='{name}', caStore='{ca}', validateCertificates=true,
  maxInFlight=1000}}):setUp()
"""


def dot_server(folder, leaf, kind):
    settings = {"address": SERVER, "port": 853, "chain": leaf.chain, "key": leaf.key}
    command, text = {
        "unbound": ([paths.tool("unbound"), "-d", "-c", "{folder}/conf"], _SERVER),
        "dnsdist": ([paths.tool("dnsdist"), "--supervised", "--disable-syslog", "-C", "{folder}/conf"],
                    _SERVER_DNSDIST),
    }[kind]
    return Peer(folder, command, settings, {"conf": text}, lambda _: _listens(853))


def _proxy(folder, name, command, text, ca_file):
    settings = {"address": "127.0.0.1", "port": PORTS[name], "server": SERVER, "name": NAME, "ca": ca_file}
    return Peer(folder, command, settings, {"conf": text}, lambda _: _answers(PORTS[name]))


def unbound(folder, ca_file):
    return _proxy(folder, "unbound", [paths.tool("unbound"), "-d", "-c", "{folder}/conf"], _UNBOUND, ca_file)


def dnsdist(folder, ca_file):
    return _proxy(folder, "dnsdist", [paths.tool("dnsdist"), "--supervised", "--disable-syslog", "-C",
                                      "{folder}/conf"], _DNSDIST, ca_file)


def dnsdist_cache(folder, ca_file):
    """As its manual has it for answers from memory; apart, since names that come once only cost there."""
    return _proxy(folder, "dnsdist_cache", [paths.tool("dnsdist"), "--supervised", "--disable-syslog", "-C",
                                            "{folder}/conf"],
                  _DNSDIST + "getPool(''):setCache(newPacketCache(100000, {{maxTTL=86400}}))\n", ca_file)


def echo(folder):
    return Peer(folder, [paths.BUILD / "bench" / "bench_echo", PORTS["echo"]], {}, {},
                lambda _: _listens(PORTS["echo"], "udp"))


class DotkeepProxy:
    """dotkeep with the interface of a Peer."""

    def __init__(self, folder, ca_file, name="dotkeep", more=""):
        self.folder, self.ca_file = pathlib.Path(folder), ca_file
        self.port, self.more = PORTS[name], more
        self.process = None

    def __enter__(self):
        self.folder.mkdir(mode=0o755)
        (self.folder / "conf").write_text(f"""
[process]
user = "{ACCOUNT}"
frontends = 1
[[listen]]
address = "127.0.0.1:{self.port}"
[[upstream]]
id = "bench"
address = "{SERVER}:853"
name = "{NAME}"
[tls]
ca_file = "{self.ca_file}"
[limits]
pending_per_client = 16384
rate = 1000000
burst = 1000000
error_rate = 1000000
suffix_rate = 1000000
unproven_rate = 1000000
{self.more}""")
        self.start()
        try:
            _wait(lambda: _answers(self.port), "dotkeep", self.folder / "log")
        except BaseException:
            self.stop()  # a death signal does not outlive a change of account, so nobody else would
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [paths.tool("setpriv"), "--pdeathsig", "TERM", str(paths.DOTKEEP), "run", "--config",
                 str(self.folder / "conf")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(4)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process = None


def processes(peer):
    return [peer.process.pid, *procfs.children(peer.process.pid)]


def _listens(port, table="tcp"):
    text = pathlib.Path(f"/proc/net/{table}").read_text()
    states = {"tcp": "0A", "udp": "07"}
    return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == states[table]
               for line in text.splitlines()[1:])


def _answers(port):
    return first_answer(port, patience=1.0) is not None


def first_answer(port, patience):
    """Seconds until a query of this moment, repeated until someone listens, is answered; None: not in time."""
    import os
    import socket
    name = b"\x08" + os.urandom(4).hex().encode() + b"\x05bench\x07example\x00"
    query = b"\0\1\1\0\0\1\0\0\0\0\0\0" + name + b"\0\1\0\1"
    began = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        sock.settimeout(0.05)
        while time.monotonic() - began < patience:
            try:
                sock.send(query)
                answer = sock.recv(2048)
                if answer[3] & 15 == 0 and answer[7] != 0:
                    return time.monotonic() - began
            except TimeoutError:
                pass
            except ConnectionRefusedError:
                time.sleep(0.0005)
    return None


def _wait(condition, what, log):
    deadline = time.monotonic() + 10
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{what} does not answer; its log:\n{log.read_text(errors='replace')}")


def cold_start(peer):
    """Seconds from exec to the first answer through a fresh connection."""
    peer.stop()
    began = time.monotonic()
    peer.start()
    if first_answer(PORTS["dotkeep"], patience=5) is None:
        raise RuntimeError("no answer after a start")
    return time.monotonic() - began
