"""More HTTP than is good, or slower: limits are kept in bounded memory, and what is allowed is served."""

import contextlib
import random
import time

from harness import workspace
from harness.case import FULL, SANITIZED, case, note
from harness.cluster import Cluster, standalone
from harness.http import BOTH, connect, curl, curl_command, error_line, once, request_bytes, url_of
from harness.processes import run
from harness.wait import eventually

MIB = 1 << 20
# What an attack may cost a process at most. Far below what it asks for in each case.
GROWTH_MAX = (1024 if SANITIZED else 160) * MIB


@case(variants=BOTH)
def bad_percent_encoding(place):
    with place() as node, connect(node) as connection:
        for target in ("/key/%", "/key/%2", "/key/a%", "/key/%zz", "/key/%2g", "/key/%g2", "/key/%%20", "/key/%u0041", "/key/%-1"):
            for method in ("GET", "PUT", "DELETE"):
                error_line(connection.request(method, target, b"x" if method == "PUT" else None), 400)
        answer = curl(node, "/key/100%", "-X", "PUT", "-d", "x")
        assert "%25" in error_line(answer, 400) or "percent" in answer.text.lower(), answer
        assert node.redis().dbsize() == 0


@case(variants=BOTH)
def methods(place):
    with place() as node, connect(node) as connection:
        connection.request("PUT", "/key/k", b"value")
        pages = dict.fromkeys(("/metrics", "/cluster", "/healthz", "/readyz"), {"GET", "HEAD"})
        for target, methods_of_it in {"/key/k": {"GET", "HEAD", "PUT", "POST", "DELETE"}, **pages}.items():
            for method in ("PATCH", "OPTIONS", "TRACE", "PROPFIND", "PUT", "POST", "DELETE"):
                if method in methods_of_it:
                    continue
                answer = connection.request(method, target)
                if method != "OPTIONS" or answer.status not in (200, 204):  # which may as well be served
                    error_line(answer, 405)
                allowed = {word.strip() for word in answer.field("Allow").split(",")}
                assert allowed - {"OPTIONS"} == methods_of_it, (method, target, answer)
                # Nothing that was sent is told back (TRACE), and nothing is opened to other sites (OPTIONS).
                assert not any(name.startswith("access-control-") for name, _ in answer.fields), answer
        for method in ("get", "BREW", "GETT"):
            with connect(node) as other:
                assert other.request(method, "/key/k").status in (400, 405, 501), method
        assert connection.request("GET", "/key/k").body == b"value"


@case(variants=BOTH)
def head_and_target_of_64_kb(place):
    with place() as node:
        with connect(node) as connection:
            assert connection.request("GET", "/healthz", fields={"X": "a" * 60_000}).status == 200
            assert connection.request("GET", "/healthz", fields={f"X-{number}": "a" * 100 for number in range(500)}).status == 200
            assert connection.request("GET", "/key/" + "a" * 60_000).status == 404
        for fields, target in (({"X": "a" * 66_000}, "/healthz"), ({f"X-{number}": "a" * 100 for number in range(700)}, "/healthz"),
                               ({"X": "a" * 40_000}, "/key/" + "a" * 40_000), ({}, "/key/" + "a" * 66_000)):  # fmt: skip
            with connect(node) as connection:
                connection.send(request_bytes("GET", target, fields=fields))
                answers = connection.answers_until_closed()
                assert len(answers) == 1 and answers[0].status in ((431,) if fields else (414, 431)), answers
                error_line(answers[0], 414, 431)


@case()
def bodies_above_the_limit():
    """--value-bytes-max of a data server: refused by what is announced, and by what comes."""
    with standalone("--value-bytes-max", "1mb") as node:
        folder = workspace.new_folder("bodies")
        for name, size in (("fits", 1_000_000), ("above", 1_100_000)):
            (folder / name).write_bytes(b"x" * size)
        for flags in (("-T", folder / "fits"), ("-T", folder / "fits", "-H", "Transfer-Encoding: chunked")):
            assert curl(node, "/key/fits", *flags).status in (200, 201)
        for flags in (("-T", folder / "above"), ("-T", folder / "above", "-H", "Transfer-Encoding: chunked"),
                      ("--data-binary", f"@{folder / 'above'}"), ("-T", folder / "above", "-H", "Expect:")):  # fmt: skip
            answer = curl(node, "/key/above", *flags)
            assert answer.status == 413, (flags, answer, answer.errors)
        with node.redis() as client:
            assert not client.exists("above") and client.strlen("fits") == 1_000_000
    with Cluster(2, dataserver_flags=("--value-bytes-max", "1mb")) as cluster:
        # What the proxy lets through, the shard refuses: in the same words.
        answer = curl(cluster.proxy, "/key/above", "-T", folder / "above")
        assert answer.status == 413, answer


