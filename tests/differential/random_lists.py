"""Random list commands, edge cases weighted."""

from random_strings import NUMBERS, random_value

ITEMS = [b"a", b"b", b"", b"1", b"01", b"-1", b"127", b"128", b"-4097", b"9223372036854775807", b"9223372036854775808"]
ENDS = [b"LEFT", b"RIGHT", b"left", b"Right", b"LEFT", b"RIGHT", b"up", b""]
INDEXES = [b"0", b"1", b"2", b"-1", b"-2", b"-3", b"5", b"-6", b"20", b"300", b"-300"]
LEAST = b"-9223372036854775808"


class ListCommands:
    def __init__(self, keys):
        self.keys = keys

    def item(self, rng):
        """Few different ones, so that some are equal; now and then one that fills a node, or more."""
        kind = rng.random()
        if kind < 0.7:
            return rng.choice(ITEMS)
        if kind < 0.97:
            return random_value(rng)
        return rng.choice([b"x", b"y"]) * rng.choice([4000, 8191, 8192, 9000, 20000])

    def index(self, rng):
        return rng.choice(NUMBERS) if rng.random() < 0.2 else rng.choice(INDEXES)

    def lmpop(self, rng):
        keys = [rng.choice(self.keys) for _ in range(rng.randrange(1, 4))]
        count = str(len(keys)).encode() if rng.random() < 0.9 else self.index(rng)
        options = [rng.choice([b"COUNT", b"count", b"foo"]), self.index(rng)] if rng.random() < 0.5 else []
        if rng.random() < 0.05:
            options += [b"COUNT", b"1"]
        return [b"LMPOP", count] + keys + [rng.choice(ENDS)] + options

    def lpos(self, rng, key):
        options = []
        for word in (b"RANK", b"COUNT", b"maxlen", b"foo"):
            value = self.index(rng)
            # RANK -2^63 is none to Redis 7.0, which cannot negate it.
            if rng.random() < (0.05 if word == b"foo" else 0.4) and not (word == b"RANK" and value == LEAST):
                options += [word, value]
        return [b"LPOS", key, rng.choice(ITEMS)] + options

    def command(self, rng):
        key = lambda: rng.choice(self.keys)
        item = lambda: self.item(rng)
        items = lambda: [item() for _ in range(rng.choice([1, 1, 2, 3, 5, 40]))]
        index = lambda: self.index(rng)
        end = lambda: rng.choice(ENDS)
        choices = [
            lambda: [rng.choice([b"LPUSH", b"RPUSH"]), key()] + items(),
            lambda: [rng.choice([b"LPUSH", b"RPUSH"]), key()] + items(),
            lambda: [rng.choice([b"LPUSHX", b"RPUSHX"]), key()] + items(),
            lambda: [rng.choice([b"LPOP", b"RPOP"]), key()],
            lambda: [rng.choice([b"LPOP", b"RPOP"]), key(), index(), b"x"][: rng.choice([3, 3, 3, 3, 4])],
            lambda: [b"LLEN", key()],
            lambda: [b"LINDEX", key(), index()],
            lambda: [b"LRANGE", key(), index(), index()],
            lambda: [b"LRANGE", key(), b"0", b"-1"],
            lambda: [b"LREM", key(), index(), item()],
            lambda: [b"LREM", key(), rng.choice([b"0", b"1", b"-1", b"2", b"-2"]), rng.choice(ITEMS)],
            lambda: [b"LSET", key(), index(), item()],
            lambda: [b"LINSERT", key(), rng.choice([b"BEFORE", b"after", b"foo"]), rng.choice(ITEMS), item()],
            lambda: [b"LTRIM", key(), index(), index()],
            lambda: self.lpos(rng, key()),
            lambda: [b"LMOVE", key(), key(), end(), end()],
            lambda: [b"RPOPLPUSH", key(), key()],
            lambda: self.lmpop(rng),
            lambda: [b"OBJECT", b"ENCODING", key()],
        ]
        return rng.choice(choices)()
