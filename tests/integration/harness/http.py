"""HTTP over TLS: curl, as anybody would type it, and a strict reader of answers for what curl would never send."""

import contextlib
import ctypes
import functools
import re
import urllib.parse

from harness import workspace
from harness.cluster import Cluster, standalone
from harness.processes import run
from harness.resp import Connection

STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) [\t \x21-\x7e\x80-\xff]*")
# RFC 9110, 5.1 and 5.5: a token; no control characters in a value.
FIELD_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\t \x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)[ \t]*")
CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]+)(?:;.*)?")


@contextlib.contextmanager
def _proxy(*flags):
    with Cluster(3, *flags) as cluster:
        yield cluster.proxy


@contextlib.contextmanager
def _member(*flags):
    with Cluster(3, dataserver_flags=flags) as cluster:
        yield cluster["a"]


# Where a case may be played: at a proxy, at one of three data servers (which forwards two keys of three), at one that is alone.
PLACES = {"proxy": _proxy, "member": _member, "alone": standalone}
BOTH = {"proxy": _proxy, "dataserver": standalone}


class Answer:
    def __init__(self, status, fields, body=b""):
        self.status = status
        self.fields = fields  # (name in lower case, value) in their order
        self.body = body

    def field(self, name):
        """The one value of that field, or None."""
        values = [value for key, value in self.fields if key == name.lower()]
        assert len(values) < 2, f"{name} stands in the answer {len(values)} times: {values}"
        return values[0] if values else None

    @property
    def etag(self):
        return self.field("ETag")

    @property
    def text(self):
        return self.body.decode()

    def __repr__(self):
        return f"<{self.status} {dict(self.fields)} {self.body[:120]!r}>"


def read_head(lines):
    """The answer that begins with these lines, as far as the empty one."""
    status = STATUS_LINE.fullmatch(lines[0])
    assert status, f"not a status line: {lines[0]!r}"
    fields = []
    for line in lines[1:]:
        field = FIELD_LINE.fullmatch(line)
        assert field, f"not a header field: {line!r}"
        fields.append((field.group(1).decode().lower(), field.group(2).decode("latin-1")))
    return Answer(int(status.group(1)), fields)


# --- By hand ---


class HttpConnection(Connection):
    """A connection that sends what it is told to, and believes only what RFC 9112 allows an answer to be."""

    def request(self, method, target, body=None, fields=(), **options):
        self.send(request_bytes(method, target, body, fields, **options))
        return self.answer(method)

    def take(self, count):
        parts = []
        while count:
            if not self.buffer and not self.fill():
                raise EOFError("the server has closed the connection")
            part, self.buffer = self.buffer[:count], self.buffer[count:]
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def head(self):
        lines = []
        while line := self.line():
            assert b"\n" not in line and b"\r" not in line, f"a line end within a line: {line!r}"
            lines.append(line)
        assert lines, "an empty line before an answer"
        return read_head(lines)

    def answer(self, method="GET"):
        """The next final answer; it must say itself where it ends."""
        answer = self.head()
        assert answer.status >= 200, f"an interim answer that nobody asked for: {answer}"
        length, coding = answer.field("Content-Length"), answer.field("Transfer-Encoding")
        assert not (length and coding), f"two lengths: {answer}"
        assert length is None or length.isdecimal(), answer
        assert answer.field("Date"), f"RFC 9110, 6.6.1: no Date in {answer}"
        if answer.status == 204:
            assert length is None and coding is None, f"RFC 9110, 8.6: a length in {answer}"
        if method == "HEAD" or answer.status in (204, 304):
            return answer
        if coding:
            assert coding.lower() == "chunked", answer
            answer.body = self._chunks()
        elif length is not None:
            answer.body = self.take(int(length))
        else:
            assert (answer.field("Connection") or "").lower() == "close", f"where does this end? {answer}"
            while self.fill():
                pass
            answer.body, self.buffer = self.buffer, b""
        return answer

    def _chunks(self):
        parts = []
        while True:
            line = CHUNK_LINE.fullmatch(self.line())
            assert line, "not a chunk"
            size = int(line.group(1), 16)
            if size == 0:
                break
            parts.append(self.take(size))
            assert self.take(2) == b"\r\n", "a chunk without its end"
        while self.line():
            pass
        return b"".join(parts)

    def answers_until_closed(self, timeout=5.0, methods=()):
        """All answers that come before the server ends the connection; fails if it does not."""
        self.settimeout(timeout)
        answers = []
        methods = iter(methods)
        try:
            while self.buffer or self.fill():
                answers.append(self.answer(next(methods, "GET")))
        except TimeoutError:
            raise AssertionError(f"left open after {answers}, {self.buffer[:200]!r}") from None
        return answers


