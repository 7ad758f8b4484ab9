"""Where the programs and the sources are."""

import atexit
import os
import pathlib
import shutil
import tempfile


def reachable(build):
    """The build folder, or a copy of its programs: a tree under somebody's private folder is closed to the
    accounts that some tests start dotkeep with."""
    if all(folder.stat().st_mode & 0o001 for folder in (build, *build.parents)) or not (build / "bin").exists():
        return build
    copy = pathlib.Path(tempfile.mkdtemp(prefix="dotkeep-programs-"))
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    copy.chmod(0o755)
    for part in [p for p in ("bin", "libexec", "escape") if (build / p).exists()]:
        shutil.copytree(build / part, copy / part)
    return copy


SOURCE = pathlib.Path(os.environ.get("DOTKEEP_SOURCE") or pathlib.Path(__file__).parents[3])
BUILD = reachable(pathlib.Path(os.environ.get("DOTKEEP_BUILD") or SOURCE / "build").resolve())
DOTKEEP = BUILD / "bin" / "dotkeep"
LIBEXEC = BUILD / "libexec" / "dotkeep"
WORKERS = ("dotkeep-frontend", "dotkeep-upstream", "dotkeep-connector", "dotkeep-control")
# The product's command with workers into which a stand-in is linked (tests/escape/): they are the product's own until
# the configuration names a stand-in.
STAND_INS = BUILD / "escape" / "bin" / "dotkeep"
PROGRAMS = (DOTKEEP, *(LIBEXEC / name for name in (*WORKERS, "dotkeep-probe", "dotkeep-health")))

# Half a million queries and more, as the issue asks; else a sample that ends within a minute.
FULL = os.environ.get("DOTKEEP_FULL") == "1"


def tool(name):
    """The path of a program that a test needs. One that is missing is a failure, never a skip."""
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise FileNotFoundError(f"this test needs {name}; `dev` installs it")
    return found
