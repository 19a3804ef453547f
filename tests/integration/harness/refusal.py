"""Connections that must not come to a command, and places to try them."""

import contextlib
import ssl

from harness.cluster import Cluster, standalone
from harness.resp import Connection, encode


@contextlib.contextmanager
def dataserver(*flags):
    with standalone(*flags) as server:
        yield server


@contextlib.contextmanager
def proxy(*flags):
    with Cluster(2, *flags) as cluster:
        yield cluster.proxy


BOTH = {"dataserver": dataserver, "proxy": proxy}


def refused(node, context, reason, plain=False):
    """A connection that must not come to a command, for a reason that the log tells."""
    mark = node.log_size()
    try:
        connection = Connection(node.port, context, timeout=15, plain=plain)
    except (ssl.SSLError, ConnectionError):
        pass
    else:
        # TLS 1.3 tells a client of its refusal only after the handshake.
        with contextlib.suppress(OSError):
            connection.send(encode("PING"))
        kind, text = connection.outcome(12)
        connection.close()
        assert kind == "closed" and b"PONG" not in text, f"{kind}: {text}"
    return node.wait_log(reason, mark)


def still_serves(node):
    with node.redis() as client:
        assert client.ping()
