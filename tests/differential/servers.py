"""The servers of a comparison, all under one clock: a Redis on a Unix socket, and Ringhold over TLS."""

import contextlib
import re
import shutil
import socket
import subprocess
from pathlib import Path

from clock import Clock
from harness import cluster, workspace
from harness.wait import eventually
from session import Session
from side import Side

REDIS_VERSION = "7.0."
# Debian's redis-server is redis-check-rdb by another name, and the latter comes with redis-cli.
_REDIS_NAMES = ("redis-server", "redis-check-rdb")
# To data servers that jump ahead in time every command of the proxy looks late.
_PATIENCE = ("--deadline", "10000h")


class NoRedis(Exception):
    """There is no Redis here to compare with; the text says why."""


def find_redis(folder, given=None):
    """A redis-server of the right version, as a link in `folder`, which gives it its name. None is ever installed."""
    path = given or next(filter(None, map(shutil.which, _REDIS_NAMES)), None)
    if path is None:
        raise NoRedis("neither redis-server nor redis-check-rdb is here (package redis-tools)")
    program = Path(folder) / "redis-server"
    program.symlink_to(Path(path).resolve())
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise NoRedis(f"{path} does not run: {error}") from None
    found = re.search(r"\bv=(\S+)", said.stdout)
    if not found or not found.group(1).startswith(REDIS_VERSION):
        version = found.group(1) if found else said.stdout.strip() or said.stderr.strip()[:100]
        raise NoRedis(f"needs Redis {REDIS_VERSION}x, {path} is {version}")
    return program


@contextlib.contextmanager
def redis_side(program, folder, clock):
    path = Path(folder) / "redis.sock"
    # One database, as here.
    options = ["--port", "0", "--unixsocket", path, "--databases", "1", "--save", "", "--dir", folder]
    process = subprocess.Popen(
        [program, *options], env=clock.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )

    def connect():
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(path))
        return connection

    side = Side("redis", connect)
    try:
        eventually(lambda: connect().close() is None, "redis-server listens", 20)
        yield side
    finally:
        side.close()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def direct(clock):
    server = cluster.dataserver("alone", shard=False, env=clock.environment())
    server.start()
    yield Side("ringhold", lambda: server.connect().socket, [server])
    server.stop()


@contextlib.contextmanager
def proxied(clock):
    whole = cluster.Cluster(2, *_PATIENCE)
    nodes = [*whole.servers.values(), whole.proxy]
    for node in nodes:
        node.env.update(clock.environment())
    with whole:
        yield Side("ringhold", lambda: whole.proxy.connect().socket, nodes)


MODES = {"direct": direct, "proxy": proxied}


@contextlib.contextmanager
def session(mode, redis=None):
    """A Session, for as long as its servers live; `redis`: the path of a redis-server."""
    folder = workspace.new_folder("redis")
    program = find_redis(folder, redis)
    with contextlib.closing(Clock(folder)) as clock, redis_side(program, folder, clock) as theirs:
        with MODES[mode](clock) as ours:
            yield Session(ours, theirs, clock, tagged=mode == "proxy")
            ours.close()
