"""Random commands on hashes and sets, edge cases weighted."""

from random_strings import maybe

NAMES = [b"a", b"b", b"c", b"d", b"aa", b"", b"1", b"2", b"10", b"01", b"-1", b"-0", b"127", b"a\x00", b"\xff", b"\r\n"]
INTEGERS = [b"0", b"1", b"2", b"-1", b"7", b"100", b"32767", b"32768", b"-32768", b"-32769", b"2147483647", b"2147483648"]
INTEGERS += [b"-2147483648", b"-2147483649", b"9223372036854775807", b"-9223372036854775808"]
VALUES = [b"", b"v", b"0", b"1", b"-5", b"01", b"3.0", b"1.5", b"1e3", b"inf", b"-inf", b"nan", b" 1", b"abc", b"9223372036854775807"]
VALUES += [b"-9223372036854775808", b"9223372036854775808", b"0x10", b"1e400", b"a\x00b"]
COUNTS = [b"0", b"1", b"2", b"3", b"5", b"10", b"200", b"-1", b"-2", b"-5", b"-40"]
ODD_COUNTS = [b"9223372036854775807", b"-9223372036854775808", b"-9223372036854775807", b"4611686018427387904", b"-4611686018427387904"]
ODD_COUNTS += [b"9223372036854775808", b"1.5", b"x", b"", b"+1", b" 1"]
PATTERNS = [b"*", b"a*", b"m?", b"[ab]", b"1*", b"", b"\\a"]


def positive(counts):
    """A negative count of that size would be answered at length, by Redis alone."""
    return [c for c in counts if c not in (b"-9223372036854775807", b"-4611686018427387904")]


class MemberCommands:
    """What hashes and sets have in common. A sequence has large values in it, or none."""

    def __init__(self, keys, rng):
        self.keys = keys
        self.large = rng.random() < 0.5

    def key(self, rng):
        return rng.choice(self.keys[:4] if rng.random() < 0.8 else self.keys)

    def count(self, rng, odd=ODD_COUNTS):
        return rng.choice(odd) if rng.random() < 0.06 else rng.choice(COUNTS)

    def name(self, rng):
        kind = rng.random()
        if kind < 0.6:
            return rng.choice(NAMES)
        if kind < 0.96:
            return b"m%d" % rng.randrange(30)
        return rng.choice([b"x", b"y"]) * rng.choice([63, 64, 64, 65, 300] if self.large else [63, 64])

    def scan(self, rng, command):
        if rng.random() < 0.1:
            cursor = rng.choice([b"x", b"0", b"-1", b"", b" 0", b"18446744073709551616"])
            return [command, self.key(rng), cursor] + [rng.choice([b"COUNT", b"FOO", b"TYPE"]), rng.choice([b"0", b"x", b"-5"])]
        return [command, self.key(rng), b"0"] + maybe(rng, 0.3, b"MATCH", lambda: rng.choice(PATTERNS)) + [b"COUNT", b"5000"]


