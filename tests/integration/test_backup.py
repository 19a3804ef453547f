"""Backups of a data server: what is stopped comes back, what is damaged is refused, and what fails harms nothing."""

import random
import resource
import time

from harness import workspace
from harness.case import FULL, case, note
from harness.cluster import Cluster, dataserver
from harness.processes import run
from harness.wait import eventually

FLAGS = ("--backup", "dump.rh", "--backup-interval", "0")
NEVER = resource.RLIM_INFINITY


def backed_up(*flags, folder=None):
    folder = folder or workspace.new_folder("backup")
    return dataserver("alone", *FLAGS, *flags, folder=folder, shard=False)


def fill(client):
    """Some of everything, small and large."""
    client.set("text", b"\x00\xff binary \r\n")
    client.set("number", -42)
    client.set("expiring", "soon", px=3_600_000)
    client.set("long", b"x" * 3_000_000)
    client.rpush("list", *range(5), "", b"\x00", "last")
    client.rpush("long list", *(f"item {i}" for i in range(20_000)))
    client.hset("hash", mapping={"field": "value", "": "empty", "n": 7})
    client.hset("large hash", mapping={f"field {i}": i for i in range(20_000)})
    client.sadd("integers", *range(-100, 100))
    client.sadd("set", "a", "b", "", "12")
    client.sadd("large set", *(f"member {i}" for i in range(20_000)))
    client.zadd("zset", {"a": 1.5, "b": float("-inf"), "c": 1.5, "d": 1e300})
    client.zadd("large zset", {f"member {i}": i / 7 for i in range(20_000)})
    with client.pipeline(transaction=False) as pipe:
        for i in range(5_000):
            pipe.set(f"key:{i}", f"value {i}", ex=10_000 if i % 3 == 0 else None)
        pipe.execute()


def everything(client):
    """What the server holds, in a form that can be compared."""
    found = {}
    for key in client.scan_iter(count=1000):
        kind = client.type(key)
        deadline = client.pexpiretime(key) if hasattr(client, "pexpiretime") else client.execute_command("PEXPIRETIME", key)
        if kind == b"string":
            value = client.get(key)
        elif kind == b"list":
            value = client.lrange(key, 0, -1)
        elif kind == b"hash":
            value = client.hgetall(key)
        elif kind == b"set":
            value = client.smembers(key)
        else:
            value = client.zrange(key, 0, -1, withscores=True)
        found[key] = (kind, deadline, value)
    return found


@case(timeout=120)
def stop_and_start():
    """Every key, type, order, score and expiry is back, by SIGTERM alone."""
    server = backed_up()
    server.start()
    client = server.redis(decode_responses=False)
    fill(client)
    before = everything(client)
    server.stop()
    server.start()
    assert everything(server.redis(decode_responses=False)) == before
    info = server.redis().info("persistence")
    assert info["rdb_last_load_keys_loaded"] == len(before), info
    server.stop()


@case(timeout=60)
def save_bgsave_lastsave():
    server = backed_up()
    server.start()
    client = server.redis()
    started = client.lastsave()
    client.set("key", "value")
    assert client.info("persistence")["rdb_changes_since_last_save"] == 1
    time.sleep(1.1)
    assert client.save()
    assert client.lastsave() > started
    assert client.info("persistence")["rdb_changes_since_last_save"] == 0
    client.set("key", "second")
    assert client.bgsave()
    eventually(lambda: client.info("persistence")["rdb_saves"] == 2, "the background backup ends")
    assert client.info("persistence")["rdb_last_bgsave_status"] == "ok"
    server.kill()
    server.start()
    assert server.redis().get("key") == "second"
    server.stop()
    # Nothing has changed, so nothing was written.
    assert server.log().count("backup dump.rh: ") == 2, server.log()


@case(timeout=60)
def by_the_interval():
    folder = workspace.new_folder("interval")
    server = dataserver("alone", "--backup", "dump.rh", "--backup-interval", "300ms", folder=folder, shard=False)
    server.start()
    server.redis().set("key", "value")
    eventually((folder / "dump.rh").exists, "a backup is made")
    server.kill()
    server.start()
    assert server.redis().get("key") == "value"
    server.stop()


