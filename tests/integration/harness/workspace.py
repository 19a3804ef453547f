"""Where the tests stand: the checkout, its programs, a temporary folder, free ports."""

import os
import random
import shutil
import socket
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HARNESS = Path(__file__).resolve().parent
BIN = Path(os.environ.get("RINGHOLD_TEST_BIN", ROOT / "build" / "bin"))
DATASERVER = BIN / "ringhold-dataserver"
PROXY = BIN / "ringhold-proxy"
CLIENT = BIN / "ringhold"

_folder = None
_random = random.Random(os.getpid())
_given = set()


def folder():
    """The temporary folder of this process's cases."""
    global _folder
    if _folder is None:
        _folder = Path(tempfile.mkdtemp(prefix="ringhold-test-"))
    return _folder


def new_folder(name):
    return Path(tempfile.mkdtemp(prefix=name + "-", dir=folder()))


def remove():
    if _folder is not None:
        shutil.rmtree(_folder, ignore_errors=True)


def free_port(count=1):
    """The first of `count` consecutive free ports. They are below the range from which the kernel takes the ports of outgoing
    connections: a server can come back to its port, because nobody is given it meanwhile."""
    for _ in range(1000):
        first = _random.randrange(12000, 30000)
        ports = range(first, first + count)
        if not _given.intersection(ports) and all(map(_is_free, ports)):
            _given.update(ports)
            return first
    raise RuntimeError("no free port was found")


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
