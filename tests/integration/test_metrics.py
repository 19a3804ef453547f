"""GET /metrics as Prometheus reads it: its form, by a strict reader of our own, by promtool and by Prometheus itself; its cost."""

import json
import os
import subprocess
import time

from harness import aside, prometheus, workspace
from harness.case import FULL, SANITIZED, Skip, case, note
from harness.cluster import Cluster, standalone
from harness.http import BOTH, connect, curl
from harness.metric_names import BACKUP, COMMON, DATASERVER, PROXY
from harness.processes import run
from harness.prometheus import Scrape
from harness.scraping import scrape, scrape_on, some_work
from harness.wait import eventually

PREFIXES = ("ringhold_", "process_")


@case(variants={"proxy": "proxy", "dataserver": "a"})
def every_metric_of_the_list(which):
    """Each is there from the start, with its type and labels; and after work as well."""
    with Cluster(3) as cluster:
        node = cluster.proxy if which == "proxy" else cluster[which]
        expected = {**COMMON, **(PROXY if which == "proxy" else DATASERVER)}
        for moment in ("at the start", "after work"):
            found = scrape(node)
            bad = sorted(f"{name} is missing" for name in expected.keys() - found.names())
            for name, (kind, labels) in expected.items():
                family = found.families.get(name)
                if not family:
                    continue
                if family.type != kind:
                    bad.append(f"{name} is a {family.type}, not a {kind}")
                its_labels = {frozenset(dict(pairs)) - {"le"} for _, pairs in family.samples}
                if its_labels - {frozenset(labels)}:
                    bad.append(f"{name} has the labels {its_labels}, not {labels}")
                if not labels and len(family.samples) != 1:
                    bad.append(f"{name} has {len(family.samples)} samples")
            others = DATASERVER if which == "proxy" else PROXY
            bad += [f"{name} is another kind of process's" for name in others.keys() & found.names()]
            bad += [f"{name} without --backup" for name in BACKUP.keys() & found.names()]
            assert not bad, f"{moment}:\n" + "\n".join(bad)
            samples = sum(len(family.samples) for family in found.families.values())
            note(f"{moment}: {len(found.families)} metrics, {samples} samples, {len(found.text):,} bytes")
            some_work(node)
        # Every shard and result has its series from the start, so that rates over them work.
        if which == "proxy":
            for name, (_, labels) in PROXY.items():
                if "shard" in labels:
                    assert found.label_values(name, "shard") == {"a", "b", "c"}, name
            assert found.label_values("ringhold_pool_connections", "state") == {"up", "connecting", "down"}
        assert found.label_values("ringhold_tls_handshakes_total", "result") == {"full", "resumed", "failed"}
        kinds = found.label_values("ringhold_build_info", "kind")
        assert kinds == {"proxy" if which == "proxy" else "dataserver"}, kinds


@case(variants=BOTH)
def names_and_units(place):
    with place() as node:
        some_work(node)
        bad = prometheus.problems(scrape(node).families, PREFIXES)
        assert not bad, "\n".join(bad)


@case(variants=BOTH)
def buckets(place):
    """Powers of two of microseconds; cumulative, which the reader checks with every scrape."""
    expected = [2**power * 1e-6 for power in range(23)] + [float("inf")]
    with place() as node:
        some_work(node)
        found = scrape(node)
        names = ["ringhold_command_duration_seconds"] + ["ringhold_shard_request_duration_seconds"] * (node.name == "proxy")
        for name in names:
            series = prometheus.buckets_of(found.families[name])
            for labels, pairs in series.items():
                bounds = [bound for bound, _ in pairs]
                near = len(bounds) == len(expected) and all(abs(a - b) <= b * 1e-6 for a, b in zip(bounds[:-1], expected))
                assert near, f"{name}{labels}: {bounds}"
        groups = found.label_values("ringhold_command_duration_seconds", "group")
        wanted = {"string", "hash", "list", "set", "sorted-set", "bitmap", "generic", "connection", "server"}
        assert groups >= wanted, f"without {wanted - groups}"


@case(timeout=180)
def promtool():
    """Prometheus's own opinion, of each kind of process, fresh and after work."""
    tool = aside.program("promtool", "prometheus")
    with Cluster(2, dataserver_flags=()) as cluster:
        for node in (cluster.proxy, cluster["a"]):
            for _ in range(2):
                outcome = run([tool, "check", "metrics"], input=scrape(node).text)
                assert outcome.returncode == 0 and not outcome.stderr, f"{node.name}: {outcome.stdout}{outcome.stderr}"
                some_work(node)
    with standalone("--backup", workspace.new_folder("backup") / "file", "--max-memory", "100mb") as node:
        outcome = run([tool, "check", "metrics"], input=scrape(node).text)
        assert outcome.returncode == 0 and not outcome.stderr, f"{outcome.stdout}{outcome.stderr}"


