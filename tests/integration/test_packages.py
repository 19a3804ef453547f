"""Real data: this machine's own package index, loaded through the proxy by a stock client, and read back from everywhere."""

import re
import subprocess
import time

from harness.case import Skip, case, note
from harness.cluster import Cluster, key_slot

PACKAGES_MIN = 60_000
FIELDS = ("Version", "Architecture", "Section", "Maintainer", "Depends", "Description", "Size", "SHA256")
BATCH = 2000
TTL_SECONDS = 3600


def load_index():
    """package → {field: value}, of the newest version of each, as apt knows them."""
    try:
        output = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, check=True, timeout=120).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise Skip(f"no package index: apt-cache dumpavail failed ({type(error).__name__})") from None
    packages = {}
    # A paragraph per package; lines that begin with a space go on with the field before.
    field = re.compile(r"^([A-Za-z0-9-]+): ?(.*(?:\n[ \t].*)*)$", re.MULTILINE)
    for paragraph in output.decode(errors="replace").split("\n\n"):
        values = dict(field.findall(paragraph))
        if "Package" in values:
            packages.setdefault(values["Package"], {name: values[name] for name in FIELDS if values.get(name)})
    if len(packages) < PACKAGES_MIN:
        raise Skip(f"apt's lists hold only {len(packages)} packages: run apt-get update first")
    return packages


def in_batches(items, size=BATCH):
    items = list(items)
    return (items[start : start + size] for start in range(0, len(items), size))


class Rate:
    """Times a step and tells how fast it was."""

    def __init__(self, what, count):
        self.what, self.count = what, count

    def __enter__(self):
        self.started = time.monotonic()

    def __exit__(self, kind, *_):
        seconds = time.monotonic() - self.started
        if kind is None:
            note(f"{self.what}: {self.count:,} in {seconds:.1f} s, {self.count / seconds:,.0f}/s")


@case(timeout=400)
def package_index():
    packages = load_index()
    pairs = {f"pkg:{name}:{field}": value for name, fields in packages.items() for field, value in fields.items()}
    sections = {}
    for fields in packages.values():
        section = fields.get("Section", "none")
        sections[section] = sections.get(section, 0) + 1
    expiring = {key for key in pairs if key.endswith(":SHA256")}
    piped = {key: value for key, value in pairs.items() if key.endswith((":Version", ":Description", ":SHA256"))}
    by_mset = {key: value for key, value in pairs.items() if key not in piped}
    megabytes = sum(len(key) + len(value.encode()) for key, value in pairs.items()) / 1e6
    note(f"{len(packages):,} packages, {len(pairs):,} keys, {megabytes:.0f} MB")

    with Cluster(3) as cluster, cluster.proxy.redis(socket_timeout=60) as client:
        with Rate("SET, pipelined", len(piped)):
            for batch in in_batches(piped.items()):
                pipe = client.pipeline(transaction=False)
                for key, value in batch:
                    pipe.set(key, value, ex=TTL_SECONDS if key in expiring else None)
                assert all(pipe.execute())
        with Rate("MSET", len(by_mset)):
            for batch in in_batches(by_mset.items()):
                assert client.mset(dict(batch))
        with Rate("INCR, pipelined", len(packages)):
            for batch in in_batches(packages.values()):
                pipe = client.pipeline(transaction=False)
                for fields in batch:
                    pipe.incr(f"count:{fields.get('Section', 'none')}")
                pipe.execute()

        expected = {**pairs, **{f"count:{section}": str(count) for section, count in sections.items()}}
        assert client.dbsize() == len(expected)
        read_back_through_the_proxy(client, expected, expiring)
        read_back_from_each_server(cluster, expected)


def read_back_through_the_proxy(client, expected, expiring):
    with Rate("MGET", len(expected)):
        for batch in in_batches(expected):
            for key, value in zip(batch, client.mget(batch), strict=True):
                assert value == expected[key], f"{key}: {value!r}"
    with Rate("GET and TTL, pipelined", len(expiring) * 2):
        for batch in in_batches(expiring):
            pipe = client.pipeline(transaction=False)
            for key in batch:
                pipe.get(key).ttl(key)
            replies = pipe.execute()
            for key, value, ttl in zip(batch, replies[::2], replies[1::2], strict=True):
                assert value == expected[key] and 0 < ttl <= TTL_SECONDS, (key, ttl)
    with Rate("SCAN", len(expected)):
        found = set(client.scan_iter(count=1000))
    assert found == expected.keys(), f"{len(found ^ expected.keys())} keys differ between SCAN and what was written"


def read_back_from_each_server(cluster, expected):
    owners = cluster.owners()
    mine = {name: [key for key in expected if owners[key_slot(key)] == name] for name in cluster.listed}
    for name, keys in mine.items():
        with cluster[name].redis(socket_timeout=60) as client:
            assert client.dbsize() == len(keys), f"{name} holds {client.dbsize()} keys, not {len(keys)}"
            with Rate(f"GET from {name} directly", len(keys)):
                for batch in in_batches(keys):
                    pipe = client.pipeline(transaction=False)
                    for key in batch:
                        pipe.get(key)
                    for key, value in zip(batch, pipe.execute(), strict=True):
                        assert value == expected[key], f"{key} at {name}: {value!r}"
            used = int(client.info("memory")["used_memory"])
        share = len(keys) / len(expected)
        note(f"shard {name}: {len(keys):,} keys, {share:.1%}, {used / 1e6:.0f} MB used")
        assert abs(share - 1 / len(mine)) < 0.02, f"{name} has {share:.1%} of the keys"
