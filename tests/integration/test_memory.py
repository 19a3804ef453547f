"""--max-memory: the bound holds, what is used stays, and what may not go is refused."""

import time

from harness.case import FULL, SANITIZED, case, note
from harness.cluster import standalone
from harness.wait import eventually

MB = 1 << 20


def write(client, name, megabytes, value_bytes=1000):
    value = "x" * value_bytes
    count = megabytes * MB // value_bytes
    for first in range(0, count, 1000):
        with client.pipeline(transaction=False) as pipe:
            for i in range(first, min(first + 1000, count)):
                pipe.set(f"{name}:{i}", value)
            pipe.execute()
    return count


@case(timeout=180)
def more_is_written_than_fits():
    """300 MB into 64 MB: resident memory stays near the bound; what is used now and then stays, old keys go."""
    with standalone("--max-memory", "64mb") as server:
        empty = server.rss()
        client = server.redis()
        client.mset({f"hot:{i}": "x" * 100 for i in range(1000)})
        written = 0
        for turn in range(10):
            written += write(client, f"cold:{turn}", 30)
            time.sleep(0.01)
            assert None not in client.mget([f"hot:{i}" for i in range(1000)]), "a key in use was evicted"
        info = {**client.info("memory"), **client.info("stats")}
        grown = server.rss() - empty
        note(f"{info['used_memory'] // MB} MiB used, {grown // MB} MiB resident above an empty server, "
             f"{info['evicted_keys']} of {written} keys evicted")
        assert info["maxmemory"] == 64 * MB and info["maxmemory_policy"] == "allkeys-lru", info
        assert info["evicted_keys"] > written * 0.7, info
        assert SANITIZED or grown < 64 * MB * 1.25, f"{grown // MB} MiB"
        old = client.exists(*(f"cold:0:{i}" for i in range(1000)))
        young = client.exists(*(f"cold:9:{i}" for i in range(30_000, 31_000)))
        assert old == 0 and young == 1000, (old, young)


@case(timeout=60)
def large_values_after_small_ones():
    """Room for one large value is made of thousands of small ones, and others are served meanwhile."""
    with standalone("--max-memory", "32mb") as server:
        client = server.redis()
        write(client, "small", 40, value_bytes=50)
        other = server.redis()
        slowest = 0.0
        for turn in range(20):
            client.set(f"large:{turn}", "x" * (4 * MB))
            started = time.monotonic()
            other.ping()
            slowest = max(slowest, time.monotonic() - started)
        info = client.info("memory")
        note(f"slowest PING between them {slowest * 1000:.0f} ms")
        eventually(lambda: client.info("memory")["used_memory"] < 40 * MB, "what was evicted is freed")
        assert client.exists(*(f"large:{turn}" for turn in range(15, 20))) >= 4, info
        output = server.redis_cli("SETRANGE", "beyond", str(33 * MB), "x").stdout
        assert client.ping(), output


@case(timeout=60)
def nothing_may_go():
    """--eviction none: commands that add are refused with -OOM, reads and deletes go on, and deleting makes room."""
    with standalone("--max-memory", "16mb", "--eviction", "none") as server:
        client = server.redis()
        refused = None
        value = "x" * 10_000
        for i in range(3000):
            output = client.execute_command  # a plain name for the loop below
            try:
                output("SET", f"key:{i}", value)
            except Exception as error:  # noqa: BLE001
                refused = (i, str(error))
                break
        assert refused and "command not allowed when used memory > 'maxmemory'" in refused[1], refused
        assert client.get("key:0") == value
        assert client.info("stats")["evicted_keys"] == 0
        assert client.delete("key:0", "key:1") == 2
        assert client.set("key:0", "small")


@case(timeout=60)
def bound_at_run_time():
    """CONFIG SET maxmemory lowers and lifts the bound; eviction follows in slices."""
    with standalone() as server:
        client = server.redis("admin")
        write(client, "key", 40 if FULL else 20)
        used = client.info("memory")["used_memory"]
        client.config_set("maxmemory", "8mb")
        assert client.config_get("maxmemory") == {"maxmemory": str(8 * MB)}
        eventually(lambda: client.info("memory")["used_memory"] <= 8 * MB, "eviction reaches the new bound")
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "1mb")
        try:
            client.set("more", "value")
            raise AssertionError("a write was accepted beyond the bound")
        except Exception as error:  # noqa: BLE001
            assert "maxmemory" in str(error), error
        client.config_set("maxmemory", "0")
        assert client.set("more", "value")
        assert client.info("memory")["used_memory"] < used
        output = server.redis_cli("CONFIG", "SET", "maxmemory-policy", "volatile-ttl", who="admin").stdout
        assert "noeviction, allkeys-lru" in output, output
