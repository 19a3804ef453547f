"""Runs a program to its end, or to a time limit, and leaves no process behind."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass


@dataclass
class Outcome:
    status: int  # negative: the signal that ended it
    output: str  # both streams, in order, unless they were asked for apart
    errors: str
    seconds: float
    timed_out: bool

    @property
    def ok(self):
        return self.status == 0 and not self.timed_out

    def describe(self):
        how = "did not end within its time" if self.timed_out else f"ended with status {self.status}"
        return f"{how}\n{self.output}{self.errors}"


def run(command, timeout, cwd=None, env=None, separate=False):
    """`separate`: standard error apart from standard output, for programs whose output is read by a machine."""
    started = time.monotonic()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if separate else subprocess.STDOUT,
        start_new_session=True,
    )
    timed_out = False
    try:
        output, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        timed_out = True
        kill_group(process)
        output, errors = process.communicate()
    except BaseException:
        kill_group(process)
        raise
    return Outcome(
        process.returncode,
        output.decode(errors="replace"),
        (errors or b"").decode(errors="replace"),
        time.monotonic() - started,
        timed_out,
    )


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
