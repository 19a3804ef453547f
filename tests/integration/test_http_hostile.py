"""HTTP that no honest client sends: refused, never taken for something else, and nothing behind it is obeyed."""

import contextlib
import random
import time

from harness.case import FULL, case, note
from harness.http import BOTH, connect, error_line, once, request_bytes, tag_of

HOST = b"Host: localhost\r\n"
# What hides behind a request that is not what it seems: if it is ever obeyed, the key exists.
SMUGGLED = b"PUT /key/smuggled HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n!"
BODY = b"0\r\n\r\n" + SMUGGLED


def put(*lines, body=BODY, target=b"/key/hostile", version=b"HTTP/1.1", host=HOST):
    """A PUT with these lines as they are."""
    return b"PUT " + target + b" " + version + b"\r\n" + host + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def get(*lines, target=b"/key/hostile", version=b"HTTP/1.1", host=HOST):
    return put(*lines, body=SMUGGLED, target=target, version=version, host=host).replace(b"PUT ", b"GET ", 1)


CHUNKED = b"Transfer-Encoding: chunked"
# Each must be refused, and nothing behind it be obeyed: name → (bytes, statuses).
REFUSED = {
    # Two lengths (RFC 9112, 6.1 and 6.3)
    "both lengths": (put(CHUNKED, b"Content-Length: 5"), [400]),
    "both lengths, the other way round": (put(b"Content-Length: 5", CHUNKED), [400]),
    "two different lengths": (put(b"Content-Length: 5", b"Content-Length: 6"), [400]),
    "two lengths in one line": (put(b"Content-Length: 5, 6"), [400]),
    "a length and an empty one": (put(b"Content-Length: 5", b"Content-Length:"), [400]),
    # Lengths that are no numbers
    "length with a plus": (put(b"Content-Length: +5"), [400]),
    "negative length": (put(b"Content-Length: -1"), [400]),
    "hexadecimal length": (put(b"Content-Length: 0x5"), [400]),
    "length with a blank": (put(b"Content-Length: 5 5"), [400]),
    "length with a fraction": (put(b"Content-Length: 5.0"), [400]),
    "empty length": (put(b"Content-Length:"), [400]),
    "length in words": (put(b"Content-Length: five"), [400]),
    "length beyond 64 bits": (put(b"Content-Length: 18446744073709551621"), [400, 413]),
    "length of 64 bits": (put(b"Content-Length: 18446744073709551615"), [400, 413]),
    "length with endless digits": (put(b"Content-Length: " + b"9" * 1000), [400, 413]),
    # Codings
    "gzip and chunked": (put(b"Transfer-Encoding: gzip, chunked"), [400, 501]),
    "gzip": (put(b"Transfer-Encoding: gzip"), [400, 501]),
    "identity": (put(b"Transfer-Encoding: identity"), [400, 501]),
    "chunked twice": (put(b"Transfer-Encoding: chunked, chunked"), [400, 501]),
    "chunked is not the last": (put(b"Transfer-Encoding: chunked, gzip"), [400, 501]),
    "two lines of codings": (put(CHUNKED, b"Transfer-Encoding: identity"), [400, 501]),
    "chunked with a tail": (put(b"Transfer-Encoding: chunkedx"), [400, 501]),
    "chunked in quotes": (put(b'Transfer-Encoding: "chunked"'), [400, 501]),
    "chunked behind a control": (put(b"Transfer-Encoding: \x0bchunked"), [400, 501]),
    "chunked by HTTP/1.0": (put(CHUNKED, version=b"HTTP/1.0"), None),
    # Chunks
    "chunk size is no number": (put(CHUNKED, body=b"g\r\nx\r\n" + BODY), [400]),
    "negative chunk": (put(CHUNKED, body=b"-1\r\nx\r\n" + BODY), [400]),
    "chunk with a plus": (put(CHUNKED, body=b"+1\r\nx\r\n" + BODY), [400]),
    "chunk with 0x": (put(CHUNKED, body=b"0x1\r\nx\r\n" + BODY), [400]),
    "chunk behind a blank": (put(CHUNKED, body=b" 1\r\nx\r\n" + BODY), [400]),
    "no chunk size": (put(CHUNKED, body=b"\r\nx\r\n" + BODY), [400]),
    "chunk size of 65 bits": (put(CHUNKED, body=b"10000000000000001\r\nx\r\n" + BODY), [400, 413]),
    "chunk size of 64 bits": (put(CHUNKED, body=b"ffffffffffffffff\r\nx\r\n" + BODY), [400, 413]),
    "chunk size with endless digits": (put(CHUNKED, body=b"1" * 100_000 + b"\r\n"), [400, 413, 431]),
    "chunk longer than said": (put(CHUNKED, body=b"1\r\nxyz\r\n" + BODY), [400]),
    "chunk without its end": (put(CHUNKED, body=b"1\r\nx" + BODY), [400]),
    "chunk that ends in LF": (put(CHUNKED, body=b"1\r\nx\n" + BODY), [400]),
    "chunk size ends in LF": (put(CHUNKED, body=b"1\nx\r\n" + BODY), [400]),
    "NUL in a chunk size": (put(CHUNKED, body=b"1\0\r\nx\r\n" + BODY), [400]),
    "LF in a chunk extension": (put(CHUNKED, body=b"1;a\nx\r\n" + BODY), [400]),
    "endless chunk extension": (put(CHUNKED, body=b"1;" + b"a" * 1_000_000 + b"\r\nx\r\n" + BODY), [400, 413, 431]),
    "bad trailer": (put(CHUNKED, body=b"0\r\nbad trailer\r\n\r\n" + SMUGGLED), [400]),
    # Header fields
    "blank before the colon": (get(b"X : y"), [400]),
    "blank before the length's colon": (put(b"Content-Length : 5"), [400]),
    "tab before the coding's colon": (put(b"Transfer-Encoding\t: chunked"), [400]),
    "blank before the first field": (get(host=b" X: y\r\n" + HOST), [400]),
    "no colon": (get(b"nonsense"), [400]),
    "no name": (get(b": value"), [400]),
    "NUL in a name": (get(b"X\0Y: z"), [400]),
    "NUL in a value": (get(b"X: y\0z"), [400]),
    "CR in a value": (get(b"X: y\rz"), [400]),
    "CR hides a length": (put(b"X: y\rContent-Length: 5"), [400]),
    "control in a value": (get(b"X: y\x01z"), [400]),
    "DEL in a value": (get(b"X: y\x7fz"), [400]),
    "name that is not ASCII": (get(b"X\xff: y"), [400]),
    "name with a delimiter": (get(b"X(Y): z"), [400]),
    # Request lines
    "NUL in the target": (get(target=b"/key/a\0b"), [400]),
    "blank in the target": (get(target=b"/key/a b"), [400, 505]),
    "tab in the target": (get(target=b"/key/a\tb"), [400]),
    "CR in the target": (get(target=b"/key/a\rb"), [400]),
    "control in the target": (get(target=b"/key/a\x01b"), [400]),
    "DEL in the target": (get(target=b"/key/a\x7fb"), [400]),
    "two blanks": (get(target=b" /key/a"), [400]),
    "blank behind the version": (get(version=b"HTTP/1.1 "), [400, 505]),
    "no target": (get(target=b""), [400]),
    "method with a delimiter": (b"GE(T " + get()[4:], [400]),
    "control in the method": (b"\x01GET " + get()[4:], [400]),
    "no version": (b"GET /key/hostile\r\n" + SMUGGLED, [400]),
    "version in lower case": (get(version=b"http/1.1"), [400, 505]),
    "version of another protocol": (get(version=b"HTPT/1.1"), [400, 505]),
    "version with two digits": (get(version=b"HTTP/1.10"), [400, 505]),
    "version without a fraction": (get(version=b"HTTP/1"), [400, 505]),
    "2.0": (get(version=b"HTTP/2.0"), [505]),
    "3.0": (get(version=b"HTTP/3.0"), [505]),
    "0.9": (get(version=b"HTTP/0.9"), [400, 505]),
    "1.2": (get(version=b"HTTP/1.2"), [505]),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SMUGGLED, [400, 505]),
    "RESP": (b"*1\r\n$4\r\nPING\r\n", [400]),
    "TLS within TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", [400]),
    "zeros": (bytes(1000) + b"\r\n\r\n", [400]),
    # Too much of it
    "endless method": (b"G" * 200_000, [400, 431, 501]),
    "endless target": (b"GET /key/" + b"a" * 200_000, [400, 414, 431]),
    "endless field": (b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000, [400, 431]),
    "endless name": (b"GET / HTTP/1.1\r\n" + b"a" * 200_000, [400, 431]),
    "endless fields": (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 50_000, [400, 431]),
    "endless short fields": (b"GET / HTTP/1.1\r\n" + b"a:\r\n" * 100_000, [400, 431]),
}
# A server may take these or refuse them, but only in one of the ways that RFC 9112 allows (2.2, 5.2, 6.1): name → (bytes, whether
# SMUGGLED then is the sender's own next request).
EITHER = {
    "LF ends the lines": (get().replace(b"\r\n", b"\n"), True),
    "LF ends one line": (get(b"X: y\nContent-Length: %d" % len(SMUGGLED)), False),
    "LF hides a coding": (put(b"X: y\nTransfer-Encoding: chunked"), True),
    "LF ends the head": (b"GET /key/hostile HTTP/1.1\r\n" + HOST + b"\n" + SMUGGLED, True),
    "folded field": (get(b"X: y", b" z"), True),
    "folded coding": (put(b"Transfer-Encoding:", b" chunked"), True),
    "folded length": (put(b"Content-Length:", b"\t5"), True),
    "a fold hides a length": (get(b"X: y", b" Content-Length: 1000"), True),
    "the same length twice": (put(b"Content-Length: 5", b"Content-Length: 5"), True),
    "the same length twice in one line": (put(b"Content-Length: 5, 5"), True),
    "length with zeros": (put(b"Content-Length: 0000000005"), True),
    "length of GET": (get(b"Content-Length: %d" % len(SMUGGLED)), False),
    "chunked GET": (get(CHUNKED).replace(SMUGGLED, b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)), False),
    "chunk size with zeros": (put(CHUNKED, body=b"0000000000001\r\nx\r\n0\r\n\r\n"), False),
    "fragment": (get(target=b"/key/a#b").replace(SMUGGLED, b""), False),
}
FOLLOWING = request_bytes("GET", "/key/before", fields={"Connection": "close"})


