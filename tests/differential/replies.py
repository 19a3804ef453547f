"""RESP as bytes: encoding commands, cutting a stream of replies apart, and looking into one."""

_BULK = frozenset(b"$=!")
_AGGREGATE = frozenset(b"*~%>")
_MAP = ord("%")


def encode(args):
    return b"*%d\r\n" % len(args) + b"".join([b"$%d\r\n%b\r\n" % (len(arg), arg) for arg in args])


def split(raw, count):
    """The first `count` replies of `raw`, each as its bytes. ValueError if there are fewer."""
    found, at = [], 0
    for _ in range(count):
        end = _end(raw, at)
        found.append(raw[at:end])
        at = end
    return found


def _end(raw, at):
    left = 1
    while left:
        kind = raw[at] if at < len(raw) else -1
        line = raw.index(b"\r\n", at)
        size = int(raw[at + 1 : line]) if kind in _BULK or kind in _AGGREGATE else -1
        at = line + 2
        if kind in _BULK:
            at += size + 2 if size >= 0 else 0
        elif size > 0:
            left += size * (2 if kind == _MAP else 1)
        left -= 1
    if at > len(raw):
        raise ValueError("the last reply is cut off")
    return at


def parse(raw):
    """A reply as nested lists of bytes. What is no bulk string keeps the letter of its type: b":1", b"_", b",1.5"."""
    return _element(raw, 0)[0]


def _element(raw, at):
    line = raw.index(b"\r\n", at)
    kind, rest = raw[at : at + 1], raw[at + 1 : line]
    if kind in (b"*", b"~", b"%", b">") and rest != b"-1":
        found, at = [], line + 2
        for _ in range(int(rest) * (2 if kind == b"%" else 1)):
            value, at = _element(raw, at)
            found.append(value)
        return found, at
    if kind in (b"$", b"=") and rest != b"-1":
        end = line + 2 + int(rest)
        return raw[line + 2 : end], end + 2
    return raw[at:line], line + 2


def is_error(raw):
    return raw[:1] in (b"-", b"!")


def printable(raw, most=2000):
    """As common/base/text.h's printable()."""
    text = "".join(chr(b) if 0x20 <= b < 0x7F and b != 0x5C else f"\\x{b:02x}" for b in raw[:most])
    return text if len(raw) <= most else f"{text}... ({len(raw)} bytes)"
