"""Stock Redis clients over TLS, directly against a data server and through the proxy: the same answers everywhere."""

import contextlib
import re

import redis
from harness.case import FULL, case, note
from harness.cluster import Cluster, standalone
from harness.processes import run
from redis.cluster import ClusterNode, RedisCluster


@contextlib.contextmanager
def alone():
    with standalone() as server:
        yield server


@contextlib.contextmanager
def member():
    """One data server of three, asked without the proxy."""
    with Cluster(3) as cluster:
        yield cluster["b"]


@contextlib.contextmanager
def through_proxy():
    with Cluster(3) as cluster:
        yield cluster.proxy


ANYWHERE = {"alone": alone, "member": member, "proxy": through_proxy}


@case(variants=ANYWHERE)
def redis_cli(place):
    with place() as node:
        def cli(*words, **options):
            result = node.redis_cli(*words, **options)
            assert result.returncode == 0, f"{words}: {result}"
            return result.stdout.rstrip("\n")

        assert cli("PING") == "PONG"
        assert cli("SET", "k", "v") == "OK"
        assert cli("GET", "k") == "v"
        assert cli("GET", "none") == ""
        assert cli("INCR", "n") == "1"
        assert cli("INCR", "k").startswith("ERR value is not an integer or out of range")
        assert cli("SET", "t", "v", "EX", "100") == "OK"
        assert 95 <= int(cli("TTL", "t")) <= 100
        assert cli("-3", "HELLO", "3").startswith("server")
        assert cli("--json", "MGET", "{k}1", "{k}2") == "[null,null]"
        assert cli("NOSUCH", "x").startswith("ERR unknown command 'NOSUCH'")
        # A script of commands on standard input, values from a file.
        assert cli(input="SET a 1\nGET a\nDEL a\n").splitlines() == ["OK", "1", "1"]
        assert cli("-x", "SET", "file", input="line 1\nline 2") == "OK"
        assert cli("GET", "file") == "line 1\nline 2"
        # Mass insertion: the raw protocol, all at once.
        raw = "".join(f"*3\r\n$3\r\nSET\r\n${len(f'p{i}')}\r\np{i}\r\n$1\r\nx\r\n" for i in range(1000))
        assert "errors: 0, replies: 1000" in cli("--pipe", input=raw)
        if place is not member:  # a member lists its own keys alone
            assert len(cli("--scan", "--pattern", "p*").split()) == 1000


@case(variants={"member": member, "proxy": through_proxy})
def redis_cli_cluster_mode(place):
    """`redis-cli -c` follows redirections, if it gets any."""
    with place() as node:
        for number in range(30):
            result = node.redis_cli("-c", "SET", f"key:{number}", f"v{number}")
            assert result.stdout.strip().endswith("OK"), result
            result = node.redis_cli("-c", "GET", f"key:{number}")
            assert result.stdout.strip().endswith(f"v{number}"), result
        # One connection that has shown that it knows Redis Cluster.
        script = "CLUSTER MYID\n" + "".join(f"GET key:{number}\n" for number in range(30))
        output = node.redis_cli("-c", input=script).stdout
        for number in range(30):
            assert re.search(rf"^\W*v{number}\W*$", output, re.MULTILINE), output


@case(timeout=120, variants=ANYWHERE)
def redis_benchmark(place):
    with place() as node:
        flags = [*node.certs.redis_cli_flags(), "-h", "127.0.0.1", "-p", node.port, "--csv"]
        count = 20000 if FULL else 5000
        for depth in (1, 16):
            result = run(["redis-benchmark", *flags, "-t", "ping,set,get,incr,mset", "-n", count, "-P", depth], 100)
            assert result.returncode == 0, result
            assert "ERR" not in result.stdout + result.stderr, result
            rates = dict(re.findall(r'^"([^"]+)","([\d.]+)"', result.stdout, re.MULTILINE))
            wanted = {"PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)"}
            assert wanted <= rates.keys(), result.stdout
            note(f"depth {depth}: " + ", ".join(f"{test} {float(rate):,.0f}/s" for test, rate in rates.items()))
        result = run(["redis-benchmark", *flags, "-t", "set,get", "-n", count, "-r", 100000, "-d", 1000, "-P", 16], 100)
        assert result.returncode == 0 and "ERR" not in result.stdout, result


