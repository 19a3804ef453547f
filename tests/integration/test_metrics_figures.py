"""GET /metrics: that the figures are true, and counters only rise."""

import json
import os
import time

from harness import workspace
from harness.case import SANITIZED, case, note
from harness.cluster import Cluster, dataserver, keys_of, standalone
from harness.http import BOTH, connect, curl, curl_command, url_of
from harness.metric_names import BACKUP
from harness.processes import run
from harness.scraping import Difference, rises, scrape, scrape_on, some_work
from harness.wait import eventually

DURATION = "ringhold_command_duration_seconds_count"


@case(timeout=90)
def counters_only_rise():
    with Cluster(3) as cluster:
        nodes = [cluster.proxy, *cluster.servers.values()]
        last = {node: scrape(node) for node in nodes}
        for turn in range(4):
            some_work(cluster.proxy, f"turn{turn}")
            some_work(cluster["a"], f"direct{turn}")
            for node in nodes:
                now = scrape(node)
                assert not rises(last[node], now), f"{node.name}: " + "\n".join(rises(last[node], now))
                risen = sum(now.rising().values()) - sum(last[node].rising().values())
                assert risen > 0, f"{node.name}: nothing has risen"
                last[node] = now
        # Also where a connection ends, and with it whatever was counted there.
        clients = [connect(cluster.proxy) for _ in range(20)]
        for client in clients:
            client.request("GET", "/key/x")
        before = scrape(cluster.proxy)
        for client in clients:
            client.close()
        eventually(lambda: scrape(cluster.proxy).value("ringhold_connected_clients") < 10, "the clients are gone")
        assert not rises(before, scrape(cluster.proxy))


@case(variants=BOTH)
def commands_are_counted(place):
    """100 SETs are 100 more of the group `string`, and nothing else is."""
    with place() as node, node.redis() as client:
        client.ping()
        change = Difference(node)
        for number in range(100):
            client.set(f"k{number}", "v")
        change.becomes(100, DURATION, group="string")
        sum_seconds = change.of("ringhold_command_duration_seconds_sum", group="string")
        assert 0 < sum_seconds < (100 if SANITIZED else 5), sum_seconds
        for number in range(30):
            client.rpush("list", number)
            client.hset("hash", "f", number)
        client.lrange("list", 0, -1)
        change.becomes(31, DURATION, group="list")
        change.becomes(30, DURATION, group="hash")
        change.becomes(0, DURATION, group="sorted-set")
        change.becomes(100, DURATION, group="string")
        # A pipeline, and other clients.
        with client.pipeline(transaction=False) as pipe:
            for number in range(1000):
                pipe.get(f"k{number}")
            pipe.execute()
        with node.redis() as other:
            other.get("k1")
        change.becomes(1101, DURATION, group="string")


@case(variants=BOTH)
def errors_are_counted(place):
    with place() as node, node.redis() as client:
        client.set("string", "v")
        change = Difference(node)
        with client.pipeline(transaction=False) as pipe:
            for _ in range(7):
                pipe.lpush("string", "x")
            for _ in range(5):
                pipe.execute_command("HSET", "only a key")
            for _ in range(3):
                pipe.execute_command("NOSUCHCOMMAND")
            pipe.execute(raise_on_error=False)
        change.becomes(7, "ringhold_error_replies_total", error="WRONGTYPE")
        change.becomes(8, "ringhold_error_replies_total", error="ERR")
        change.becomes(7, "ringhold_command_errors_total", group="list")
        change.becomes(5, "ringhold_commands_rejected_total", group="hash")
        change.becomes(0, "ringhold_command_errors_total", group="hash")


