"""RESP over TLS by hand, for what no client library would send."""

import socket
import ssl
import time


class ReplyError(Exception):
    """An error reply, as a value."""


class Connection:
    def __init__(self, port, context=None, timeout=10.0, plain=False, receive_buffer=None):
        """`plain`: TCP without TLS. `receive_buffer`: bytes that the kernel may hold for us."""
        raw = socket.socket()
        raw.settimeout(timeout)
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.buffer = b""
        try:
            raw.connect(("127.0.0.1", port))
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket = raw if plain else context.wrap_socket(raw, server_hostname="localhost")
        except BaseException:
            raw.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def detach(self):
        """The TCP socket below the TLS session, which is forgotten without a farewell."""
        return socket.socket(fileno=self.socket.detach())

    def settimeout(self, seconds):
        self.socket.settimeout(seconds)

    def send(self, data):
        self.socket.sendall(data)

    def send_command(self, *words):
        self.send(encode(*words))

    def command(self, *words):
        self.send_command(*words)
        return self.reply()

    # --- Reading ---

    def fill(self):
        """Reads some bytes; False at the end of the stream, whichever way it ended."""
        try:
            data = self.socket.recv(65536)
        except (ConnectionError, ssl.SSLError) as error:
            if isinstance(error, (ssl.SSLWantReadError, ssl.SSLWantWriteError)):
                raise TimeoutError from error
            data = b""
        self.buffer += data
        return bool(data)

    def line(self):
        while (end := self.buffer.find(b"\r\n")) < 0:
            if not self.fill():
                raise EOFError("the server has closed the connection")
        line, self.buffer = self.buffer[:end], self.buffer[end + 2 :]
        return line

    def take(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                raise EOFError("the server has closed the connection")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def reply(self):
        """The next reply, RESP2 or RESP3; an error reply becomes a ReplyError value, not an exception."""
        line = self.line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return ReplyError(rest.decode())
        if kind == b":":
            return int(rest)
        if kind in b"$=":
            return None if rest == b"-1" else self.take(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if rest == b"-1" else [self.reply() for _ in range(int(rest))]
        if kind == b"_":
            return None
        if kind == b"#":
            return rest == b"t"
        if kind == b",":
            return float(rest)
        if kind == b"(":
            return int(rest)
        if kind == b"%":
            return {_hashable(self.reply()): self.reply() for _ in range(int(rest))}
        if kind in b"~>":
            return [self.reply() for _ in range(int(rest))]
        raise AssertionError(f"not RESP: {line!r}")

    def outcome(self, timeout=5.0):
        """How the server answers bytes that it should not like: ("error", text), ("closed", what came before) or
        ("silent", what came before) when neither happens in that time."""
        limit = time.monotonic() + timeout
        try:
            while True:
                left = limit - time.monotonic()
                if left <= 0:
                    return ("silent", self.buffer[:200])
                self.settimeout(left)
                if self.buffer.startswith(b"-") and b"\r\n" in self.buffer:
                    return ("error", self.buffer.split(b"\r\n")[0].decode(errors="replace"))
                if not self.fill():
                    return ("closed", self.buffer[:200])
        except TimeoutError:
            return ("silent", self.buffer[:200])

    def closed_within(self, timeout):
        """Whether the server ends the connection in that time; what it says before is read and dropped."""
        limit = time.monotonic() + timeout
        try:
            while (left := limit - time.monotonic()) > 0:
                self.settimeout(left)
                if not self.fill():
                    return True
                self.buffer = b""
        except TimeoutError:
            pass
        return False


def encode(*words):
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


def _hashable(value):
    return tuple(value) if isinstance(value, list) else value
