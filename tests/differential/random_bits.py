"""Random commands on the bits of strings, edge cases weighted."""

from random_strings import NUMBERS, random_value

OFFSETS = [b"0", b"1", b"7", b"8", b"9", b"15", b"63", b"64", b"65", b"100", b"1000", b"8191", b"70000", b"-1", b"#1"]
FAR = [b"4294967296", b"99999999999", b"9223372036854775807", b"-9223372036854775808", b"1.5", b"abc", b"", b"01"]
RANGE = [b"0", b"1", b"-1", b"2", b"-2", b"5", b"-5", b"8", b"9", b"-9", b"63", b"64", b"-64", b"200", b"-200", b"9000"]
UNITS = [b"BYTE", b"BIT", b"bit", b"Byte", b"BIT", b"bits", b""]
BITS = [b"0", b"1", b"0", b"1", b"0", b"1", b"2", b"-1", b"x", b""]
SOURCES = [1, 1, 2, 2, 3, 17]


class BitCommands:
    def __init__(self, keys):
        self.keys = keys

    def value(self, rng):
        """Strings of whole words and others, some of them full of ones or zeros."""
        if rng.random() < 0.5:
            return random_value(rng)
        size = rng.choice([1, 7, 8, 9, 31, 32, 33, 250, 300, 2000])
        bits = bytearray(rng.choice([b"\x00", b"\xff"]) * size)
        if rng.random() < 0.6:
            bits[rng.randrange(size)] = rng.choice([0x00, 0x01, 0x80, 0x10, 0xFE, 0xFF])
        return bytes(bits)

    def offset(self, rng):
        return rng.choice(FAR) if rng.random() < 0.1 else rng.choice(OFFSETS)

    def range(self, rng):
        return rng.choice(NUMBERS) if rng.random() < 0.05 else rng.choice(RANGE)

    def field_type(self, rng):
        if rng.random() < 0.05:
            return rng.choice([b"i0", b"u0", b"i65", b"u64", b"x8", b"", b"i", b"u08", b"U8"])
        bits = rng.choice([1, 2, 3, 5, 7, 8, 9, 16, 31, 32, 33, 62, 63, rng.randrange(1, 64)])
        kind = rng.choice([b"i", b"u"])
        return b"i64" if kind == b"i" and rng.random() < 0.1 else kind + str(bits).encode()

    def field_value(self, rng):
        if rng.random() < 0.3:
            return rng.choice(NUMBERS)
        power = 1 << rng.randrange(0, 63)
        return str(rng.choice([1, -1]) * power + rng.randrange(-1, 2)).encode()

    def field_offset(self, rng):
        offset = self.offset(rng)
        # Redis 7.0 lets "#" wrap around.
        near = len(offset) < 10 and not offset.startswith((b"#", b"-"))
        return b"#" + offset if near and rng.random() < 0.3 else offset

    def field(self, rng):
        place = [self.field_type(rng), self.field_offset(rng)]
        return rng.choice(
            [
                lambda: [rng.choice([b"GET", b"get"])] + place,
                lambda: [b"SET"] + place + [self.field_value(rng)],
                lambda: [b"INCRBY"] + place + [self.field_value(rng)],
                lambda: [b"INCRBY"] + place + [self.field_value(rng)],
                lambda: [b"OVERFLOW", rng.choice([b"WRAP", b"SAT", b"FAIL", b"sat", b"fail"])],
                lambda: [rng.choice([b"OVERFLOW", b"foo", b"GET", b"SET"])] + [b"u8"] * rng.randrange(3)
                if rng.random() < 0.1
                else [b"GET"] + place,
            ]
        )()

    def fields(self, rng):
        return [word for _ in range(rng.randrange(6)) for word in self.field(rng)]

    def command(self, rng):
        key = lambda: rng.choice(self.keys)
        bounds = lambda least, most: [self.range(rng) for _ in range(rng.randrange(least, most + 1))]
        unit = lambda: [rng.choice(UNITS)] if rng.random() < 0.7 else []
        choices = [
            lambda: [b"SET", key(), self.value(rng)],
            lambda: [b"SET", key(), self.value(rng)],
            lambda: [b"SETBIT", key(), self.offset(rng), rng.choice(BITS)],
            lambda: [b"SETBIT", key(), self.offset(rng), rng.choice(BITS)],
            lambda: [b"GETBIT", key(), self.offset(rng)],
            lambda: [b"BITCOUNT", key()] + bounds(0, 2),
            lambda: [b"BITCOUNT", key()] + bounds(2, 2) + unit() + unit() * (rng.random() < 0.05),
            lambda: [b"BITPOS", key(), rng.choice(BITS)] + bounds(0, 2),
            lambda: [b"BITPOS", key(), rng.choice(BITS)] + bounds(2, 2) + unit() + unit() * (rng.random() < 0.05),
            lambda: [b"BITOP", rng.choice([b"AND", b"or", b"XOR", b"foo"]), key()]
            + [key() for _ in range(rng.choice(SOURCES))],
            lambda: [b"BITOP", b"NOT", key(), key()] + [key()] * (rng.random() < 0.1),
            lambda: [b"BITFIELD", key()] + self.fields(rng),
            lambda: [b"BITFIELD", key()] + self.fields(rng),
            lambda: [b"BITFIELD_RO", key()]
            + [x for _ in range(rng.randrange(4)) for x in (b"GET", self.field_type(rng), self.field_offset(rng))],
            lambda: [b"BITFIELD_RO", key()] + self.fields(rng),
            lambda: [b"GET", key()],
            lambda: [b"OBJECT", b"ENCODING", key()],
            lambda: [b"LPUSH", key(), b"x"] if rng.random() < 0.3 else [b"DEL", key()],
        ]
        return rng.choice(choices)()