@case(variants=BOTH)
def announced_bodies_above_the_limit(place):
    """512 MB and a byte: the answer comes before the body, whether the client waits for it or not."""
    with place() as node:
        waiting = {"Content-Length": 1 << 40, "Expect": "100-continue"}
        for fields in ({"Content-Length": 512 * MIB + 1}, {"Content-Length": 1 << 62}, waiting):
            with connect(node) as connection:
                connection.send(request_bytes("PUT", "/key/k", fields=fields))
                answers = connection.answers_until_closed()
                assert [answer.status for answer in answers] == [413], answers
                error_line(answers[0], 413)
        with connect(node) as connection:
            connection.send(request_bytes("PUT", "/key/k", fields={"Transfer-Encoding": "chunked"}) + b"20000001\r\n")
            assert [answer.status for answer in connection.answers_until_closed()] == [413]


@case(variants=BOTH)
def nothing_is_reserved_for_announced_bodies(place):
    """200 connections announce 512 MB each, and send nothing of it."""
    with place() as node:
        before = node.rss()
        node.reset_peak()
        connections = [connect(node) for _ in range(200)]
        for number, connection in enumerate(connections):
            if number % 2:
                connection.send(request_bytes("PUT", "/key/k", fields={"Content-Length": 512 * MIB}) + b"begin")
            else:
                connection.send(request_bytes("PUT", "/key/k", fields={"Transfer-Encoding": "chunked"}) + b"20000000\r\nbegin")
        assert once(node, "GET", "/healthz").status == 200
        growth = node.peak_rss() - before
        note(f"{node.name} grew by {growth // MIB} MiB")
        assert growth < GROWTH_MAX, f"grew by {growth // MIB} MiB"
        descriptors = node.descriptors()
        for connection in connections:
            connection.close()
        eventually(lambda: node.descriptors() <= descriptors - 190, "the connections are released")
        assert node.redis().exists("k") == 0, "half a value was stored"


@case(variants=BOTH)
def expectations(place):
    with place() as node, connect(node) as connection:
        connection.send(request_bytes("PUT", "/key/k", fields={"Content-Length": "5", "Expect": "100-continue"}))
        assert connection.head().status == 100
        connection.send(b"value")
        assert connection.answer().status == 201
        # One that does not wait is not answered twice.
        connection.send(request_bytes("PUT", "/key/k", b"value", {"Expect": "100-Continue"}))
        first = connection.head()
        answer = connection.answer() if first.status == 100 else first
        assert answer.status == 200 and (first.status == 200 or connection.buffer == b""), (first, answer)
        if first.status != 100:
            connection.take(int(first.field("Content-Length") or 0))
        # It costs nothing where no body comes, and HTTP/1.0 knows none.
        assert connection.request("GET", "/key/k", fields={"Expect": "100-continue"}).status in (200, 417)
        with connect(node) as old:
            old.send(request_bytes("PUT", "/key/k", fields={"Content-Length": "5", "Expect": "100-continue"}, version="1.0"))
            old.send(b"older")
            assert old.answer().status in (200, 417)
        with connect(node) as other:
            other.send(request_bytes("PUT", "/key/k", fields={"Content-Length": "5", "Expect": "a-miracle"}))
            error_line(other.answer(), 417)
        assert node.redis().get("k") in ("value", "older")
        # curl waits a second for the 100 before it sends more than 1 MB: it must not have to.
        folder = workspace.new_folder("expect")
        (folder / "file").write_bytes(b"x" * 3 * MIB)
        started = time.monotonic()
        assert curl(node, "/key/k", "-T", folder / "file", "-H", "Expect: 100-continue", "--expect100-timeout", "20").status == 200
        assert time.monotonic() - started < (10 if SANITIZED else 3)


@case(timeout=90, variants=BOTH)
def answers_never_read(place):
    """A pipeline that asks for 20 GB and reads none of it: the server stops reading, and keeps little."""
    with place() as node:
        with node.redis(decode_responses=False) as client:
            client.set("big", b"x" * MIB)
            client.set("huge", b"x" * 64 * MIB)
        for target, growth_max in (("/key/big", 64 * MIB), ("/metrics", 64 * MIB), ("/key/huge", 160 * MIB)):
            before = node.rss()
            node.reset_peak()
            with connect(node, receive_buffer=4096) as connection:
                connection.settimeout(0.5)
                sent, data = 0, request_bytes("GET", target) * 100
                with contextlib.suppress(OSError):
                    while sent < 32 * MIB:
                        connection.send(data)
                        sent += len(data)
                assert sent < 32 * MIB, "the server reads on and on"
                assert once(node, "GET", "/healthz").status == 200
                growth = node.peak_rss() - before
                note(f"{target}: stopped reading after {sent:,} bytes of requests, grew by {growth // MIB} MiB")
                assert SANITIZED or growth < growth_max, f"{target}: grew by {growth // MIB} MiB"
        # Whoever does read gets all of it, behind as many others as there were.
        with connect(node, timeout=20) as connection:
            connection.send(request_bytes("GET", "/key/big") * 50)
            assert all(connection.answer().body == b"x" * MIB for _ in range(50))


