"""Writing all keys to a file while the server runs (BGSAVE), and starting from that file.

No client is served meanwhile. Valkey and Redis fork, so the time of their children counts; so does memory that they need for it, which
is not measured here. The file is in the page cache when it is read.
"""

import contextlib
import functools
import shutil
import time

import measure
import wire
from harness.wait import eventually
from harness.workspace import new_folder
from processes import Failed
from rows import Group, Row
from rows_memory import key
from systems import DIRECT

SYSTEMS = ("ringhold", "valkey", "redis")
LIMIT_SECONDS = 300


def groups():
    rows = [
        Row("backup.save", "BGSAVE of 2,000,000 keys (--quick: 50,000) of 16 bytes with values of 64 bytes", save),
        Row("backup.load", "a start from that file, until all keys are served", load),
    ]
    return [Group(SYSTEMS, open_filled, rows, rounds_max=3)]


class Saved:
    """A server with its keys, and the file that it has written them to."""

    def __init__(self, system, file):
        self.system = system
        self.file = file


def flags(name, file):
    if name == "ringhold":
        return ("--backup", file, "--backup-interval", "0")
    return ("--dir", file.parent, "--dbfilename", file.name)


@contextlib.contextmanager
def open_filled(bench, name):
    file = new_folder("backup") / "keys.saved"
    with DIRECT[name](bench, flags=flags(name, file)) as system:
        with system.filled((b"SET", key(number), b"x" * 64) for number in range(bench.counts.backup_keys)):
            pass
        yield Saved(system, file)
    shutil.rmtree(file.parent, ignore_errors=True)


def save(bench, saved):
    with saved.system.connect() as connection:
        # A backup of what has not changed since the last one may be skipped.
        wire.fill(connection, [wire.encode("SET", key(0), b"x" * 64)])
        before = measure.cpu_ns(saved.system.pids, children=True)
        started = time.monotonic()
        reply = wire.ask(connection, wire.encode("BGSAVE"))
        if reply[:1] == b"-":
            raise Failed(f"BGSAVE: {reply.decode(errors='replace').strip()}")
        eventually(lambda: wire.info(connection)["rdb_bgsave_in_progress"] == "0", "BGSAVE ends", LIMIT_SECONDS, 0.01)
        seconds = time.monotonic() - started
        if wire.info(connection).get("rdb_last_bgsave_status") != "ok":
            raise Failed("BGSAVE failed")
        cpu = measure.cpu_ns(saved.system.pids, children=True) - before
    return {"seconds": seconds, "cpu_s": cpu / 1e9, "file_mb": saved.file.stat().st_size / 1e6}


def load(bench, saved):
    """A second server, on a copy: two with one file would write over each other's."""
    if not saved.file.exists():
        save(bench, saved)
    copy = new_folder("restore") / saved.file.name
    shutil.copyfile(saved.file, copy)
    expected = b":%d\r\n" % bench.counts.backup_keys
    # The check of the TLS settings was made before; it would count here.
    started = time.monotonic()
    with type(saved.system)(bench, flags=flags(saved.system.name, copy)) as system:
        with system.connect() as connection:
            counted = functools.partial(wire.ask, connection, wire.encode("DBSIZE"))
            eventually(lambda: counted() == expected, "all keys are there", LIMIT_SECONDS, 0.01)
        seconds = time.monotonic() - started
        cpu = measure.cpu_ns(system.pids) / 1e9
        shutil.rmtree(copy.parent, ignore_errors=True)
        return {"seconds": seconds, "cpu_s": cpu}
