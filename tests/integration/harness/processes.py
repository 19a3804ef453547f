"""Servers under test, each with its log. Every one is ended with its case, and had better end well."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

from harness import workspace
from harness.case import SANITIZED
from harness.wait import eventually

READY_TIMEOUT = 60 if SANITIZED else 15
STOP_TIMEOUT = 30 if SANITIZED else 12
READY = re.compile(r"^ready addr=(\S+):(\d+)$", re.MULTILINE)

_running = []


class Server:
    """A process that prints `ready addr=…`. Its standard output and its log are files under the case's folder."""

    def __init__(self, name, program, arguments, folder, env=None):
        self.name = name
        self.command = [str(program), *map(str, arguments)]
        self.folder = Path(folder)
        self.env = {**os.environ, **(env or {})}
        self.process = None
        self.port = None
        self.killed = False
        self.starts = 0

    @property
    def log_path(self):
        return self.folder / f"{self.name}.log"

    @property
    def output_path(self):
        return self.folder / f"{self.name}.out.{self.starts}"

    def start(self, wait=True):
        assert self.process is None, f"{self.name} is running"
        self.starts += 1
        self.killed = False
        with open(self.log_path, "ab") as log, open(self.output_path, "wb") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                env=self.env,
                cwd=self.folder,
            )  # in the group of this process, which the parent kills as a whole if need be
        _running.append(self)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self):
        def is_ready():
            found = READY.search(self.output_path.read_text())
            if not found and self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self.process.returncode}: {self.log()[-2000:]}")
            return found

        limit = time.monotonic() + READY_TIMEOUT
        while not (found := is_ready()):
            assert time.monotonic() < limit, f"{self.name} is not ready:\n{self.log()[-2000:]}"
            time.sleep(0.01)
        self.port = int(found.group(2))

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def log_size(self):
        return self.log_path.stat().st_size if self.log_path.exists() else 0

    def log_since(self, size):
        with open(self.log_path, "rb") as log:
            log.seek(size)
            return log.read().decode(errors="replace")

    def wait_log(self, pattern, since=0, timeout=10):
        """Waits until the log, from `since` on, has a line that matches (any case); returns that line."""
        expression = re.compile(f"^.*(?:{pattern}).*$", re.IGNORECASE | re.MULTILINE)

        def find():
            return expression.search(self.log_since(since))

        try:
            return eventually(find, f"a line like {pattern!r} in the log of {self.name}", timeout).group(0)
        except AssertionError as error:
            raise AssertionError(f"{error}; it has: {self.log_since(since)[-1500:]!r}") from None

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        """kill -9, as of a machine that loses its power."""
        self.killed = True
        self.signal(signal.SIGKILL)
        self._reap(5)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def stop(self, expected=0):
        """SIGTERM; the process must end by itself, with status 0."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.resume()
            self.signal(signal.SIGTERM)
        status = self._reap(STOP_TIMEOUT)
        assert status == expected or self.killed, f"{self.name} ended with {status}, not {expected}: {self.log()[-2000:]}"

    def wait_end(self, timeout=STOP_TIMEOUT):
        return self._reap(timeout)

    def _reap(self, timeout):
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} does not end:\n{self.log()[-2000:]}") from None
        _running.remove(self)
        self.process = None
        return status

    # --- What it uses ---

    def rss(self):
        """Resident memory, in bytes."""
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0

    def peak_rss(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
        return 0

    def reset_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def end_all():
    """For what a failed case has left: without ceremony."""
    for server in list(_running):
        server.killed = True
        server.process.kill()
        server._reap(10)


def recent_logs(lines=25):
    parts = []
    for server in _running:
        state = "running" if server.process.poll() is None else f"ended with {server.process.returncode}"
        tail = "\n".join(server.log().splitlines()[-lines:])
        parts.append(f"--- {server.name} ({state}), end of its log:\n{tail}")
    return "\n".join(parts)


def run(command, timeout=30, input=None, env=None, cwd=None):
    """A program to its end; standard output and error as text."""
    process = subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=not isinstance(input, bytes),
        env={**os.environ, **(env or {})},
        cwd=cwd or workspace.folder(),
        start_new_session=True,
    )
    try:
        output, errors = process.communicate(input, timeout)
    except BaseException:
        # With everything that it has started.
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return subprocess.CompletedProcess(command, process.returncode, output, errors)
