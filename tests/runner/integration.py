"""Real processes, real TLS, stock clients: each tests/integration/test_*.py runs in a process of its own, which reports its
cases one by one as lines of JSON. So do the cases of tests/differential."""

import json
import os
import queue
import subprocess
import sys
import threading
import time

from process import kill_group

# A case has its own time limit; one that does not end even then is killed with its whole file after this much more.
GRACE_SECONDS = 45


def run_suite(plan, report):
    folder = plan.root / "tests" / "integration"
    for path in sorted(folder.glob("test_*.py")):
        prefix = f"integration.{path.stem.removeprefix('test_')}."
        if report.wants_any_of(prefix):
            run_file(plan, report, path, prefix)


def run_file(plan, report, path, prefix):
    environment = {
        **os.environ,
        "RINGHOLD_TEST_BIN": str(plan.bin),
        "RINGHOLD_TEST_FULL": "1" if plan.full else "",
        "RINGHOLD_TEST_SANITIZED": "1" if plan.sanitized else "",
        "LSAN_OPTIONS": f"print_suppressions=0:suppressions={plan.root / 'tests' / 'runner' / 'leaks-of-others.txt'}",
        "PYTHONPATH": os.pathsep.join([str(path.parent), str(plan.root / "tests" / "integration")]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "harness.runner", str(path), prefix, *report.only]
    process = subprocess.Popen(
        command,
        cwd=plan.root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        follow(report, prefix, process)
    finally:
        kill_group(process)
        process.wait()


def follow(report, prefix, process):
    lines = queue.Queue()
    threading.Thread(target=read_lines, args=(process.stdout, lines), daemon=True).start()
    stray = []  # what is not a report: a traceback of the file itself, for instance
    running = None
    limit = time.monotonic() + 60 + GRACE_SECONDS
    while True:
        try:
            line = lines.get(timeout=max(0.1, limit - time.monotonic()))
        except queue.Empty:
            report.failed(running or prefix + "(file)", 0, "did not end within its time\n" + "".join(stray))
            return
        if line is None:
            break
        event = parse_event(line)
        if event is None:
            stray.append(line)
        elif event["event"] == "start":
            running = event["name"]
            limit = time.monotonic() + event["timeout"] + GRACE_SECONDS
        else:
            running = None
            limit = time.monotonic() + GRACE_SECONDS
            record(report, event)
    status = process.wait()
    if running or status != 0:
        report.failed(running or prefix + "(file)", 0, f"its process ended with status {status}\n" + "".join(stray))


def read_lines(stream, lines):
    for line in stream:
        lines.put(line.decode(errors="replace"))
    lines.put(None)


def parse_event(line):
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "event" in event else None


def record(report, event):
    if event["event"] == "pass":
        report.passed(event["name"], event["seconds"], event["notes"])
    elif event["event"] == "skip":
        report.skipped(event["name"], event["reason"])
    else:
        report.failed(event["name"], event["seconds"], event["output"])
