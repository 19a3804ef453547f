"""REST on keys: at a proxy of three data servers, at one of these, and at one that is alone; curl as anybody would type it."""

import base64
import hashlib
import json
import random
import time

from harness import workspace
from harness.case import SANITIZED, case, note
from harness.http import (
    BOTH, PLACES, connect, curl, curl_command, error_line, of_all_types, once, path_of, read, tag_of, url_of, written,
)  # fmt: skip
from harness.processes import run
from harness.wait import eventually

MIB = 1 << 20
EVERY_BYTE = bytes(range(256))


# --- What the manual shows ---


@case(variants=PLACES)
def as_the_manual_shows_it(place):
    """A photo goes there and back, has its time to live, and goes."""
    folder = workspace.new_folder("photos")
    photo = random.Random(4).randbytes(300_000)
    (folder / "photo.jpg").write_bytes(photo)
    with place() as node:
        path = "/key/photos/1"
        put = curl(node, f"{path}?ttl=3600", "-X", "PUT", "--data-binary", f"@{folder / 'photo.jpg'}")
        assert (put.exit, put.status, put.etag) == (0, 201, tag_of(photo)), (put, put.errors)
        got = curl(node, path)
        assert (got.exit, got.status, got.body, got.etag) == (0, 200, photo, tag_of(photo)), got
        assert got.field("Content-Type") == "application/octet-stream" and got.field("Ringhold-Type") == "string", got
        assert 3590 <= int(got.field("Ringhold-Ttl")) <= 3600, got
        assert read(node, "photos/1") == photo
        again = curl(node, path, "-T", folder / "photo.jpg")
        assert (again.status, again.etag) == (200, tag_of(photo)), again
        gone = curl(node, path, "-X", "DELETE")
        assert (gone.exit, gone.status, gone.body) == (0, 204, b""), gone
        error_line(curl(node, path, "-X", "DELETE"), 404)
        error_line(curl(node, path), 404)
        # --fail is how scripts ask.
        assert curl(node, path, "--fail").exit == 22


@case(variants=BOTH)
def curl_in_all_its_ways(place):
    with place() as node:
        assert curl(node, "/key/d", "-d", "posted").status == 201
        assert read(node, "d") == b"posted"
        assert curl(node, "/key/d", "--json", '{"a": 1}').status == 200
        assert read(node, "d") == b'{"a": 1}'
        # What curl does not know the length of, it sends in chunks.
        content = random.Random(5).randbytes(2 * MIB)
        piped = curl(node, "/key/piped", "-T", "-", input=content)
        assert (piped.exit, piped.status, piped.etag) == (0, 201, tag_of(content)), piped
        assert curl(node, "/key/piped").body == content
        assert curl(node, "/key/d", "-H", "Transfer-Encoding: chunked", "-d", "chunked").status == 200
        assert read(node, "d") == b"chunked"
        assert curl(node, "/key/none", "-X", "POST").status == 201
        assert read(node, "none") == b""
        old = curl(node, "/key/none", "-X", "PUT", "--http1.0", "-d", "old")
        assert old.status == 200, (old, old.errors)
        assert curl(node, "/key/none", "--http1.0").body == b"old"
        head = curl(node, "/key/piped", "-I")
        assert (head.exit, head.status, head.field("Content-Length")) == (0, 200, str(len(content))), head
        assert curl(node, "/key/piped", "--compressed").body == content
        # With HTTP/2 offered as well (curl's default), without ALPN, and with TLS 1.2.
        for flags in (("--http2",), ("--no-alpn",), ("--tls-max", "1.2"), ("--no-alpn", "--http1.0")):
            got = curl(node, "/key/d", *flags)
            assert (got.exit, got.body) == (0, b"chunked"), (flags, got, got.errors)


# --- Keys ---

# What is typed → the key.
TYPED = {
    "plain": b"plain",
    "a/b/c": b"a/b/c",
    "a%2Fb%2fd": b"a/b/d",
    "/leading": b"/leading",
    "trailing/": b"trailing/",
    "two//slashes": b"two//slashes",
    "a%20b": b"a b",
    "100%25": b"100%",
    "%2541": b"%41",
    "a+b": b"a+b",
    "c%2Bd": b"c+d",
    "question%3Fmark": b"question?mark",
    "%23hash": b"#hash",
    "semi;colon,and=others&!$'()*~@:": b"semi;colon,and=others&!$'()*~@:",
    "schl%C3%BCssel": "schlüssel".encode(),
    "schlüssel/日本/🙂": "schlüssel/日本/🙂".encode(),
    "..": b"..",
    "a/../b": b"a/../b",
    "./.": b"./.",
    "%2e%2e/etc": b"../etc",
    "%00": b"\0",
    "nul%00within": b"nul\0within",
    "%0d%0aX-Injected:%20yes": b"\r\nX-Injected: yes",
    "%ff%fe": b"\xff\xfe",
    "{tag}key": b"{tag}key",
    "healthz": b"healthz",
}


