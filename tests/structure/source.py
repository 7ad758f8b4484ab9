"""The tracked files of the tree, as the structure checks read them."""

import functools
import os
import pathlib
import subprocess

SOURCE = pathlib.Path(os.environ.get("DOTKEEP_SOURCE") or pathlib.Path(__file__).parents[2])


@functools.cache
def tracked():
    """Paths that git tracks or would add, relative to the tree; in a release archive, every file."""
    if (SOURCE / ".git").exists():
        done = subprocess.run(
            ["git", "-c", f"safe.directory={SOURCE}", "-C", str(SOURCE), "ls-files", "-z", "--cached",
             "--others", "--exclude-standard"], capture_output=True, check=True, timeout=30)
        names = [n for n in done.stdout.decode().split("\0") if n]
        return [n for n in names if (SOURCE / n).is_file()]
    skipped = ("build/", ".cache/")
    return [str(p.relative_to(SOURCE)) for p in SOURCE.rglob("*") if p.is_file()
            and not str(p.relative_to(SOURCE)).startswith(skipped)]


def below(*folders, suffixes=()):
    return [n for n in tracked() if n.startswith(tuple(f"{f}/" for f in folders))
            and (not suffixes or n.endswith(tuple(suffixes)))]


def text(name):
    """A file's text; binary seeds become text with replacement characters."""
    return (SOURCE / name).read_bytes().decode("utf-8", "replace")