def hostile(node, data):
    """The answers to those bytes, behind a request that is well."""
    with connect(node) as connection:
        with contextlib.suppress(OSError):  # it may be closed while we still send
            connection.send(request_bytes("PUT", "/key/before", b"well"))
            connection.send(data)
        try:
            return connection.answers_until_closed(1.5)
        except AssertionError as error:
            raise AssertionError(str(error)[:300]) from None


def short(answers):
    return [(answer.status, answer.body[:60]) for answer in answers]


@case(timeout=120, variants=BOTH)
def hostile_requests(place):
    """Each is answered with an error and the end of its connection; the one in front of it is answered as ever."""
    with place() as node, node.redis() as client:
        bad = []
        for name, (data, statuses) in REFUSED.items():
            client.delete("smuggled", "hostile")
            try:
                answers = hostile(node, data)
            except (AssertionError, EOFError) as error:
                bad.append(f"{name}: {error!r}")
                continue
            got = [answer.status for answer in answers]
            allowed = statuses or range(200, 506)
            if not got or got[0] not in (200, 201) or len(got) > 2 or (got[1:] and got[1] not in allowed):
                bad.append(f"{name}: expected {statuses} and the end, got {short(answers)}")
            elif statuses and not got[1:]:
                bad.append(f"{name}: expected {statuses}, it was only closed")
            elif got[1:] and got[1] >= 400 and answers[1].field("Connection") != "close":
                bad.append(f"{name}: no Connection: close with {short(answers)}")
            if client.exists("smuggled"):
                bad.append(f"{name}: what was hidden behind it was obeyed")
        assert not bad, f"{len(bad)} of {len(REFUSED)}:\n" + "\n".join(bad)