@case(variants=BOTH)
def keys_of_all_kinds(place):
    with place() as node, node.redis(decode_responses=False) as client:
        bad = []
        for typed, key in TYPED.items():
            arguments = ("--path-as-is", "-g")
            put = curl(node, f"/key/{typed}", *arguments, "-X", "PUT", "--data-binary", typed)
            got = curl(node, f"/key/{typed}", *arguments)
            if put.status != 201 or client.get(key) != typed.encode() or got.body != typed.encode():
                bad.append(f"{typed}: PUT {put}, at {key!r}: {client.get(key)!r}, GET {got}")
        assert not bad, "\n".join(bad)
        assert client.dbsize() == len(set(TYPED.values())) or node.name != "alone"


@case(variants=PLACES)
def keys_of_every_byte(place):
    """Each byte, written as it is where a request line allows that, and as %XX; both digits in either case."""
    with place() as node, node.redis(decode_responses=False) as client, connect(node) as connection:
        as_they_are = b"ABCXYZabcxyz0189-._~!$&'()*+,;=:@/"
        for byte in range(256):
            key = b"byte-" + bytes([byte])
            client.set(key, b"value %d" % byte)
            spelled = [f"/key/byte-%{byte:02x}", f"/key/byte-%{byte:02X}", f"/key/%62yte%2D%{byte:02x}"]
            if byte in as_they_are:
                spelled.append(f"/key/byte-{byte:c}")
            for target in spelled:
                got = connection.request("GET", target)
                assert (got.status, got.body) == (200, b"value %d" % byte), (target, got)
        got = connection.request("PUT", path_of(EVERY_BYTE), b"all")
        assert got.status == 201 and client.get(EVERY_BYTE) == b"all"


@case(variants=BOTH)
def long_keys(place):
    with place() as node, node.redis(decode_responses=False) as client:
        for key in (b"k" * 10_240, b"\xfe" * 10_240, ("ü/" * 5_000).encode(), b"x" * 60_000):
            put = curl(node, path_of(key), "-X", "PUT", "-d", "long")
            assert put.status == 201 and client.get(key) == b"long", put
            assert curl(node, path_of(key)).body == b"long"
            assert curl(node, path_of(key), "-X", "DELETE").status == 204 and client.get(key) is None


@case(variants=BOTH)
def the_empty_key(place):
    """Everything behind /key/ is the key: also nothing."""
    with place() as node:
        assert once(node, "PUT", "/key/", b"nobody's").status == 201
        assert read(node, "") == b"nobody's"
        assert once(node, "GET", "/key/").body == b"nobody's"
        error_line(once(node, "GET", "/key"), 404)


# --- Values ---


