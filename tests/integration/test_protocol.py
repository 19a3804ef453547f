"""RESP2 and RESP3 as bytes: what the client libraries do not show."""

import contextlib

from harness.case import case
from harness.cluster import Cluster, standalone
from harness.resp import ReplyError, encode
from harness.wait import eventually


@contextlib.contextmanager
def proxy():
    with Cluster(2) as cluster:
        yield cluster.proxy


# Each case runs against a lone server and against the proxy.
EVERYWHERE = {"alone": standalone, "proxy": proxy}


@case(variants=EVERYWHERE)
def hello_switches_versions(place):
    with place() as node:
        with node.connect() as connection:
            connection.send(encode("GET", "none") + encode("HELLO"))
            assert connection.line() == b"$-1"
            assert connection.line().startswith(b"*")  # a map is a flat array in RESP2
        with node.connect() as connection:
            hello = connection.command("HELLO", "3")
            assert hello[b"proto"] == 3 and hello[b"role"] == b"master", hello
            connection.send(encode("GET", "none") + encode("CONFIG", "GET", "maxmemory"))
            assert connection.line() == b"_"
            assert connection.line().startswith(b"%")
        with node.connect() as connection:
            assert str(connection.command("HELLO", "4")).startswith("NOPROTO")
            assert connection.command("PING") == "PONG"


@case(variants=EVERYWHERE)
def inline_commands(place):
    with place() as node, node.connect() as connection:
        connection.send(b"PING\r\n")
        assert connection.reply() == "PONG"
        connection.send(b'SET k "a b\\x41\\n"\nGET k\r\n\r\n  ECHO   \'it\\\'s\'  \r\n')
        assert connection.reply() == "OK"
        assert connection.reply() == b"a bA\n"
        assert connection.reply() == b"it's"
        connection.send(b'ECHO "open\r\n')
        assert "unbalanced quotes" in str(connection.reply())


@case(variants=EVERYWHERE)
def any_fragmentation(place):
    """The same bytes in pieces of every size give the same replies."""
    with place() as node, node.connect() as connection:
        stream = encode("SET", "k", "a\r\nb") + encode("GET", "k") + b"PING\r\n" + encode("STRLEN", "k")
        for size in (1, 2, 3, 7, 20, 1000):
            for start in range(0, len(stream), size):
                connection.send(stream[start : start + size])
            assert [connection.reply() for _ in range(4)] == ["OK", b"a\r\nb", "PONG", 4]


@case(variants=EVERYWHERE)
def replies_keep_their_order(place):
    """Local answers (PING, errors) must not overtake those that come from a shard."""
    with place() as node, node.connect() as connection:
        requests, expected = [], []
        for number in range(5000):
            requests += [encode("SET", f"k:{number}", number), encode("ECHO", number), encode("GET", f"k:{number}")]
            requests += [encode("NOSUCH"), encode("INCR", f"k:{number}")]
            expected += ["OK", b"%d" % number, b"%d" % number, ReplyError, number + 1]
        connection.send(b"".join(requests[:5000]))
        # The rest goes out while replies come in, or both sides might wait for the other.
        replies = []
        for start in range(5000, len(requests), 1000):
            connection.send(b"".join(requests[start : start + 1000]))
            replies += [connection.reply() for _ in range(1000)]
        replies += [connection.reply() for _ in range(len(expected) - len(replies))]
        for reply, wanted in zip(replies, expected, strict=True):
            assert isinstance(reply, ReplyError) if wanted is ReplyError else reply == wanted, (reply, wanted)


@case(variants=EVERYWHERE)
def quit_and_reset(place):
    with place() as node:
        with node.connect() as connection:
            connection.send(encode("SET", "k", "v") + encode("QUIT") + encode("SET", "k", "after"))
            assert [connection.reply(), connection.reply()] == ["OK", "OK"]
            assert connection.closed_within(5), "QUIT did not close the connection"
        with node.connect() as connection:
            assert connection.command("GET", "k") == b"v"
            connection.command("CLIENT", "SETNAME", "me")
            connection.command("HELLO", "3")
            assert connection.command("RESET") == "RESET"
            assert connection.command("GET", "none") is None
            assert not connection.command("CLIENT", "GETNAME")


@case(variants=EVERYWHERE)
def client_reply_modes(place):
    with place() as node, node.connect() as connection:
        connection.send(encode("CLIENT", "REPLY", "OFF") + encode("SET", "k", "1") + encode("INCR", "k"))
        connection.send(encode("CLIENT", "REPLY", "ON"))
        assert connection.reply() == "OK"
        assert connection.command("GET", "k") == b"2"
        connection.send(encode("CLIENT", "REPLY", "SKIP") + encode("INCR", "k") + encode("GET", "k"))
        assert connection.reply() == b"3"


@case(variants=EVERYWHERE)
def short_forms(place):
    """Ringhold's own rows: SET key value seconds, TTL key seconds, SIZE, REMOVE, KEYS."""
    with place() as node, node.connect() as connection:
        assert connection.command("SET", "k", "v", "100") == "OK"
        assert 90 < connection.command("TTL", "k") <= 100
        assert connection.command("TTL", "k", "200") == 1
        assert 190 < connection.command("TTL", "k") <= 200
        assert connection.command("SIZE") == 1
        assert connection.command("KEYS") == [b"k"]
        assert connection.command("REMOVE", "k") == 1
        assert connection.command("SIZE") == 0


@case(variants=EVERYWHERE)
def expiry(place):
    """Nothing is served after its time, whether it was read in between or not."""
    with place() as node, node.connect() as connection:
        for number in range(200):
            connection.send_command("SET", f"k:{number}", "v", "PX", 300)
        assert {connection.reply() for _ in range(200)} == {"OK"}
        assert connection.command("GET", "k:7") == b"v" and 0 < connection.command("PTTL", "k:7") <= 300
        eventually(lambda: connection.command("GET", "k:7") is None, "the key expires", 3)
        # Those that nobody asks for are reclaimed too.
        eventually(lambda: connection.command("DBSIZE") == 0, "all keys are reclaimed", 10)
