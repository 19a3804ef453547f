"""Compare and set over HTTP: conditions and tags, and many clients at once, who lose no update."""

import threading

from harness.case import SANITIZED, case, note
from harness.http import BOTH, PLACES, connect, of_all_types, path_of, read, tag_of, written

A, B = b"value a", b"value b"
OTHER = '"0123456789abcdef"'
# method, fields, the key's value before (None: no such key), expected, the value after
CONDITIONS = [
    ("PUT", {"If-None-Match": "*"}, None, 201, B),
    ("PUT", {"If-None-Match": "*"}, A, 412, A),
    ("PUT", {"If-Match": "*"}, None, 412, None),
    ("PUT", {"If-Match": "*"}, A, 200, B),
    ("PUT", {"If-Match": tag_of(A)}, A, 200, B),
    ("POST", {"If-Match": tag_of(A)}, A, 200, B),
    ("PUT", {"If-Match": OTHER}, A, 412, A),
    ("PUT", {"If-Match": tag_of(A)}, None, 412, None),
    ("PUT", {"If-Match": f'{OTHER}, {tag_of(A)}'}, A, 200, B),
    ("PUT", {"If-Match": f'{OTHER},{tag_of(A)},{OTHER}'}, A, 200, B),
    # Tags that this server never gives are tags all the same, and match nothing.
    ("PUT", {"If-Match": '"v1"'}, A, 412, A),
    ("PUT", {"If-Match": '""'}, A, 412, A),
    ("PUT", {"If-Match": f'"with,comma", {tag_of(A)}'}, A, 200, B),
    # If-Match compares strongly, If-None-Match weakly (RFC 9110, 13.1).
    ("PUT", {"If-Match": f"W/{tag_of(A)}"}, A, 412, A),
    ("PUT", {"If-None-Match": tag_of(A)}, A, 412, A),
    ("PUT", {"If-None-Match": f"W/{tag_of(A)}"}, A, 412, A),
    ("PUT", {"If-None-Match": OTHER}, A, 200, B),
    ("PUT", {"If-None-Match": OTHER}, None, 201, B),
    ("PUT", {"If-Match": tag_of(A), "If-None-Match": OTHER}, A, 200, B),
    ("PUT", {"If-Match": tag_of(A), "If-None-Match": tag_of(A)}, A, 412, A),
    ("DELETE", {"If-Match": tag_of(A)}, A, 204, None),
    ("DELETE", {"If-Match": OTHER}, A, 412, A),
    ("DELETE", {"If-Match": "*"}, A, 204, None),
    ("DELETE", {"If-None-Match": tag_of(A)}, A, 412, A),
    ("DELETE", {"If-None-Match": OTHER}, A, 204, None),
    ("GET", {"If-None-Match": tag_of(A)}, A, 304, A),
    ("GET", {"If-None-Match": f"W/{tag_of(A)}"}, A, 304, A),
    ("GET", {"If-None-Match": f"{OTHER}, {tag_of(A)}"}, A, 304, A),
    ("GET", {"If-None-Match": "*"}, A, 304, A),
    ("GET", {"If-None-Match": OTHER}, A, 200, A),
    ("GET", {"If-None-Match": tag_of(A)}, None, 404, None),
    ("GET", {"If-Match": tag_of(A)}, A, 200, A),
    ("GET", {"If-Match": OTHER}, A, 412, A),
    ("HEAD", {"If-None-Match": tag_of(A)}, A, 304, A),
    ("HEAD", {"If-None-Match": OTHER}, A, 200, A),
]
# A header field may stand in several lines, which then mean one list (RFC 9110, 5.3).
MANY = [f'"{number:016x}"' for number in range(2000)]
IN_LINES = [
    ("PUT", [("If-Match", ", ".join(MANY))], A, 412, A),
    ("PUT", [("If-Match", ", ".join([*MANY, tag_of(A)]))], A, 200, B),
    ("PUT", [("If-Match", OTHER), ("If-Match", tag_of(A))], A, 200, B),
    ("PUT", [("If-None-Match", tag_of(A)), ("If-None-Match", OTHER)], A, 412, A),
]


