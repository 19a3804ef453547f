"""Random commands on sorted sets, edge cases weighted."""

from random_strings import case, maybe

SCORES = [b"0", b"1", b"1", b"2", b"3", b"-1", b"1.5", b"-2.25", b"1e3", b"0x10", b"3.0", b"+5", b"inf", b"-inf", b"+inf", b"Infinity"]
ODD_SCORES = [b"nan", b"", b" 1", b"1 ", b"abc", b"1e400", b"-1e400", b"1e-400", b"5e-324", b"1.7976931348623157e308", b"0.1", b"1e17"]
ODD_SCORES += [b"1e18", b"4611686018427387904", b"9223372036854775807", b"-9223372036854775808", b"123456789012345678901", b"-0", b"1\x00"]
ODD_SCORES += [b"3.0000000000000004", b"0.30000000000000004", b"1e21", b"infinit", b"(1", b"1,5", b"0x1p3", b"1e", b"--1"]
MEMBERS = [b"a", b"b", b"c", b"d", b"e", b"aa", b"ab", b"", b"1", b"2", b"10", b"01", b"-1", b"127", b"128", b"a\x00", b"\xff", b"9223372036854775807"]
INDEXES = [b"0", b"1", b"2", b"3", b"5", b"10", b"-1", b"-2", b"-3", b"-10", b"300", b"-300"]
ODD_INDEXES = [b"9223372036854775807", b"-9223372036854775808", b"-9223372036854775807", b"4611686018427387904", b"9223372036854775808", b"1.5", b"x", b"", b"+1", b" 1"]
NAMES = [b"-", b"+", b"-", b"+", b"[a", b"(a", b"[b", b"(b", b"[c", b"(d", b"[aa", b"(", b"[", b"[\xff", b"(a\x00"]
ODD_NAMES = [b"a", b"", b"--", b"+a", b"1", b"+\x00"]


def index(rng):
    return rng.choice(ODD_INDEXES) if rng.random() < 0.06 else rng.choice(INDEXES)


def name(rng):
    return rng.choice(ODD_NAMES) if rng.random() < 0.05 else rng.choice(NAMES)


def numkeys(rng, keys):
    if rng.random() < 0.05:
        return [rng.choice([b"0", b"-1", b"x", b"1000", b"", b"9223372036854775807", b"1.5"])] + keys
    return [b"%d" % (len(keys) + (rng.choice([-1, 1]) if rng.random() < 0.04 else 0))] + keys


