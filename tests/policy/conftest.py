"""The tests here run the real programs, as those of tests/process do and with their support files."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "process"))

from support import netns  # noqa: E402


def pytest_configure(config):
    netns.enter()
