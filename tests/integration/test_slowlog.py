"""SLOWLOG at a proxy: what its shards answered is in its log too, by the time that the client has waited."""

from harness.case import case
from harness.cluster import Cluster, keys_of


def logged(client):
    return {entry["command"]: entry["duration"] for entry in client.slowlog_get(100)}


@case()
def commands_that_shards_answered():
    with Cluster(3) as cluster, cluster.proxy.redis("admin") as client:
        owners = cluster.owners()
        a, b = keys_of(owners, "a", 1)[0], keys_of(owners, "b", 1)[0]
        client.config_set("slowlog-log-slower-than", 0)
        client.set(a, "1")
        client.mset({a: "1", b: "x" * 200})  # over two shards
        client.mset({a: "1", b: "x" * 100_000})  # more than is kept for the log
        client.dbsize()
        client.execute_command("DEBUG", "SLEEP", "0.2")
        client.config_set("slowlog-log-slower-than", -1)
        log = logged(client)
        trimmed = "x" * 128 + "... (72 more bytes)"
        for command in (f"SET {a} 1", f"MSET {a} 1 {b} {trimmed}", "mset ...", "DBSIZE"):
            assert command.encode() in log, (command, list(log))
        assert log[b"debug sleep 0.2"] >= 200_000, log
        assert b"CONFIG SET slowlog-log-slower-than 0" in log, list(log)


@case()
def only_what_is_slow():
    with Cluster(2) as cluster, cluster.proxy.redis("admin") as client:
        client.config_set("slowlog-log-slower-than", 800_000)
        client.slowlog_reset()  # what took more than the default bound while the cluster came up
        client.set("key", "value")
        client.execute_command("DEBUG", "SLEEP", "1")
        assert list(logged(client)) == [b"debug sleep 1"]
