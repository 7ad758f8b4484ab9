"""Every line of every policy is used, every call is in one: the real programs do all that they do under
strace, and what they called is laid beside what they may call.

A line that no machine like this one can use says so: its reason begins with "elsewhere: "."""

import pathlib
import shutil
import tempfile

import pytest
import rules
import traces
from scenario import Scenario
from support.dotkeep import run

TOOLS = ("probe", "health")  # started by a command that is not sealed
WORKERS = ("frontend", "upstream", "connector", "control")


@pytest.fixture(scope="module")
def folder():
    made = pathlib.Path(tempfile.mkdtemp(prefix="dotkeep-used-"))
    made.chmod(0o777)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def policies(folder):
    if "SANITIZER BUILD" in run("version").stdout:
        pytest.skip("a sanitizer's runtime makes calls of its own; the plain build is tested")
    return {room: rules.lines_of(room, folder) for room in rules.ROOMS}


@pytest.fixture(scope="module")
def processes(folder, policies):
    scenario = Scenario(folder)
    scenario.run()
    found = [p for traced in scenario.traced for p in traces.read(traced)]
    assert {f"dotkeep-{r}" for r in (*WORKERS, *TOOLS)} <= {p.program for p in found}
    return found


def calls(processes, phase, *rooms):
    """What the processes of these rooms called in that phase."""
    programs = [f"dotkeep-{r}" if r != "supervisor" else "dotkeep" for r in rooms]
    return set().union(*(getattr(p, phase) for p in processes if p.program in programs and p.sealed))


def users(processes, line):
    """The calls of whoever the line was written for."""
    room, section = line.origin.split(".")
    if room == "start":
        return calls(processes, "start", *WORKERS)
    if room == "supervisor":
        return calls(processes, "run", "supervisor") | calls(processes, "forked", *WORKERS)
    return calls(processes, section, room)


def unused(processes, lines):
    """(line, rule) of what nobody used."""
    return [(line, rule) for line in lines if line.verb == "allow" and not line.is_elsewhere
            for rule in line.rules if not any(rule.matches(c) for c in users(processes, line))]


def listed(calls_made, lines):
    return [c for c in calls_made if any(r.matches(c) for line in lines for r in line.rules)]


def test_nobody_dies_but_who_is_killed(processes):
    bad = [f"{p.program}: {p.end} {p.last}" for p in processes
           if p.end not in ("exited", "killed by SIGKILL")]
    assert not bad, "\n".join(bad)
    assert len([p for p in processes if p.end == "killed by SIGKILL"]) == Scenario.KILLS


@pytest.mark.parametrize("room", [*WORKERS, *TOOLS])
def test_every_call_after_the_seal_is_in_the_policy(processes, policies, room):
    made = calls(processes, "run", room)
    assert made and not [str(c) for c in made - set(listed(made, policies[room]))]


def test_every_call_of_the_supervisor_and_of_its_children_is_in_its_policy(processes, policies):
    made = calls(processes, "run", "supervisor")
    for phase in ("forked", "start", "run"):
        made |= calls(processes, phase, *WORKERS)
    assert made and not [str(c) for c in made - set(listed(made, policies["supervisor"]))]


@pytest.mark.parametrize("room", rules.ROOMS)
def test_every_line_is_used(processes, policies, room):
    bad = [f"{line}: {rule}" for line, rule in unused(processes, policies[room])]
    assert not bad, "nothing uses these:\n" + "\n".join(bad)


@pytest.mark.parametrize("room", WORKERS)
def test_no_line_is_dead_because_the_inherited_filter_kills_first(policies, room):
    above = {rule.syscall for line in policies["supervisor"] for rule in line.rules}
    bad = [str(line) for line in policies[room] for rule in line.rules if rule.syscall not in above]
    assert not bad, "the supervisor's filter kills for:\n" + "\n".join(bad)


def test_print_the_counts(processes, policies):
    print(f"\n{'room':<12} syscalls  lines  elsewhere")
    elsewhere = {}
    for room, lines in policies.items():
        allowed = [line for line in lines if line.verb == "allow" and line.origin != f"{room}.start"]
        names = {rule.syscall for line in allowed for rule in line.rules}
        marked = [line for line in allowed if line.is_elsewhere]
        print(f"{room:<12} {len(names):>8} {len(allowed):>6} {len(marked):>10}")
        elsewhere |= {(m.origin, m.statement): m.reason for m in marked}
    for (origin, statement), reason in elsewhere.items():
        print(f"  {origin}: allow {statement} : {reason}")
    assert len(elsewhere) <= 9, "a mark is for what this machine cannot do, not for what is not tested"