@case(variants=PLACES)
def conditions(place):
    with place() as node, node.redis(decode_responses=False) as client, connect(node) as connection:
        bad = []
        for number, (method, fields, before, expected, after) in enumerate(CONDITIONS + IN_LINES):
            key = f"condition:{number}"
            if before is not None:
                client.set(key, before)
            answer = connection.request(method, path_of(key), B if method in ("PUT", "POST") else None, fields)
            found = client.get(key)
            if answer.status != expected or found != after:
                bad.append(f"{method} {fields} of {before!r}: expected {expected} and {after!r}, got {answer} and {found!r}")
            elif answer.status in (200, 201, 304) and answer.etag != tag_of(after):
                bad.append(f"{method} {fields}: the ETag should be {tag_of(after)}: {answer}")
        assert not bad, "\n".join(bad)


@case(variants=BOTH)
def conditions_of_lists_and_hashes(place):
    """They have no tag; only * matches them."""
    with place() as node, node.redis() as client, connect(node) as connection:
        for kind in ("list", "hash"):
            of_all_types(client)
            target = f"/key/{kind}"
            assert connection.request("GET", target, fields={"If-None-Match": "*"}).status == 304
            assert connection.request("GET", target, fields={"If-None-Match": OTHER}).status == 200
            assert connection.request("DELETE", target, fields={"If-Match": OTHER}).status == 412
            assert connection.request("PUT", target, b"x", {"If-None-Match": "*"}).status in (409, 412)
            assert connection.request("PUT", target, b"x", {"If-Match": "*"}).status == 409
            assert client.type(kind) == kind
            assert connection.request("DELETE", target, fields={"If-Match": "*"}).status == 204


@case(variants=BOTH)
def conditions_that_are_none(place):
    """What is not a list of tags is refused: guessing could lose an update."""
    with place() as node, connect(node) as connection:
        written(node, "k", "v")
        for value in ("unquoted", '"open', "*, *", f"*, {OTHER}", 'w/"0123456789abcdef"', '"a" "b"', ""):
            answer = connection.request("PUT", "/key/k", b"lost", {"If-Match": value})
            assert answer.status in (400, 412), (value, answer)
        assert read(node, "k") == b"v"


@case(timeout=90, variants=PLACES)
def fifty_increments_at_once(place):
    """Each client reads, adds one, and writes if nobody else has: no update is lost."""
    clients = 50 if not SANITIZED else 20
    with place() as node:
        written(node, "counter", "0")
        problems, tries = [], []

        def increment():
            try:
                with connect(node, timeout=30) as connection:
                    for turn in range(10_000):
                        got = connection.request("GET", "/key/counter")
                        new = str(int(got.body) + 1).encode()
                        answer = connection.request("PUT", "/key/counter", new, {"If-Match": got.etag})
                        if answer.status == 200:
                            assert answer.etag == tag_of(new)
                            tries.append(turn + 1)
                            return
                        assert answer.status == 412, answer
                    raise AssertionError("never came to it")
            except Exception as error:  # noqa: BLE001
                problems.append(repr(error))

        at_once(clients, increment)
        assert not problems, problems[:3]
        assert read(node, "counter") == str(clients).encode(), read(node, "counter")
        note(f"{sum(tries)} tries for {clients} increments")


@case(timeout=90, variants=PLACES)
def fifty_who_create_at_once(place):
    with place() as node:
        answers = []

        def create():
            with connect(node, timeout=30) as connection:
                for turn in range(5):
                    mine = f"{threading.get_ident()}".encode()
                    answer = connection.request("PUT", f"/key/new:{turn}", mine, {"If-None-Match": "*"})
                    answers.append((turn, answer.status, mine))

        at_once(50 if not SANITIZED else 20, create)
        for turn in range(5):
            created = [mine for number, status, mine in answers if number == turn and status == 201]
            refused = [mine for number, status, mine in answers if number == turn and status == 412]
            assert len(created) == 1 and len(created) + len(refused) == len(answers) / 5, (turn, answers)
            assert read(node, f"new:{turn}") == created[0]


def at_once(count, function):
    gate = threading.Barrier(count)

    def run_one():
        gate.wait(30)
        function()

    threads = [threading.Thread(target=run_one, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a client hangs"