@case(timeout=60)
def nothing_to_back_up_to():
    """Without --backup, and with a file that cannot be made: clear errors."""
    server = dataserver("alone", shard=False)
    server.start()
    for command in ("SAVE", "BGSAVE", "LASTSAVE"):
        output = server.redis_cli(command).stdout
        assert "--backup FILE" in output, output
    server.stop()
    server = dataserver("alone", "--backup", "missing/dump.rh", shard=False)
    server.start()
    server.redis().set("key", "value")
    output = server.redis_cli("SAVE").stdout
    assert "missing/dump.rh.new" in output and "No such file or directory" in output, output
    assert server.redis().get("key") == "value"
    # The end is tried several times, and is then no success.
    server.stop(expected=1)
    server.wait_log("1 changes are lost")


@case(timeout=120)
def killed_during_backups():
    """kill -9 at any moment of a backup: the one before it, or the new one, never half of one."""
    folder = workspace.new_folder("killed")
    server = backed_up(folder=folder)
    server.start()
    chosen = random.Random(3)
    last = None
    for turn in range(1, 15 if FULL else 6):
        client = server.redis()
        with client.pipeline(transaction=False) as pipe:
            for i in range(30_000):
                pipe.set(f"key:{i}", turn)
            pipe.execute()
        client.execute_command("BGSAVE")
        time.sleep(chosen.random() * 0.4)
        server.kill()
        server.start()
        client = server.redis()
        values = set(client.mget([f"key:{i}" for i in range(30_000)]))
        assert len(values) == 1, f"half of a backup: {values}"
        assert values <= {str(turn), last}, (turn, last, values)
        last = values.pop()
        client.save()
    server.stop()


@case(timeout=60)
def one_server_for_each_file():
    """A second server with the same file is refused, and harms nothing; one that was killed stands in nobody's way."""
    folder = workspace.new_folder("shared")
    first = backed_up(folder=folder)
    first.start()
    first.redis().set("key", "first")
    assert first.redis().save()
    good = (folder / "dump.rh").read_bytes()
    second = backed_up(folder=folder)
    (folder.parent / "shared-link").symlink_to(folder)
    for path in ("dump.rh", str(folder / "dump.rh"), "../shared-link/dump.rh"):
        refusal = run([path if word == "dump.rh" else word for word in second.command], 20, cwd=folder)
        assert refusal.returncode == 1, (refusal.returncode, refusal.stderr)
        lines = [line for line in refusal.stderr.splitlines() if "dump.rh" in line]
        assert len(lines) == 1, refusal.stderr
        assert f"is in use by another process (pid {first.process.pid})" in lines[0], lines
        assert "give each server its own --backup" in lines[0], lines
    assert (folder / "dump.rh").read_bytes() == good
    checked = run([workspace.DATASERVER, "--check-backup", "dump.rh"], cwd=folder)
    assert checked.returncode == 0, checked.stderr
    first.kill()
    second.start()
    assert second.redis().get("key") == "first"
    second.redis().set("key", "second")
    second.stop()
    first.start()
    assert first.redis().get("key") == "second"
    first.stop()


@case(timeout=120)
def damage_is_refused():
    """One flipped byte anywhere, and a file that was cut off: refused with the file, the offset and what to do."""
    folder = workspace.new_folder("damage")
    server = backed_up(folder=folder)
    server.start()
    client = server.redis()
    client.mset({f"key:{i}": "value" * 20 for i in range(3000)})
    client.save()
    client.set("later", "value")
    client.save()
    server.stop()
    path = folder / "dump.rh"
    good = path.read_bytes()
    assert (folder / "dump.rh.previous").exists()
    chosen = random.Random(1)
    places = [0, 9, 17, 20, 21, len(good) - 1, *(chosen.randrange(len(good)) for _ in range(30 if FULL else 10))]
    for place in places:
        damaged = bytearray(good)
        damaged[place] ^= 1 << chosen.randrange(8)
        path.write_bytes(damaged)
        refused(server, folder, place)
    path.write_bytes(good[:-5])
    refused(server, folder, "cut off")
    (folder / "dump.rh.previous").rename(path)
    server.start()
    assert server.redis().dbsize() == 3000
    server.stop()


