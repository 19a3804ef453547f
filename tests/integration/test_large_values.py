"""Values of hundreds of megabytes, or millions of items: whole, and nobody else waits for them."""

import threading
import time

from harness import workspace
from harness.case import FULL, SANITIZED, case, note
from harness.cluster import Cluster, dataserver, standalone
from harness.turns import Turns
from harness.wait import eventually

MB = 1_000_000
# The longest turn of the loop, in CPU time; what a sanitizer makes of that says nothing.
TURN_MS = float("inf") if SANITIZED else 10
ITEMS = (5 * MB if FULL else 500_000) if not SANITIZED else 50_000
STRING_BYTES = 200 * MB if not SANITIZED else 20 * MB


class Watched:
    """One data server, and what its turns take."""

    def __init__(self, *flags):
        self.turns = Turns()
        self.flags = flags
        self.figures = []

    def __enter__(self):
        self.context = standalone(*self.flags, env=self.turns.env)
        self.server = self.context.__enter__()
        self.client = self.server.redis(decode_responses=False, socket_timeout=60)
        self.client.ping()
        self.turns.longest_ms()
        return self

    def __exit__(self, *error):
        self.context.__exit__(*error)

    def looked(self, what):
        self.client.ping()
        longest = self.turns.longest_ms()
        self.figures.append(f"{what} {longest:.1f}")
        assert longest < TURN_MS, f"{what}: a turn of {longest:.1f} ms"

    def freed(self, what):
        eventually(lambda: self.client.info("memory")["used_memory"] < 30 * MB, f"{what}: the memory comes back", 30)
        self.looked(what)

    def ends(self, command, per_item):
        """Of the key that was filled: deleted, and filled again, expired and flushed."""
        key = command[1]
        self.client.delete(key)
        self.freed("DEL")
        self.fill(command, per_item)
        self.client.pexpire(key, 1)
        self.freed("expired")
        self.fill(command, per_item)
        self.client.flushall()
        self.freed("FLUSHALL")
        self.report()

    def report(self):
        note("longest turns in ms: " + ", ".join(self.figures))

    def fill(self, command, per_item, items=ITEMS):
        with self.client.pipeline(transaction=False) as pipe:
            for first in range(0, items, 100):
                pipe.execute_command(*command, *(part for i in range(first, first + 100) for part in per_item(i)))
                if len(pipe) == 500:
                    pipe.execute()
            pipe.execute()
        self.looked("filled")


