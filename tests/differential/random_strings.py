"""Random commands on strings and on keys of any type, edge cases weighted; and the words that other types use, too."""

NUMBERS = [b"0", b"1", b"-1", b"5", b"-7", b"10", b"100", b"1000", b"9223372036854775807", b"-9223372036854775808"]
NUMBERS += [b"9223372036854775808", b"1.5", b"abc", b"", b" 1", b"01", b"+1", b"1e3", b"-0", b"1700000000", b"1700000001000"]
FLOATS = [b"1.5", b"-2.25", b"1e10", b"3.0", b"0.1", b"-0.1", b"1e-10", b"123456789.123", b"0x1p3", b"inf", b"nan", b"1e400"]
INDEXES = [b"0", b"1", b"2", b"3", b"5", b"-1", b"-2", b"-5", b"40", b"-40", b"1000", b"-1000", b"4096"]
PATTERN_PARTS = [b"*", b"?", b"[a-c]", b"[", b"]", b"^", b"-", b"\\", b"a", b"b", b"c", b"d", b"{t}", b"1", b"2", b"\xff"]

SET_OPTIONS = b"nx xx gt lt get keepttl ex px exat pxat foo replace".split()
GETEX_OPTIONS = b"get keepttl ex px exat pxat persist foo".split()
COPY_OPTIONS = b"replace replace db foo".split()
EXPIRE_OPTIONS = b"nx xx gt lt foo".split()
LCS_OPTIONS = b"len idx minmatchlen withmatchlen".split()
WITH_A_TIME = b"ex px exat pxat minmatchlen db".split()

# A key is gone at its deadline, in Redis one millisecond later. Multiples of these steps, and a clock that gains one
# millisecond on them at each advance, do not meet at that very millisecond.
TIME_STEP_MS = 50
TIMES = [b"1", b"2", b"50", b"100", b"5000", b"1700000005"]
NO_TIMES = [b"0", b"-1", b"9223372036854775807", b"-9223372036854775808", b"9223372036854775808", b"1.5", b"abc", b"", b"+1"]
ADVANCES = [1, 51, 101, 501, 1001, 5001]


def case(rng, word):
    return rng.choice([word, word, word.lower(), word.capitalize()])


def maybe(rng, odds, *words):
    return [w() if callable(w) else case(rng, w) for w in words] if rng.random() < odds else []


def random_value(rng):
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(NUMBERS)
    if kind == 1:
        return rng.choice(FLOATS)
    if kind == 2:
        return b"%d" % rng.randrange(-(10**6), 10**6)
    return bytes(rng.choices(b"abcxyz\x00\xff\r\n", k=rng.choice([0, 1, 3, 20, 44, 45, 200, 1024, 1500])))


def random_time(rng, word):
    if rng.random() < 0.2:
        return rng.choice(NO_TIMES)
    in_ms = word in (b"px", b"pxat") or word.startswith(b"P")
    return rng.choice(TIMES[2:] if in_ms else TIMES)


def timed(rng, names, key):
    name = rng.choice(names)
    return [name, key, random_time(rng, name)]


def random_options(rng, words):
    options = []
    while rng.random() < 0.45:
        word = rng.choice(words)
        options.append(word.upper() if rng.random() < 0.5 else word)
        if word in WITH_A_TIME and rng.random() < 0.95:
            options.append(b"0" if word == b"db" else random_time(rng, word))
    return options


def random_pattern(rng, tag):
    """Any but "**" and longer, which in Redis alone does not match the empty key."""
    pattern = b"".join(rng.choice(PATTERN_PARTS) for _ in range(rng.randrange(7)))
    pattern = tag * (rng.random() < 0.8) + pattern
    return pattern if pattern.strip(b"*") else pattern[:1]