def refused(server, folder, what):
    result = run([*server.command], 20, cwd=folder)
    assert result.returncode == 1, f"{what}: ended with {result.returncode}: {result.stdout}{result.stderr}"
    line = result.stderr.strip().splitlines()[-1]
    assert "dump.rh cannot be used" in line and "dump.rh.previous" in line, f"{what}: {line}"
    assert "byte" in line or "RINGHOLD" in line or "version" in line, f"{what}: {line}"


@case(timeout=60)
def check_backup():
    folder = workspace.new_folder("check")
    server = backed_up(folder=folder)
    server.start()
    fill(server.redis())
    server.stop()
    checked = run([workspace.DATASERVER, "--check-backup", "dump.rh"], cwd=folder)
    assert checked.returncode == 0, checked.stderr
    for expected in ("a sound backup", "lists       2 with 20008 items", "hashes      2", "strings     5004"):
        assert expected in checked.stdout, checked.stdout
    damaged = bytearray((folder / "dump.rh").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (folder / "dump.rh").write_bytes(damaged)
    checked = run([workspace.DATASERVER, "--check-backup", "dump.rh"], cwd=folder)
    assert checked.returncode == 1 and "at byte" in checked.stderr, (checked.returncode, checked.stderr)
    missing = run([workspace.DATASERVER, "--check-backup", "nothing.rh"], cwd=folder)
    assert missing.returncode == 1 and "nothing.rh does not exist" in missing.stderr, missing.stderr


@case(timeout=60)
def full_disk():
    """The error is told, the old file stays, serving goes on; and with room again, backups work again."""
    folder = workspace.new_folder("full")
    server = backed_up(folder=folder)
    server.start()
    client = server.redis()
    client.set("key", "first")
    client.save()
    client.set("key", "second")
    client.set("much", "x" * 4_000_000)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1_000_000, NEVER))
    output = server.redis_cli("SAVE").stdout
    assert "dump.rh.new" in output and "the one before it stays" in output, output
    assert client.get("key") == "second"
    info = client.info("persistence")
    assert info["rdb_last_bgsave_status"] == "err" and info["backup_failures"] == 1, info
    assert not (folder / "dump.rh.new").exists()
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (NEVER, NEVER))
    assert client.save()
    assert client.info("persistence")["rdb_last_bgsave_status"] == "ok"
    server.kill()
    server.start()
    assert server.redis().get("key") == "second"
    server.stop()


@case(timeout=120)
def a_moment_in_time():
    """Two counters that are always raised together are equal in every backup, whatever goes on meanwhile."""
    folder = workspace.new_folder("moment")
    server = backed_up(folder=folder)
    server.start()
    client = server.redis()
    client.mset({f"filler:{i}": "x" * 100 for i in range(50_000)})
    for turn in range(4):
        client.execute_command("BGSAVE")
        count = 0
        while client.info("persistence")["rdb_bgsave_in_progress"]:
            with client.pipeline(transaction=False) as pipe:
                for i in range(200):
                    pipe.mset({f"a:{i}": count, f"b:{i}": count})
                pipe.execute()
            count += 1
        assert count > 0
    aside = client.info("persistence")["backup_keys_set_aside"]
    server.kill()
    server.start()
    client = server.redis()
    for i in range(200):
        assert client.get(f"a:{i}") == client.get(f"b:{i}"), i
    note(f"{aside} keys were set aside by the last of them")
    server.stop()


