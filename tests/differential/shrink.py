"""Makes a failing script short: removes lines, then shortens arguments, for as long as it keeps failing."""

import time

from script import is_directive
from sequences import is_comparable

SECONDS = 60
# A reply may depend on a random pick: a script that failed once gets so many chances to fail again.
TRIES = 3
_SHORT = (b"", b"a", b"0", b"1")


def shrink(script, run, seconds=SECONDS):
    """`run(script)` gives a Difference or None. Returns the shorter script and its Difference, or (script, None) if it does
    not fail again."""
    shrinker = _Shrinker(run, time.monotonic() + seconds)
    found = next(filter(None, (run(script) for _ in range(TRIES))), None)
    if found is None:
        return script, None
    shrinker.keep(script, found)
    while shrinker.remove_lines() | shrinker.remove_copies() | shrinker.shorten_arguments():
        pass
    return shrinker.script, shrinker.found


class _Shrinker:
    def __init__(self, run, limit):
        self.run = run
        self.limit = limit

    def keep(self, script, found):
        # What comes after the difference has no part in it.
        self.script, self.found = script[: found.at + 1], found

    def fails(self, script):
        if not script or time.monotonic() > self.limit:
            return False
        found = self.run(script)
        if found:
            self.keep(script, found)
        return bool(found)

    def remove_lines(self):
        """Ever smaller pieces, from the end: what is near the difference is needed more often."""
        before = len(self.script)
        size = max(1, before // 2)
        while True:
            end = len(self.script)
            while end > 0:
                start = max(0, end - size)
                self.fails(self.script[:start] + self.script[end:])
                end = min(start, len(self.script))
            if size == 1:
                return len(self.script) < before
            size //= 2

    def shorten_arguments(self):
        """Of each line: fewer arguments, then simpler ones."""
        shortened = False
        at = 0
        while at < len(self.script):
            tried = simpler(self.script[at])
            while at < len(self.script) and (line := next(tried, None)) is not None:
                if is_comparable(line) and self.fails(self.script[:at] + [line] + self.script[at + 1 :]):
                    shortened = True
                    tried = simpler(self.script[at]) if at < len(self.script) else iter(())
            at += 1
        return shortened

    def remove_copies(self):
        """Lines like RENAME and COPY: goes on with the first key instead of the second one."""
        removed = False
        at = 0
        while at < len(self.script):
            line = self.script[at]
            at += 1
            if is_directive(line) or len(line) < 3:
                continue
            others = self.script[: at - 1] + self.script[at:]
            merged = [[line[1] if arg == line[2] else arg for arg in other] for other in others]
            if all(is_comparable(other) for other in merged) and self.fails(merged):
                removed, at = True, at - 1
        return removed


def simpler(line):
    """Lines that say less; none of them can become `line` again."""
    count = 1 if is_directive(line) else len(line)
    if count > 3:
        yield line[: 1 + count // 2]
        for at in range(count - 1, 0, -1) if count < 40 else ():
            yield line[:at] + line[at + 1 :]
        for at in range(count - 2, 0, -1) if count < 40 else range(2, count - 2, max(2, count // 8)):
            yield line[:at] + line[at + 2 :]
    for at in range(1, count):
        arg = line[at]
        shorter = [arg[: len(arg) // 2]] if len(arg) > 8 else []
        for other in (*_SHORT, *shorter):
            if (len(other), other) < (len(arg), arg):
                yield [*line[:at], other, *line[at + 1 :]]