class StringCommands:
    """`keys`: for strings; `all_keys`: for commands on keys of any type."""

    def __init__(self, keys, all_keys, tag):
        self.keys, self.all_keys, self.tag = keys, all_keys, tag

    def command(self, rng):
        return self.string_command(rng) if rng.random() < 0.6 else self.key_command(rng)

    def string_command(self, rng):
        key = lambda: rng.choice(self.keys)
        value = lambda: random_value(rng)
        number = lambda: rng.choice(NUMBERS if rng.random() < 0.3 else INDEXES)
        offset = lambda: rng.choice([b"0", b"1", b"3", b"50", b"1100", b"-1", b"x", b"999999999"])
        pairs = lambda: [x for _ in range(rng.randrange(1, 4)) for x in (key(), value())]
        choices = [
            lambda: [b"GET", key()],
            lambda: [b"SET", key(), value()],
            lambda: [b"SET", key(), value()] + random_options(rng, SET_OPTIONS),
            lambda: [b"SETNX", key(), value()],
            lambda: timed(rng, [b"SETEX", b"PSETEX"], key()) + [value()],
            lambda: [b"GETSET", key(), value()],
            lambda: [b"GETDEL", key()],
            lambda: [b"GETEX", key()] + random_options(rng, GETEX_OPTIONS),
            lambda: [b"MGET"] + [key() for _ in range(rng.randrange(1, 4))],
            lambda: [rng.choice([b"MSET", b"MSETNX"])] + pairs(),
            lambda: [b"APPEND", key(), value()],
            lambda: [b"STRLEN", key()],
            lambda: [b"SETRANGE", key(), offset(), value()],
            lambda: [rng.choice([b"GETRANGE", b"SUBSTR"]), key(), number(), number()],
            lambda: [rng.choice([b"INCR", b"DECR"]), key()],
            lambda: [rng.choice([b"INCRBY", b"DECRBY"]), key(), number()],
            lambda: [b"INCRBYFLOAT", key(), rng.choice(FLOATS + NUMBERS)],
            lambda: [b"LCS", key(), key()] + random_options(rng, LCS_OPTIONS),
        ]
        return rng.choice(choices)()

    def key_command(self, rng):
        key = lambda: rng.choice(self.all_keys)
        several = lambda: [key() for _ in range(rng.randrange(1, 4))]
        expiring = [b"EXPIRE", b"PEXPIRE", b"EXPIREAT", b"PEXPIREAT"]
        choices = [
            lambda: [rng.choice([b"DEL", b"UNLINK", b"EXISTS", b"TOUCH"])] + several(),
            lambda: [rng.choice([b"RENAME", b"RENAMENX"]), key(), key()],
            lambda: [b"COPY", key(), key()] + random_options(rng, COPY_OPTIONS),
            lambda: [b"TYPE", key()],
            lambda: timed(rng, expiring, key()) + random_options(rng, EXPIRE_OPTIONS),
            lambda: [rng.choice([b"TTL", b"PTTL", b"EXPIRETIME", b"PEXPIRETIME", b"PERSIST"]), key()],
            lambda: [b"OBJECT", b"ENCODING", key()],
            lambda: self.keyspace_command(rng),
        ]
        return rng.choice(choices)()

    def keyspace_command(self, rng):
        """Commands about all keys; whole iterations as directives, see script.py."""
        match = lambda: maybe(rng, 0.4, b"MATCH", lambda: random_pattern(rng, self.tag))
        count = lambda: maybe(rng, 0.7, b"COUNT", lambda: rng.choice([b"1", b"2", b"3", b"10", b"1000"]))
        kind = lambda: rng.choice([b"string", b"list", b"SET", b"zset", b"hash", b"stream", b"foo"])
        odd = lambda: rng.choice([[b"COUNT", b"0"], [b"COUNT", b"x"], [b"COUNT"], [b"FOO"], [b"MATCH"], [b"TYPE"], [b"COUNT", b"-1"]])
        cursor = lambda: rng.choice([b"0", b"x", b"-1", b"", b"18446744073709551616"])
        key = lambda: rng.choice(self.all_keys)
        choices = [
            lambda: [b"KEYS", random_pattern(rng, self.tag)],
            lambda: [b"KEYS", random_pattern(rng, self.tag)],
            lambda: [b"RANDOMKEY"],
            lambda: [b"DBSIZE"],
            lambda: [b"@scan", b"SCAN"] + match() + count() + maybe(rng, 0.3, b"TYPE", kind),
            lambda: [b"@scan", rng.choice([b"HSCAN", b"SSCAN", b"ZSCAN"]), key()] + match() + count(),
            lambda: [b"SCAN", cursor()] + odd(),
            lambda: [rng.choice([b"FLUSHALL", b"FLUSHDB"])]
            + rng.choice([[b"ASYNC"], [b"sync"], [], [b"foo"], [b"SYNC", b"ASYNC"]])
            if rng.random() < 0.1
            else [b"TOUCH", key()],
            lambda: [b"OBJECT", rng.choice([b"ENCODING", b"encoding", b"FOO"])] + [key()] * rng.choice([0, 1, 1, 2])
            if rng.random() < 0.3
            else [b"EXISTS", key(), key()],
        ]
        return rng.choice(choices)()
