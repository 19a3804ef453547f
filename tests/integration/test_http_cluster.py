"""HTTP beside RESP on one port; the pages about a cluster, and what is answered when a part of it is down."""

import json
import os
import threading
import time

from harness import workspace
from harness.case import SANITIZED, case
from harness.cluster import Cluster, dataserver, keys_of, standalone
from harness.http import BOTH, PLACES, connect, curl, curl_command, error_line, once, path_of, request_bytes, tag_of, url_of
from harness.processes import run
from harness.resp import ReplyError, encode
from harness.wait import eventually


@case(variants=PLACES)
def both_protocols_on_one_port(place):
    with place() as node, node.redis() as client:
        for alpn in ("http/1.1", None):
            with connect(node, alpn=alpn) as connection:
                assert connection.socket.selected_alpn_protocol() == alpn
                client.set("k", f"resp {alpn}")
                assert connection.request("GET", "/key/k").text == f"resp {alpn}"
                connection.request("PUT", "/key/k", f"http {alpn}".encode())
                assert client.get("k") == f"http {alpn}"
        # Nothing is decided by the first bytes alone: however they come, and even if RESP's inline commands begin alike.
        for data, resp in (
            (request_bytes("GET", "/key/k"), False),
            (request_bytes("HEAD", "/key/k"), False),
            (request_bytes("DELETE", "/key/none"), False),
            (request_bytes("PUT", "/key/k", b"bytes"), False),
            (b"GET k\r\n", True),
            (b"GET /key/k\r\n", True),
            (b"PING\r\n", True),
            (encode("GET", "k"), True),
            (encode("GET", "/key/k HTTP/1.1"), True),
        ):
            with connect(node, alpn=None) as connection:
                for position in range(len(data)):
                    connection.send(data[position : position + 1])
                if resp:
                    assert connection.reply() in (b"bytes", None, "PONG"), data
                    assert connection.command("PING") == "PONG"
                else:
                    method = data.split()[0].decode()
                    answer = connection.answer(method)
                    assert answer.status == (404 if method == "DELETE" else 200), (data, answer)
        # What a connection has begun with, it stays with.
        with connect(node, alpn=None) as connection:
            assert connection.command("PING") == "PONG"
            connection.send(b"GET /key/k HTTP/1.1\r\n")
            assert str(connection.reply()).startswith("ERR")
        with connect(node, alpn="redis") as connection:
            connection.send(b"GET /key/k HTTP/1.1\r\nHost: localhost\r\n\r\n")
            kind, text = connection.outcome(5)
            assert b"HTTP/1.1 200" not in bytes(str(text), "utf-8"), (kind, text)
        with connect(node) as connection:
            connection.send(encode("GET", "k"))
            answers = connection.answers_until_closed()
            assert [answer.status for answer in answers] in ([400], []), answers


@case(variants=PLACES)
def a_hundred_requests_on_one_connection(place):
    with place() as node:
        with node.redis() as client:
            client.mset({f"{{t}}{number}": f"value {number}" for number in range(1, 101)})
        folder = workspace.new_folder("hundred")
        said = ["-w", "%{num_connects} %{http_code}\\n", "-o", f"{folder}/#1"]
        outcome = run([*curl_command(node), *said, url_of(node, "/key/%7Bt%7D[1-100]")])
        assert outcome.returncode == 0 and outcome.stdout == "1 200\n" + "0 200\n" * 99, outcome
        for number in range(1, 101):
            assert (folder / str(number)).read_text() == f"value {number}"
        with connect(node) as connection:
            for number in range(100):
                assert connection.request("PUT", f"/key/n{number}", b"%d" % number).status == 201
                assert connection.request("GET", f"/key/n{number}").body == b"%d" % number


# --- Everything else ---


@case(variants=PLACES)
def the_cluster_as_a_document(place):
    """The same as `ringhold status --json`, but for what changes from one moment to the next."""
    def steady(document):
        document = json.loads(document)
        for shard in document["shards"]:
            for name in ("ops", "hits", "misses", "keys", "bytes"):
                assert name in shard
                del shard[name]
        return document

    with place() as node:
        got = curl(node, "/cluster")
        assert got.status == 200 and got.field("Content-Type").split(";")[0] == "application/json", got
        status = node.ringhold("status", "--json")
        assert steady(got.body) == steady(status.stdout), (got.body, status.stdout)
        assert curl(node, "/cluster", "-I").status == 200


@case()
def health_and_readiness():
    with Cluster(3, spare=1) as cluster:
        for node in (cluster.proxy, cluster["a"]):
            for path, body in (("/healthz", b"ok\n"), ("/readyz", b"ready\n")):
                got = curl(node, path)
                assert (got.status, got.body) == (200, body), got
                assert curl(node, path, "-I").status == 200
        # Not listed: alive, but it serves nothing.
        spare = cluster["d"]
        assert curl(spare, "/healthz").status == 200
        error_line(curl(spare, "/readyz"), 503)
        cluster["b"].kill()
        answer = eventually(lambda: (got := curl(cluster.proxy, "/readyz")).status == 503 and got, "the proxy is not ready", 10)
        assert "b" in error_line(answer, 503).replace("'", " ").split(), answer
        assert curl(cluster.proxy, "/healthz").status == 200
        assert curl(cluster["a"], "/readyz").status == 200
        cluster["b"].start()
        eventually(lambda: curl(cluster.proxy, "/readyz").status == 200, "the proxy is ready again", 10)


@case(variants=BOTH)
def pages_and_what_is_none(place):
    with place() as node:
        root = curl(node, "/")
        if node.name == "proxy":
            assert root.status == 200 and root.field("Content-Type").startswith("text/html"), root
        else:
            assert root.status in (200, 404) and root.field("Content-Type").startswith("text/plain"), root
        for path in ("/keys", "/key", "/metrics/", "/healthz/x", "/KEY/k", "/index.html", "/cluster/nodes", "//key/k", "/%6Bey"):
            error_line(once(node, "GET", path), 404)