@case(timeout=60, variants=BOTH)
def doubtful_requests(place):
    """Taken or refused, and what follows is an answer of its own, or the end."""
    with place() as node, node.redis() as client:
        bad = []
        taken = []
        for name, (data, next_is_smuggled) in EITHER.items():
            client.delete("smuggled", "hostile")
            try:
                answers = hostile(node, data + FOLLOWING)
            except (AssertionError, EOFError) as error:
                bad.append(f"{name}: {error!r}")
                continue
            got = [answer.status for answer in answers]
            if got[1:] not in ([400], [501], [505]):
                taken.append(name)
                if not set(got[1:]) <= {200, 201, 404}:
                    bad.append(f"{name}: {short(answers)}")
            if client.exists("smuggled") and not next_is_smuggled:
                bad.append(f"{name}: what was hidden behind it was obeyed: {short(answers)}")
        note(f"taken: {', '.join(taken)}")
        assert not bad, "\n".join(bad)


# Where these end is clear, so their connection may go on. Hosts: RFC 9112, 3.2.
WRONG = {
    "no host": get(host=b""),
    "two hosts": get(HOST[:-2]),
    "two different hosts": get(b"Host: other"),
    "host with a blank": get(host=b"Host: local host\r\n"),
    "host with a user": get(host=b"Host: me@localhost\r\n"),
    "host with a path": get(host=b"Host: local/host\r\n"),
    "no slash": get(target=b"key/a"),
    "only a star": get(target=b"*"),
    "tunnel": b"CONNECT localhost:22 HTTP/1.1\r\n" + HOST + b"\r\n",
}


