"""What strace saw each process do: its system calls, arguments as numbers, and when it sealed itself."""

import dataclasses
import re

from support import paths

SECCOMP_SET_MODE_FILTER = 1

YOUNG = {"syscall_0x1ce": "mseal"}  # what this strace has no name for

_CALL = re.compile(r"^(\w+)\((.*)$")
_END = re.compile(r"^\+\+\+ (exited|killed by \w+)")
_NUMBER = re.compile(r"0x[0-9a-f]+|\d+")
_EXEC = re.compile(r'^execve(?:at)?\(.*\["?(?:[^"]*/)?(dotkeep[\w-]*)')


@dataclasses.dataclass(frozen=True)
class Call:
    name: str
    arguments: tuple

    def __str__(self):
        return f"{self.name}({', '.join(hex(a) for a in self.arguments)})"


@dataclasses.dataclass
class Process:
    """Distinct calls by phase: `forked` (a copy of its parent) up to exec, `start` up to the seal, `run`."""

    pid: int
    program: str = ""
    forked: set = dataclasses.field(default_factory=set)
    start: set = dataclasses.field(default_factory=set)
    run: set = dataclasses.field(default_factory=set)
    sealed: bool = False
    last: str = ""  # what it called last
    end: str = ""  # "exited" or "killed by SIGNAL"


def wrapper(folder):
    """What to put before a command: a tracer that follows every child and is itself nobody's parent. It
    writes FOLDER/trace.PID."""
    return [paths.tool("strace"), "-D", "-ff", "-q", "-s", "4096", "-X", "raw", "-e", "raw=!execve,execveat",
            "-o", str(folder / "trace")]


def read(folder):
    """Every process that was traced into `folder`, once all of them have ended."""
    return [_read(file) for file in sorted(folder.glob("trace.*"))]


def _read(file):
    process = Process(int(file.suffix[1:]))
    phase = process.forked
    for text in file.read_text(errors="replace").splitlines():
        if end := _END.match(text):
            process.end = end[1]
        call = _CALL.match(text)
        if not call:
            continue
        name, rest, process.last = YOUNG.get(call[1], call[1]), call[2], text
        arguments = _exec_arguments(rest) if name.startswith("execve") else _arguments(rest)
        phase.add(Call(name, arguments))
        if found := _EXEC.match(text):
            process.program, phase = found[1], process.start
        elif name == "seccomp" and arguments[0] == SECCOMP_SET_MODE_FILTER and rest.endswith("= 0"):
            process.sealed, phase = True, process.run
    return process


def _arguments(rest):
    """Of `0x3, 0, NULL) = 1`; what the text leaves out is 0, as a cut line's is."""
    inside = rest.split(")", 1)[0].replace("NULL", "0")
    numbers = [int(n, 0) for n in _NUMBER.findall(inside)]
    return tuple(numbers[:6] + [0] * (6 - len(numbers)))


def _exec_arguments(rest):
    """execve and execveat are printed with their words, to tell the program; numbers are fd and flags."""
    found = re.match(r"^(\d+), .*, (0x[0-9a-f]+|\d+)\) = ", rest)
    return (int(found[1]), 0, 0, 0, int(found[2], 0), 0) if found else (0,) * 6
