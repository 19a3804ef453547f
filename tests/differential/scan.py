"""Whole iterations with the SCAN family, the same on both sides though their pages and cursors are not."""

from replies import is_error, parse, printable

# An iteration that takes more turns than this does not end.
TURNS_MAX = 100_000


def whole_iteration(side, command):
    """What was found, each once and sorted; or the error as text. `command` has no cursor: [b"HSCAN", key, options...]."""
    name = command[0]
    first = 1 if name == b"SCAN" else 2
    size = 2 if name in (b"HSCAN", b"ZSCAN") else 1
    found, cursor = set(), b"0"
    for _ in range(TURNS_MAX):
        reply = side.ask(*command[:first], cursor, *command[first:])
        if is_error(reply):
            return printable(reply)
        cursor, elements = parse(reply)
        found.update(zip(*[iter(elements)] * size))
        if cursor == b"0":
            # Redis's skiplists keep the sign of a score of minus zero.
            return sorted((e[0], b"0") if name == b"ZSCAN" and e[1] == b"-0" else e for e in found)
    return f"an iteration that did not end in {TURNS_MAX} turns"