@case(timeout=60, variants=BOTH)
def endless_framing(place):
    """What stands between the bytes of a body (extensions, trailers, tiny chunks, empty lines) is refused or skipped, never kept."""
    head = request_bytes("PUT", "/key/k", fields={"Transfer-Encoding": "chunked"})
    shapes = {
        "one extension": (head + b"1;", b"x" * 65_536),
        "many extensions": (head + b"1", b";name=value" * 6_000),
        "trailers": (head + b"0\r\n", b"Trailer: value\r\n" * 4_000),
        "one trailer": (head + b"0\r\nTrailer: ", b"x" * 65_536),
        "zeros of a size": (head, b"0" * 65_536),
        "extensions of tiny chunks": (head, (b"1;" + b"x" * 2_000 + b"\r\nv\r\n") * 30),
        "empty lines": (b"", b"\r\n" * 32_768),
    }
    with place() as node:
        bad = []
        for name, (begin, more) in shapes.items():
            before = node.rss()
            node.reset_peak()
            with connect(node, timeout=5) as connection:
                sent = 0
                with contextlib.suppress(OSError):
                    connection.send(begin)
                    while sent < 48 * MIB:
                        connection.send(more)
                        sent += len(more)
                growth = node.peak_rss() - before
            told = f"{name}: {'taken' if sent >= 48 * MIB else f'refused after {sent:,} bytes'}, grew by {growth // MIB} MiB"
            note(told)
            if growth > 16 * MIB and not SANITIZED:
                bad.append(told)
        assert not bad, "\n".join(bad)
        assert once(node, "GET", "/healthz").status == 200


@case(timeout=60, variants=BOTH)
def slow_senders(place):
    """A byte now and then is served all the same."""
    with place() as node:
        stream = request_bytes("PUT", "/key/slow", [b"va", b"lue"]) + request_bytes("GET", "/key/slow")
        connections = [connect(node, timeout=15) for _ in range(20)]
        for byte in range(len(stream)):
            for connection in connections:
                connection.send(stream[byte : byte + 1])
            time.sleep(0.2 if FULL and byte < 50 else 0.005)
        for connection in connections:
            assert connection.answer().status in (200, 201)
            assert connection.answer().body == b"value"
            connection.close()


@case(timeout=200, full_only=True, variants=BOTH)
def requests_that_never_come(place):
    """30 s for a request to come, 30 s for its body to go on, 2 minutes between requests."""
    head = request_bytes("PUT", "/key/slow", fields={"Content-Length": "100000"})
    with place() as node:
        started = time.monotonic()
        idle, half, still, dripping, going = (connect(node) for _ in range(5))
        idle.request("GET", "/healthz")
        half.send(head[:-10])
        still.send(head + b"some")
        ended = {}

        def look():
            for name, connection in (("idle", idle), ("half", half), ("still", still), ("dripping", dripping)):
                if name in ended:
                    continue
                connection.settimeout(0.05)
                with contextlib.suppress(TimeoutError):
                    if connection.fill():
                        connection.settimeout(2)
                        ended[name] = (time.monotonic() - started, connection.answer())
                    else:
                        ended[name] = (time.monotonic() - started, None)

        for second in range(140):
            if second < len(head) - 10 and "dripping" not in ended:
                with contextlib.suppress(OSError):
                    dripping.send(head[second : second + 1])
            if second < 60:
                going.send(head if second == 0 else bytes(1000))
            elif second == 60:
                going.send(bytes(100_000 - 59_000))
                assert going.answer().status in (200, 201), "a body that goes on may take longer"
            look()
            if len(ended) == 4:
                break
            time.sleep(max(0, started + second + 1 - time.monotonic()))
        note(", ".join(f"{name}: {seconds:.0f} s" for name, (seconds, _) in ended.items()))
        for name in ("half", "still", "dripping"):
            seconds, answer = ended[name]
            assert 25 < seconds < 40 and answer and answer.status == 408, (name, seconds, answer)
        seconds, answer = ended["idle"]
        assert 110 < seconds < 135 and (answer is None or answer.status == 408), ("idle", seconds, answer)


@case(timeout=60, variants=BOTH)
def sudden_ends(place):
    """Connections that are cut in the middle of a body leave nothing behind."""
    with place() as node:
        data = request_bytes("PUT", "/key/half", b"x" * 200_000)
        chunked = request_bytes("PUT", "/key/half", [b"x" * 100_000, b"y" * 100_000])
        rng = random.Random(11)
        once(node, "GET", "/healthz")
        eventually(lambda: node.redis().ping(), "it answers")
        before = node.descriptors()
        for number in range(60):
            connection = connect(node)
            content = data if number % 2 else chunked
            connection.send(content[: rng.randrange(1, len(content) - 1)])
            if number % 3:
                connection.close()
            else:
                connection.detach().close()
        eventually(lambda: node.descriptors() <= before + 2, "the connections are released")
        assert node.redis().exists("half") == 0, "half a value was stored"


@case(variants=BOTH)
def curl_with_slow_uploads(place):
    """As from a bad line: 20 KB/s for a second or so."""
    with place() as node:
        folder = workspace.new_folder("slow")
        content = random.Random(3).randbytes(30_000)
        (folder / "file").write_bytes(content)
        outcome = run([*curl_command(node), "--limit-rate", "20k", "-T", folder / "file", url_of(node, "/key/slow")])
        assert outcome.returncode == 0, outcome
        assert node.redis(decode_responses=False).get("slow") == content