class HashCommands(MemberCommands):
    def value(self, rng):
        kind = rng.random()
        if kind < 0.7:
            return rng.choice(VALUES)
        if kind < 0.95:
            return b"%d" % rng.randrange(-1000, 1000)
        return rng.choice([b"x", b"5"]) * rng.choice([63, 64, 64, 65, 255, 5000] if self.large else [63, 64])

    def pairs(self, rng):
        if self.large and rng.random() < 0.04:  # enough for a table
            return [x for i in range(rng.choice([200, 510, 512, 513])) for x in (b"m%d" % i, b"%d" % i)]
        pairs = [x for _ in range(rng.choice([1, 1, 2, 3, 6])) for x in (self.name(rng), self.value(rng))]
        return pairs[:-1] if rng.random() < 0.03 else pairs

    def command(self, rng):
        key = lambda: self.key(rng)
        name = lambda: self.name(rng)
        names = lambda: [name() for _ in range(rng.choice([1, 1, 2, 4, 12]))]
        amounts = VALUES + [b"-1", b"10", b"-2.5", b"+1"]
        choices = [
            lambda: [b"HSET", key()] + self.pairs(rng),
            lambda: [b"HSET", key()] + self.pairs(rng),
            lambda: [b"HMSET", key()] + self.pairs(rng),
            lambda: [b"HSETNX", key(), name(), self.value(rng)],
            lambda: [b"HGET", key(), name()],
            lambda: [b"HMGET", key()] + names(),
            lambda: [b"HDEL", key()] + names(),
            lambda: [b"HLEN", key()],
            lambda: [b"HSTRLEN", key(), name()],
            lambda: [b"HEXISTS", key(), name()],
            lambda: [rng.choice([b"HKEYS", b"HVALS", b"HGETALL"]), key()],
            lambda: [b"HGETALL", key()],
            lambda: [b"HINCRBY", key(), name(), rng.choice(amounts)],
            lambda: [b"HINCRBYFLOAT", key(), name(), rng.choice(amounts)],
            lambda: [b"HRANDFIELD", key()],
            lambda: [b"HRANDFIELD", key(), self.count(rng, positive(ODD_COUNTS))]
            + maybe(rng, 0.4, b"WITHVALUES")
            + maybe(rng, 0.03, b"FOO"),
            lambda: self.scan(rng, b"HSCAN"),
            lambda: [b"OBJECT", b"ENCODING", key()],
        ]
        return rng.choice(choices)()


class SetCommands(MemberCommands):
    def members(self, rng):
        if self.large and rng.random() < 0.05:  # enough for another form, or a table
            size = rng.choice([100, 127, 128, 129, 300, 511, 512, 513])
            form = rng.choice([b"%d", b"%d", b"m%d"])
            return [form % i for i in range(size)]
        integers = rng.random() < 0.7
        return [rng.choice(INTEGERS) if integers else self.name(rng) for _ in range(rng.choice([1, 1, 2, 3, 6]))]

    def command(self, rng):
        key = lambda: self.key(rng)
        member = lambda: self.members(rng)[0]
        several = lambda: [key() for _ in range(rng.choice([1, 2, 2, 3, 4, 7]))]

        def intercard():
            keys = several()
            number = len(keys) + (rng.choice([-1, 1]) if rng.random() < 0.1 else 0)
            counted = b"%d" % number if rng.random() < 0.95 else rng.choice([b"0", b"-1", b"x", b"1000"])
            limit = maybe(rng, 0.5, b"LIMIT", lambda: self.count(rng))
            return [b"SINTERCARD", counted] + keys + limit + maybe(rng, 0.03, b"FOO") + maybe(rng, 0.03, b"LIMIT")

        choices = [
            lambda: [b"SADD", key()] + self.members(rng),
            lambda: [b"SADD", key()] + self.members(rng),
            lambda: [b"SADD", key()] + self.members(rng),
            lambda: [b"SREM", key()] + self.members(rng),
            lambda: [b"SISMEMBER", key(), member()],
            lambda: [b"SMISMEMBER", key()] + self.members(rng),
            lambda: [b"SCARD", key()],
            lambda: [b"SMEMBERS", key()],
            lambda: [b"SMOVE", key(), key(), member()],
            lambda: [b"SPOP", key()] + ([self.count(rng)] if rng.random() < 0.6 else []) + maybe(rng, 0.03, b"FOO"),
            lambda: [b"SRANDMEMBER", key()],
            lambda: [b"SRANDMEMBER", key(), self.count(rng, positive(ODD_COUNTS))] + maybe(rng, 0.03, b"FOO"),
            lambda: [rng.choice([b"SINTER", b"SUNION", b"SDIFF"])] + several(),
            lambda: [rng.choice([b"SINTERSTORE", b"SUNIONSTORE", b"SDIFFSTORE"]), key()] + several(),
            intercard,
            lambda: self.scan(rng, b"SSCAN"),
            lambda: [b"OBJECT", b"ENCODING", key()],
            lambda: [b"OBJECT", b"ENCODING", key()],
        ]
        return rng.choice(choices)()
