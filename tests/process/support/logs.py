"""A program's standard error, line by line, as it comes."""

import dataclasses
import re
import threading
import time

_LINE = re.compile(r"^(\d{4}-\d\d-\d\dT[\d:.]+Z) (\w+) ([^ :]+): (.*)$")
_FIELD = re.compile(r'([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|\S*)')


@dataclasses.dataclass
class Line:
    """`TIME LEVEL PROCESS: event words key=value ...`; what is not of that form has only `text`."""

    text: str
    at: float  # time.monotonic() when it came
    level: str = ""
    process: str = ""
    event: str = ""
    fields: dict = dataclasses.field(default_factory=dict)


def parse(text, at=0.0):
    found = _LINE.match(text)
    if not found:
        return Line(text, at)
    rest = found.group(4)
    fields = {k: v[1:-1] if v.startswith('"') else v for k, v in _FIELD.findall(rest)}
    first = _FIELD.search(rest)
    event = (rest[:first.start()] if first else rest).strip()
    return Line(text, at, found.group(2), found.group(3), event, fields)


class Log:
    """Reads a stream on a thread of its own until it ends."""

    def __init__(self, stream):
        self.lines = []
        self.ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        for raw in stream:
            line = parse(raw.decode("utf-8", "backslashreplace").rstrip("\n"), time.monotonic())
            with self._changed:
                self.lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def find(self, *words, since=0):
        """The first line from index `since` on that contains every word (case-blind), or None."""
        wanted = [w.lower() for w in words]
        for line in self.lines[since:]:
            if all(w in line.text.lower() for w in wanted):
                return line
        return None

    def wait_for(self, *words, timeout=5, since=0):
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                line = self.find(*words, since=since)
                left = deadline - time.monotonic()
                if line:
                    return line
                if left <= 0 or self.ended:
                    raise AssertionError(f"no log line with {words} in:\n{self.text()}")
                self._changed.wait(left)

    def wait_for_end(self, timeout=2):
        """Until every process that holds the other end has closed it."""
        self._thread.join(timeout)

    def count(self, *words):
        wanted = [w.lower() for w in words]
        return sum(all(w in line.text.lower() for w in wanted) for line in list(self.lines))

    def text(self):
        return "\n".join(line.text for line in list(self.lines))
