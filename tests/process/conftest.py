"""Every test file runs in a network namespace of its own; see support/netns.py."""

import pathlib
import shutil
import signal
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support import certs, fault_server, machine, netns  # noqa: E402

NAME = "dns.example.net"  # what the good certificate is for


def pytest_configure(config):
    netns.enter()
    # A run that is told to stop still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("SIGTERM", returncode=143))


@pytest.fixture(scope="session")
def shared_folder():
    """A folder that any account may read, as pytest's own are not."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dotkeep-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder(shared_folder, request):
    made = pathlib.Path(tempfile.mkdtemp(prefix="t-", dir=shared_folder))
    made.chmod(0o777)
    return made


@pytest.fixture(scope="session")
def authority(shared_folder):
    return certs.Authority(shared_folder / "ca")


@pytest.fixture(scope="session")
def leaf(authority):
    """A good server's certificate, for NAME."""
    return authority.issue(NAME)


@pytest.fixture
def stalls():
    """See support/machine.py; for tests that bound how long something takes."""
    with machine.Stalls() as watched:
        yield watched


@pytest.fixture
def good_server(leaf):
    """Answers by support/answers.py at 127.0.0.2:853."""
    with fault_server.FaultServer("127.0.0.2", fault_server.tls_context(leaf)) as server:
        yield server


@pytest.fixture
def start(folder, authority):
    """start([servers or upstream tables], **sections): dotkeep before them, stopped at the test's end."""
    from support.dotkeep import Dotkeep, config

    started = []

    def table(upstream, number):
        if isinstance(upstream, dict):
            return upstream
        address = f"{upstream.address}:{upstream.port}"
        return {"id": f"up{number}", "address": address, "name": NAME}

    def launch(upstreams, options=None, **sections):
        tables = [table(u, i) for i, u in enumerate(upstreams)]
        dotkeep = Dotkeep(folder, config(tables, authority.ca_file, **sections), **(options or {}))
        started.append(dotkeep)
        dotkeep.start()
        return dotkeep

    yield launch
    for dotkeep in started:
        dotkeep.stop()
        dotkeep.notify.close()
