"""Scrapes of /metrics, what has changed between two of them, and some work to be counted."""

from harness.http import connect, path_of
from harness.prometheus import Scrape
from harness.wait import eventually


def scrape(node):
    with connect(node) as connection:
        return scrape_on(connection)


def scrape_on(connection):
    got = connection.request("GET", "/metrics", fields={"Accept": "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"})
    assert got.status == 200, got
    return Scrape(got.text)


def some_work(node, prefix="work"):
    """Of every group of commands, errors and rejections included."""
    with node.redis() as client, client.pipeline(transaction=False) as pipe:
        for number in range(50):
            tag = f"{{{prefix}:{number}}}"
            pipe.set(f"{tag}s", "v", ex=100).get(f"{tag}s").get(f"{tag}none").incr(f"{tag}n").setbit(f"{tag}b", 7, 1)
            pipe.rpush(f"{tag}l", 1, 2).hset(f"{tag}h", "f", "v").sadd(f"{tag}set", 1).zadd(f"{tag}z", {"m": 1})
            pipe.lpush(f"{tag}s", "wrong type").execute_command("GET").execute_command("NOSUCHCOMMAND", "x")
        pipe.execute(raise_on_error=False)
        client.dbsize()
        client.info()
    with connect(node) as connection:
        for method, body in (("PUT", b"v"), ("GET", None), ("DELETE", None), ("GET", None)):
            connection.request(method, path_of(f"{prefix}:http"), body)


def rises(before, after):
    """What has fallen, or is gone, that may only rise."""
    later = after.rising()
    return [f"{name}{dict(labels)}: {value} → {later.get((name, labels))}" for (name, labels), value in before.rising().items()
            if later.get((name, labels), -1) < value]  # fmt: skip


class Difference:
    """How far the figures of a node go on between two scrapes."""

    def __init__(self, node):
        self.node = node
        self.before = scrape(node)

    def of(self, name, **labels):
        return scrape(self.node).total(name, **labels) - self.before.total(name, **labels)

    def becomes(self, expected, name, **labels):
        """Now, or with the next look at whoever is asked for it."""
        found = []
        try:
            eventually(lambda: found.append(self.of(name, **labels)) or found[-1] == expected, "", 3, 0.1)
        except AssertionError:
            raise AssertionError(f"{self.node.name}: {name}{labels} went on by {found[-1:]}, not by {expected}") from None