@case(variants=PLACES)
def the_commands_behind_it(place):
    """Any client may send them, also wrongly."""
    with place() as node, node.connect() as connection:
        def ask(*words):
            reply = connection.command(*words)
            return str(reply).split()[0] if isinstance(reply, ReplyError) else reply

        value = b"value"
        tag = tag_of(value).strip('"')
        for words in (("PUT", "k", value), ("GET", "k"), ("HEAD", "k"), ("PUT", "k", value, "EX", "100", "MATCH", tag, "NOMATCH", "0" * 16),
                      ("GET", "none"), ("PUT", "k", value, "MATCH", f"{'0' * 16},{tag}"), ("DELETE", "k", "MATCH", tag)):  # fmt: skip
            reply = connection.command("REST", *words)
            assert not str(reply).startswith("ERR"), (words, reply)
        assert ask("EXISTS", "k") == 0
        put = ("PUT", "k", "v")
        for words in ((), ("GET",), ("PUT", "k"), ("FETCH", "k"), ("DELETE",), ("DELETE", "k", "EX", "5"), (*put, "EX"), (*put, "EX", "0"),
                      (*put, "EX", "x"), (*put, "EX", "-1"), (*put, "EX", "9" * 20), (*put, "EX", "5", "EX", "6"), (*put, "MATCH"),
                      (*put, "SOMETHING", "x")):  # fmt: skip
            assert ask("REST", *words) == "ERR", (words, ask("REST", *words))
        assert ask("EXISTS", "k") == 0
        assert b"ringhold_" in ask("METRICS") and ask("READY") is not None
        assert json.loads(ask("CLUSTER", "STATUS"))["shards"] is not None
        for words in (("METRICS", "x"), ("READY", "x")):
            assert ask(*words) == "ERR", words


# --- Shards that are down ---


@case(timeout=90)
def a_shard_that_is_down():
    with Cluster(3) as cluster:
        owners = cluster.owners()
        lost, kept = keys_of(owners, "b", 3), keys_of(owners, "a", 3)
        cluster["b"].kill()
        for node in (cluster.proxy, cluster["a"]):
            with connect(node) as connection:
                for method, body in (("GET", None), ("HEAD", None), ("PUT", b"v"), ("DELETE", None)):
                    started = time.monotonic()
                    answer = connection.request(method, path_of(lost[0]), body)
                    assert time.monotonic() - started < (8 if SANITIZED else 4)
                    assert answer.status == 503 and answer.field("Retry-After") == "1", (node.name, method, answer)
                    if method != "HEAD":
                        assert "'b'" in error_line(answer, 503), answer
                    # The same connection is good for others.
                    assert connection.request("PUT", path_of(kept[0]), b"v").status in (200, 201)
        answer = curl(cluster.proxy, path_of(lost[1]), "-X", "PUT", "-d", "v")
        assert answer.status == 503 and answer.field("Retry-After") == "1", answer
        # As curl takes a 503 with Retry-After: it tries again, until the shard is back.
        helper = threading.Timer(0.3, cluster["b"].start)
        helper.start()
        answer = curl(cluster.proxy, path_of(lost[2]), "--retry", "10", "-X", "PUT", "-d", "back")
        helper.join()
        assert answer.exit == 0 and answer.status == 201, (answer, answer.errors)


@case(timeout=90)
def a_write_whose_outcome_is_unknown():
    """The shard stands still with the write: 504, and what the key is afterwards is one of the two."""
    with Cluster(2, "--deadline", "300ms") as cluster:
        owners = cluster.owners()
        keys = keys_of(owners, "b", 3)
        with connect(cluster.proxy) as connection:
            assert connection.request("PUT", path_of(keys[0]), b"before").status == 201
            cluster["b"].pause()
            error_line(connection.request("PUT", path_of(keys[0]), b"after"), 504)
            answer = connection.request("GET", path_of(keys[0]))
            assert answer.status == 503 and answer.field("Retry-After") == "1", answer
            error_line(connection.request("DELETE", path_of(keys[1])), 503, 504)
            cluster["b"].resume()
            eventually(lambda: connection.request("GET", path_of(keys[0])).body in (b"before", b"after"), "b is back", 10)


@case()
def the_memory_bound():
    with standalone("--max-memory", "8mb", "--eviction", "none") as node, connect(node) as connection:
        statuses = [connection.request("PUT", f"/key/{number}", b"x" * 100_000).status for number in range(120)]
        assert statuses[0] == 201 and statuses[-1] == 507 and set(statuses) == {201, 507}, statuses
        error_line(connection.request("PUT", "/key/more", b"x" * 100_000), 507)
        assert connection.request("GET", "/key/0").status == 200
        for number in range(20):
            assert connection.request("DELETE", f"/key/{number}").status == 204
        assert connection.request("PUT", "/key/more", b"x" * 100_000).status == 201


@case()
def a_stop_ends_connections_in_good_order():
    """What is under way is answered; an idle connection is closed; a data server's value survives in its backup."""
    folder = workspace.new_folder("stop")
    node = dataserver("stopped", "--backup", folder / "backup", shard=False)
    node.start()
    with connect(node) as idle, connect(node) as busy:
        idle.request("PUT", "/key/k", b"kept")
        busy.send(request_bytes("PUT", "/key/half", b"x" * 1000)[:-1])
        node.stop()
        assert idle.closed_within(5)
    node.start()
    assert once(node, "GET", "/key/k").body == b"kept" and os.path.exists(folder / "backup")
    node.stop()
