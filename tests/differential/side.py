"""One side of a comparison: a connection that takes commands by the batch."""

import time

from replies import encode, split

# A reply takes long where a value is huge and the machine is busy; a server that is this late hangs.
REPLY_TIMEOUT = 60
# How often somebody looks whether the server that a reply is waited for is still there.
LOOK_SECONDS = 0.2


class Lost(Exception):
    """The connection of `side` ended, or no reply came."""

    def __init__(self, side, reason):
        super().__init__(f"{side.name}: {reason}")
        self.side, self.reason = side, reason


class Side:
    def __init__(self, name, connect, servers=()):
        """`connect()` gives a connected socket; `servers`: the processes behind it, which may have to be started again."""
        self.name = name
        self.connect = connect
        self.servers = servers
        self.socket = None
        self.batches = 0
        self.marker = b""

    def send(self, commands):
        """Sends all of them; receive() gives their replies. A batch should fit into the socket's buffers."""
        try:
            if self.socket is None:
                self.socket = self.connect()
            # The reply to an ECHO of a number that was not there before tells where the replies end, without reading them.
            self.batches += 1
            mark = b"end-%09d" % self.batches
            self.marker = b"$13\r\n%b\r\n" % mark
            self.socket.settimeout(REPLY_TIMEOUT)
            self.socket.sendall(b"".join(map(encode, commands)) + encode([b"ECHO", mark]))
            self.socket.settimeout(LOOK_SECONDS)
        except OSError as error:
            raise self.lost(f"{type(error).__name__}: {error}") from None

    def receive(self):
        """The bytes of all replies."""
        raw = bytearray()
        limit = time.monotonic() + REPLY_TIMEOUT
        while not raw.endswith(self.marker):
            try:
                more = self.socket.recv(1 << 18)
            except TimeoutError:
                if self.crashed() or time.monotonic() > limit:
                    raise self.lost(f"no more replies after {bytes(raw[-200:])!r}") from None
                continue
            except OSError as error:
                raise self.lost(f"{type(error).__name__}: {error} after {bytes(raw[-200:])!r}") from None
            if not more:
                raise self.lost(f"the connection was closed after {bytes(raw[-200:])!r}")
            raw += more
        return bytes(raw[: -len(self.marker)])

    def ask(self, *args):
        """One command, one reply."""
        self.send([args])
        return split(self.receive(), 1)[0]

    def crashed(self):
        return [server for server in self.servers if not server.alive()]

    def revive(self):
        """Starts servers again that have ended."""
        for server in self.crashed():
            server.wait_end()
            server.start()

    def lost(self, reason):
        self.close()
        return Lost(self, reason)

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None