@case(variants=BOTH)
def connections_are_counted(place):
    with place() as node:
        eventually(lambda: scrape(node).value("ringhold_connected_clients") == 1, "who waited for the start is gone")
        change = Difference(node)
        clients = [node.connect() for _ in range(10)]
        assert all(client.command("PING") == "PONG" for client in clients)
        # The scrapes are connections, too: one at a time.
        now = scrape(node)
        assert now.value("ringhold_connected_clients") == 11, now.value("ringhold_connected_clients")
        received = now.total("ringhold_connections_received_total") - change.before.total("ringhold_connections_received_total")
        assert received == 11, received
        for client in clients:
            client.close()
        eventually(lambda: scrape(node).value("ringhold_connected_clients") == 1, "the clients are gone")
        handshakes = change.of("ringhold_tls_handshakes_total", result="full")
        assert handshakes >= 12 and change.of("ringhold_tls_handshakes_total", result="failed") == 0, handshakes
        assert curl(node, "/metrics", who=None).exit != 0
        change.becomes(1, "ringhold_tls_handshakes_total", result="failed")
        before = Difference(node)
        # Two connections of one curl: the second resumes what the first has begun.
        twice = ["-H", "Connection: close", "-o", "/dev/null", "-o", "/dev/null"]
        outcome = run([*curl_command(node), *twice, url_of(node, "/healthz"), url_of(node, "/healthz")])
        assert outcome.returncode == 0, outcome
        resumed = before.of("ringhold_tls_handshakes_total", result="resumed")
        note(f"{node.name}: {resumed:.0f} of curl's 2 connections was a resumption")
        assert resumed == 1, resumed


@case()
def refused_connections_are_counted():
    with standalone("--connections-max", "5") as node, connect(node) as watching:
        before = scrape_on(watching)
        clients = [node.connect() for _ in range(4)]
        for _ in range(3):
            refused = curl(node, "/healthz")
            assert refused.status in (0, 503), refused
        now = scrape_on(watching)
        assert now.value("ringhold_connections_rejected_total") - before.value("ringhold_connections_rejected_total") == 3, now.text
        for client in clients:
            client.close()


@case(variants=BOTH)
def bytes_are_counted(place):
    with place() as node, node.redis(decode_responses=False) as client:
        change = Difference(node)
        client.set("k", b"x" * 1_000_000)
        for _ in range(3):
            client.get("k")
        with connect(node) as connection:
            connection.request("PUT", "/key/k", b"y" * 1_000_000)
            connection.request("GET", "/key/k")
        received, sent = change.of("ringhold_network_received_bytes_total"), change.of("ringhold_network_sent_bytes_total")
        # The scrapes themselves are some dozens of kilobytes.
        assert 2_000_000 <= received < 2_200_000 and 4_000_000 <= sent < 4_500_000, (received, sent)


@case()
def keys_and_memory():
    with standalone() as node, node.redis() as client:
        start = scrape(node)
        assert (start.value("ringhold_keys"), start.value("ringhold_store_max_bytes")) == (0, 0)
        assert start.value("ringhold_slots_owned") == 16384, start.value("ringhold_slots_owned")
        client.mset({f"k{number}": "x" * 1000 for number in range(1000)})
        for number in range(10):
            client.expire(f"k{number}", 1000)
        client.pexpire("k10", 1)
        client.pexpire("k11", 1)
        eventually(lambda: scrape(node).value("ringhold_expired_keys_total") == 2, "two keys have expired")
        now = scrape(node)
        assert (now.value("ringhold_keys"), now.value("ringhold_expiring_keys")) == (998, 10), now.text
        assert 1_000_000 < now.value("ringhold_store_bytes") - start.value("ringhold_store_bytes") < 2_000_000
        for _ in range(20):
            client.get("k20")
        for _ in range(30):
            client.get("none")
        client.mget("k21", "k22", "none")
        later = scrape(node)
        hits, misses = (later.value(name) - now.value(name) for name in ("ringhold_keyspace_hits_total", "ringhold_keyspace_misses_total"))
        assert (hits, misses) == (22, 31), (hits, misses)
        # As INFO has it.
        info = client.info()
        assert (info["keyspace_hits"], info["keyspace_misses"]) == tuple(
            later.value(f"ringhold_keyspace_{name}_total") for name in ("hits", "misses"))  # fmt: skip
        assert abs(info["used_memory"] - later.value("ringhold_store_bytes")) < 200_000
    with standalone("--max-memory", "4mb") as node, node.redis() as client:
        for number in range(100):
            client.set(f"k{number}", "x" * 100_000)
        now = scrape(node)
        assert now.value("ringhold_store_max_bytes") in (4_000_000, 4 << 20), now.value("ringhold_store_max_bytes")
        assert now.value("ringhold_evicted_keys_total") == 100 - client.dbsize() > 0


