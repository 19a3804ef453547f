"""Processes that are measured: each pinned to a core, with its log, on loopback, and ended by its own number."""

import os
import signal
import socket
import subprocess
import time

_running = []


class Failed(Exception):
    """A system could not be measured; the text says why."""


class Process:
    def __init__(self, name, command, core, folder):
        self.name = name
        self.log_path = folder / f"{name}.log"
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                preexec_fn=pinned_to(core),
            )
        self.pid = self.process.pid
        _running.append(self)

    def wait_listening(self, port, timeout=60):
        limit = time.monotonic() + timeout
        while True:
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended with {self.process.returncode}: {self.last_words()}")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if time.monotonic() > limit:
                    raise Failed(f"{self.name} does not listen: {self.last_words()}") from None
                time.sleep(0.005)

    def last_words(self):
        lines = self.log_path.read_text(errors="replace").strip().splitlines()
        return lines[-1][-300:] if lines else "its log is empty"

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self in _running:
            _running.remove(self)


def pinned_to(core):
    def pin():
        os.sched_setaffinity(0, {core})

    return pin


def end_all():
    for process in list(_running):
        process.end()


def run_load(command, core, env, timeout=300):
    """A load generator to its end; its standard output."""
    process = subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        preexec_fn=pinned_to(core),
    )
    try:
        output, errors = process.communicate(timeout=timeout)
    except BaseException as error:
        process.kill()
        process.communicate()
        if isinstance(error, subprocess.TimeoutExpired):
            raise Failed(f"{os.path.basename(str(command[0]))} did not end within {timeout} s") from None
        raise
    if process.returncode != 0:
        said = (errors or output).strip().splitlines()
        raise Failed(f"{os.path.basename(str(command[0]))} ended with {process.returncode}: {said[-1] if said else ''}")
    return output
