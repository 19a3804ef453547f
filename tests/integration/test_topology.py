"""servers.json edited while clients read and write: shards that stay never fail a request, and no file can do harm.

Until moved slots take their keys along, a key whose slot has moved reads as missing; an old value must never come back."""

import json
import os

from harness.case import case, note
from harness.cluster import Cluster, entry, key_slot, keys_of, proxy
from harness.load import Load
from harness.wait import eventually, holds_for


def fill(cluster, count=3000):
    pairs = {f"key:{number}": f"value {number}" for number in range(count)}
    with cluster.proxy.redis() as client:
        client.mset(pairs)
    return pairs


def missing(cluster, pairs):
    """The keys that read as missing; any other wrong value fails."""
    with cluster.proxy.redis() as client:
        values = client.mget(list(pairs))
    wrong = {key: value for key, value in zip(pairs, values) if value not in (None, pairs[key])}
    assert not wrong, wrong
    return {key for key, value in zip(pairs, values) if value is None}


@case()
def fresh_table_is_balanced():
    with Cluster(3) as cluster:
        assert sorted(cluster.slots().values()) == [5461, 5461, 5462]
        owners = cluster.owners()
        pairs = fill(cluster)
        for name in "abc":
            with cluster[name].redis() as client:
                mine = sum(owners[key_slot(key)] == name for key in pairs)
                assert client.dbsize() == mine, f"{name} holds {client.dbsize()} keys, not {mine}"
        # Each shard's server agrees on who owns what.
        assert all(cluster.owners(cluster[name]) == owners for name in "abc")


@case(timeout=90)
def server_added_under_load():
    with Cluster(3, spare=1) as cluster:
        pairs = fill(cluster)
        before = cluster.owners()
        with Load(cluster.proxy, may_forget=True) as load, Load(cluster.proxy, prefix="pipe", may_forget=True, pipeline=50) as piped:
            cluster.write(cluster.entries("a", "b", "c", "d"))
            cluster.wait_slots(dict.fromkeys("abcd", 4096))
            after = cluster.owners()
            eventually(lambda: cluster.owners(cluster["d"]) == after, "the new server knows the topology")
            done = load.requests
            eventually(lambda: load.requests > done + 200, "requests go on")
        load.check()
        piped.check()
        # No slot moved that need not, and all that moved went to d.
        moved = {slot for slot in range(16384) if before[slot] != after[slot]}
        assert len(moved) == 4096 and all(after[slot] == "d" for slot in moved)
        assert missing(cluster, pairs) == {key for key in pairs if key_slot(key) in moved}
        note(f"slowest request while the server was added: {load.slowest * 1000:.0f} ms")


@case(timeout=90)
def server_removed_under_load():
    with Cluster(4) as cluster:
        pairs = fill(cluster)
        before = cluster.owners()
        with Load(cluster.proxy, may_forget=True) as load:
            cluster.write(cluster.entries("a", "b", "d"))
            cluster.listed.remove("c")
            eventually(lambda: "c" not in cluster.slots(), "c is gone")
            done = load.requests
            eventually(lambda: load.requests > done + 200, "requests go on")
            # What was removed may now be ended.
            cluster["c"].stop()
            done = load.requests
            eventually(lambda: load.requests > done + 200, "requests go on")
        load.check()
        after = cluster.owners()
        assert all(before[slot] == after[slot] for slot in range(16384) if before[slot] != "c")
        assert missing(cluster, pairs) == {key for key in pairs if before[key_slot(key)] == "c"}


@case(timeout=90)
def weights_changed_under_load():
    with Cluster(3) as cluster:
        pairs = fill(cluster)
        with Load(cluster.proxy, may_forget=True) as load:
            cluster.write(cluster.entries("a", "b", "c", c=2))
            cluster.wait_slots({"a": 4096, "b": 4096, "c": 8192})
            cluster.write(cluster.entries("a", "b", "c", a=100, b=100, c=100))
            eventually(lambda: sorted(cluster.slots().values()) == [5461, 5461, 5462], "equal shares again")
            done = load.requests
            eventually(lambda: load.requests > done + 200, "requests go on")
        load.check()
        assert 0 < len(missing(cluster, pairs)) < len(pairs) * 0.45