@case()
def the_process():
    with Cluster(2) as cluster:
        for node in (cluster.proxy, cluster["a"]):
            now = scrape(node)
            assert 0 <= time.time() - now.value("process_start_time_seconds") < 60
            assert abs(now.value("process_resident_memory_bytes") / node.rss() - 1) < 0.2
            assert abs(now.value("process_open_fds") - node.descriptors()) <= 3
            with open(f"/proc/{node.process.pid}/limits") as limits:
                most = next(line.split()[3] for line in limits if line.startswith("Max open files"))
            assert now.value("process_max_fds") == int(most)
            assert abs(now.value("process_cpu_seconds_total") - node.cpu_seconds()) < 0.1
            said = run([node.command[0], "--version"]).stdout
            version = next(iter(now.label_values("ringhold_build_info", "version")))
            assert version in said, (version, said)


@case()
def backups():
    file = workspace.new_folder("backup") / "file"
    node = dataserver("backed-up", "--backup", file, "--backup-interval", "0", shard=False)
    node.start()
    with node.redis() as client:
        found = scrape(node)
        missing = BACKUP.keys() - found.names()
        assert not missing, missing
        for name, (kind, _) in BACKUP.items():
            assert found.families[name].type == kind
        for number in range(25):
            client.set(f"k{number}", "v")
        changes = scrape(node).value("ringhold_changes_since_backup") - found.value("ringhold_changes_since_backup")
        assert changes == 25, changes
        client.save()
        after = scrape(node)
        assert after.value("ringhold_changes_since_backup") == 0 and after.value("ringhold_backup_last_failed") == 0
        assert abs(time.time() - after.value("ringhold_backup_last_success_timestamp_seconds")) < 10
        assert after.value("ringhold_backup_in_progress") == 0
        client.set("k", "v")
        # A folder that is gone: the next backup fails, and the figures say so.
        os.rename(file.parent, f"{file.parent}.gone")
        try:
            client.save()
            raise AssertionError("SAVE without a folder has worked")
        except Exception as error:  # noqa: BLE001
            assert not isinstance(error, AssertionError), error
        failed = scrape(node)
        assert failed.value("ringhold_backup_last_failed") == 1 and failed.value("ringhold_changes_since_backup") == 1
        os.rename(f"{file.parent}.gone", file.parent)
        client.save()
        assert scrape(node).value("ringhold_backup_last_failed") == 0
    node.stop()


