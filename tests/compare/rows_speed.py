"""CPU per operation, throughput and latency: SET and GET at several depths and value sizes, direct and proxied.

CPU is that of all processes of a system. What the connections' handshakes cost is left out: a run of one batch per connection is
measured as well, and the difference of the two runs counts.
"""

import contextlib
import csv
import functools
import io
import json
from dataclasses import dataclass

import client_tls
import measure
import wire
from processes import Failed, run_load
from rows import Group, Row
from systems import DIRECT, PROXIED, Floor

DEPTHS = (1, 16, 64)
SIZES = (16, 64, 512, 4096)
LARGE_BYTES = 4096


@dataclass(frozen=True)
class Load:
    command: str  # set or get
    depth: int
    size: int
    ours: bool = False  # load.cpp rather than redis-benchmark

    def requests(self, bench):
        count = bench.counts.requests[self.depth]
        return count // 2 if self.size >= LARGE_BYTES else count


def groups():
    made = [group("direct", size, direct_systems(size), DIRECT) for size in SIZES]
    made.append(group("memcached", 64, ("ringhold", "valkey", "memcached"), DIRECT, ours=True))
    made += [group("proxied", size, tuple(PROXIED), PROXIED) for size in SIZES]
    return made


def direct_systems(size):
    # Whether the version of OpenSSL matters, one size tells.
    ours = ("ringhold", "ringhold-their-openssl") if size == 64 else ("ringhold",)
    return ("floor", *ours, "valkey", "redis")


def group(mode, size, names, kinds, ours=False):
    rows = []
    for depth in DEPTHS:
        for command in ("set", "get"):
            load = Load(command, depth, size, ours)
            what = f"{command.upper()}, depth {depth}, values of {size} bytes, " + ("our own load generator" if ours else mode)
            rows.append(
                Row(
                    f"{mode}.{command}.d{depth}.v{size}",
                    what,
                    functools.partial(measure_load, load=load),
                    functools.partial(warm_up, load=load),
                )
            )
    return Group(names, functools.partial(open_filled, kinds=kinds, size=size), rows)


@contextlib.contextmanager
def open_filled(bench, name, kinds, size):
    with kinds[name](bench) as system:
        if not isinstance(system, Floor):
            value = b"x" * size
            with system.filled(("SET", b"key:%012d" % number, value) for number in range(bench.counts.keys)):
                pass
        yield system


def warm_up(bench, system, load):
    if isinstance(system, Floor):
        key = b"key:%012d" % 0
        if load.command == "set":
            system.expect(wire.encode("SET", key, b"x" * load.size), "ok")
        else:
            system.expect(wire.encode("GET", key), load.size)
    run(bench, system, load, max(load.requests(bench) // 10, bench.connections * load.depth))


def measure_load(bench, system, load):
    few = bench.connections * load.depth
    many = load.requests(bench)
    short_cpu, short_front, _ = run(bench, system, load, few)
    cpu, front, seen = run(bench, system, load, many)
    sample = {"cpu_us": (cpu - short_cpu) / (many - few) / 1000}
    if system.front_pids:
        sample["front_cpu_us"] = (front - short_front) / (many - few) / 1000
    return {**sample, **seen}


def run(bench, system, load, requests):
    """One run of the load generator: (CPU of all, CPU of the front, what the generator saw)."""
    before, front_before = measure.cpu_ns(system.pids), measure.cpu_ns(system.front_pids)
    seen = (run_ours if load.ours else run_redis_benchmark)(bench, system, load, requests)
    return measure.cpu_ns(system.pids) - before, measure.cpu_ns(system.front_pids) - front_before, seen


def run_redis_benchmark(bench, system, load, requests):
    certs = bench.certs
    tls = ("--tls", "--cacert", certs.ca, "--cert", certs.cert("client"), "--key", certs.key("client"))
    where = ("-h", "127.0.0.1", "-p", system.port, "-c", bench.connections, "-n", requests, "-P", load.depth)
    what = ("-t", load.command, "-d", load.size, "-r", bench.counts.keys, "--csv", "--precision", 3)
    said = run_load((bench.redis_benchmark, *where, *what, *tls), bench.load_core, client_tls.environment())
    problem = next((line for line in said.splitlines() if line.startswith("Error")), None)
    rows = [row for row in csv.reader(io.StringIO(said)) if len(row) == 8 and row[0] in ("SET", "GET")]
    if problem or not rows:
        raise Failed(f"redis-benchmark says: {problem or said.strip()[-200:]}")
    return {"ops_per_s": float(rows[-1][1]), "p50_ms": float(rows[-1][4]), "p99_ms": float(rows[-1][6])}


def run_ours(bench, system, load, requests):
    protocol = "memcached" if system.name == "memcached" else "resp"
    certs = bench.certs
    numbers = (system.port, bench.connections, load.depth, requests, bench.counts.keys, load.size)
    files = (certs.cert("client"), certs.key("client"), certs.ca)
    seen = json.loads(run_load((bench.tool("load"), protocol, load.command, *numbers, *files), bench.load_core, client_tls.environment()))
    return {"ops_per_s": seen["rps"], "p50_ms": seen["p50_ms"], "p99_ms": seen["p99_ms"]}