@case(timeout=90)
def order_and_layout_mean_nothing():
    with Cluster(3) as cluster:
        pairs = fill(cluster)
        epoch = cluster.status()["epoch"]
        with Load(cluster.proxy) as load:
            for servers in (cluster.entries("c", "a", "b"), cluster.entries("b", "c", "a")):
                cluster.write(servers)
                holds_for(lambda: cluster.status()["epoch"] == epoch, "the epoch", 0.6, 0.2)
            cluster.write(json.dumps({"servers": cluster.entries("a", "b", "c")}).replace(",", ",\n\n\t "))
            holds_for(lambda: cluster.status()["epoch"] == epoch, "the epoch", 0.6, 0.2)
        load.check()
        assert not missing(cluster, pairs)


@case(timeout=90)
def file_written_in_every_way():
    """Renamed over, truncated and rewritten, written slowly in pieces, deleted and back, a link put in its place."""
    with Cluster(2, spare=1) as cluster:
        two, three = cluster.entries("a", "b"), cluster.entries("a", "b", "c")
        two_slots, three_slots = {"a": 8192, "b": 8192}, [5461, 5461, 5462]
        file = cluster.servers_file

        def expect(slots):
            eventually(lambda: sorted(cluster.slots().values()) == slots, f"slots {slots}", 5, 0.1)

        with Load(cluster.proxy, may_forget=True) as load:
            cluster.write(three)
            expect(three_slots)
            cluster.write_in_place(two)
            expect([8192, 8192])
            assert cluster.slots() == two_slots
            # In pieces, each flushed: half a file changes nothing.
            content = json.dumps({"servers": three})
            with open(file, "w") as slow:
                for start in range(0, len(content), 40):
                    slow.write(content[start : start + 40])
                    slow.flush()
                    holds_for(lambda: load.problems == [], "no problem", 0.03)
            expect(three_slots)
            file.unlink()
            holds_for(lambda: sorted(cluster.slots().values()) == three_slots, "the topology without a file", 0.6, 0.2)
            cluster.write(two)
            expect([8192, 8192])
            target = file.with_name("elsewhere.json")
            target.write_text(content)
            os.symlink(target.name, file.with_name("link"))
            os.replace(file.with_name("link"), file)
            expect(three_slots)
        load.check()


BAD_FILES = {
    "empty_list": '{"servers": []}',
    "empty_short_list": "[]",
    "empty_file": "",
    "broken_json": '{"servers": [\n  {"name": "a", "replicas": ["127.0.0.1:1234"]},\n  {"name": }\n]}',
    "not_utf8": b'{"servers": [{"name": "\xff\xfe", "replicas": ["127.0.0.1:1234"]}]}',
    "binary": bytes(range(256)) * 20,
    "scalar": "42",
    "unknown_member": '{"servers": [{"name": "a", "wieght": 2, "replicas": ["127.0.0.1:1234"]}]}',
    "no_replicas": '{"servers": [{"name": "a", "replicas": []}]}',
    "eight_replicas": json.dumps({"servers": [{"name": "a", "replicas": [f"127.0.0.1:{7000 + i}" for i in range(8)]}]}),
    "huge_weight": '{"servers": [{"name": "a", "weight": 1e300, "replicas": ["127.0.0.1:1234"]}]}',
    "negative_weight": '{"servers": [{"name": "a", "weight": -1, "replicas": ["127.0.0.1:1234"]}]}',
    "zero_weight": '{"servers": [{"name": "a", "weight": 0, "replicas": ["127.0.0.1:1234"]}]}',
    "bad_port": '{"servers": [{"name": "a", "replicas": ["127.0.0.1:70000"]}]}',
    "no_port": '{"servers": [{"name": "a", "replicas": ["127.0.0.1"]}]}',
    "port_zero": '{"servers": [{"name": "a", "replicas": ["127.0.0.1:0"]}]}',
    "duplicate_name": json.dumps({"servers": [entry("a", 7001), entry("a", 7002)]}),
    "duplicate_address": json.dumps({"servers": [entry("a", 7001), entry("b", 7001)]}),
    "duplicate_short": '[{"addr": "127.0.0.1:7001"}, {"addr": "127.0.0.1:7001"}]',
    "deep": "[" * 100_000,
    "huge": "[" + '{"addr": "127.0.0.1:7001"},' * 200_000 + "]",
}


