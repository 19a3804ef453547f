"""Bytes that no honest client sends, against a data server and the proxy: closed or answered with an error, in bounded
memory, and other clients notice nothing."""

import contextlib
import random
import socket
import ssl
import threading
import time

from harness import certs as certificates
from harness.case import FULL, SANITIZED, case, note
from harness.cluster import Cluster, standalone
from harness.resp import Connection, encode
from harness.wait import eventually

MIB = 1 << 20
# What one attack may cost a process at most. Far below what it asks for in each case.
GROWTH_MAX = (1024 if SANITIZED else 160) * MIB


class Target:
    """A server with a bystander: a client that keeps asking and must be answered promptly."""

    def __init__(self, node, shards):
        self.node = node
        self.shards = shards  # the data servers behind a proxy suffer no more than it does
        self.growth_max = GROWTH_MAX
        self.problems = []
        self.slowest = 0.0
        self._stop = threading.Event()

    def __enter__(self):
        self.before = {server: server.rss() for server in (self.node, *self.shards)}
        for server in self.before:
            server.reset_peak()
        self.thread = threading.Thread(target=self._stand_by, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, kind, *_):
        self._stop.set()
        self.thread.join(30)
        if kind is None:
            self.check()

    def check(self):
        assert not self.thread.is_alive(), "the bystander hangs"
        assert not self.problems, f"the bystander suffered: {self.problems[:3]}"
        assert self.slowest < (5.0 if SANITIZED else 1.0), f"the bystander waited {self.slowest:.2f} s"
        for server, before in self.before.items():
            assert server.alive(), f"{server.name} has died:\n{server.log()[-2000:]}"
            growth = server.peak_rss() - before
            if growth > 32 * MIB:
                note(f"{server.name} grew by {growth // MIB} MiB at most")
            assert growth < self.growth_max, f"{server.name} grew by {growth // MIB} MiB"

    def _stand_by(self):
        client = self.node.redis()
        turn = 0
        while not self._stop.is_set():
            turn += 1
            started = time.monotonic()
            try:
                client.set("bystander", turn)
                if client.get("bystander") != str(turn):
                    self.problems.append("wrong value")
            except Exception as error:  # noqa: BLE001
                self.problems.append(repr(error))
                return
            self.slowest = max(self.slowest, time.monotonic() - started)
            time.sleep(0.002)
        client.close()


@contextlib.contextmanager
def dataserver():
    with standalone() as server, Target(server, ()) as target:
        yield target


@contextlib.contextmanager
def proxy():
    with Cluster(2) as cluster, Target(cluster.proxy, tuple(cluster.servers.values())) as target:
        yield target


BOTH = {"dataserver": dataserver, "proxy": proxy}

# Each must give an error or the end of the connection.
MALFORMED = {
    "negative bulk": b"*1\r\n$-1\r\n",
    "very negative bulk": b"*1\r\n$-9223372036854775808\r\n",
    "huge array": b"*1048577\r\n",
    "array overflowing 32 bits": b"*4294967297\r\n$4\r\nPING\r\n",
    "array overflowing 64 bits": b"*18446744073709551617\r\n$4\r\nPING\r\n",
    "huge bulk": b"*2\r\n$3\r\nGET\r\n$536870913\r\n",
    "1 GB bulk": b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1073741824\r\n",
    "bulk overflowing 32 bits": b"*1\r\n$4294967300\r\nPING\r\n",
    "bulk overflowing 64 bits": b"*1\r\n$18446744073709551620\r\nPING\r\n",
    "endless digits": b"*" + b"1" * 200_000,
    "letters for a length": b"*x\r\n",
    "length with a sign": b"*+1\r\n$4\r\nPING\r\n",
    "length with spaces": b"*1\r\n$ 4\r\nPING\r\n",
    "fraction": b"*1\r\n$4.0\r\nPING\r\n",
    "no length": b"*\r\n",
    "no bulk length": b"*1\r\n$\r\n",
    "nested array": b"*1\r\n*1\r\n$4\r\nPING\r\n",
    "deeply nested array": b"*1\r\n" * 50_000,
    "integer as argument": b"*1\r\n:1\r\n",
    "simple string as argument": b"*1\r\n+PING\r\n",
    "endless inline line": b"a" * 300_000,
    "endless inline words": b"a " * 300_000,
    "unknown RESP3 type": b"(123\r\n",
}
# Redis ignores some of these and waits for the rest of others: so may Ringhold.
ODD = {
    "negative array": b"*-5\r\n",
    "empty array": b"*0\r\n",
    "empty lines": b"\r\n\n\r\n",
    "bulk longer than said": b"*1\r\n$4\r\nPINGPING\r\n",
    "bulk without its end": b"*2\r\n$4\r\nPINGxx$1\r\na\r\n",
    "zero bytes": b"\0" * 100,
    "a carriage return alone": b"*1\r",
    "half a length": b"*1\r\n$12",
}


