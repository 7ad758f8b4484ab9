"""Packaged servers as DNS-over-TLS upstreams, each with the zone of zone.py, in the test's namespace."""

import pathlib
import subprocess
import time

import dns.exception
import dns.message
import dns.query

from support import paths
from support.zone import ZONE, as_zone_file

# Names n<number>.example, answered as answers.ipv4_for does; in LuaJIT, to keep up with any load.
_LUA = """
setACL({{'127.0.0.0/8'}})
setMaxTCPClientThreads(2)
setMaxTCPConnectionsPerClient(0)
setMaxTCPQueriesPerConnection(0)
setTCPRecvTimeout(60)
addTLSLocal('{address}:{port}', '{chain}', '{key}', {{minTLSVersion='tls1.3', reusePort=true}})
"""
_LUA_COMPUTE = """
addAction(QTypeRule(DNSQType.A), LuaAction(function(dq)
  local n = tonumber(string.match(dq.qname:toString(), '^[^.]-(%d+)%.')) or 0
  local text = '20.' .. math.floor(n / 65536) % 256 .. '.' .. math.floor(n / 256) % 256 .. '.' .. n % 256
  return DNSAction.Spoof, text
end))
addAction(AllRule(), RCodeAction(DNSRCode.NXDOMAIN))
"""
_LUA_FORWARD = """
newServer({{address='{backend}', tcpOnly=false, healthCheckMode='up'}})
setServerPolicy(firstAvailable)
"""

_UNBOUND = """
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: "{folder}/unbound.pid"
  use-syslog: no
  verbosity: 1
  num-threads: 1
  interface: {address}@{port}
  tls-port: {port}
  tls-service-key: "{key}"
  tls-service-pem: "{chain}"
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  incoming-num-tcp: 256
  module-config: "iterator"
  local-zone: "load.example." redirect
  local-data: "load.example. 300 IN A 192.0.2.7"
remote-control:
  control-enable: no
auth-zone:
  name: "{zone}"
  zonefile: "{folder}/zone"
  for-upstream: yes
  for-downstream: yes
"""

_NSD = """
server:
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  database: ""
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  zonelistfile: "{folder}/zone.list"
  ip-address: {address}@{port}
  tls-port: {port}
  tls-service-key: "{key}"
  tls-service-pem: "{chain}"
  server-count: 1
  tcp-count: 200
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "{zone}"
  zonefile: "zone"
"""

_KNOT = """
server:
  rundir: "{folder}"
  listen: {address}@{port}
log:
  - target: stderr
    any: warning
database:
  storage: "{folder}"
zone:
  - domain: {zone}
    storage: "{folder}"
    file: "zone"
"""


class Peer:
    """A server process. `folder` must not exist; the server's log is FOLDER/log."""

    def __init__(self, folder, command, settings, files, ready):
        self.folder = pathlib.Path(folder)
        self.settings = {**settings, "folder": self.folder, "zone": ZONE}
        self.command = command
        self.files = files
        self.ready = ready
        self.process = None

    def __enter__(self):
        self.folder.mkdir(mode=0o755)
        (self.folder / "zone").write_text(as_zone_file())
        for name, text in self.files.items():
            (self.folder / name).write_text(text.format(**self.settings))
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        # It ends with us even when we are killed.
        command = [paths.tool("setpriv"), "--pdeathsig", "TERM",
                   *(str(c).format(**self.settings) for c in self.command)]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd="/", start_new_session=True)
        deadline = time.monotonic() + 15
        while not self.ready(self.settings):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"{self.command[0]} does not serve:\n{self.log()}")
            time.sleep(0.02)

    def stop(self, kill=False):
        if self.process and self.process.poll() is None:
            self.process.kill() if kill else self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        self.process = None

    def log(self):
        return (self.folder / "log").read_text(errors="replace")


def _probe(ask, name):
    def ready(settings):
        try:
            response = ask(dns.message.make_query(name, "A"), settings["address"],
                           port=settings["port"], timeout=1)
        except (OSError, EOFError, dns.exception.DNSException):
            return False
        return bool(response.answer)
    return ready


def _probe_tls(name):
    def ask(query, where, port, timeout):
        return dns.query.tls(query, where, port=port, timeout=timeout, ssl_context=_unverified())
    return _probe(ask, name)


def _unverified():
    import ssl
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _settings(address, leaf, port):
    return {"address": address, "port": port, "chain": leaf.chain, "key": leaf.key}


def unbound(folder, address, leaf, port=853):
    return Peer(folder, [paths.tool("unbound"), "-d", "-c", "{folder}/conf"],
                _settings(address, leaf, port), {"conf": _UNBOUND}, _probe_tls(f"www.{ZONE}"))


def nsd(folder, address, leaf, port=853):
    return Peer(folder, [paths.tool("nsd"), "-d", "-c", "{folder}/conf"],
                _settings(address, leaf, port), {"conf": _NSD}, _probe_tls(f"www.{ZONE}"))


def knot(folder, address, port=5300):
    """Plain DNS: Knot DNS of Debian 12 has no TLS of its own; dnsdist() goes before it."""
    return Peer(folder, [paths.tool("knotd"), "-c", "{folder}/conf"],
                {"address": address, "port": port}, {"conf": _KNOT},
                _probe(dns.query.udp, f"www.{ZONE}"))


def dnsdist(folder, address, leaf, port=853, backend=None):
    """A TLS front for `backend` ("ADDR:PORT"), or, with none, a server that computes its answers."""
    lua = _LUA + (_LUA_FORWARD if backend else _LUA_COMPUTE.replace("{", "{{").replace("}", "}}"))
    probe = f"www.{ZONE}" if backend else "n1.example"
    return Peer(folder, [paths.tool("dnsdist"), "--supervised", "--disable-syslog", "-C",
                         "{folder}/conf"],
                {**_settings(address, leaf, port), "backend": backend}, {"conf": lua},
                _probe_tls(probe))
