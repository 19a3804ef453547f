"""docker-compose.yml, really run: from a clean checkout to `down -v`, used from the host by stock clients."""

import contextlib
import json
import os
import stat
import time

from redis.cluster import ClusterNode, RedisCluster

from harness import workspace
from harness.case import case, note
from harness.certs import CertSet
from harness.cluster import Node, entry
from harness.containers import Composed, Engine, clean_checkout, require_engine
from harness.wait import eventually

# Neither root nor the user in the image.
HOST_USER = 12345
DATASERVERS = {"a": "dataserver1", "b": "dataserver2", "c": "dataserver3"}
KEYS = 300


@case(timeout=2700, full_only=True)
def a_cluster_from_a_clean_checkout():
    require_engine()
    checkout = clean_checkout(owner=HOST_USER)
    with Engine() as engine:
        engine.make_base_image()
        with Composed(engine, checkout) as cluster:
            started = time.monotonic()
            cluster.compose("up", "-d", "--build", timeout=2000)
            note(f"up -d --build: {time.monotonic() - started:.0f} s")
            host = host_side(cluster)
            stock_and_own_client_work(host)
            host_files_belong_to_the_host_user(checkout)
            containers_can_do_little(cluster)
            an_edit_on_the_host_takes_effect(host, checkout)
            started = time.monotonic()
            cluster.compose("up", "-d", "--build", timeout=300)
            note(f"up -d --build when all is there: {time.monotonic() - started:.1f} s")
            restarts_keep_the_data(cluster, host)
            image = json.loads(engine.docker("image", "inspect", "ringhold:latest", "debian:bookworm-slim"))
            note(f"image: {(image[0]['Size'] - image[1]['Size']) / 1e6:.1f} MB on top of the base")
        nothing_is_left(cluster)
    assert not engine.mounts() and not engine.folder.exists()


def host_side(cluster):
    """Clients on the host, with the certificates that the cluster made."""
    host = Node("proxy", "", [], workspace.new_folder("host"), CertSet(cluster.checkout / "certs"))
    host.port = cluster.port
    eventually(lambda: host.redis_cli("DBSIZE").stdout.strip() == "0", "every shard answers through the proxy", 60)
    return host


def stock_and_own_client_work(host):
    assert host.redis_cli("PING").stdout.strip() == "PONG"
    assert host.redis_cli("SET", "greeting", "hello", "EX", "600").stdout.strip() == "OK"
    assert host.redis_cli("GET", "greeting").stdout.strip() == "hello"
    with host.redis() as client:
        assert client.mset({f"key:{number}": number for number in range(KEYS)})
        assert client.dbsize() == KEYS + 1
    shards = shards_of(host)
    servers = {shard["name"]: shard["replicas"][0]["addr"] for shard in shards}
    assert servers == {name: f"{service}:9443" for name, service in DATASERVERS.items()}
    assert all(shard["replicas"][0]["state"] == "up" for shard in shards), shards
    # The proxy asks for these figures now and then.
    eventually(lambda: sum(shard["keys"] for shard in shards_of(host)) == KEYS + 1, "the status counts the keys", 10)
    assert "NOPERM" in host.redis_cli("SHUTDOWN").stdout
    # It goes on with the address that it is told, which must be one of the host's.
    node = ClusterNode("127.0.0.1", host.port)
    with contextlib.closing(RedisCluster(startup_nodes=[node], socket_timeout=15, **host.certs.redis_py())) as aware:
        assert aware.get("greeting") == b"hello"


def shards_of(host):
    return json.loads(host.ringhold("status", "--json").stdout)["shards"]


def host_files_belong_to_the_host_user(checkout):
    made = [path for path in (checkout / "certs").iterdir() if path.name != "make-certs"]
    assert len(made) == 9, made
    for path in made:
        known = path.stat()
        assert (known.st_uid, known.st_gid, stat.S_IMODE(known.st_mode)) == (HOST_USER, HOST_USER, 0o600), path
    assert (checkout / "containers" / "servers.json").stat().st_uid == HOST_USER


def containers_can_do_little(cluster):
    containers = cluster.containers()
    assert set(containers) == {"certificates", "proxy", *DATASERVERS.values()}
    assert containers["certificates"]["State"]["ExitCode"] == 0
    healthy = lambda: all(  # noqa: E731
        container["State"]["Health"]["Status"] == "healthy"
        for service, container in cluster.containers().items()
        if service != "certificates"
    )
    eventually(healthy, "the health checks of all servers succeed", 120, 0.5)
    assert cluster.compose("exec", "-T", "proxy", "ringhold", "PING").strip() == "PONG"
    for service in ("proxy", *DATASERVERS.values()):
        assert cluster.compose("exec", "-T", service, "id", "-u").strip() == "10001"
        listed = cluster.compose("exec", "-T", service, "ls", "certs").split()
        assert listed == ["ca.crt", "client.crt", "client.key", "server.crt", "server.key"]
        assert "sealed" in cluster.compose("exec", "-T", service, "sh", "-c", "touch /x /usr/x certs/x 2>&-; ls /x || echo sealed")
        published = containers[service]["HostConfig"]["PortBindings"]
        hosts = [binding["HostIp"] for bindings in (published or {}).values() for binding in bindings]
        assert hosts == (["127.0.0.1"] if service == "proxy" else []), published


def an_edit_on_the_host_takes_effect(host, checkout):
    file = checkout / "containers" / "servers.json"
    both = json.dumps({"servers": [{**entry(name, 0), "replicas": [f"{DATASERVERS[name]}:9443"]} for name in "ab"]})
    all_three = file.read_text()

    def slots():
        return {shard["name"]: shard["slots"] for shard in shards_of(host)}

    aside = file.with_name(".servers.json.swp")
    aside.write_text(both)
    aside.chmod(0o644)
    os.replace(aside, file)
    started = time.monotonic()
    eventually(lambda: slots() == {"a": 8192, "b": 8192}, "two shards after a file was renamed into place", 15)
    note(f"an edit took effect after {time.monotonic() - started:.2f} s")
    file.write_text(all_three)
    eventually(lambda: sorted(slots().values()) == [5461, 5461, 5462], "three shards after it was written in place", 15)


def restarts_keep_the_data(cluster, host):
    with host.redis() as client:
        assert client.mset({f"key:{number}": number for number in range(KEYS)})
        before = client.dbsize()
    for step in (("restart",), ("stop",), ("up", "-d"), ("down",), ("up", "-d")):
        cluster.compose(*step, timeout=300)
        if step != ("stop",) and step != ("down",):
            size = lambda: host.redis_cli("DBSIZE").stdout.strip() == str(before)  # noqa: E731
            eventually(size, f"after {step[0]} all {before} keys are there", 120, 0.2)
    with host.redis() as client:
        assert client.mget([f"key:{number}" for number in range(KEYS)]) == [str(number) for number in range(KEYS)]


def nothing_is_left(cluster):
    """After `down -v`."""
    assert not cluster.containers()
    assert not cluster.engine.docker("volume", "ls", "--quiet").split()
    networks = cluster.engine.docker("network", "ls", "--format", "{{.Name}}").split()
    assert set(networks) <= {"bridge", "host", "none"}, networks
