"""The programs as files: how they are linked, what is in them and, above all, what is not."""

import functools
import json
import os
import pathlib
import re
import subprocess

import pytest
from source import SOURCE

BUILD = pathlib.Path(os.environ.get("DOTKEEP_BUILD") or SOURCE / "build")
PROGRAMS = {
    "dotkeep": BUILD / "bin" / "dotkeep",
    **{name: BUILD / "libexec" / "dotkeep" / name
       for name in ("dotkeep-frontend", "dotkeep-upstream", "dotkeep-connector", "dotkeep-control",
                    "dotkeep-probe", "dotkeep-health")},
}
WORKERS = [p for p in PROGRAMS if p != "dotkeep"]
WITH_TLS = {"dotkeep-upstream", "dotkeep-probe"}
WITH_DNS = {"dotkeep-frontend", "dotkeep-health"}

each_program = pytest.mark.parametrize("program", PROGRAMS)


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def readelf(option, program):
    return output("readelf", "-W", option, str(PROGRAMS[program]))


@functools.cache
def symbols(program):
    """Demangled names of everything in the program; a stripped program proves nothing and fails."""
    listed = output("nm", "-C", str(PROGRAMS[program]))
    found = [line.split(" ", 2)[-1] for line in listed.splitlines()]
    assert any(re.search(r"\bT main$", line) for line in listed.splitlines()), "no symbols"
    return found


@each_program
def test_is_a_static_pie(program):
    assert re.search(r"Type:\s+DYN ", readelf("-h", program))
    assert "INTERP" not in readelf("-l", program)
    assert "NEEDED" not in readelf("-d", program)
    assert re.search(r"FLAGS_1.*PIE", readelf("-d", program))


@each_program
def test_memory_is_never_both_writable_and_executable(program):
    headers = readelf("-l", program)
    assert re.search(r"GNU_RELRO", headers)
    assert re.search(r"GNU_STACK.*\sRW\s", headers)
    loaded = re.findall(r"^\s+LOAD(?:\s+0x[0-9a-f]+){5} ([RWE ]{3})", headers, re.MULTILINE)
    assert len(loaded) >= 4 and not [flags for flags in loaded if "W" in flags and "E" in flags]
    assert re.search(r"BIND_NOW|FLAGS_1.*NOW", readelf("-d", program))
    assert "TEXTREL" not in readelf("-d", program)


@each_program
def test_our_own_code_checks_its_stack(program):
    """That the symbol is there says little: libc has it too. One of our functions must call it."""
    code = output("objdump", "-d", "-C", "--no-show-raw-insn", str(PROGRAMS[program]))
    ours, found = False, 0
    for line in code.splitlines():
        if line.endswith(">:"):
            ours = "dotkeep::" in line or "<main>" in line
        elif ours and "__stack_chk_fail" in line:
            found += 1
    assert found > 0


def wolf(program):
    return [s for s in symbols(program) if re.match(r"(wolfSSL_|wc_|Tls13|wolfCrypt)", s)]


def dns(program):
    return [s for s in symbols(program) if "dotkeep::dns::" in s]


@each_program
def test_tls_is_where_it_belongs_and_nowhere_else(program):
    assert bool(wolf(program)) == (program in WITH_TLS), wolf(program)[:5]


@each_program
def test_no_key_of_tls_can_be_logged(program):
    """Neither wolfSSL's ways to hand secrets out nor the labels of the usual file of them."""
    given_out = re.compile(r"key_?log|secret_?(cb|callback)", re.IGNORECASE)
    assert not [name for name in symbols(program) if given_out.search(name)]
    octets = PROGRAMS[program].read_bytes()
    for label in (b"CLIENT_RANDOM", b"_TRAFFIC_SECRET", b"EXPORTER_SECRET", b"SSLKEYLOGFILE"):
        assert label not in octets, label


@each_program
def test_dns_is_where_it_belongs_and_nowhere_else(program):
    assert bool(dns(program)) == (program in WITH_DNS), dns(program)[:5]


@each_program
def test_the_command_line_parser_stays_in_the_command(program):
    foreign = [s for s in symbols(program) if s.startswith(("CLI::", "cap_ng", "capng_"))]
    assert not foreign or program == "dotkeep", foreign[:5]


@pytest.mark.parametrize("program", WORKERS)
def test_worker_has_no_way_to_a_shell_or_a_resolver(program):
    bad = {"system", "popen", "getaddrinfo", "gethostbyname", "execvp", "execlp", "posix_spawn"}
    assert not bad & {s.split("@")[0] for s in symbols(program)}


def compile_commands():
    return json.loads((BUILD / "compile_commands.json").read_text())


def test_every_source_is_compiled_with_every_guard():
    """_FORTIFY_SOURCE leaves a mark only where a checked call is made; the command line says it for all."""
    build_type = re.search(r"CMAKE_BUILD_TYPE:\w+=(.*)", (BUILD / "CMakeCache.txt").read_text())
    fortified = [] if build_type.group(1) == "Debug" else ["-D_FORTIFY_SOURCE=3"]
    wanted = ["-fstack-protector-strong", "-fcf-protection=full", "-fstack-clash-protection",
              "-ftrivial-auto-var-init=zero", "-D_GLIBCXX_ASSERTIONS", *fortified]
    seen = 0
    for entry in compile_commands():
        name = os.path.relpath(entry["file"], SOURCE)
        if not name.startswith("src/"):
            continue
        seen += 1
        arguments = entry["command"].split()
        assert not [w for w in wanted if w not in arguments], name
        assert not {"-fno-stack-protector", "-w", "-O0"} & set(arguments), name
        assert fortified == [] or {"-O1", "-O2", "-O3", "-Os"} & set(arguments), name
        if not name.startswith("src/supervisor/"):
            assert "-fno-exceptions" in arguments and "-fno-rtti" in arguments, name
    assert seen > 50


@each_program
def test_a_release_has_no_sanitizer(program):
    assert not [s for s in symbols(program) if s.startswith(("__asan_", "__ubsan_", "__tsan_"))]
