"""dotkeep under test: started with a configuration, ready when it says so, stopped whatever happens."""

import itertools
import os
import pathlib
import signal
import subprocess
import time

from support import paths, procfs, toml
from support.logs import Log
from support.notify import NotifySocket

ACCOUNT = "65532"  # user and group id: no account of this machine is needed
_numbers = itertools.count()


def config(upstreams, ca_file, listen=("127.0.0.1:53",), **sections):
    """A configuration for `upstreams` (dictionaries with at least `address`). Each section given by
    keyword is merged into what stands here."""
    whole = {
        "process": {"user": ACCOUNT, "frontends": 1},
        "listen": [a if isinstance(a, dict) else {"address": a} for a in listen],
        "upstream": list(upstreams),
        "tls": {"ca_file": str(ca_file)},
        "query": {"timeout": "2s"},
        # Limits have their own tests.
        "limits": dict.fromkeys(["rate", "burst", "error_rate", "suffix_rate", "unproven_rate"],
                                1000000),
        "control": {"socket": ""},  # a path of this machine: tests that want one name their own
    }
    for name, section in sections.items():
        whole[name] = section if isinstance(section, list) else {**whole.get(name, {}), **section}
    return whole


class Dotkeep:
    """`with Dotkeep(folder, config) as dotkeep:` starts it and waits for READY=1.

    `wrapper`: a command that execs its arguments, such as setpriv. `folder` must be readable by the
    account that dotkeep drops to."""

    def __init__(self, folder, configuration, wrapper=(), environment=None, arguments=(),
                 pass_fds=(), ready_within=5, program=paths.DOTKEEP):
        self.folder = pathlib.Path(folder)
        number = next(_numbers)
        self.config_file = self.folder / f"dotkeep-{number}.toml"
        self.notify = NotifySocket(self.folder / f"notify-{number}")
        self.wrapper, self.arguments = list(wrapper), list(arguments)
        self.environment = environment or {}
        self.pass_fds, self.ready_within = pass_fds, ready_within
        self.program = program
        self.process = self.log = None
        self.configure(configuration)

    def configure(self, configuration):
        """Writes the file; a dictionary or TOML text. Replaced in one step, as an editor does."""
        text = configuration if isinstance(configuration, str) else toml.dump(configuration)
        new = self.config_file.with_suffix(".new")
        new.write_text(text)
        new.chmod(0o644)
        new.rename(self.config_file)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self.notify.close()

    def start(self):
        environment = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": self.notify.path,
                       **self.environment}
        self.process = subprocess.Popen(
            [*self.wrapper, str(self.program), "run", "--config", str(self.config_file),
             *self.arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env=environment, pass_fds=self.pass_fds, start_new_session=True, cwd="/")
        self.log = Log(self.process.stderr)
        try:
            self.notify.wait_for("READY=1", self.ready_within,
                                 lambda: self.process.poll() is None)
        except AssertionError as error:
            self.stop()
            self.log.wait_for_end()
            raise AssertionError(f"{error}; its log:\n{self.log.text()}") from None

    @property
    def pid(self):
        return self.process.pid

    def workers(self, program=None):
        """Process ids below the supervisor, or of those that run `program` ("frontend")."""
        found = procfs.children(self.pid)
        if program is None:
            return found
        matching = []
        for pid in found:
            try:
                if procfs.program(pid) == f"dotkeep-{program}":
                    matching.append(pid)
            except OSError:
                pass  # it ended meanwhile
        return matching

    def signal(self, number):
        self.process.send_signal(number)

    def terminate(self, timeout=5):
        """SIGTERM; seconds until the supervisor has ended."""
        began = time.monotonic()
        self.signal(signal.SIGTERM)
        self.process.wait(timeout)
        return time.monotonic() - began

    def stop(self):
        """Ends it and everything it started, softly first."""
        if self.process is None:
            return
        below = procfs.children(self.pid) if self.process.poll() is None else []
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(3)
        for pid in below:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass


def run(*arguments, timeout=20, **options):
    """Runs the command `dotkeep ARGUMENTS` to its end; stdout and stderr are kept as text."""
    return subprocess.run([str(paths.DOTKEEP), *map(str, arguments)], capture_output=True,
                          text=True, timeout=timeout, cwd="/", **options)
