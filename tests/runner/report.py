"""What tests/run prints: one line per case, the output of those that failed, and the sums."""

import fnmatch
import sys


class Report:
    def __init__(self, only):
        self.only = only  # patterns; empty: every case
        self.count_passed = 0
        self.failures = []
        self.count_skipped = 0

    def wants(self, name):
        return not self.only or any(fnmatch.fnmatchcase(name, pattern) for pattern in self.only)

    def wants_any_of(self, prefix):
        """Whether a case whose name begins with `prefix` might be wanted: saves running what nobody asked for."""
        return not self.only or any(
            pattern.startswith(prefix) or fnmatch.fnmatchcase(prefix + "x", pattern) for pattern in self.only
        )

    def passed(self, name, seconds, notes=()):
        if self.wants(name):
            self.count_passed += 1
            self._line("ok", name, seconds)
            for note in notes:
                print(f"        {note}", flush=True)

    def failed(self, name, seconds, output):
        if self.wants(name):
            self.failures.append(name)
            self._line("FAIL", name, seconds)
            print(indented(output), flush=True)

    def skipped(self, name, reason):
        if self.wants(name):
            self.count_skipped += 1
            print(f"SKIP {name}: {reason}", flush=True)

    def finish(self):
        """Prints the sums; returns the exit status."""
        print()
        for name in self.failures:
            print(f"failed: {name}")
        if self.count_skipped:
            print(f"{self.count_skipped} skipped")
        nothing = self.count_passed == 0 and not self.failures
        if nothing:
            print("tests/run: no case was run", file=sys.stderr)
        print(f"{self.count_passed} passed, {len(self.failures)} failed", flush=True)
        return 1 if self.failures or nothing else 0

    def _line(self, word, name, seconds):
        print(f"{word:4} {name} ({seconds:.2f} s)", flush=True)


def indented(output, lines_max=80):
    """The end of `output`, so that one failure does not bury the others."""
    lines = output.rstrip().splitlines() or ["(no output)"]
    if len(lines) > lines_max:
        lines = [f"... {len(lines) - lines_max} lines before"] + lines[-lines_max:]
    return "\n".join("     | " + line for line in lines)
