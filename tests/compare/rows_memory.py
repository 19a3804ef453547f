"""Bytes per key of five workloads, and bytes per idle connection. Each measurement has a server of its own, begun empty."""

import contextlib
import functools
import time

import measure
import wire
from processes import Failed
from rows import Group, Row
from systems import DIRECT, PROXIED, Memcached

# What servers keep for a connection that was just busy, some give back within a few seconds.
SETTLE_SECONDS = 3.0


def key(number):
    return b"key:%012d" % number


def hash_words(number):
    words = [b"HSET", key(number)]
    for field in range(8):
        words += [b"field:%d" % field, b"value-%07d" % ((number + field) % 10_000_000)]
    return words


def list_words(number):
    return [b"RPUSH", key(number), *(b"item-%08d" % (number + item) for item in range(16))]


STRINGS = ("ringhold", "valkey", "redis", "memcached")
TYPES = ("ringhold", "valkey", "redis")
WORKLOADS = {
    "string": ("16-byte keys, values of 64 bytes", lambda number: (b"SET", key(number), b"x" * 64), STRINGS),
    "ttl": (
        "the same, each with a time to live",
        lambda number: (b"SET", key(number), b"x" * 64, b"EX", b"%d" % (100_000 + number % 50_000)),
        STRINGS,
    ),
    "integer": ("16-byte keys, integers of 7 digits", lambda number: (b"SET", key(number), b"%d" % (1_000_000 + number)), TYPES),
    "hash": ("hashes of 8 small fields (7 + 13 bytes)", hash_words, TYPES),
    "list": ("lists of 16 items of 13 bytes", list_words, TYPES),
}


def groups():
    made = []
    for name, (what, words, systems) in WORKLOADS.items():
        row = Row(f"memory.{name}", f"bytes per key: {what}", functools.partial(bytes_per_key, words=words))
        made.append(Group(systems, functools.partial(factory, kinds=DIRECT), [row], rounds_max=3))
    direct = {name: DIRECT[name] for name in ("floor", *STRINGS)}
    for mode, kinds in (("direct", direct), ("proxied", PROXIED)):
        row = Row(f"idle.{mode}", f"resident memory per idle connection, {mode}", bytes_per_connection)
        made.append(Group(tuple(kinds), functools.partial(factory, kinds=kinds), [row], rounds_max=3))
    return made


@contextlib.contextmanager
def factory(bench, name, kinds):
    """Not a server, but how one is started; once, to see that it can be."""
    with kinds[name](bench):
        pass
    yield kinds[name]


def used_memory(connection):
    said = wire.info(connection)
    if "used_memory" not in said:
        raise Failed("INFO shows no used_memory")
    return int(said["used_memory"])


def bytes_per_key(bench, kind, words):
    count = bench.counts.memory_keys
    with kind(bench) as system:
        own_count = not isinstance(system, Memcached)
        with system.filled([words(number) for number in range(10)]) as connection:
            before = used_memory(connection) if own_count else 0
            rss = measure.rss_bytes(system.pids)
            wire.fill(connection, (system.encode(*words(number)) for number in range(10, count)))
            sample = {"bytes_per_key": (used_memory(connection) - before) / (count - 10)} if own_count else {}
            return {**sample, "rss_per_key": (measure.rss_bytes(system.pids) - rss) / (count - 10)}


def bytes_per_connection(bench, kind):
    """Each connection has asked one question, so that it holds what a used one holds."""
    count = bench.counts.idle_connections
    with kind(bench) as system:
        request = system.encode("GET", "x")
        with contextlib.ExitStack() as held:
            for number in range(count + 50):
                if number == 50:  # what the first ones bring, the server has once
                    before = measure.rss_bytes(system.pids)
                wire.ask(held.enter_context(system.connect()), request)
            time.sleep(0.1 if bench.quick else SETTLE_SECONDS)
            return {"bytes_per_connection": (measure.rss_bytes(system.pids) - before) / count}
