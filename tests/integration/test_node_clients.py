"""ioredis and node-redis from the npm registry, as applications use them."""

import functools
import os
import shutil

from harness import workspace
from harness.case import Skip, case
from harness.cluster import Cluster, standalone
from harness.processes import run

NODE_FOLDER = workspace.ROOT / "tests" / "integration" / "node"


@functools.cache
def modules():
    """Installs the clients as package-lock.json says, once per build tree."""
    target = workspace.ROOT / "build" / "node"
    stamp = target / "installed.json"
    lock = (NODE_FOLDER / "package-lock.json").read_text()
    if stamp.exists() and stamp.read_text() == lock:
        return target / "node_modules"
    target.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(NODE_FOLDER / name, target)
    result = run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], timeout=150, cwd=target)
    if result.returncode != 0:
        reason = (result.stderr or result.stdout).strip().splitlines()
        raise Skip(f"the npm registry did not give the clients: {reason[-1] if reason else 'no output'}")
    stamp.write_text(lock)
    return target / "node_modules"


def use(program, node):
    environment = {
        "NODE_PATH": str(modules()),
        "RINGHOLD_PORT": str(node.port),
        "RINGHOLD_CA": node.certs.ca,
        "RINGHOLD_CERT": node.certs.cert("client"),
        "RINGHOLD_KEY": node.certs.key("client"),
    }
    result = run(["node", NODE_FOLDER / "clients.cjs", program], timeout=60, env={**os.environ, **environment})
    assert result.returncode == 0 and result.stdout.strip() == "ok", result.stdout + result.stderr


SINGLE = {"ioredis": "ioredis", "node_redis": "node-redis"}
AWARE = {"ioredis": "ioredis-cluster", "node_redis": "node-redis-cluster"}


@case(timeout=240, variants=SINGLE)
def alone(program):
    modules()
    with standalone() as server:
        use(program, server)


@case(timeout=240, variants=SINGLE)
def proxy(program):
    modules()
    with Cluster(3) as cluster:
        use(program, cluster.proxy)


@case(timeout=240, variants=AWARE)
def cluster_aware_member(program):
    modules()
    with Cluster(3) as cluster:
        use(program, cluster["b"])


@case(timeout=240, variants=AWARE)
def cluster_aware_proxy(program):
    modules()
    with Cluster(3) as cluster:
        use(program, cluster.proxy)