@case(timeout=180)
def a_moment_in_large_values():
    """Large values that change while they are written down: in the backup each is as it was at one moment."""
    folder = workspace.new_folder("large")
    server = backed_up(folder=folder)
    server.start()
    client = server.redis(decode_responses=False)
    # At any moment: a list of consecutive numbers, fields that are equal in pairs, and bytes that are all the same.
    client.rpush("list", *range(200_000))
    client.hset("hash", mapping={f"{name}{i}": 0 for i in range(50_000) for name in "ab"})
    block = 2_000_000
    client.set("text", b"a" * block + b"-" * 50_000_000)
    chosen = random.Random(5)
    for turn in range(2):
        client.execute_command("BGSAVE")
        last = int(client.lindex("list", -1))
        changes = 0
        while client.info("persistence")["rdb_bgsave_in_progress"]:
            with client.pipeline(transaction=False) as pipe:
                for _ in range(100):
                    last += 1
                    pipe.rpush("list", last)
                    pipe.lpop("list")
                    field = chosen.randrange(50_000)
                    pipe.hset("hash", mapping={f"a{field}": changes, f"b{field}": changes})
                    changes += 1
                pipe.setrange("text", 0, bytes([97 + changes // 100 % 26]) * block)
                pipe.execute()
        assert changes > 0, turn
    server.kill()
    server.start()
    client = server.redis(decode_responses=False)
    numbers = [int(number) for number in client.lrange("list", 0, -1)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))) and len(numbers) in (200_000, 200_001), numbers[:5]
    fields = client.hgetall("hash")
    assert len(fields) == 100_000
    for i in range(50_000):
        assert fields[b"a%d" % i] == fields[b"b%d" % i], i
    text = client.get("text")
    assert len(set(text[:block])) == 1 and text[block:] == b"-" * 50_000_000
    server.stop()


@case(timeout=60)
def in_a_cluster():
    """A shard that is stopped and started has its keys again."""
    with Cluster(2, dataserver_flags=("--backup-interval", "0")) as cluster:
        del cluster  # only to see that the flag alone is no error
    folder = workspace.new_folder("shards")
    with Cluster(2) as cluster:
        server = cluster["a"]
        server.stop()
        server.command += ["--backup", str(folder / "a.rh")]
        server.start()
        client = cluster.proxy.redis()
        eventually(lambda: client.dbsize() is not None, "both shards serve")
        client.mset({f"key:{i}": i for i in range(500)})
        before = client.dbsize()
        server.stop()
        server.start()
        eventually(lambda: client.mget([f"key:{i}" for i in range(500)]) == [str(i) for i in range(500)], "all keys are back")
        assert client.dbsize() == before


@case(timeout=120, variants={"stopped": "stop", "killed": "kill"})
def whole_cluster_comes_back_after_a_resize(how):
    """All servers and the proxy end and start: the slots are where the resize had left them, so every key is there."""
    cluster = Cluster(2, spare=1)
    for name, server in cluster.servers.items():
        server.command += ["--backup", f"{name}.rh", "--backup-interval", "0"]
    with cluster:
        for server in cluster.servers.values():
            assert server.redis().save()
        cluster.listed.append("c")
        cluster.write(cluster.entries("a", "b", "c"))
        eventually(lambda: len(cluster.slots()) == 3, "the third shard is there")
        client = cluster.proxy.redis()
        keys = {f"key:{i}": str(i) for i in range(3000)}
        client.mset(keys)
        before, identity = cluster.owners(), cluster.status()["cluster"]
        everybody = [cluster.proxy, *cluster.servers.values()]
        for process in everybody:
            if how == "kill" and process is not cluster.proxy:
                assert process.redis().save()
            getattr(process, how)()
        for server in cluster.servers.values():
            server.start()
        # Whoever asks one of them directly meanwhile is not given what may be another's by now.
        output = cluster["a"].redis_cli("GET", "key:1").stdout
        assert "is not confirmed yet" in output and "servers.json" in output, output
        assert "is not confirmed yet" in cluster["a"].redis_cli("DBSIZE").stdout
        cluster.proxy.start()
        cluster.wait_serving()
        client = cluster.proxy.redis()
        missing = [key for key, value in keys.items() if client.get(key) != value]
        assert not missing, f"{len(missing)} of {len(keys)} keys are missing"
        assert client.dbsize() == len(keys)
        assert cluster.owners() == before
        assert cluster.status()["cluster"] == identity
        # And the next edit finds its way.
        cluster.write(cluster.entries("a", "b", "c", c=2))
        eventually(lambda: cluster.slots()["c"] == 8192, "an edit is applied")
