"""Workers that turn hostile when they are told to: `take()` a room, and it does what the word says (tests/escape/)."""

import os
import signal

from conftest import NAME
from support import paths
from support.dotkeep import Dotkeep, config

UPSTREAM = {"address": "127.0.0.2:853", "name": NAME}


def settings(authority, stand_in=None, frontends=1):
    """`stand_in`: "ROOM-WORD", read by that room as the name of its upstream."""
    upstream = {**UPSTREAM, "id": f"stand-in-{stand_in}" if stand_in else "quiet"}
    return config([upstream], authority.ca_file, process={"frontends": frontends}, log={"level": "info"})


class Standing:
    """dotkeep with stand-ins that serve like the product until one is taken."""

    def __init__(self, folder, authority, frontends=1):
        self.authority, self.frontends = authority, frontends
        self.dotkeep = Dotkeep(folder, settings(authority, None, frontends), program=paths.STAND_INS)

    def __enter__(self):
        self.dotkeep.start()
        return self

    def __exit__(self, *_):
        self.dotkeep.stop()
        self.dotkeep.notify.close()

    @property
    def log(self):
        return self.dotkeep.log

    def tell(self, stand_in):
        """Who starts from now on finds this in its configuration. How many lines the log had before."""
        before = len(self.log.lines)
        self.dotkeep.configure(settings(self.authority, stand_in, self.frontends))
        self.dotkeep.signal(signal.SIGHUP)
        self.log.wait_for("reloaded", since=before)
        # A reload replaces the connector: whoever attacks it must not hit the one that leaves.
        self.log.wait_for("sealed layers", " connector:", since=before, timeout=10)
        return before

    def take(self, room, word):
        """The room's worker (the first of them) is replaced by one that does what the word says, as soon as it is
        sealed. How many lines the log had before."""
        before = self.tell(f"{room}-{word}")
        if room != "connector":  # a reload replaces that one anyway
            os.kill(self.dotkeep.workers(room)[0], signal.SIGKILL)
        return before

    def heal(self):
        self.tell(None)
