"""Runs the suites that tests/run has built; see tests/run --help."""

import argparse
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import differential
import fuzz
import integration
import native
import sim
import style
from report import Report

SUITES = {
    "style": style.run_suite,
    "unit": native.run_unit,
    "golden": native.run_golden,
    "sim": sim.run_suite,
    "fuzz": fuzz.run_suite,
    "integration": integration.run_suite,
    "differential": differential.run_suite,
}


@dataclass(frozen=True)
class Plan:
    root: Path  # the checkout
    build: Path  # the build tree of the preset
    preset: str
    full: bool  # `all` rather than `quick`

    @property
    def bin(self):
        return self.build / "bin"

    @property
    def sanitized(self):
        return self.preset in ("asan-ubsan", "tsan")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--length", choices=("quick", "all"), required=True)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--preset", required=True)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("suites", nargs="+", choices=SUITES)
    arguments = parser.parse_args()

    plan = Plan(Path(__file__).resolve().parents[2], arguments.build, arguments.preset, arguments.length == "all")
    report = Report(arguments.only)
    # A sanitizer's finding ends the program; nothing else may hide it.
    os.environ.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    # Asked to end, we end what we have started too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for name, run_suite in SUITES.items():
        if name in arguments.suites and report.wants_any_of(name + "."):
            run_suite(plan, report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