@case(variants=PLACES)
def values_of_all_kinds(place):
    values = [b"", b"\0", b"\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"0\r\n\r\n", EVERY_BYTE, EVERY_BYTE * 1000, b"12345"]
    values += [random.Random(size).randbytes(size) for size in (1, 1023, 1024, 1025, 16_383, 16_384, 16_385, 65_536, 100_000, MIB + 1)]
    with place() as node, node.redis(decode_responses=False) as client, connect(node) as connection:
        for number, value in enumerate(values):
            thirds = [value[i * len(value) // 3 : (i + 1) * len(value) // 3] for i in range(3)]
            for body in (value, thirds):
                key = f"value:{number}:{type(body).__name__}"
                put = connection.request("PUT", path_of(key), body)
                assert (put.status, put.etag) == (201, tag_of(value)), (key, put)
                assert client.get(key) == value, key
                got = connection.request("GET", path_of(key))
                assert got.status == 200 and got.body == value and got.etag == tag_of(value), (key, got)
                head = connection.request("HEAD", path_of(key))
                assert (head.status, head.field("Content-Length"), head.etag) == (200, str(len(value)), got.etag), (key, head)
        # Integers are kept as such: their bytes are what counts.
        client.set("number", 41)
        client.incr("number")
        got = connection.request("GET", "/key/number")
        assert (got.body, got.etag) == (b"42", tag_of(b"42")), got


@case(timeout=120, variants=BOTH)
def a_value_of_64_mb(place):
    """There and back with curl, with a known length and in chunks; the server needs a few times its size at most."""
    size = (64 if not SANITIZED else 16) * MIB
    folder = workspace.new_folder("large")
    block = random.Random(64).randbytes(MIB)
    with open(folder / "file", "wb") as file:
        for number in range(size // MIB):
            file.write(number.to_bytes(4, "big") + block[4:])
    expected = hashlib.sha256((folder / "file").read_bytes()).hexdigest()
    with place() as node:
        before = node.rss()
        node.reset_peak()
        for name, flags in (("length", ("-T", folder / "file")), ("chunked", ("-T", folder / "file", "-H", "Transfer-Encoding: chunked"))):
            started = time.monotonic()
            put = curl(node, f"/key/large/{name}", *flags, timeout=60)
            between = time.monotonic()
            assert (put.exit, put.status) == (0, 201), (put, put.errors)
            got = curl(node, f"/key/large/{name}", timeout=60)
            ended = time.monotonic()
            assert got.exit == 0 and hashlib.sha256(got.body).hexdigest() == expected, (got.status, len(got.body))
            assert got.etag == put.etag == tag_of(got.body)
            note(f"{name}: PUT {between - started:.2f} s, GET {ended - between:.2f} s")
            with node.redis(decode_responses=False) as client:
                assert hashlib.sha256(client.get(f"large/{name}")).hexdigest() == expected
                client.delete(f"large/{name}")
        growth = node.peak_rss() - before
        note(f"{node.name} grew by {growth / size:.1f} times the value")
        assert SANITIZED or growth < 5 * size, f"grew by {growth // MIB} MiB"


# --- Types ---


# As the table of the manual has it.
BY_TYPE = {
    "GET": {"string": 200, "list": 200, "hash": 200, "none": 404, "set": 409, "zset": 409},
    "HEAD": {"string": 200, "list": 200, "hash": 200, "none": 404, "set": 409, "zset": 409},
    "PUT": {"string": 200, "list": 409, "hash": 409, "none": 201, "set": 409, "zset": 409},
    "POST": {"string": 200, "list": 409, "hash": 409, "none": 201, "set": 409, "zset": 409},
    "DELETE": {"string": 204, "list": 204, "hash": 204, "none": 404, "set": 204, "zset": 204},
}


@case(variants=PLACES)
def every_method_on_every_type(place):
    with place() as node, node.redis() as client, connect(node) as connection:
        bad = []
        for method, kinds in BY_TYPE.items():
            for kind, expected in kinds.items():
                of_all_types(client)
                answer = connection.request(method, f"/key/{kind}", b"new" if method in ("PUT", "POST") else None)
                if answer.status != expected:
                    bad.append(f"{method} of {kind}: expected {expected}, got {answer}")
                elif expected >= 400 and method != "HEAD":
                    error_line(answer, expected)
                elif expected == 200 and method in ("GET", "HEAD"):
                    assert answer.field("Ringhold-Type") == kind, answer
                if expected == 409:
                    assert client.type(kind) == kind, f"{method} has harmed the {kind}"
        assert not bad, "\n".join(bad)


@case(variants=PLACES)
def head_is_get_without_the_body(place):
    with place() as node, node.redis() as client, connect(node) as connection:
        of_all_types(client)
        client.expire("string", 1000)
        for target in ("/key/string", "/key/list", "/key/hash", "/key/set", "/key/none", "/healthz", "/cluster", "/nowhere"):
            got = connection.request("GET", target)
            head = connection.request("HEAD", target)
            assert head.status == got.status and head.body == b"", (target, head)
            changing = ("date", "ringhold-ttl") + (("content-length",) if target == "/cluster" else ())
            # A length may be left out for what would have to be made to be measured (RFC 9110, 8.6), but not be another.
            optional = ("content-length", "transfer-encoding") if target != "/key/string" else ()
            ours, theirs = (dict(field for field in answer.fields if field[0] not in changing) for answer in (head, got))
            for name in optional:
                if name not in ours:
                    theirs.pop(name, None)
            assert ours == theirs, (target, ours, theirs)


@case(variants=PLACES)
def lists_and_hashes_as_json(place):
    def shown(data):
        try:
            return data.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(data).decode()}

    items = [b"", b"plain", b'"quoted" \\ back', "ü 日 🙂".encode(), b"\0\x01\x1f\x7f\n\r\t"]
    items += [b"\xff", EVERY_BYTE, b"{}", b"42", b"null"]
    # Not UTF-8, though it looks so: a surrogate, an overlong slash, beyond U+10FFFF, half a character, a byte order mark for UTF-16.
    items += [b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\xe6\x97", b"\xfe\xff", "\ufeffbom \u2028".encode(), b"x" * 100_000]
    with place() as node, node.redis(decode_responses=False) as client:
        client.rpush("list", *items)
        got = curl(node, "/key/list")
        assert got.status == 200 and got.field("Content-Type").split(";")[0] == "application/json", got
        assert json.loads(got.body.decode("utf-8", "strict")) == [shown(item) for item in items]
        text_fields = {f"field {number}".encode(): item for number, item in enumerate(items)} | {b"": b"no name", "ü".encode(): b"1"}
        client.hset("hash", mapping=text_fields)
        got = curl(node, "/key/hash")
        assert got.status == 200 and got.field("Content-Type").split(";")[0] == "application/json", got
        assert json.loads(got.body) == {field.decode(): shown(value) for field, value in text_fields.items()}
        # A name that is not UTF-8, or that could be taken for one.
        odd_fields = {b"\xff\xfe": b"value", EVERY_BYTE: EVERY_BYTE, b"base64:": b"1", b"base64:AAAA": b"2", b"BASE64:": b"3"}
        client.hset("mixed", mapping={**text_fields, **odd_fields})
        expected = {field.decode(): shown(value) for field, value in text_fields.items()} | {"BASE64:": "3"}
        for field in list(odd_fields)[:4]:
            expected["base64:" + base64.b64encode(field).decode()] = shown(odd_fields[field])
        assert json.loads(curl(node, "/key/mixed").body) == expected
        assert curl(node, "/key/list").etag is None and curl(node, "/key/hash").etag is None
        # A large one, whole and in order.
        client.rpush("many", *range(100_000))
        assert json.loads(curl(node, "/key/many").body) == [str(number) for number in range(100_000)]


@case(variants=BOTH)
def ranges_are_refused(place):
    with place() as node:
        written(node, "k", "0123456789")
        for wanted in ("0-3", "-3", "5-", "0-0,2-2"):
            error_line(curl(node, "/key/k", "-r", wanted), 416)
        error_line(once(node, "GET", "/key/k", fields={"Range": "bytes=0-3"}), 416)
        # Defined for GET alone: elsewhere a Range means nothing (RFC 9110, 14.2).
        assert once(node, "PUT", "/key/k", b"whole", {"Range": "bytes=0-3"}).status in (200, 416)
        # curl resumes a download; it must not take a whole value for the rest of one.
        folder = workspace.new_folder("resumed")
        (folder / "half").write_bytes(b"who")
        outcome = run([*curl_command(node), "-C", "-", "-o", folder / "half", url_of(node, "/key/k")])
        assert (folder / "half").read_bytes() in (b"who", b"whole"), outcome


# --- Time to live ---


@case(variants=PLACES)
def time_to_live(place):
    with place() as node, node.redis() as client, connect(node) as connection:
        assert connection.request("PUT", "/key/k?ttl=100", b"1").status == 201
        assert 99_000 < client.pttl("k") <= 100_000
        assert connection.request("GET", "/key/k").field("Ringhold-Ttl") == "100"
        # Rounded up, so that it is never 0.
        client.pexpire("k", 99_001)
        assert connection.request("HEAD", "/key/k").field("Ringhold-Ttl") in ("100", "99")
        client.set("soon", "v", px=900)
        assert connection.request("GET", "/key/soon").field("Ringhold-Ttl") == "1"
        assert connection.request("PUT", "/key/k", b"2").status == 200
        assert client.ttl("k") == -1, "without ttl it lives on, as with SET"
        assert connection.request("GET", "/key/k").field("Ringhold-Ttl") is None
        assert connection.request("POST", "/key/k?ttl=1", b"3").status == 200
        eventually(lambda: connection.request("GET", "/key/k").status == 404, "the key expires", 5)
        # Where a condition fails, the time to live stays, too.
        client.set("k", "v", ex=500)
        assert connection.request("PUT", "/key/k?ttl=7", b"w", {"If-Match": '"0000000000000000"'}).status == 412
        assert client.ttl("k") > 400
        client.rpush("list", "a")
        client.expire("list", 50)
        assert connection.request("GET", "/key/list").field("Ringhold-Ttl") == "50"
        for bad in ("0", "-1", "", "1.5", "abc", "1e3", "99999999999999999999", "9223372036854775807", "+5", "%205", "5s", "0x10"):
            error_line(connection.request("PUT", f"/key/k?ttl={bad}", b"never"), 400)
        for query in ("?TTL=5", "?ttl", "?px=5", "?ttl=5&x=1", "?ttl=5&ttl=6", "?=5", "?ttl=5?ttl=5"):
            error_line(connection.request("PUT", f"/key/k{query}", b"never"), 400)
        error_line(connection.request("GET", "/key/k?version=1"), 400)
        assert client.get("k") == "v" and client.ttl("k") > 400