class ZsetCommands:
    """Ranges by name among members of different scores are unspecified, and in Redis's skiplists indeed without rhyme or
    reason. So a sequence has one of three modes: small sets only, of listpacks; large ones, but no ranges by name; or one
    score alone.
    """

    def __init__(self, keys, rng):
        self.keys = keys
        self.mode = rng.choice(["small", "large", "name"])

    def score(self, rng):
        if self.mode == "name":
            return b"0"
        return rng.choice(ODD_SCORES) if rng.random() < 0.1 else rng.choice(SCORES)

    def member(self, rng):
        kind = rng.random()
        if kind < 0.85:
            return rng.choice(MEMBERS)
        if kind < 0.97:
            return b"m%d" % rng.randrange(40)
        return rng.choice([b"x", b"y"]) * rng.choice([63, 64] if self.mode == "small" else [63, 64, 65, 5000])

    def bound(self, rng):
        value = self.score(rng)
        return b"(" + value if rng.random() < 0.3 else value

    def pairs(self, rng):
        count = rng.choice([1, 1, 1, 2, 3, 6])
        if self.mode != "small" and rng.random() < 0.02:  # enough for a set that is no listpack any more
            scores = 1 if self.mode == "name" else 30
            return [x for i in range(140) for x in (b"%d" % rng.randrange(scores), b"m%d" % i)]
        return [x for _ in range(count) for x in (self.score(rng), self.member(rng))]

    def combining_options(self, rng, keys):
        options = []
        if rng.random() < 0.35:
            weights = [self.score(rng) for _ in range(len(keys) + (rng.choice([-1, 1]) if rng.random() < 0.1 else 0))]
            options += [case(rng, b"WEIGHTS")] + weights
        return options + maybe(rng, 0.35, b"AGGREGATE", lambda: case(rng, rng.choice([b"SUM", b"MIN", b"MAX", b"MAX", b"AVG"])))

    def command(self, rng):
        score, member, bound, pairs = self.score, self.member, self.bound, self.pairs
        by_name = self.mode != "large"
        key = lambda: rng.choice(self.keys[:4] if rng.random() < 0.7 else self.keys)
        several = lambda: [key() for _ in range(rng.choice([1, 2, 2, 3, 4]))]
        members = lambda: [member(rng) for _ in range(rng.choice([1, 1, 2, 4, 12]))]
        limit = lambda odds: maybe(rng, odds, b"LIMIT", lambda: index(rng), lambda: index(rng))
        scores = lambda odds: maybe(rng, odds, b"WITHSCORES")
        foo = lambda: maybe(rng, 0.03, b"FOO") or maybe(rng, 0.02, b"WITHSCORES") or maybe(rng, 0.02, b"LIMIT", b"1")

        def zadd():
            words = [b"NX", b"XX", b"GT", b"LT", b"CH", b"INCR"]
            options = [case(rng, w) for w in rng.sample(words, rng.choice([0, 0, 0, 1, 1, 2, 3]))]
            added = pairs(rng)
            if any(o.upper() == b"INCR" for o in options) and rng.random() < 0.9:
                added = added[:2]
            return [b"ZADD", key()] + options + (added[:-1] if rng.random() < 0.02 else added)

        def zrange(command, first):
            by = rng.choice([b"", b"", b"BYSCORE", b"BYLEX" if by_name else b"BYSCORE"])
            bounds = {b"": index, b"BYSCORE": bound, b"BYLEX": name}[by]
            if rng.random() < 0.03:
                bounds = rng.choice([index, bound, name])
            options = ([[case(rng, by)]] if by else []) + [maybe(rng, 0.4, b"REV"), limit(0.4 if by else 0.05)]
            options += [scores(0.4), foo()] if command == b"ZRANGE" else [foo()]
            rng.shuffle(options)
            return [command] + first + [bounds(rng), bounds(rng)] + [word for option in options for word in option]

        def combine(command, stored):
            given = several()
            takes_options = b"DIFF" not in command or rng.random() < 0.05
            options = self.combining_options(rng, given) if takes_options else []
            first = [command] + ([key()] if stored else [])
            return first + numkeys(rng, given) + options + scores(0.05 if stored else 0.5) + foo()

        def zmpop():
            given = several()
            where = [case(rng, rng.choice([b"MIN", b"MAX", b"MIN", b"MAX", b"MID"]))]
            return [b"ZMPOP"] + numkeys(rng, given) + where + maybe(rng, 0.5, b"COUNT", lambda: index(rng)) + foo()

        pattern = lambda: rng.choice([b"*", b"a*", b"m?", b"[ab]"])
        choices = [
            zadd,
            zadd,
            zadd,
            zadd,
            lambda: [b"ZADD", key()] + pairs(rng),
            lambda: [b"ZINCRBY", key(), score(rng), member(rng)],
            lambda: [b"ZREM", key()] + members(),
            lambda: [b"ZCARD", key()],
            lambda: [b"ZSCORE", key(), member(rng)],
            lambda: [b"ZMSCORE", key()] + members(),
            lambda: [b"ZCOUNT", key(), bound(rng), bound(rng)],
            lambda: [rng.choice([b"ZRANK", b"ZREVRANK"]), key(), member(rng)] + maybe(rng, 0.05, b"FOO"),
            lambda: zrange(b"ZRANGE", [key()]),
            lambda: zrange(b"ZRANGE", [key()]),
            lambda: zrange(b"ZRANGESTORE", [key(), key()]),
            lambda: [b"ZRANGE", key(), b"0", b"-1", b"WITHSCORES"],
            lambda: [rng.choice([b"ZRANGEBYSCORE", b"ZREVRANGEBYSCORE"]), key(), bound(rng), bound(rng)]
            + scores(0.4)
            + limit(0.4)
            + foo(),
            lambda: [b"ZREVRANGE", key(), index(rng), index(rng)] + scores(0.4) + foo(),
            lambda: [b"ZREMRANGEBYRANK", key(), index(rng), index(rng)],
            lambda: [b"ZREMRANGEBYSCORE", key(), bound(rng), bound(rng)],
            lambda: [rng.choice([b"ZPOPMIN", b"ZPOPMAX"]), key()] + ([index(rng)] if rng.random() < 0.6 else []) + foo(),
            zmpop,
            lambda: [b"ZRANDMEMBER", key()],
            lambda: [b"ZRANDMEMBER", key(), rng.choice(INDEXES if rng.random() < 0.9 else ODD_INDEXES[4:])]
            + scores(0.4)
            + foo(),
            lambda: [b"ZSCAN", key(), b"0", b"COUNT", b"3000"] + maybe(rng, 0.3, b"MATCH", pattern),
            lambda: [b"ZSCAN", key(), rng.choice([b"x", b"0", b"-1"]), rng.choice([b"COUNT", b"FOO", b"TYPE"])]
            + [rng.choice([b"0", b"x", b"-5"])],
            lambda: combine(rng.choice([b"ZUNION", b"ZINTER", b"ZDIFF"]), False),
            lambda: combine(rng.choice([b"ZUNIONSTORE", b"ZINTERSTORE", b"ZDIFFSTORE"]), True),
            lambda: [b"ZINTERCARD"] + numkeys(rng, several()) + maybe(rng, 0.5, b"LIMIT", lambda: index(rng)) + foo(),
            lambda: [b"OBJECT", b"ENCODING", key()],
        ]
        ranges_by_name = [
            lambda: [b"ZLEXCOUNT", key(), name(rng), name(rng)],
            lambda: [rng.choice([b"ZRANGEBYLEX", b"ZREVRANGEBYLEX"]), key(), name(rng), name(rng)] + limit(0.4) + foo(),
            lambda: [b"ZREMRANGEBYLEX", key(), name(rng), name(rng)],
        ]
        args = rng.choice(choices + ranges_by_name * (1 if self.mode == "small" else 4) * by_name)()
        # A plain set's members would come in with the score 1.
        return args if self.mode != "name" or not args[0].endswith((b"ONSTORE", b"ERSTORE")) else [b"ZCARD", key()]
