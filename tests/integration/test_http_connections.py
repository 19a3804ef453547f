"""Several requests on one HTTP connection: kept alive, closed, pipelined."""

import random
import time

from harness.case import case, note
from harness.http import BOTH, PLACES, connect, once, request_bytes

# What must never be obeyed: if it is, the key exists.
SMUGGLED = request_bytes("PUT", "/key/smuggled", b"!")


@case(variants=BOTH)
def keep_alive_and_close(place):
    with place() as node:
        for version, field, stays in (
            ("1.1", None, True), ("1.1", "close", False), ("1.1", "Close", False), ("1.1", "x, close", False),
            ("1.0", None, False), ("1.0", "keep-alive", True), ("1.0", "Keep-Alive", True), ("1.0", "close", False),
        ):  # fmt: skip
            with connect(node) as connection:
                for target in ("/key/none", "/healthz"):
                    connection.send(request_bytes("GET", target, fields={"Connection": field} if field else {}, version=version))
                    answer = connection.answer()
                    said = (answer.field("Connection") or "").lower()
                    assert "close" in said if not stays else "close" not in said, (version, field, answer)
                    if version == "1.0" and stays:
                        assert said == "keep-alive", answer
                    assert answer.field("Transfer-Encoding") is None or version == "1.1", answer
                    if not stays:
                        assert connection.closed_within(5), (version, field)
                        break
        # HTTP/1.0 needs no Host.
        assert once(node, "GET", "/healthz", version="1.0", host=None).status == 200
        # What is pipelined behind `close` is not obeyed.
        with connect(node) as connection:
            connection.send(request_bytes("GET", "/healthz", fields={"Connection": "close"}) + SMUGGLED)
            assert [answer.status for answer in connection.answers_until_closed()] == [200]
        assert node.redis().exists("smuggled") == 0


@case(variants=PLACES)
def pipelines(place):
    """Answers come in the order of their requests, and effects too, whichever shards they are for."""
    with place() as node, connect(node, timeout=20) as connection:
        parts, expected = [], []
        for number in range(500):
            key = f"/key/pipe:{number}"
            parts += [request_bytes("PUT", key, b"%d" % number), request_bytes("GET", key), request_bytes("PUT", key, [b"%d" % -number]),
                      request_bytes("HEAD", key), request_bytes("GET", key), request_bytes("DELETE", key), request_bytes("GET", key),
                      request_bytes("GET", "/nowhere"), request_bytes("GET", "/healthz")]  # fmt: skip
            expected += [("PUT", 201, b""), ("GET", 200, b"%d" % number), ("PUT", 200, b""), ("HEAD", 200, b""),
                         ("GET", 200, b"%d" % -number), ("DELETE", 204, b""), ("GET", 404, None),
                         ("GET", 404, None), ("GET", 200, b"ok\n")]  # fmt: skip
        data = b"".join(parts)
        started = time.monotonic()
        rng = random.Random(9)
        position = 0
        connection.socket.settimeout(20)
        answered = 0
        while position < len(data):
            size = rng.choice((1, 50, 1000, 30_000))
            connection.send(data[position : position + size])
            position += size
            # Reads on the way, so that neither side's buffers decide.
            while answered < len(expected) and connection.buffer.count(b"\r\n\r\n") > 20:
                check(connection, expected[answered], answered)
                answered += 1
        while answered < len(expected):
            check(connection, expected[answered], answered)
            answered += 1
        note(f"{len(expected)} requests in {time.monotonic() - started:.2f} s")
        # An error in the middle ends it there: all in front are answered, nothing behind.
        connection.send(request_bytes("GET", "/healthz") * 10 + b"nonsense\r\n\r\n" + SMUGGLED)
        assert [answer.status for answer in connection.answers_until_closed()] == [200] * 10 + [400]
        assert node.redis().exists("smuggled") == 0


def check(connection, expected, number):
    method, status, body = expected
    answer = connection.answer(method)
    assert answer.status == status and (body is None or method == "PUT" or answer.body == body), (number, expected, answer)