@case(variants=BOTH)
def wrong_requests(place):
    with place() as node:
        bad = []
        for name, data in WRONG.items():
            with connect(node) as connection:
                connection.send(data.removesuffix(SMUGGLED))
                answer = connection.answer()
                if answer.status not in ((400, 405, 501) if name == "tunnel" else (400,)):
                    bad.append(f"{name}: expected 400, got {answer}")
        assert not bad, "\n".join(bad)


@case(variants=BOTH)
def unusual_and_allowed(place):
    """What RFC 9110 and 9112 ask a server to understand."""
    with place() as node, connect(node) as connection:
        connection.request("PUT", "/key/k", b"value")
        for data in (
            b"\r\nGET /key/k HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /key/k HTTP/1.1\r\nhost:localhost\r\n\r\n",
            b"GET /key/k HTTP/1.1\r\nHOST: \t localhost \t \r\n\r\n",
            b"GET /key/k HTTP/1.1\r\nHost: localhost:9443\r\n\r\n",
            b"GET /key/k HTTP/1.1\r\nHost: [::1]:9443\r\n\r\n",
            b"GET /key/k HTTP/1.1\r\nHost: localhost\r\nEmpty:\r\nX-Latin: \xe9\r\n!#$%&'*+-.^_`|~09azAZ: y\r\n\r\n",
            b"GET /key/k HTTP/1.1\r\nHost: localhost\r\nConnection: Keep-Alive, x\r\n\r\n",
            b"GET /key/k HTTP/1.1\r\nHost: localhost\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
            b"HTTP2-Settings: AAMA\r\n\r\n",
            b"GET https://localhost/key/k HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET https://localhost:9443/key/k HTTP/1.1\r\nHost: localhost:9443\r\n\r\n",
            b"GET /key/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
            b"GET /key/k? HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ):
            connection.send(data)
            try:
                answer = connection.answer()
            except EOFError:
                answer = None
            assert answer and (answer.status, answer.body) == (200, b"value"), (data, answer)
        for number, content in enumerate((
            b"Transfer-Encoding: chunked\r\n\r\n5\r\nvalue\r\n0\r\n\r\n",
            b"transfer-encoding:CHUNKED\r\n\r\n5\r\nvalue\r\n0\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n5;name=value;x=\"q; \\\" q\"\r\nvalue\r\n0;last\r\n\r\n",
            b"Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5\r\nvalue\r\n0\r\nX: y\r\nX: z\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"1\r\n%c\r\n" % byte for byte in b"value") + b"000\r\n\r\n",
            b"Content-Length: 05\r\n\r\nvalue",
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Encoding: identity\r\nContent-Length: 5\r\n\r\nvalue",
        )):  # fmt: skip
            connection.send(b"PUT /key/body%d HTTP/1.1\r\nHost: localhost\r\n" % number + content)
            answer = connection.answer()
            assert (answer.status, answer.etag) == (201, tag_of(b"value")), (content, answer)


@case(variants=BOTH)
def bodies_cut_anywhere(place):
    """A request in two pieces, cut at each of its bytes, with the next one right behind it."""
    requests = request_bytes("PUT", "/key/cut", [b"first", b"\r\n", b"0\r\n\r\n"]) + request_bytes("GET", "/key/cut")
    with place() as node, connect(node) as connection:
        connection.request("PUT", "/key/cut", b"")
        for position in range(len(requests) + 1):
            connection.send(requests[:position])
            if position % 8 == 0:
                time.sleep(0.001)  # so that it is two turns of the loop at least now and then
            connection.send(requests[position:])
            statuses = connection.answer().status, connection.answer().body
            assert statuses == (200, b"first\r\n0\r\n\r\n"), (position, statuses)


@case(variants=BOTH)
def bodies_of_refused_requests(place):
    """A body that nobody wants is no next request: it is skipped, or the connection ends."""
    large = SMUGGLED * 20_000
    with place() as node:
        for method, target, fields in (
            ("PUT", "/key/%zz", {}), ("PUT", "/nowhere", {}), ("POST", "/metrics", {}), ("GET", "/key/k", {}), ("HEAD", "/key/k", {}),
            ("DELETE", "/key/k", {}), ("PUT", "/key/k?bad=1", {}), ("PUT", "/key/k", {"If-Match": tag_of(b"")}), ("PATCH", "/key/k", {}),
            ("PUT", "/key/k", {"Sec-Fetch-Site": "cross-site"}), ("GET", "/healthz", {}), ("GET", "/cluster", {}),
        ):  # fmt: skip
            for body in (SMUGGLED, [SMUGGLED, SMUGGLED], large):
                with connect(node) as connection:
                    with contextlib.suppress(OSError):
                        connection.send(request_bytes(method, target, body, fields))
                        connection.send(request_bytes("GET", "/healthz", fields={"Connection": "close"}))
                    try:
                        answers = connection.answers_until_closed(5, [method])
                    except EOFError:
                        answers = []  # it was reset while we sent
                    last = answers[-1] if answers else None
                    known = len(answers) <= 2 and (len(answers) < 2 or answers[1].body == b"ok\n")
                    assert known, (method, target, type(body), answers)
                    if body is SMUGGLED:
                        assert answers, (method, target, last)
        assert node.redis().exists("smuggled") == 0


@case(timeout=90, variants=BOTH)
def mutated_requests(place):
    """Good requests with a few bytes changed, lost, doubled or moved: answers that are none, or a server that dies, would show."""
    rng = random.Random(2026)
    seeds = [
        put(b"Content-Length: 5", body=b"value"), put(CHUNKED, body=b"5;x=y\r\nvalue\r\n0\r\nT: t\r\n\r\n"),
        get(b'If-None-Match: "a", "b"'),
        request_bytes("DELETE", "/key/a%20b?ttl=5", fields={"If-Match": "*"}), request_bytes("HEAD", "/metrics", version="1.0"),
        request_bytes("PUT", "/key/a?ttl=10", b"x", {"Expect": "100-continue", "Connection": "close"}),
    ]  # fmt: skip
    special = [b"\r\n", b"\n", b"\r", b"\0", b" ", b":", b"%", b"\xff", b"\r\n\r\n", b"0", b"chunked", b"Content-Length: 0\r\n", b",", b'"']
    with place() as node:
        for number in range(2000 if FULL else 300):
            data = bytearray(rng.choice(seeds) + rng.choice(seeds))
            for _ in range(rng.randrange(1, 6)):
                position = rng.randrange(len(data))
                kind = rng.randrange(4)
                if kind == 0:
                    data[position] = rng.randrange(256)
                elif kind == 1:
                    del data[position : position + rng.randrange(1, 5)]
                elif kind == 2:
                    data[position:position] = rng.choice(special)
                else:
                    data[position:position] = data[position : position + rng.randrange(1, 40)]
            with connect(node) as connection, contextlib.suppress(OSError):
                connection.send(bytes(data))
                connection.settimeout(0.005)
                with contextlib.suppress(TimeoutError, EOFError):
                    while connection.fill():
                        pass
                for line in connection.buffer.split(b"HTTP/1.1 ")[1:]:
                    assert line[:3] != b"500", (number, bytes(data), connection.buffer)
                assert connection.buffer == b"" or connection.buffer.startswith(b"HTTP/1.1 "), (bytes(data), connection.buffer)
        assert once(node, "GET", "/healthz").status == 200


@case(variants=BOTH)
def what_is_told_back(place):
    """A key or a value never becomes a header field or a second line of an error; pages of other sites are let in nowhere."""
    with place() as node, node.redis() as client, connect(node) as connection:
        nasty = "/key/%0d%0aX-Injected:%20yes%0d%0a%0d%0a<script>alert(1)</script>%00%1b[2J"
        answers = [
            connection.request("GET", nasty),
            connection.request("PUT", nasty + "?%0d%0aX-Injected:yes=1", b"x"),
            connection.request("PUT", nasty + "?ttl=%0d%0aX-Injected:yes", b"x"),
            connection.request("GET", nasty.replace("/key", "/page")),
        ]
        client.sadd("\r\nX-Injected: yes\r\n\r\n<script>alert(1)</script>\0\x1b[2J", "member")
        answers.append(connection.request("GET", nasty))
        for answer, status in zip(answers, (404, 400, 400, 404, 409), strict=True):
            text = error_line(answer, status)
            assert answer.field("X-Injected") is None and "\x1b" not in text and "\0" not in text, answer
        connection.request("PUT", "/key/page", b"<html><script>alert(1)</script>")
        got = connection.request("GET", "/key/page")
        assert got.field("Content-Type") == "application/octet-stream", got
        note(f"X-Content-Type-Options: {got.field('X-Content-Type-Options')}, Cache-Control: {got.field('Cache-Control')}")