@case(timeout=120, full_only=True)
def prometheus_itself():
    """The real one, as its manual sets it up: it scrapes a proxy and its data servers, and all are up."""
    binary = aside.program("prometheus", "prometheus")
    folder = workspace.new_folder("prometheus")
    with Cluster(2) as cluster:
        nodes = [cluster.proxy, *cluster.servers.values()]
        certs = cluster.certs
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "900ms"},
            "scrape_configs": [{
                "job_name": "ringhold", "scheme": "https",
                "tls_config": {"ca_file": certs.ca, "cert_file": certs.cert("client"), "key_file": certs.key("client")},
                "static_configs": [{"targets": [f"localhost:{node.port}" for node in nodes]}],
            }],
        }  # fmt: skip
        (folder / "prometheus.yml").write_text(json.dumps(config))
        port = workspace.free_port()
        with open(folder / "log", "wb") as log:
            flags = [f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
            flags.append(f"--web.listen-address=127.0.0.1:{port}")
            process = subprocess.Popen([binary, *flags], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            def targets():
                outcome = run(["curl", "-q", "--noproxy", "*", "-sS", f"http://127.0.0.1:{port}/api/v1/targets"])
                active = json.loads(outcome.stdout)["data"]["activeTargets"]
                return len(active) == len(nodes) and all(target["health"] != "unknown" for target in active) and active

            active = eventually(targets, "Prometheus has scraped everything", 30, 0.2)
            assert all(target["health"] == "up" for target in active), [target["lastError"] for target in active]
        finally:
            process.terminate()
            process.wait(20)


@case(variants=BOTH)
def as_anybody_would_ask(place):
    with place() as node:
        got = curl(node, "/metrics")
        assert got.exit == 0 and got.status == 200 and Scrape(got.text).names() >= COMMON.keys(), got
        kind = got.field("Content-Type").replace(" ", "").lower().split(";")
        assert kind[0] == "text/plain" and "version=0.0.4" in kind, f"Prometheus goes by the version: {got.field('Content-Type')}"
        assert curl(node, "/metrics", "-I").status == 200
        # The command behind it, for any client.
        with node.redis() as client:
            assert Scrape(client.execute_command("METRICS")).names() == Scrape(got.text).names()


def cpu_ns(node):
    """CPU time of all threads, as the scheduler counts it: finer than a tick."""
    total = 0
    for task in os.listdir(f"/proc/{node.process.pid}/task"):
        with open(f"/proc/{node.process.pid}/task/{task}/schedstat") as figures:
            total += int(figures.read().split()[0])
    return total


def share_of_a_core(nodes, seconds, step=None):
    """What each process takes of a core while `step` is called ten times a second."""
    before, started = {node: cpu_ns(node) for node in nodes}, time.monotonic()
    for turn in range(round(seconds * 10)):
        if step:
            step()
        time.sleep(max(0, started + (turn + 1) / 10 - time.monotonic()))
    return {node: (cpu_ns(node) - before[node]) / 1e9 / (time.monotonic() - started) for node in nodes}


@case(timeout=120)
def scraping_is_cheap():
    """Ten times a second, over one connection each, of servers that have every metric to tell."""
    if SANITIZED:
        raise Skip("figures under a sanitizer say nothing")
    seconds = 10 if FULL else 3
    with Cluster(3) as cluster:
        nodes = [cluster.proxy, cluster["a"]]
        others = [cluster["b"], cluster["c"]]
        for node in nodes:
            some_work(node)
        connections = [connect(node) for node in nodes]
        for connection in connections:
            scrape_on(connection)

        def ask():
            for connection in connections:
                assert connection.request("GET", "/metrics").status == 200

        idle = share_of_a_core([*nodes, *others], seconds)
        busy = share_of_a_core([*nodes, *others], seconds, ask)
        for node in [*nodes, *others]:
            note(f"{node.name}: {idle[node]:.2%} of a core idle, {busy[node]:.2%} scraped")
        for node in [*nodes, *others]:
            cost = busy[node] - idle[node]
            assert cost < 0.01, f"{node.name}: being scraped costs {cost:.2%} of a core"