def connect(node, who="client", alpn="http/1.1", **options):
    """`alpn` None: offers nothing. `who` None: without a certificate."""
    return HttpConnection(node.port, node.certs.context(who, alpn), **options)


def request_bytes(method, target, body=None, fields=(), host="localhost", version="1.1"):
    """`body`: bytes, or a list of bytes for one chunk each."""
    lines = [f"{method} {target} HTTP/{version}"]
    if host is not None:
        lines.append(f"Host: {host}")
    lines += [f"{name}: {value}" for name, value in (fields.items() if isinstance(fields, dict) else fields)]
    content = b""
    if isinstance(body, list):
        lines.append("Transfer-Encoding: chunked")
        content = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in body if chunk) + b"0\r\n\r\n"
    elif body is not None:
        lines.append(f"Content-Length: {len(body)}")
        content = body
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + content


def path_of(key):
    """/key/… with everything percent-encoded that need be."""
    data = key.encode() if isinstance(key, str) else key
    return "/key/" + urllib.parse.quote(data, safe="/")


def once(node, method, target, body=None, fields=(), who="client", **options):
    """One request on a connection of its own."""
    with connect(node, who) as connection:
        return connection.request(method, target, body, fields, **options)


def error_line(answer, *statuses):
    """That the answer is such an error, told in one line of text; returns that."""
    assert answer.status in statuses, f"expected {' or '.join(map(str, statuses))}, got {answer}"
    assert (answer.field("Content-Type") or "").startswith("text/plain"), answer
    text = answer.text
    assert text.endswith("\n") and len(text.splitlines()) == 1 and len(text) > 10, f"not a line that says what to do: {answer}"
    return text


# --- With curl ---


class CurlAnswer(Answer):
    def __init__(self, outcome, head, body):
        super().__init__(head.status if head else 0, head.fields if head else [], body)
        self.exit = outcome.returncode
        self.said = outcome.stdout
        self.errors = outcome.stderr


def curl_command(node, who="client"):
    """Up to the certificates; a ~/.curlrc or a proxy of this machine has no say."""
    identity = ["--cert", node.certs.cert(who), "--key", node.certs.key(who)] if who else []
    return ["curl", "-q", "--noproxy", "*", "-sS", "--cacert", node.certs.ca, *identity]


def url_of(node, path):
    return f"https://localhost:{node.port}{path}"


def curl(node, path, *arguments, who="client", input=None, timeout=30):
    """`curl … https://localhost:PORT` + path. The answer's status is 0 if none came; `exit` is curl's."""
    folder = workspace.new_folder("curl")
    output, heads = folder / "body", folder / "heads"
    command = [*curl_command(node, who), "-D", heads, *arguments, "-o", output, url_of(node, path)]
    outcome = run(command, timeout, input)
    body = output.read_bytes() if output.exists() else b""
    blocks = heads.read_bytes().split(b"\r\n\r\n")[:-1] if heads.exists() else []
    return CurlAnswer(outcome, read_head(blocks[-1].split(b"\r\n")) if blocks else None, body)


# --- The same keys over RESP ---


def written(node, key, value, *words):
    """Sets a string over RESP."""
    with node.redis() as client:
        assert client.execute_command("SET", key, value, *words)


def read(node, key):
    with node.redis(decode_responses=False) as client:
        return client.get(key)


def of_all_types(client):
    client.set("string", "text")
    client.rpush("list", "a", "b")
    client.hset("hash", mapping={"f": "v"})
    client.sadd("set", "member")
    client.zadd("zset", {"member": 1})
    client.delete("none")


# --- Tags ---


@functools.cache
def _xxhash():
    library = ctypes.CDLL("libxxhash.so.0")
    library.XXH3_64bits.restype = ctypes.c_uint64
    library.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    return library


def tag_of(value):
    """The ETag of a string."""
    return f'"{_xxhash().XXH3_64bits(value, len(value)):016x}"'