@case(timeout=150)
def bad_files_change_nothing():
    with Cluster(2) as cluster:
        pairs = fill(cluster, 500)
        good = cluster.slots()
        epoch = cluster.status()["epoch"]
        clean_status = cluster.status_text()
        silent = []
        with Load(cluster.proxy) as load:
            for name, content in BAD_FILES.items():
                mark = cluster.proxy.log_size()
                cluster.write(content)
                try:
                    cluster.proxy.wait_log(r"servers\.json", mark, timeout=3)
                    eventually(lambda: shows_problem(cluster, clean_status), f"the status tells of {name}", 3, 0.1)
                except AssertionError as error:
                    silent.append(f"{name}: {error}")
                assert cluster.slots() == good and cluster.status()["epoch"] == epoch, f"{name} changed the topology"
                assert cluster.proxy.alive(), f"the proxy did not survive {name}"
            # The line that is wrong is named.
            mark = cluster.proxy.log_size()
            cluster.write(BAD_FILES["broken_json"])
            cluster.proxy.wait_log("line 3", mark)
            # Back to what it was: no complaint is left.
            cluster.write(cluster.entries("a", "b"))
            eventually(lambda: not shows_problem(cluster, clean_status), "the status is clean again", 5, 0.1)
        load.check()
        assert not missing(cluster, pairs)
        assert not silent, "\n".join(silent)


def shows_problem(cluster, clean_status):
    text = cluster.status_text()
    return "servers.json" in text and text.count("servers.json") > clean_status.count("servers.json")


@case()
def address_of_another_name_is_refused():
    with Cluster(2) as cluster:
        good = cluster.slots()
        mark = cluster.proxy.log_size()
        cluster.write([entry("a", cluster["a"].port), entry("renamed", cluster["b"].port)])
        line = cluster.proxy.wait_log(r"renamed", mark)
        assert f"{cluster['b'].port}" in line, line
        assert cluster.slots() == good


@case()
def unreadable_file_changes_nothing():
    with Cluster(2) as cluster:
        good = cluster.slots()
        mark = cluster.proxy.log_size()
        cluster.servers_file.unlink()
        cluster.servers_file.mkdir()  # as root every file is readable, a folder is not
        cluster.proxy.wait_log(r"servers\.json", mark)
        assert cluster.slots() == good
        cluster.servers_file.rmdir()
        cluster.write(cluster.entries("a", "b"))
        with Load(cluster.proxy) as load:
            eventually(lambda: load.requests > 100, "requests are answered")
        load.check()


@case(timeout=90)
def short_form():
    """Servers named by their addresses, of processes that were told no name."""
    with Cluster(2, spare=1, short=True) as cluster:
        a, b, c = (f"127.0.0.1:{cluster[name].port}" for name in "abc")
        assert cluster.slots() == {a: 8192, b: 8192}
        with Load(cluster.proxy, may_forget=True) as load:
            cluster.write([{"addr": a, "weight": 500}, {"addr": b, "weight": 500}, {"addr": c, "weight": 1000}])
            cluster.wait_slots({a: 4096, b: 4096, c: 8192})
            cluster.write([{"addr": c}])
            cluster.wait_slots({c: 16384})
            done = load.requests
            eventually(lambda: load.requests > done + 200, "requests go on")
        load.check()


