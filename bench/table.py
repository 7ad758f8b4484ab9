"""The results as text."""

import statistics

BAR_CPU = 0.5  # dotkeep's CPU for a forwarded query, of the best peer's
BAR_LATENCY = 1.0
BAR_START_MS = 50
BAR_CALLS = {"frontend": 16, "upstream": 16, "connector": 12, "control": 12}

BAR_ECHO = 1.10  # dotkeep's CPU for an answer from the cache, of the bare echo's

_ROWS = [
    ("CPU us/query, {rate} q/s", "rate", "cpu_us", None),
    ("CPU us/query, {busy} q/s", "busy", "cpu_us", None),
    ("CPU us/query, full load", "window", "cpu_us", BAR_CPU),
    ("queries/s, full load", "window", "qps", None),
    ("latency p50 us, {rate} q/s", "rate", "p50_us", BAR_LATENCY),
    ("latency p99 us, {rate} q/s", "rate", "p99_us", BAR_LATENCY),
    ("latency p50 us, {busy} q/s", "busy", "p50_us", BAR_LATENCY),
    ("latency p99 us, {busy} q/s", "busy", "p99_us", BAR_LATENCY),
    ("latency p50 us, full load", "window", "p50_us", BAR_LATENCY),
    ("latency p99 us, full load", "window", "p99_us", BAR_LATENCY),
    ("lost, {rate} q/s", "rate", "lost", None),
    ("lost, {busy} q/s", "busy", "lost", None),
    ("wrong, {rate} q/s", "rate", "wrong", None),
    ("CPU us/cached, {rate} q/s", "hot_rate", "cpu_us", 1.0),
    ("CPU us/cached, {busy} q/s", "hot_busy", "cpu_us", 1.0),
    ("CPU us/cached, full load", "hot_window", "cpu_us", 1.0),
    ("cached/s, full load", "hot_window", "qps", None),
    ("wrong, cached, {rate} q/s", "hot_rate", "wrong", None),
]


def verdict(value, bar):
    return f"{'PASS' if value <= bar else 'miss'} (target {bar:g})"


def _ratio(medians, mode, key, bar):
    rivals = [medians[name][mode][key] for name in ("dnsdist", "unbound") if name in medians]
    if "dotkeep" not in medians or not rivals:
        return ""
    best = max(rivals) if key == "qps" else min(rivals)
    if best == 0:
        return ""
    ratio = medians["dotkeep"][mode][key] / best
    return f"{ratio:5.2f}  " + (verdict(ratio, bar) if bar else "")


def _beside_echo(medians):
    if not {"dotkeep", "echo"} <= set(medians):
        return []
    ratios = [medians["dotkeep"][mode]["cpu_us"] / medians["echo"][mode]["cpu_us"]
              for mode in ("hot_rate", "hot_busy", "hot_window")]
    return ["CPU for a cached answer, of the bare echo's: " + ", ".join(f"{ratio:.2f}" for ratio in ratios)
            + " (rows above)   " + verdict(ratios[-1], BAR_ECHO)]


def render(whole):
    medians, settings = whole["medians"], whole["settings"]
    names = list(medians)
    lines = [f"medians of {settings['rounds']} interleaved rounds, {settings['cores']} cores, load average "
             f"{settings['load_average']:.1f}, DoT server: {settings['server']} on loopback", "",
             f"{'':30}" + "".join(f"{n:>10}" for n in names) + "   dotkeep / best peer"]
    for title, mode, key, bar in _ROWS:
        cells = "".join(f"{medians[n][mode][key]:10.1f}" for n in names)
        lines.append(f"{title.format(**settings):30}{cells}   {_ratio(medians, mode, key, bar)}".rstrip())
    lines += _beside_echo(medians)
    for title, when in (("memory KiB, idle", "idle"), ("memory KiB, after load", "loaded")):
        lines.append(f"{title:30}" + "".join(f"{whole['memory_kib'][when][n]:10d}" for n in names))
    lines.append("")
    if whole["cold_start_ms"]:
        start = statistics.median(whole["cold_start_ms"])
        lines.append(f"exec to first answer: {start:.1f} ms (median of {len(whole['cold_start_ms'])})   "
                     + verdict(start, BAR_START_MS))
    calls = ", ".join(f"{room} {count}" for room, count in whole["system_calls"].items())
    kept = all(whole["system_calls"].get(room, 0) <= bar for room, bar in BAR_CALLS.items())
    lines.append(f"system calls allowed: {calls}   {'PASS' if kept else 'miss'} (target "
                 + ", ".join(f"{room} {bar}" for room, bar in BAR_CALLS.items()) + ")")
    sizes = whole["stripped_octets"]
    lines.append("programs, stripped, KiB: " + ", ".join(f"{n} {s // 1024}" for n, s in sizes.items())
                 + f"; all {sum(sizes.values()) // 1024}")
    return "\n".join(lines)
