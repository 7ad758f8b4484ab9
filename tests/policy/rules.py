"""The policies as they are compiled in, line by line, and each line as the rules that policyc makes of it."""

import dataclasses
import re
import subprocess

from support import paths
from support.dotkeep import run

ROOMS = ("supervisor", "frontend", "upstream", "connector", "control", "probe", "health")
ELSEWHERE = "elsewhere: "  # how the reason begins of a line that some machines need and others never use

_LINE = re.compile(r"^  (allow|answer) (.*?) : (.*?)(?: \[(\w+)\.(\w+)\])?$")


@dataclasses.dataclass(frozen=True)
class Rule:
    """One system call and what its arguments must be; a set of values in a line makes several rules."""

    syscall: str
    compares: tuple = ()  # (argument, mask, value)

    def matches(self, call):
        return call.name == self.syscall and all(
            call.arguments[at] & mask == value for at, mask, value in self.compares)

    def __str__(self):
        return self.syscall + "".join(f" arg{at}&{mask:#x}=={value:#x}"
                                      for at, mask, value in self.compares)


@dataclasses.dataclass
class Line:
    """`verb statement : reason`; `origin` is ROOM.SECTION of the room that it was written for."""

    verb: str
    statement: str
    reason: str
    origin: str
    rules: tuple = ()

    @property
    def is_elsewhere(self):
        return self.reason.startswith(ELSEWHERE)

    def __str__(self):
        return f"{self.verb} {self.statement} : {self.reason} [{self.origin}]"


def lines_of(room, folder):
    """The allow and answer lines of one policy, as `dotkeep policy` prints them. `folder`: for our files."""
    done = run("policy", room)
    assert done.returncode == 0, done.stderr
    section, lines = "", []
    for text in done.stdout.splitlines():
        if text.endswith(":") and not text.startswith(" "):
            section = text[:-1]
        elif found := _LINE.match(text):
            verb, statement, reason, of, its_section = found.groups()
            lines.append(Line(verb, statement, reason, f"{of or room}.{its_section or section}"))
    assert lines, f"no policy of {room}"
    _compile(lines, folder)
    return lines


def _compile(lines, folder):
    """Lets policyc say what each line means: each is a policy of its own."""
    files = []
    for number, line in enumerate(lines):
        file = folder / f"line{number}.policy"
        # What is answered is, as far as matching goes, a call whatever its arguments.
        statement = line.statement if line.verb == "allow" else line.statement.split()[0]
        file.write_text(f"room line{number} : one line\nrun:\n  allow {statement} : as it is\n")
        files.append(str(file))
    done = subprocess.run([paths.BUILD / "bin" / "policyc", "--list", *files], capture_output=True,
                          text=True, timeout=20, check=True)
    whole = done.stdout.split("room ")[1:]
    assert len(whole) == len(lines), done.stdout
    for line, listed in zip(lines, whole):
        line.rules = tuple(_rule(text) for text in listed.splitlines()[1:])


def _rule(text):
    words = text.split()
    compares = [re.fullmatch(r"arg(\d)&(0x\w+)==(0x\w+)", w).groups() for w in words[1:-2]]
    return Rule(words[0], tuple((int(a), int(m, 16), int(v, 16)) for a, m, v in compares))
