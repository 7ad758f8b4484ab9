"""The rules of the house that a compiler cannot keep: floors, sizes, what must stand beside what."""

import re
import subprocess

import pytest
from source import SOURCE, below, text, tracked

CODE = (".h", ".cc")
MAX_LINES = 350

# Which folders of src/ each folder may include from, itself apart. `policy` is generated: policy/<room>.
LIBRARIES = {
    "base": set(),
    "dns": {"base"},
    "admission": {"dns", "base"},
    "cache": {"dns", "base"},
    "ipc": {"sandbox", "base"},
    "config": {"base"},
    "tls": {"base"},
    "sandbox": {"base"},
}
ROOMS = {
    "frontend": {"dns", "admission", "cache", "ipc", "config", "sandbox", "base"},
    "upstream": {"tls", "ipc", "config", "sandbox", "base"},
    "connector": {"ipc", "config", "sandbox", "base"},
    "control": {"ipc", "config", "sandbox", "base"},
    "supervisor": {"ipc", "config", "sandbox", "base"},
    "probe": {"tls", "ipc", "config", "sandbox", "base"},
    "health": {"dns", "ipc", "config", "sandbox", "base"},
}
FLOORS = {**LIBRARIES, **ROOMS}

# Headers of libraries, and the only files that may name them.
FOREIGN = {
    r"asio": r"src/supervisor/",
    r"wolfssl/": r"src/tls/wolfssl_\w+\.(cc|h)$",
    r"toml\+\+/": r"src/config/",
    r"(CLI|fmt)/": r"(src/supervisor|tools/\w+)/",
    r"cap-ng": r"src/supervisor/",
    r"seccomp\.h": r"tools/policyc/",
    r"linux/landlock": r"src/sandbox/",
}


def includes(name):
    """(quoted?, what) of each #include."""
    for opening, what in re.findall(r'^\s*#\s*include\s*(["<])([^">]+)[">]', text(name), re.MULTILINE):
        yield opening == '"', what


def sources():
    found = below("src", suffixes=CODE)
    assert len(found) > 50, "the tree was not found"
    return found


def floor_breaches(name, quoted):
    folder = name.split("/")[1]
    other = quoted.split("/")[0]
    if folder not in FLOORS:
        return f"{name}: src/{folder} has no floor here"
    if other == "policy" or (other == folder and "/" in quoted):
        return None
    if other not in FLOORS[folder]:
        return f"{name} includes {quoted}"
    return None


def test_nothing_is_included_from_above():
    bad = [floor_breaches(name, what) for name in sources() for quoted, what in includes(name) if quoted]
    assert not [b for b in bad if b]


def test_the_floors_are_checked_at_all():
    assert floor_breaches("src/upstream/x.cc", "dns/name.h")
    assert floor_breaches("src/connector/x.cc", "tls/session.h")
    assert floor_breaches("src/frontend/x.cc", "upstream/pool.h")
    assert floor_breaches("src/dns/x.cc", "ipc/loop.h")
    assert floor_breaches("src/attic/x.cc", "base/bytes.h")
    assert not floor_breaches("src/upstream/x.cc", "tls/session.h")


def test_a_room_uses_only_its_own_policy():
    used = [(name.split("/")[1], policy) for name in sources()
            if name.split("/")[1] in ROOMS
            for policy in re.findall(r"\bpolicy::k([A-Z]\w+)", text(name)) if policy.lower() in ROOMS]
    assert {room for room, _ in used} == set(ROOMS)
    assert not [(room, policy) for room, policy in used if room != policy.lower()]


@pytest.mark.parametrize("library", FOREIGN)
def test_a_library_is_known_in_its_place_only(library):
    everything = below("src", "tools", "fuzz", "tests", "bench", suffixes=CODE)
    users = [n for n in everything for _, what in includes(n) if re.match(library, what)]
    strangers = [n for n in users if not n.startswith("tests/") and not re.match(FOREIGN[library], n)]
    assert not strangers


def test_files_are_short():
    long = {}
    for name in below("src", "tools", "fuzz", "bench", "tests", "policy", suffixes=(*CODE, ".py", ".policy")):
        lines = text(name).count("\n")
        if lines > MAX_LINES:
            long[name] = lines
    assert not long


