"""A data server that is killed, or that stands still: only its keys fail, in time, by name; the others notice nothing."""

import time

import redis
from harness.case import SANITIZED, case, note
from harness.cluster import Cluster, keys_of
from harness.load import Load
from harness.wait import eventually

DEADLINE = 2.0
# What a busy two-core machine may add to it.
SLACK = 4.0 if SANITIZED else 1.0
# "No delay" for the others: far below the deadline, far above this machine's own hiccups.
DELAY_MAX = 1.0 if SANITIZED else 0.4


def fails_in_time(client, key, name):
    """The error that a key of a lost shard gives, after having checked when it comes and whom it names."""
    started = time.monotonic()
    try:
        client.get(key)
    except redis.RedisError as error:
        seconds = time.monotonic() - started
        assert seconds < DEADLINE + SLACK, f"the error took {seconds:.2f} s"
        assert not isinstance(error, (redis.ConnectionError, redis.TimeoutError)), repr(error)
        text = str(error)
        assert f"'{name}'" in text or f" {name} " in f" {text} ".replace(":", " ").replace(",", " "), f"does not name {name}: {text}"
        return seconds, text
    raise AssertionError(f"{key} was answered although {name} is gone")


def steady(cluster, owners, names):
    """Load on keys of the shards that stay: each request is timed."""
    keys = [key for name in names for key in keys_of(owners, name, 50, "steady")]
    return SteadyLoad(cluster.proxy, keys)


class SteadyLoad(Load):
    def __init__(self, node, names):
        super().__init__(node, threads=2)
        self.names = names

    def _run(self, number):
        mine = self.names[number::2]
        client = self.node.redis()
        turn = 0
        while not self._stop.is_set() and len(self.problems) < 100:
            turn += 1
            key = mine[turn % len(mine)]
            started = time.monotonic()
            try:
                client.set(key, turn)
                if client.get(key) != str(turn):
                    self.problems.append(f"{key}: wrong value")
            except Exception as error:  # noqa: BLE001
                self.problems.append(f"{key}: {error!r}")
            self.slowest = max(self.slowest, time.monotonic() - started)
            self.requests += 2
        client.close()


@case(timeout=120, variants={"killed": "kill", "stopped": "pause"})
def one_shard_is_lost(how):
    with Cluster(3) as cluster:
        owners = cluster.owners()
        lost = keys_of(owners, "b", 20)
        with cluster.proxy.redis() as client:
            client.mset({key: "v" for key in lost})
            with steady(cluster, owners, "ac") as load:
                eventually(lambda: load.requests > 100, "the load runs")
                getattr(cluster["b"], how)()
                for key in lost[:3]:
                    seconds, text = fails_in_time(client, key, "b")
                    note(f"after {seconds:.2f} s: {text}")
                # The same connection is good for others at once.
                started = time.monotonic()
                client.set(keys_of(owners, "a", 1)[0], "v")
                assert time.monotonic() - started < DELAY_MAX
                # Commands over several shards name the lost one, and do not hang.
                for words in (("MGET", lost[0], *keys_of(owners, "a", 3)), ("DBSIZE",), ("KEYS", "*")):
                    started = time.monotonic()
                    try:
                        reply = client.execute_command(*words)
                        raise AssertionError(f"{words[0]} was answered: {reply!r}")
                    except redis.ResponseError as error:
                        assert "b" in str(error), error
                    assert time.monotonic() - started < DEADLINE + SLACK
                if how == "kill":
                    cluster["b"].start()
                else:
                    cluster["b"].resume()
                started = time.monotonic()
                expected = None if how == "kill" else "v"
                eventually(lambda: client.get(lost[0]) == expected, "b is used again", 10)
                seconds = time.monotonic() - started
                note(f"used again {seconds:.2f} s after its return; slowest request of the others: {load.slowest * 1000:.0f} ms")
                assert seconds < 1.0 + (SLACK if SANITIZED else 0), f"used again only after {seconds:.2f} s"
                client.set(lost[1], "new")
                assert client.get(lost[1]) == "new"
            load.check()
            assert load.slowest < DELAY_MAX, f"a key of another shard waited {load.slowest:.2f} s"


@case(timeout=90)
def killed_again_and_again_under_load():
    """Nothing is answered wrongly and nothing hangs, however often a shard dies."""
    with Cluster(3) as cluster:
        owners = cluster.owners()
        keys = keys_of(owners, "b", 10)
        with steady(cluster, owners, "ac") as load, cluster.proxy.redis() as client:
            for turn in range(5):
                client.set(keys[turn], turn)
                cluster["b"].kill()
                cluster["b"].start()
                eventually(lambda key=keys[turn]: client.get(key) is None, "b is back, and empty", 5)
        load.check()
        assert load.slowest < DELAY_MAX, f"a key of another shard waited {load.slowest:.2f} s"


@case(timeout=90)
def pipeline_over_a_lost_shard():
    """Each command of a pipeline has its own fate, and the replies stay in order."""
    with Cluster(3) as cluster:
        owners = cluster.owners()
        cluster["b"].kill()
        names = [name for _ in range(100) for name in "abc"]
        keys = {name: iter(keys_of(owners, name, 100)) for name in "abc"}
        with cluster.proxy.connect(timeout=15) as connection:
            chosen = [(name, next(keys[name])) for name in names]
            for _, key in chosen:
                connection.send_command("SET", key, key)
            started = time.monotonic()
            for name, key in chosen:
                reply = connection.reply()
                assert (str(reply) == "OK") == (name != "b"), (name, key, reply)
            assert time.monotonic() - started < DEADLINE + SLACK
            for name, key in chosen[:30]:
                if name != "b":
                    assert connection.command("GET", key) == key.encode()
        cluster["b"].start()


@case(timeout=60)
def deadline_is_the_operators():
    with Cluster(2, "--deadline", "300ms") as cluster:
        owners = cluster.owners()
        cluster["b"].pause()
        with cluster.proxy.redis() as client:
            seconds, _ = fails_in_time(client, keys_of(owners, "b", 1)[0], "b")
            assert seconds < 0.3 + SLACK / 2, f"took {seconds:.2f} s"
        cluster["b"].resume()


@case(timeout=60)
def proxy_starts_before_its_servers():
    """The order in which an operator starts things does not matter."""
    with Cluster(2) as cluster:
        cluster.proxy.stop()
        for name in "ab":
            cluster[name].stop()
        cluster.proxy.start()
        with cluster.proxy.redis() as client:
            try:
                client.get("k")
                raise AssertionError("GET was answered without data servers")
            except redis.ResponseError:
                pass
            for name in "ab":
                cluster[name].start()
            eventually(lambda: client.set("k", "v") and client.dbsize() == 1, "the servers are used", 5)


@case(timeout=60)
def foreign_slots_at_a_member():
    """A data server forwards what is another's, unless the client has shown that it knows Redis Cluster."""
    with Cluster(3) as cluster:
        owners = cluster.owners()
        key = keys_of(owners, "c", 1)[0]
        with cluster["a"].connect() as connection:
            assert connection.command("SET", key, "v") == "OK"
            assert connection.command("GET", key) == b"v"
            connection.command("CLUSTER", "MYID")
            moved = str(connection.command("GET", key))
            assert moved.startswith("MOVED ") and moved.endswith(f":{cluster['c'].port}"), moved
            assert str(connection.command("RENAME", *keys_of(owners, "a", 2))).startswith("CROSSSLOT")
        with cluster["c"].connect() as connection:
            assert connection.command("GET", key) == b"v"