def large(size, seed=0):
    return bytes((i * 7 + seed) % 251 for i in range(100_003)) * (size // 100_003)


@case(timeout=180)
def a_large_string():
    """Set, read, changed, deleted, expired and flushed."""
    with Watched() as it:
        value = large(STRING_BYTES)
        client = it.client
        assert client.set("large", value)
        it.looked("SET")
        assert client.get("large") == value
        it.looked("GET")
        assert client.getrange("large", 1000, len(value) // 2) == value[1000 : len(value) // 2 + 1]
        it.looked("GETRANGE")
        assert client.append("large", "end") == len(value) + 3
        assert client.setrange("large", 5, "changed") == len(value) + 3
        it.looked("APPEND, SETRANGE")
        assert client.strlen("large") == len(value) + 3 and client.object("encoding", "large") == b"raw"
        assert client.getdel("large") == value[:5] + b"changed" + value[12:] + b"end"
        it.freed("GETDEL")
        client.set("large", value, px=50)
        it.freed("expired")
        client.set("large", value)
        client.flushall()
        it.freed("FLUSHALL")
        client.setbit("bits", 2**32 - 1, 1)
        assert client.strlen("bits") == 2**29 and client.getbit("bits", 2**32 - 1) == 1
        it.looked("SETBIT 2^32-1")
        client.delete("bits")
        it.freed("DEL")
        it.report()


@case(timeout=300)
def a_large_list():
    with Watched() as it:
        item = lambda i: (f"item:{i}",)
        it.fill(["RPUSH", "list"], item)
        assert it.client.lrange("list", 0, -1) == [b"item:%d" % i for i in range(ITEMS)]
        it.looked("LRANGE 0 -1")
        assert it.client.lrange("list", ITEMS // 2, -2) == [b"item:%d" % i for i in range(ITEMS // 2, ITEMS - 1)]
        it.client.ltrim("list", ITEMS // 2, -1)
        it.looked("LTRIM")
        it.ends(["RPUSH", "list"], item)


@case(timeout=300)
def a_large_hash():
    with Watched() as it:
        pair = lambda i: (f"field:{i}", i)
        it.fill(["HSET", "hash"], pair)
        assert it.client.hgetall("hash") == {b"field:%d" % i: b"%d" % i for i in range(ITEMS)}
        it.looked("HGETALL")
        assert len(it.client.hkeys("hash")) == len(it.client.hvals("hash")) == ITEMS
        it.looked("HKEYS, HVALS")
        it.ends(["HSET", "hash"], pair)


@case(timeout=180)
def read_while_it_changes():
    """A reply that takes long shows one moment, though others change and delete what it is of."""
    with standalone() as server:
        client = server.redis()
        items = [f"item:{i}" for i in range(200_000)]
        fields = {f"field:{i}": "before" for i in range(200_000)}
        text = "x" * (20 * MB)
        client.rpush("list", *items)
        client.hset("hash", mapping=fields)
        client.sadd("set", *items)
        client.set("text", text)
        slow = {}
        for name, command in {
            "list": ("LRANGE", "list", "0", "-1"),
            "hash": ("HGETALL", "hash"),
            "set": ("SMEMBERS", "set"),
            "text": ("GET", "text"),
        }.items():
            # Asked for and not read: the reply stays behind.
            slow[name] = server.connect()
            slow[name].send_command(*command)
            slow[name].send_command("PING", name)
        time.sleep(0.3)
        for i in range(0, 200_000, 100):
            client.lset("list", i, "changed")
            client.hset("hash", f"field:{i}", "after")
            client.hdel("hash", f"field:{i + 1}")
            client.srem("set", f"item:{i}")
        client.lpush("list", "first")
        client.ltrim("list", 50_000, -50_000)
        client.setrange("text", 10 * MB, "y" * MB)
        assert client.delete("hash", "set") == 2
        assert slow["list"].reply() == [item.encode() for item in items]
        pairs = slow["hash"].reply()
        assert dict(zip(pairs[::2], pairs[1::2])) == {field.encode(): b"before" for field in fields}
        assert set(slow["set"].reply()) == {item.encode() for item in items}
        assert slow["text"].reply() == text.encode()
        for name, connection in slow.items():
            assert connection.reply() == name.encode()
            connection.close()
        client.flushall()
        eventually(lambda: client.info("memory")["used_memory"] < MB, "all memory is back")


@case(timeout=60)
def stopped_while_a_client_does_not_read():
    """A reply that nobody takes keeps no server from its end, nor from its last backup."""
    folder = workspace.new_folder("stopped")
    server = dataserver("alone", "--backup", "dump.rh", "--backup-interval", "0", folder=folder, shard=False)
    server.start()
    server.redis().set("large", "x" * (20 * MB))
    slow = server.connect()
    for _ in range(3):
        slow.send_command("GET", "large")
    time.sleep(0.3)
    server.stop()
    server.start()
    assert server.redis().strlen("large") == 20 * MB
    slow.close()
    server.stop()


@case(timeout=180)
def through_the_proxy():
    """The same values, whole, through a proxy."""
    with Cluster(2) as cluster:
        client = cluster.proxy.redis(decode_responses=False, socket_timeout=60)
        value = large(STRING_BYTES // 4)
        assert client.set("large", value) and client.get("large") == value
        client.rpush("list", *(f"item:{i}" for i in range(100_000)))
        assert client.lrange("list", 0, -1) == [b"item:%d" % i for i in range(100_000)]
        client.hset("hash", mapping={f"field:{i}": i for i in range(100_000)})
        assert client.hgetall("hash") == {b"field:%d" % i: b"%d" % i for i in range(100_000)}


@case(timeout=180)
def who_waits():
    """While one client sends and reads what is large, another one's commands are answered at once."""
    with standalone() as server:
        client = server.redis(decode_responses=False, socket_timeout=60)
        value = large(STRING_BYTES)
        stop = threading.Event()
        latencies = []

        def probe():
            other = server.redis()
            while not stop.is_set():
                started = time.monotonic()
                other.ping()
                latencies.append(time.monotonic() - started)
                time.sleep(0.001)

        thread = threading.Thread(target=probe)
        thread.start()
        for _ in range(3):
            client.set("large", value)
            client.get("large")
        client.delete("large")
        stop.set()
        thread.join()
        latencies.sort()
        note(f"{len(latencies)} pings: p50 {latencies[len(latencies) // 2] * 1000:.1f} ms, "
             f"p99 {latencies[len(latencies) * 99 // 100] * 1000:.1f} ms")
        assert len(latencies) > 50
