"""What a phase costs the processes under test, and what the load saw."""

import json
import os
import pathlib
import subprocess

import bed
from support import paths

_names = 0  # the next unique name


def cpu_seconds(pids):
    """Time on a processor, user and kernel, of all threads. /proc/PID/schedstat has it in nanoseconds; utime and
    stime of /proc/PID/stat are the same sum cut into ticks of 10 ms."""
    total = 0
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            try:
                total += int(pathlib.Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[0])
            except FileNotFoundError:
                pass
    return total / 1e9


def resident_kib(pids):
    """Proportional set size: pages that processes share are counted once."""
    total = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total


HOT = 1000  # names that are asked again and again where answers are to come from a cache


def load(target, mode, amount, seconds):
    """One run of bench_load; its JSON. `mode` is one of bench_load's, with `hot_` before it for names that are in
    every cache."""
    global _names
    command = [str(paths.BUILD / "bench" / "bench_load"), str(bed.PORTS[target]), mode, str(amount), str(seconds),
               str(_names), str(HOT if mode.startswith("hot_") else 0)]
    command[2] = mode.removeprefix("hot_")
    if target == "echo":
        command.append("echo")
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 10, check=True)
    result = json.loads(done.stdout)
    _names += result["sent"]
    return result


def phase(target, peer, mode, amount, seconds):
    """The load's result with `cpu_us`: microseconds of CPU for each query answered."""
    load(target, mode, amount, 0.2)  # connections are opened, pages touched, caches filled
    pids = bed.processes(peer)
    before = cpu_seconds(pids)
    result = load(target, mode, amount, seconds)
    spent = cpu_seconds(pids) - before
    result["cpu_us"] = spent / max(result["answered"], 1) * 1e6
    result["lost"] = result["sent"] - result["answered"]
    return result
