"""Random SORT commands, and the keys that they read. These keys are for them alone: Redis's SORT makes a skiplist of every
sorted set that it sees.
"""

from random_strings import case

NUMBERS = [b"%d" % n for n in (0, 1, 2, 3, 7, 10, 33, -1, -5, 100)] + [b"1.5", b"-2.25", b"3.0", b"0x10", b"1e3", b"inf", b"-inf"]
WORDS = [b"a", b"b", b"c", b"aa", b"ab", b"B", b"", b"01", b"1a", b"nan", b" 1", b"\xff", b"z" * 70]
WEIGHTS = [b"5", b"1", b"1", b"-3", b"0", b"2.5", b"x", b"b", b"bb", b""]
PLACES = [b"s:list", b"s:list2", b"s:set", b"s:words", b"s:zset", b"s:string", b"s:none", b"s:hash"]
SETS = [b"s:set", b"s:words"]
# A name with a * leads to other keys.
BY = [b"s:w_*", b"s:w_*", b"s:h_*->weight", b"s:h_*->nothing", b"*", b"s:w_*->", b"s:hash->*", b"s:missing_*", b"s:h_*"]
BY_NONE = [b"nosort", b"#"]
GET = [b"s:w_*", b"s:h_*->weight", b"s:h_*->name", b"nothing", b"s:list*", b"s:h_*", b"s:w_*->"]
LIMITS = [b"0", b"1", b"2", b"5", b"-1", b"-5", b"1000", b"9223372036854775807", b"-9223372036854775808"]
ODD_OPTIONS = [[b"FOO"], [b"LIMIT", b"1"], [b"LIMIT", b"x", b"1"], [b"STORE"], [b"GET"]]


class SortCommands:
    """`patterns`: whether BY and GET may name other keys, which a cluster refuses."""

    def __init__(self, tag, patterns):
        self.tag, self.patterns = tag, patterns

    def key(self, name):
        return self.tag + name

    def pattern(self, name):
        return self.tag + name if name.startswith(b"s:") else name

    def command(self, rng):
        return self.fill(rng) if rng.random() < 0.4 else self.sort(rng)

    def fill(self, rng):
        element = lambda odds: rng.choice(WORDS) if rng.random() < odds else rng.choice(NUMBERS)
        elements = lambda odds: [element(odds) for _ in range(rng.choice([1, 3, 8, 20]))]
        key = self.key
        name = element(0.3)
        choices = [
            lambda: [b"RPUSH", key(b"s:list")] + elements(0.02),
            lambda: [b"RPUSH", key(b"s:list2")] + elements(0.5),
            lambda: [b"SADD", key(b"s:set")] + [rng.choice(NUMBERS[:10]) for _ in range(5)],
            lambda: [b"SADD", key(b"s:words")] + elements(0.8),
            lambda: [b"ZADD", key(b"s:zset")] + [x for e in elements(0.02) for x in (rng.choice(NUMBERS[:10]), e)],
            lambda: [b"SET", key(b"s:w_" + name), rng.choice(WEIGHTS)],
            lambda: [b"SET", key(b"s:w_" + name), rng.choice(WEIGHTS[:6])],
            lambda: [b"HSET", key(b"s:h_" + name), b"weight", rng.choice(WEIGHTS[:6]), b"name", rng.choice(WORDS)],
            lambda: [b"DEL", key(rng.choice(PLACES))],
            lambda: [b"LRANGE", key(rng.choice([b"s:out", b"s:list"])), b"0", b"-1"],
            lambda: [b"SET", key(b"s:string"), b"x"],
            lambda: [b"HSET", key(b"s:hash"), b"f", b"1"],
            lambda: [b"TYPE", key(b"s:out")],
        ]
        return rng.choice(choices)()

    def sort(self, rng):
        place = rng.choice(PLACES)
        by = rng.choice(BY + BY_NONE if self.patterns else BY_NONE) if rng.random() < 0.5 else None
        alpha = rng.random() < 0.5 and by != b"*"  # leads to any string, and Redis reads up to the first NUL
        options = [[case(rng, b"BY"), self.pattern(by)]] if by else []
        # In Redis, what compares as equal comes in no particular order behind BY, ALPHA and LIMIT together, and nor do the
        # elements of sets that are not sorted at all.
        unordered = by is not None and (alpha or (b"*" not in by and place in SETS))
        if rng.random() < 0.4 and not unordered:
            options.append([case(rng, b"LIMIT"), rng.choice(LIMITS), rng.choice(LIMITS)])
        if alpha:
            options.append([case(rng, b"ALPHA")])
        for _ in range(rng.choice([0, 0, 0, 1, 1, 2, 3])):
            options.append([case(rng, b"GET"), self.pattern(rng.choice(GET + [b"#"] * 2 if self.patterns else [b"#"]))])
        if rng.random() < 0.5:
            options.append([case(rng, rng.choice([b"ASC", b"DESC"]))])
        command = rng.choice([b"SORT", b"SORT", b"SORT_RO"])
        stores = rng.random() < 0.4 and (command == b"SORT" or rng.random() < 0.05)
        # What is stored would have that order; sets that are not sorted are stored sorted, though.
        if stores and not (unordered and b"*" in by and place in SETS + [b"s:zset"]):
            to = rng.choice([b"s:out", b"s:out", b"s:out", b"s:list", b"s:set"])
            options.append([case(rng, b"STORE"), self.key(to)])
        if rng.random() < 0.04:
            options.append(rng.choice(ODD_OPTIONS))
        rng.shuffle(options)
        return [command, self.key(place)] + [word for option in options for word in option]