@case(timeout=150, variants=BOTH)
def malformed_requests(place):
    """Every one gets an error reply or the end of the connection; a valid command in front of it is still answered."""
    with place() as target:
        bad = []
        for name, data in {**ODD, **MALFORMED}.items():
            with target.node.connect() as connection:
                with contextlib.suppress(OSError):  # it may be closed while we still send
                    connection.send(encode("ECHO", "before") + data)
                try:
                    first = connection.reply()
                except EOFError:
                    first = "closed"
                kind, text = connection.outcome(3 if name in MALFORMED else 0.2)
                if first != b"before" or (kind == "silent" and name in MALFORMED):
                    bad.append(f"{name}: {first!r}, then {kind} {text!r}")
                elif kind == "error":
                    # Unknown commands are errors that one may go on after; broken framing is not.
                    if "rotocol error" in text and not connection.closed_within(5):
                        bad.append(f"{name}: left open after {text!r}")
        assert not bad, "\n".join(bad)


@case(timeout=60, variants=BOTH)
def nothing_is_reserved_for_announced_bytes(place):
    """200 connections announce the greatest value that is allowed, 512 MB each, and send nothing of it."""
    with place() as target:
        connections = [target.node.connect() for _ in range(200)]
        for connection in connections:
            connection.send(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\nbegin")
        many = [target.node.connect() for _ in range(50)]
        for connection in many:
            connection.send(b"*1048576\r\n$3\r\nDEL\r\n$1\r\nx\r\n")
        time.sleep(1)
        for connection in connections + many:
            connection.close()


@case(timeout=60, variants=BOTH)
def slow_senders(place):
    """Clients that send a byte now and then are served all the same, and cost nothing."""
    with place() as target:
        stream = encode("SET", "slow", "value") + encode("GET", "slow")
        connections = [target.node.connect(timeout=15) for _ in range(20)]
        for byte in range(len(stream)):
            for connection in connections:
                connection.send(stream[byte : byte + 1])
            time.sleep(1.0 if FULL and byte < 10 else 0.05)
        for connection in connections:
            assert [connection.reply(), connection.reply()] == ["OK", b"value"]
            connection.close()


@case(timeout=90, variants=BOTH)
def replies_never_read(place):
    """A pipeline that asks for 20 GB and reads none of it: the server stops reading, and keeps little."""
    with place() as target:
        with target.node.redis(decode_responses=False) as client:
            client.set("big", b"x" * MIB)
            client.set("small", b"x" * 100)
        for key in ("big", "small"):
            connection = target.node.connect(receive_buffer=4096)
            connection.settimeout(3)
            sent = send_until_blocked(connection, encode("GET", key) * 100)
            note(f"{target.node.name}: stopped reading after {sent:,} bytes of requests for the {key} value")
            connection.close()
        # Many of them at once: each may have limits::kInFlightBytesMax, 8 MiB, under way.
        target.growth_max += 30 * 10 * MIB
        connections = [target.node.connect() for _ in range(30)]
        for connection in connections:
            connection.settimeout(1)
            with contextlib.suppress(OSError):
                connection.send(encode("GET", "big") * 20)
        time.sleep(1)
        for connection in connections:
            connection.close()
        eventually(lambda: target.node.redis().ping(), "the server answers")


def send_until_blocked(connection, data, most=32 * MIB):
    """Bytes sent until the server reads no more (or has closed): far more than that, and the kernel's buffers are no excuse."""
    sent = 0
    with contextlib.suppress(OSError):
        while sent < most:
            connection.send(data)
            sent += len(data)
        raise AssertionError(f"the server reads on and on: {sent} bytes")
    return sent


@case(timeout=90, variants=BOTH)
def half_open_handshakes(place):
    """Connections that never finish (or begin) their handshake are ended; meanwhile others connect."""
    with place() as target:
        hello = client_hello()
        opened = []
        for number in range(300):
            raw = socket.create_connection(("127.0.0.1", target.node.port), 5)
            if number % 3:
                raw.sendall(hello[: len(hello) * (number % 3) // 3])
            opened.append(raw)
        with target.node.redis() as client:
            assert client.ping()
        expect_ends(opened, "half-open handshakes")


def client_hello():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = certificates.good().context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()


@case(timeout=300, variants=BOTH)
def idle_connections(place):
    """All of them stay usable; what they cost is told."""
    count = 5000 if FULL else 500
    with place() as target:
        before = target.node.rss()
        context = target.node.certs.context()
        started = time.monotonic()
        connections = [Connection(target.node.port, context) for _ in range(count)]
        assert all(connection.command("PING") == "PONG" for connection in connections)
        each = (target.node.rss() - before) / count
        note(f"{count} connections in {time.monotonic() - started:.1f} s, {each / 1024:.1f} KiB each")
        # A sanitizer keeps what was freed, of every handshake, for a long time.
        assert SANITIZED or each < 100 * 1024, f"{each / 1024:.1f} KiB per idle connection"
        descriptors = target.node.descriptors()
        for connection in random.Random(1).sample(connections, 100):
            assert connection.command("SET", "k", "v") == "OK"
        for connection in connections:
            connection.close()
        eventually(lambda: target.node.descriptors() < descriptors - count * 0.95, "the connections are released")


@case(timeout=120, variants=BOTH)
def garbage_inside_tls(place):
    """Random bytes, random cuts, sudden ends; what looks like a command is one, so only harm is checked."""
    rng = random.Random(20)
    with place() as target:
        pieces = [b"*3\r\n", b"$3\r\nSET\r\n", b"$-1\r\n", b"\r\n", b"*0\r\n", b"$0\r\n\r\n", b"PING\r\n", b"\xff", b"*1\r\n$4\r\nQUIT\r\n"]
        for number in range(400 if FULL else 150):
            connection = target.node.connect()
            if number % 2:
                data = rng.randbytes(rng.choice((1, 10, 1000, 100_000)))
            else:
                data = b"".join(rng.choice(pieces) for _ in range(rng.randrange(200)))
            with contextlib.suppress(OSError):
                connection.send(data)
                if number % 3 == 0:
                    connection.outcome(0.05)
            connection.close()


@case(timeout=120, variants=BOTH)
def broken_tls_records(place):
    """Bytes that are no TLS, before the handshake and after it."""
    rng = random.Random(21)
    with place() as target:
        opened = []
        for number in range(200):
            if number % 2:
                raw = socket.create_connection(("127.0.0.1", target.node.port), 5)
                data = rng.randbytes(2000)
            else:
                # Beside the session: a record of the right form, with the wrong MAC.
                raw = target.node.connect().detach()
                data = b"\x17\x03\x03\x01\xf4" + rng.randbytes(500)
            with contextlib.suppress(OSError):
                raw.sendall(data)
            opened.append(raw)
        expect_ends(opened, "bytes that are no TLS")


def expect_ends(sockets, what):
    """The server ends each of the connections within 20 s, which is twice the time that a handshake may take."""
    limit = time.monotonic() + 20
    for raw in sockets:
        raw.settimeout(max(0.1, limit - time.monotonic()))
        try:
            while raw.recv(4096):
                pass
        except ConnectionError:
            pass
        except TimeoutError:
            raise AssertionError(f"{what}: a connection was not ended within 20 s") from None
        raw.close()


@case(timeout=120, variants=BOTH)
def garbage_on_the_peer_protocol(place):
    """Even a node that has gone mad is only cut off: frames of every length, version and content."""
    rng = random.Random(22)
    with place() as target:
        context = target.node.certs.context("server", "ringhold-peer/1")
        frames = [
            b"",
            b"\0" * 64,
            b"\xff" * 64,
            b"\xff\xff\xff\x7f" + b"\1" * 60,
            b"\0\0\0\x7f" * 16,
            b"\x7f\xff\xff\xff\xff\xff\xff\xff" * 8,
            *(rng.randbytes(size) for size in (1, 3, 4, 8, 16, 64, 4096, 70_000) for _ in range(10)),
        ]
        for frame in frames:
            connection = Connection(target.node.port, context)
            assert connection.socket.selected_alpn_protocol() == "ringhold-peer/1"
            with contextlib.suppress(OSError):
                connection.send(frame)
                connection.outcome(0.05)
            connection.close()


@case(timeout=60, variants=BOTH)
def connections_come_and_go(place):
    """Connecting and dropping in every state leaks neither descriptors nor memory."""
    with place() as target:
        def churn(times):
            for number in range(times):
                connection = target.node.connect()
                if number % 3 == 1:
                    connection.send(encode("SET", "k", "v") * 50)
                elif number % 3 == 2:
                    connection.send(b"*2\r\n$3\r\nGET\r\n$10\r\nabc")
                if number % 2:
                    connection.detach().close()  # without TLS's farewell
                connection.close()

        churn(100)
        eventually(lambda: idle(target), "old connections are released")
        descriptors, memory = target.node.descriptors(), target.node.rss()
        churn(600)
        eventually(lambda: target.node.descriptors() <= descriptors + 5, "the descriptors are released")
        if not SANITIZED:
            assert target.node.rss() < memory + 20 * MIB, f"grew by {(target.node.rss() - memory) // MIB} MiB"


def idle(target):
    with target.node.redis() as client:
        return int(client.info("clients")["connected_clients"]) <= 3
