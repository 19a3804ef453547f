"""Our own connections to the systems: filling them, asking them, and holding connections open."""

import socket
import ssl

from client_tls import CIPHER
from processes import Failed

_FILL_COMMANDS = 2000


def connect(port, context=None, session=None):
    """A connected socket; with a context, TLS on it."""
    plain = socket.create_connection(("127.0.0.1", port), 60)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(plain, server_hostname="127.0.0.1", session=session) if context else plain


def encode(*words):
    parts = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def encode_memcached(*words):
    """The two commands that rows need, in memcached's text protocol."""
    name, key, *rest = (word if isinstance(word, bytes) else str(word).encode() for word in words)
    if name == b"GET":
        return b"get %s\r\n" % key
    seconds = int(rest[2]) if len(rest) > 1 else 0
    return b"set %s 0 %d %d\r\n%s\r\n" % (key, seconds, len(rest[0]), rest[0])


def fill(connection, commands):
    """Sends encoded commands, each of which gets a reply of one line; an error ends it."""
    batch = []
    for command in commands:
        batch.append(command)
        if len(batch) == _FILL_COMMANDS:
            _send_batch(connection, batch)
            batch = []
    if batch:
        _send_batch(connection, batch)


def _send_batch(connection, batch):
    connection.sendall(b"".join(batch))
    lines = 0
    replies = b""
    while lines < len(batch):
        piece = connection.recv(65536)
        if not piece:
            raise Failed("the connection was closed while keys were written")
        replies += piece
        lines += piece.count(b"\n")
    refused = [line for line in replies.split(b"\r\n") if line[:1] == b"-" or b"ERROR" in line]
    if refused:
        raise Failed(f"a write was refused: {refused[0].decode(errors='replace')}")


def ask(connection, request):
    """One request whose reply fits into one piece: a line, or a short bulk."""
    connection.sendall(request)
    reply = connection.recv(65536)
    if not reply:
        raise Failed("the connection was closed instead of a reply")
    return reply


def info(connection):
    """INFO, as a dict."""
    reply = ask(connection, encode("INFO"))
    size = int(reply[1 : reply.index(b"\r\n")]) if reply[:1] == b"$" else 0
    while len(reply) < size:
        reply += connection.recv(65536)
    pairs = (line.split(":", 1) for line in reply.decode(errors="replace").split("\r\n") if ":" in line)
    return dict(pairs)


def check_tls(port, context, certificate_path):
    """All are measured with the same protocol, cipher and certificate, or not at all."""
    with connect(port, context) as connection:
        agreed = (connection.version(), connection.cipher()[0])
        theirs = connection.getpeercert(binary_form=True)
    if agreed != ("TLSv1.3", CIPHER):
        raise Failed(f"agrees on {agreed[0]} with {agreed[1]}, not on TLSv1.3 with {CIPHER}")
    ours = ssl.PEM_cert_to_DER_cert(first_certificate(certificate_path))
    if theirs != ours:
        raise Failed("shows another certificate than the one that it was given")


def first_certificate(path):
    text = open(path).read()
    start = text.index("-----BEGIN CERTIFICATE-----")
    end = text.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
    return text[start:end]