@case(timeout=90)
def a_proxy_and_its_shards():
    with Cluster(3, "--deadline", "500ms") as cluster:
        owners = cluster.owners()
        proxy = cluster.proxy
        keys = {name: keys_of(owners, name, 20) for name in "abc"}
        change = Difference(proxy)
        with proxy.redis() as client:
            for name, count in (("a", 20), ("b", 10), ("c", 5)):
                for key in keys[name][:count]:
                    client.set(key, "v")
                    client.get(key)
                client.get(f"{{{keys[name][0]}}}none")
        for name, count in (("a", 20), ("b", 10), ("c", 5)):
            change.becomes(count, "ringhold_shard_keys", shard=name)
            change.becomes(count, "ringhold_shard_keyspace_hits_total", shard=name)
            change.becomes(1, "ringhold_shard_keyspace_misses_total", shard=name)
            requests = change.of("ringhold_shard_request_duration_seconds_count", shard=name)
            assert requests >= 2 * count + 1, (name, requests)
            # What went through the proxy is counted at the data server as well, as what its clients send to it directly.
            assert scrape(cluster[name]).value("ringhold_keys") == count
        now = scrape(proxy)
        document = json.loads(curl(proxy, "/cluster").body)
        for shard in document["shards"]:
            assert now.value("ringhold_shard_slots", shard=shard["name"]) == shard["slots"]
            assert now.value("ringhold_shard_up", shard=shard["name"]) == 1
            assert now.value("ringhold_pool_connections", shard=shard["name"], state="up") >= 1
        for node in (proxy, cluster["a"]):
            found = scrape(node)
            figures = tuple(found.value(f"ringhold_topology_{name}") for name in ("generation", "epoch", "shards"))
            assert figures == (document["generation"], document["epoch"], 3), figures
        assert sum(scrape(node).value("ringhold_slots_owned") for node in cluster.servers.values()) == 16384
        # A command for another's slot is forwarded, unless its client knows the cluster.
        forwarded = Difference(cluster["a"])
        with cluster["a"].redis() as client:
            for key in keys["b"][:9]:
                client.get(key)
            for key in keys["a"][:9]:
                client.get(key)
        forwarded.becomes(9, "ringhold_forwarded_commands_total")
        # A shard that stands still with a write, and then one that is gone.
        lost = Difference(proxy)
        cluster["b"].pause()
        with proxy.connect() as connection:
            assert str(connection.command("SET", keys["b"][0], "w")).startswith("UNCERTAIN")
        lost.becomes(1, "ringhold_upstream_uncertain_writes_total")
        lost.becomes(1, "ringhold_upstream_deadlines_passed_total")
        cluster["b"].resume()
        cluster["b"].kill()
        eventually(lambda: scrape(proxy).value("ringhold_shard_up", shard="b") == 0, "b is told to be down", 10)
        now = scrape(proxy)
        assert [now.value("ringhold_shard_up", shard=name) for name in "abc"] == [1, 0, 1]
        assert now.value("ringhold_pool_connections", shard="b", state="up") == 0
        assert now.value("ringhold_shard_slots", shard="b") > 0
        cluster["b"].start()
        eventually(lambda: scrape(proxy).value("ringhold_shard_up", shard="b") == 1, "b is told to be up", 10)


@case()
def edits_of_the_servers_file():
    with Cluster(2, spare=1) as cluster:
        proxy = cluster.proxy
        assert (scrape(proxy).value("ringhold_servers_file_error"), scrape(proxy).value("ringhold_servers_file_pending")) == (0, 0)
        before = scrape(proxy)
        cluster.write("{ this is no JSON")
        eventually(lambda: scrape(proxy).value("ringhold_servers_file_error") == 1, "the error is told")
        assert scrape(proxy).value("ringhold_topology_epoch") == before.value("ringhold_topology_epoch")
        cluster.write(cluster.entries("a", "b", "c"))
        eventually(lambda: scrape(proxy).value("ringhold_topology_shards") == 3, "the edit is followed")
        now = scrape(proxy)
        assert now.value("ringhold_servers_file_error") == 0
        assert now.value("ringhold_topology_epoch") > before.value("ringhold_topology_epoch")
        assert now.label_values("ringhold_shard_up", "shard") == {"a", "b", "c"}
        slots = now.value("ringhold_shard_slots", shard="c")
        eventually(lambda: scrape(cluster["c"]).value("ringhold_slots_owned") == slots, "c owns its slots")
        # What is no longer a shard has no series any more.
        cluster.write(cluster.entries("a", "c"))
        eventually(lambda: scrape(proxy).label_values("ringhold_shard_up", "shard") == {"a", "c"}, "b is gone")
