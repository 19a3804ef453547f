"""Runs the cases of one file and reports each as a line of JSON; started by tests/runner/integration.py.

usage: python3 -m harness.runner FILE PREFIX [PATTERN...]
"""

import fnmatch
import importlib.util
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

from harness import processes, workspace
from harness.case import CASES, NOTES, Skip


class CaseTimeout(BaseException):
    """Not an Exception, so that no handler of a case swallows it."""


def main():
    path, prefix, patterns = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    # The reports alone go to the standard output that the parent reads; whatever a case prints goes with the errors.
    channel = os.fdopen(os.dup(1), "w")
    signal.signal(signal.SIGALRM, raise_timeout)
    raise_descriptor_limit()
    try:
        load(path)
        for case in CASES:
            name = prefix + case.name
            if not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                run_case(case, name, channel)
    finally:
        processes.end_all()
        workspace.remove()


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)


def run_case(case, name, channel):
    tell(channel, event="start", name=name, timeout=case.timeout)
    NOTES.clear()
    started = time.monotonic()
    try:
        signal.alarm(case.timeout)
        try:
            case.function()
        finally:
            signal.alarm(0)
        outcome = {"event": "pass", "notes": list(NOTES)}
    except Skip as skip:
        outcome = {"event": "skip", "reason": str(skip)}
    except (Exception, CaseTimeout) as error:  # noqa: BLE001: everything that a case throws is its failure
        # The logs as they are now, before the servers are ended.
        parts = [*NOTES, traceback.format_exc(), variables(error), processes.recent_logs()]
        outcome = {"event": "fail", "output": "\n".join(parts)}
    # A case ends its own servers; what is left after a failure goes now.
    processes.end_all()
    tell(channel, name=name, seconds=time.monotonic() - started, **outcome)


def variables(error):
    """What the variables of the failed function held: a bare assertion does not tell."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if "/test_" in frame.f_code.co_filename]
    values = frames[-1].f_locals.items() if frames else ()
    return "\n".join(f"  {name} = {repr(value)[:300]}" for name, value in values)


def raise_timeout(_signal, _frame):
    raise CaseTimeout("the case did not end within its time")


def raise_descriptor_limit():
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def tell(channel, **event):
    channel.write(json.dumps(event) + "\n")
    channel.flush()


if __name__ == "__main__":
    main()
