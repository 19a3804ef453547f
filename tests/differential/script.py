"""Scripts: one command or directive a line, arguments quoted as in redis-cli, as the golden scripts have them.

In here a line is the list of its arguments; a directive is a line whose first argument starts with `@`:
  @resp 2|3      the protocol's version from here on
  @advance MS    moves the clock
  @expire        gives both time to remove what has expired
  @scan NAME …   a whole iteration with SCAN, HSCAN, SSCAN or ZSCAN, the cursor left out: what it has found is compared
"""

import re

# Where the clock stands when a script starts. Arguments near this time, in seconds or milliseconds, mean moments of the
# script; see moved().
START_MS = 1700000000000
_MOMENT = re.compile(rb"17000\d{5}(\d{3})?")

_WORD = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\\'|[^\'])*\'|[^\s"\']\S*')
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)")
_NAMED = {"n": b"\n", "r": b"\r", "t": b"\t", "b": b"\b", "a": b"\a"}


def is_directive(line):
    return line[0].startswith(b"@")


def moved(args, by_ms):
    """The same command when the script starts `by_ms` (whole seconds) after START_MS: time only goes forward, and a script
    may be run more than once. A value that merely looks like a moment is moved too, on both sides alike."""
    return [
        b"%d" % (int(arg) + (by_ms if len(arg) == 13 else by_ms // 1000))
        if len(arg) in (10, 13) and _MOMENT.fullmatch(arg)
        else arg
        for arg in args
    ]


def parse_line(text):
    args = []
    for word in _WORD.findall(text):
        if word[0] == '"':
            args.append(_unescape(word[1:-1]))
        elif word[0] == "'":
            args.append(word[1:-1].replace("\\'", "'").encode())
        else:
            args.append(word.encode())
    return args


def _unescape(text):
    out, at = b"", 0
    for match in _ESCAPE.finditer(text):
        escape = match.group(1)
        byte = bytes([int(escape[1:], 16)]) if len(escape) == 3 else _NAMED.get(escape, escape.encode())
        out += text[at : match.start()].encode() + byte
        at = match.end()
    return out + text[at:].encode()


def parse_script(text):
    lines = [parse_line(line) for line in text.splitlines() if not line.startswith("#")]
    return [line for line in lines if line]


def format_line(line):
    return " ".join(map(_quote, line))


def _quote(arg):
    if re.fullmatch(rb"[\w@.:*{}+|-]+", arg):
        return arg.decode()
    return '"' + "".join(f"\\x{b:02x}" if b < 0x20 or b >= 0x7F or b in b'"\\' else chr(b) for b in arg) + '"'


def format_script(lines):
    return "".join(format_line(line) + "\n" for line in lines)


def golden_cases(folder):
    """The golden scripts' cases as (title, lines), without what differs from Redis on purpose."""
    for path in sorted(folder.glob("*.txt")):
        for part in path.read_text().split("\n## ")[1:]:
            title, _, body = part.partition("\n")
            blocks = [block.partition("\n----") for block in body.split("\n\n")]
            lines = parse_script("\n".join(commands for commands, separator, _ in blocks if separator))
            if [b"@ringhold"] in lines:
                lines = lines[: lines.index([b"@ringhold"])]
            yield f"{path.stem}: {title}", lines