@case()
def redis_benchmark_mset_over_many_slots():
    """The proxy splits an MSET whose keys are everywhere."""
    with Cluster(3) as cluster:
        flags = [*cluster.certs.redis_cli_flags(), "-h", "127.0.0.1", "-p", cluster.proxy.port, "--csv"]
        result = run(["redis-benchmark", *flags, "-t", "mset", "-n", 2000, "-r", 100000, "-P", 4], 60)
        assert result.returncode == 0 and "MSET" in result.stdout, result
        with cluster.proxy.redis() as client:
            assert client.dbsize() > 10000


@case(variants=ANYWHERE)
def redis_py(place):
    with place() as node, node.redis() as client:
        use_strings_and_keys(client)
        # Counted and listed by every shard, merged.
        client.flushall()
        names = {f"item:{number}" for number in range(500)}
        for name in names:
            client.set(name, 1)
        if place is not member:  # a member counts its own keys alone
            assert client.dbsize() == 500
            assert set(client.scan_iter("item:*", count=50)) == names
            assert set(client.keys("item:*")) == names
            assert client.randomkey() in names
            if place is through_proxy:
                assert client.delete(*names) == 500


@case(variants=ANYWHERE)
def redis_py_pipelines(place):
    with place() as node, node.redis() as client:
        for size in (1, 10, 3000):
            pipe = client.pipeline(transaction=False)
            for number in range(size):
                pipe.set(f"p:{number}", number)
                pipe.get(f"p:{number}")
                pipe.incr(f"p:{number}")
            replies = pipe.execute()
            assert replies == [value for number in range(size) for value in (True, str(number), number + 1)]
        # One bad command among good ones fails alone.
        pipe = client.pipeline(transaction=False)
        pipe.set("x", "text")
        pipe.incr("x")
        pipe.get("x")
        first, second, third = pipe.execute(raise_on_error=False)
        assert first is True and third == "text"
        assert isinstance(second, redis.ResponseError) and "not an integer" in str(second)


