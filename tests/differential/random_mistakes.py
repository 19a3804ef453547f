"""Random commands that are wrong: too few or too many arguments, words in the wrong place, unknown names; some are still
right by accident."""

from random_strings import FLOATS, NUMBERS, SET_OPTIONS

UNKNOWN = [b"GETT", b"foo", b"", b"SET ", b"l-push", b"\xff\xfe", b"hset\r\n", b"a" * 130, b"object|encoding"]
FILLERS = [b"", b"a", b"0", b"1", b"-1", b"x\r\ny", b"\x00", b"9223372036854775808", b"WITHSCORES", b"LIMIT", b"COUNT", b"b" * 150]
# Mistakes in these lead to what Redis leaves open: the order of elements that are equal up to a NUL, for instance.
LEFT_ALONE = (b"SORT", b"SORT_RO", b"@scan")
OF_SORT = b"s:"


def mistaken(rng, args, keys):
    """A command made wrong; `args` is a right one."""
    args = list(args)
    if args[0] in LEFT_ALONE or any(OF_SORT in arg for arg in args):
        return args
    words = FILLERS if rng.random() < 0.6 else NUMBERS + FLOATS + SET_OPTIONS
    word = rng.choice(keys) if rng.random() < 0.3 else rng.choice(words)
    at = rng.randrange(1, len(args) + 1)
    kind = rng.randrange(9)
    if kind == 0:
        return args[:1]
    if kind <= 2:
        return args[:-1] if len(args) > 1 else args
    if kind == 3:
        return args + [word] * rng.choice([1, 1, 2, 30])
    if kind == 4:
        return args[:at] + [word] + args[at:]
    if kind == 5:
        return args[:at] + args[at + 1 :]
    if kind == 6 and len(args) > 1:
        at = rng.randrange(1, len(args))
        return args[:at] + [word] + args[at + 1 :]
    if kind == 7:
        return [rng.choice(UNKNOWN), *args[1:]]
    first, second = rng.randrange(1, len(args) + 1), rng.randrange(1, len(args) + 1)
    args += [word]
    args[first], args[second] = args[second], args[first]
    return args
