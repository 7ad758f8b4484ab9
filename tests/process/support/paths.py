"""Where the programs and the sources are."""

import os
import pathlib
import shutil

SOURCE = pathlib.Path(os.environ.get("DOTKEEP_SOURCE") or pathlib.Path(__file__).parents[3])
BUILD = pathlib.Path(os.environ.get("DOTKEEP_BUILD") or SOURCE / "build")
DOTKEEP = BUILD / "bin" / "dotkeep"
LIBEXEC = BUILD / "libexec" / "dotkeep"
WORKERS = ("dotkeep-frontend", "dotkeep-upstream", "dotkeep-connector")
PROGRAMS = (DOTKEEP, *(LIBEXEC / name for name in (*WORKERS, "dotkeep-probe", "dotkeep-health")))

# Half a million queries and more, as the issue asks; else a sample that ends within a minute.
FULL = os.environ.get("DOTKEEP_FULL") == "1"


def tool(name):
    """The path of a program that a test needs. One that is missing is a failure, never a skip."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise FileNotFoundError(f"this test needs {name}; `dev` installs it")
    return found