@case(variants=ANYWHERE)
def binary_and_large_values(place):
    with place() as node, node.redis(decode_responses=False) as client:
        every_byte = bytes(range(256))
        for size in (0, 1, 255, 65535, 1 << 20, 20 << 20):
            value = (every_byte * (size // 256 + 1))[:size]
            client.set(every_byte + b"\r\n$3\r\n", value)
            assert client.get(every_byte + b"\r\n$3\r\n") == value, f"{size} bytes came back differently"
        long_key = every_byte * 400
        client.set(long_key, b"x")
        assert client.get(long_key) == b"x" and client.exists(long_key) == 1


def use_strings_and_keys(client):
    assert client.ping() is True
    assert client.echo("hello") == "hello"
    assert client.set("s", "v") is True and client.get("s") == "v"
    assert client.set("s", "w", nx=True) is None and client.set("s", "w", xx=True, get=True) == "v"
    assert client.append("s", "xyz") == 4 and client.strlen("s") == 4
    assert client.getrange("s", 1, -1) == "xyz" and client.setrange("s", 6, "!") == 7
    assert client.get("s") == "wxyz\0\0!"
    assert client.incrby("n", 5) == 5 and client.decr("n") == 4 and client.incrbyfloat("f", 1.5) == 1.5
    assert client.getdel("n") == "4" and client.get("n") is None
    assert client.setex("e", 50, "v") is True and 40 < client.ttl("e") <= 50
    assert client.getex("e", persist=True) == "v" and client.ttl("e") == -1
    assert client.expire("e", 30) is True and client.persist("e") is True and client.pttl("none") == -2
    assert client.psetex("short", 30, "v") is True
    assert client.type("s") == "string" and client.type("none") == "none"
    assert client.exists("s", "s", "{s}none") == 2
    assert client.mset({"{m}1": "a", "{m}2": "b"}) is True
    assert client.mget("{m}1", "{m}2", "{m}3") == ["a", "b", None]
    assert client.rename("{m}1", "{m}9") is True and client.get("{m}9") == "a"
    assert client.copy("{m}9", "{m}8") in (True, 1) and client.get("{m}8") == "a"
    assert client.delete("{m}9", "{m}8", "{m}none") == 2 and client.touch("{m}2") == 1
    assert client.unlink("{m}2") == 1
    try:
        client.incr("e")
        raise AssertionError("INCR of a text was accepted")
    except redis.ResponseError as error:
        assert str(error) == "value is not an integer or out of range"
    try:
        client.execute_command("GET")
        raise AssertionError("GET without a key was accepted")
    except redis.ResponseError as error:
        assert str(error) == "wrong number of arguments for 'get' command"
    assert client.client_id() > 0 and client.client_setname("me") is True and client.client_getname() == "me"
    assert client.time()[0] > 1_600_000_000
    assert client.info()["redis_version"]
    assert "get" in client.command()


@case()
def redis_py_over_many_slots():
    """Through the proxy, commands over keys of several slots are split and gathered."""
    with Cluster(3) as cluster, cluster.proxy.redis() as client:
        pairs = {f"key:{number}": f"value {number}" for number in range(2000)}
        assert client.mset(pairs) is True
        names = list(pairs)
        assert client.mget(names + ["none"] + names[::-1]) == [*pairs.values(), None, *list(pairs.values())[::-1]]
        assert client.exists(*names, names[0], "none") == 2001
        assert client.touch(*names) == 2000
        assert client.delete(*names[:1000], "none") == 1000
        assert client.unlink(*names) == 1000
        assert client.dbsize() == 0
        # What cannot be split is refused, whoever owns the slots.
        for words in (("RENAME", "a", "b"), ("COPY", "a", "b"), ("MSETNX", "a", 1, "b", 2)):
            try:
                client.execute_command(*words)
                raise AssertionError(f"{words} was accepted")
            except redis.ResponseError as error:
                assert "CROSSSLOT" in repr(error) or "same slot" in str(error), repr(error)


@case(variants={"member": member, "proxy": through_proxy})
def redis_py_cluster(place):
    with place() as node:
        options = {**node.certs.redis_py(), "decode_responses": True, "socket_timeout": 15}
        client = RedisCluster(startup_nodes=[ClusterNode("127.0.0.1", node.port)], **options)
        assert len(client.get_nodes()) == (1 if place is through_proxy else 3)
        for number in range(300):
            assert client.set(f"key:{number}", f"value {number}")
        assert [client.get(f"key:{number}") for number in range(300)] == [f"value {number}" for number in range(300)]
        pipe = client.pipeline()
        for number in range(300):
            pipe.incr(f"count:{number % 7}")
        assert max(pipe.execute()) == 43
        assert client.mget_nonatomic(*(f"key:{number}" for number in range(300)))[299] == "value 299"
        assert len(set(client.scan_iter("key:*"))) == 300
        assert client.dbsize(target_nodes=RedisCluster.PRIMARIES) == 307
        assert client.cluster_keyslot("foo") == 12182
        client.close()


@case(variants={"member": member, "proxy": through_proxy})
def inspection_commands(place):
    """What exporters and dashboards ask."""
    with place() as node, node.redis() as client:
        client.set("k", "v")
        info = client.info("everything")
        for field in (
            "redis_version", "uptime_in_seconds", "connected_clients", "used_memory", "total_commands_processed",
            "total_connections_received", "keyspace_hits", "keyspace_misses", "expired_keys", "evicted_keys", "role",
            "process_id", "tcp_port", "cluster_enabled", "instantaneous_ops_per_sec", "maxmemory",
        ):  # fmt: skip
            assert field in info, f"INFO has no {field}"
        assert client.info("server")["redis_version"] == info["redis_version"]
        assert client.config_get("maxmemory*")
        assert client.cluster("INFO")["cluster_state"] == "ok"
        assert int(client.cluster("INFO")["cluster_slots_assigned"]) == 16384
        assert client.slowlog_len() >= 0
        assert any(entry["id"] for entry in client.client_list())
        assert client.memory_usage("k") > 0
        with node.connect() as connection:
            assert connection.command("CLUSTER", "MYID")
            assert sum(end - start + 1 for start, end, *_ in connection.command("CLUSTER", "SLOTS")) == 16384
            assert connection.command("CLUSTER", "SHARDS")
            assert connection.command("CLUSTER", "KEYSLOT", "{user}.name") == 5474