def registry_hosts():
    """Hosts of the package registries that this machine is set to use; none is written down here."""
    found = set()
    commands = (["apt-get", "indextargets", "--format", "$(SITE)"], ["npm", "config", "get", "registry"],
                ["/usr/bin/python3", "-m", "pip", "config", "get", "global.index-url"])
    for command in commands:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        except FileNotFoundError:
            continue
        found |= set(re.findall(r"^https?://([^/\s]+)", done.stdout, re.MULTILINE))
    return found


def test_no_registry_is_named():
    hosts = registry_hosts()
    bad = [(n, h) for n in tracked() for h in hosts if h in text(n)]
    assert not bad


def test_no_path_of_a_machine_is_named():
    # Put together here, so that this file does not name them itself.
    places = ["/" + "work/", "/" + "root/", str(SOURCE) + "/"]
    bad = [(n, p) for n in tracked() if not n.startswith("fuzz/seeds/") for p in places if p in text(n)]
    assert not bad


def test_every_fuzz_target_has_seeds_and_every_seed_a_target():
    targets = {n.removeprefix("fuzz/").removesuffix(".cc") for n in below("fuzz", suffixes=(".cc",))
               if "LLVMFuzzerTestOneInput" in text(n) and "/" not in n.removeprefix("fuzz/")}
    targets.discard("replay_main")
    seeds = {n.split("/")[2] for n in below("fuzz/seeds") if n.count("/") > 2}
    assert targets, "no fuzz target was found"
    assert targets == seeds
    listed = set(re.findall(r"dotkeep_fuzz(?:_if)?\((\w+) ", text("fuzz/CMakeLists.txt")))
    assert targets <= listed, "a target that is never built"


def enumerators(header, enum):
    body = re.search(rf"enum class {enum}[^{{]*{{(.*?)}};", text(header), re.DOTALL).group(1)
    names = re.findall(r"^\s*(\w+)\s*(?:=[^,]*)?,", re.sub(r"//.*", "", body), re.MULTILINE)
    assert len(names) > 10
    return names


@pytest.mark.parametrize("header,enum", [("src/dns/query.h", "RejectionKind"),
                                         ("src/dns/reply.h", "ReplyFault"),
                                         ("src/base/upstream_fault.h", "UpstreamFault")])
def test_every_error_is_documented(header, enum):
    rows = re.findall(r"^\|\s*`([a-zA-Z_]+)`", text("docs/errors.md"), re.MULTILINE)
    missing = [n for n in enumerators(header, enum) if n not in rows]
    assert not missing


def test_every_right_has_its_reason():
    policies = [n for n in below("policy", suffixes=(".policy",))]
    assert len(policies) >= 6
    bad = []
    for name in policies:
        for number, line in enumerate(text(name).splitlines(), 1):
            line = line.split("#")[0].strip()
            if not re.match(r"(allow|answer|limit|landlock)\b", line):
                continue
            right, _, reason = line.partition(" : ")
            if not reason.strip():
                bad.append(f"{name}:{number}: {line}")
    assert not bad


def test_no_policy_grants_what_no_worker_may_have():
    """The sentences of the design, held against the text."""
    def allowed(room):
        """System calls that the room's run section allows; of `a or b` (one or the other is there) each."""
        run = re.split(r"^run:", text(f"policy/{room}.policy"), flags=re.MULTILINE)[-1]
        lines = re.findall(r"^\s*allow\s+(\w+(?: or \w+)*)", run, re.MULTILINE)
        return {name for line in lines for name in line.split(" or ")}

    for room in ("frontend", "upstream", "connector", "control"):
        forbidden = {"bind", "listen", "open", "openat", "openat2", "execve", "execveat", "fork", "vfork",
                     "clone", "clone3", "ptrace", "prctl", "seccomp", "mprotect", "mmap", "brk", "kill",
                     "tgkill", "process_vm_readv", "process_vm_writev", "io_uring_setup"}
        forbidden |= set() if room == "connector" else {"socket", "connect"}
        granted = allowed(room)
        assert granted, f"{room}: no right was found"
        assert not granted & forbidden, f"{room}: {granted & forbidden}"


def test_every_test_program_can_fail():
    """A test file without one assertion asserts nothing."""
    for name in below("tests", suffixes=("_test.cc",)):
        assert re.search(r"\b(EXPECT|ASSERT)_|static_assert|\bFAIL\(", text(name)), name
    for name in below("tests", suffixes=(".py",)):
        if name.split("/")[-1].startswith("test_"):
            assert re.search(r"^\s*assert |pytest\.raises", text(name), re.MULTILINE), name