@case(timeout=90)
def server_without_a_process_is_added():
    """Keys that go to a server that is not there fail; those of the others do not; it works as soon as it is started."""
    with Cluster(2, spare=1) as cluster:
        cluster["c"].stop()
        cluster.write(cluster.entries("a", "b", "c"))
        eventually(lambda: "c" in cluster.slots(), "c is in the topology", 10, 0.1)
        owners = cluster.owners()
        with cluster.proxy.redis() as client:
            for number in range(60):
                key = f"k:{number}"
                try:
                    assert client.set(key, "v") and owners[key_slot(key)] != "c", key
                except Exception as error:  # noqa: BLE001
                    assert owners[key_slot(key)] == "c" and "c" in str(error), (key, error)
                    break
            else:
                raise AssertionError("no key went to c")
            cluster["c"].start()
            eventually(lambda: client.set(key, "v"), "c is used", 5)


@case(timeout=120)
def many_edits_in_a_row():
    """Whatever the pace, the last edit is what holds in the end."""
    with Cluster(3, spare=2) as cluster, Load(cluster.proxy, may_forget=True) as load:
        for turn in range(40):
            names = ["a", "b", "c"] + ["d"] * (turn % 2) + ["e"] * (turn % 3 == 0)
            (cluster.write if turn % 4 else cluster.write_in_place)(cluster.entries(*names, a=1 + turn % 3))
            done = load.requests
            eventually(lambda: load.requests > done + 5, "requests go on")
        cluster.write(cluster.entries("a", "b", "c", "e"))
        cluster.wait_slots(dict.fromkeys("abce", 4096))
    load.check()


@case(timeout=90, variants={"killed": "kill", "stopped": "pause"})
def edited_while_the_authority_is_away(how):
    """New topologies are decided by shard a. Without it the old one stays, the log says why, and the edit counts when it is
    back; the other shards notice nothing."""
    with Cluster(3, spare=1) as cluster:
        owners = cluster.owners()
        others = [key for name in "bc" for key in keys_of(owners, name, 20)]
        getattr(cluster["a"], how)()
        mark = cluster.proxy.log_size()
        cluster.write(cluster.entries("a", "b", "c", "d"))
        cluster.proxy.wait_log(r"'a'", mark)
        with cluster.proxy.redis() as client:
            for key in others:
                assert client.set(key, "v") and client.get(key) == "v"
        if how == "kill":
            cluster["a"].start()
        else:
            cluster["a"].resume()
        cluster.wait_slots(dict.fromkeys("abcd", 4096))
        with Load(cluster.proxy) as load:
            eventually(lambda: load.requests > 200, "requests are answered")
        load.check()


@case(timeout=90)
def one_proxy_of_two_is_edited():
    """An edit of either proxy's file reaches the other."""
    with Cluster(2, spare=1) as cluster:
        folder = cluster.folder / "second"
        folder.mkdir()
        file = folder / "servers.json"
        file.write_bytes(cluster.servers_file.read_bytes())
        second = proxy(file, name="second", folder=folder, certs=cluster.certs).start()
        with Load(cluster.proxy, may_forget=True) as load, Load(second, prefix="second", may_forget=True) as other:
            file.write_text(json.dumps({"servers": cluster.entries("a", "b", "c")}))
            eventually(lambda: "c" in cluster.slots(), "the first proxy follows", 10, 0.1)
            done = (load.requests, other.requests)
            eventually(lambda: load.requests > done[0] + 100 and other.requests > done[1] + 100, "requests go on")
        load.check()
        other.check()
        with cluster.proxy.redis() as one, second.redis() as two:
            for number in range(100):
                one.set(f"shared:{number}", number)
                assert two.get(f"shared:{number}") == str(number)
        second.stop()
