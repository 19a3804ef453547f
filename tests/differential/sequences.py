"""Random sequences of commands: of one type each, among commands on all keys, or of all types together."""

import random
import re

from random_bits import BitCommands
from random_lists import ListCommands
from random_members import HashCommands, SetCommands
from random_mistakes import mistaken
from random_sorts import SortCommands
from random_strings import ADVANCES, TIME_STEP_MS, StringCommands
from random_zsets import ZsetCommands

LENGTH = 500
TYPES = ("string", "list", "hash", "set", "zset", "sort", "bitmap", "mixed", "mistakes")
MANY_TYPES = ("mixed", "mistakes")

_NAMES = [b"a", b"b", b"c", b"d", b"{t}1", b"{t}2", b"", b"ab-]\xe0"]
# Of slot 0, like the empty key, which can then take part.
_TAG_OF_SLOT_0 = b"{06S}"
# A random pick repeats members without end if it is told so by a negative count.
_PICKS = (b"SRANDMEMBER", b"HRANDFIELD", b"ZRANDMEMBER")
_PICKED_MAX = 10_000
# The offset of a bit that makes a string of many megabytes, which is slow and tells nothing.
_BITS_MAX = 1_000_000
_ALL_BITS = 1 << 32
_WITH_MILLISECONDS = (b"SET", b"GETEX", b"PSETEX", b"PEXPIRE", b"PEXPIREAT")
_TIMES_MAX = 10**15
# Redis reads the names of options up to the first NUL.
_OPTION_AND_NUL = re.compile(rb"(xx|nx|ex|px)\0", re.IGNORECASE)
# Redis overflows itself where it looks whether such a value is below the field's range.
_SATURATES_WRONG = -(1 << 62)


def sequence(seed, of_type, number, tagged):
    """The lines of one sequence; the same arguments give the same one. `tagged`: one hash tag in all keys, for a cluster."""
    rng = random.Random(f"{seed} {of_type} {number} {tagged}")
    tag = b"" if not tagged else _TAG_OF_SLOT_0 if number % 8 == 0 else b"{%d}" % rng.randrange(10**6)
    keys = [name if tag == _TAG_OF_SLOT_0 and not name else tag + name for name in _NAMES]
    draw = commands_of(rng, of_type, keys, tag, calm=number % 3 > 0)
    lines = [[b"@resp", b"3"]] if number % 2 else []
    while len(lines) < LENGTH:
        if rng.random() < 0.04:
            lines.append([b"@advance", b"%d" % rng.choice(ADVANCES)])
        elif rng.random() < 0.005:
            lines.append([b"@resp", rng.choice([b"2", b"3"])])
        elif is_comparable(args := draw()):
            lines.append(args)
    return lines


def commands_of(rng, of_type, keys, tag, calm):
    """A function that draws a command: three in four of the type, the others those of all keys and of strings.

    `calm`: most keys have one type, so that values grow old; otherwise they change it all the time.
    """
    own = {kind: [tag + kind.encode() + b"%d" % i for i in range(3)] * calm for kind in TYPES}
    keys_of = lambda kind: own[kind] * 6 + keys
    everything = [key for of_kind in own.values() for key in of_kind] + keys
    general = StringCommands(keys_of("string"), everything if of_type in MANY_TYPES else keys_of(of_type), tag)
    kinds = {
        "string": general.command,
        "list": ListCommands(keys_of("list")).command,
        "hash": HashCommands(keys_of("hash"), rng).command,
        "set": SetCommands(keys_of("set"), rng).command,
        "zset": ZsetCommands(keys_of("zset"), rng).command,
        "sort": SortCommands(tag, patterns=not tag).command,
        "bitmap": BitCommands(keys_of("bitmap")).command,
    }
    several = list(kinds.values())

    def draw():
        if rng.random() < 0.25:
            return general.command(rng)
        if of_type in kinds:
            return kinds[of_type](rng)
        args = rng.choice(several)(rng)
        return mistaken(rng, args, keys) if of_type == "mistakes" and rng.random() < 0.6 else args

    return draw


def is_comparable(args):
    """Not one of those that Ringhold alone knows, or answers otherwise on purpose, or that only cost time."""
    name = args[0].upper()
    if is_short_form(name, args) or any(map(_OPTION_AND_NUL.match, args)):
        return False
    if name in _PICKS and len(args) > 2:
        return number_of(args[2]) > -_PICKED_MAX or number_of(args[2]) < -(1 << 63)
    if name in (b"SETBIT", b"SETRANGE", b"BITFIELD"):
        numbers = list(map(number_of, args[2:]))
        saturates = any(arg.upper() == b"SAT" for arg in args)
        return not any(_BITS_MAX < n < _ALL_BITS or saturates and n < _SATURATES_WRONG for n in numbers)
    if name in _WITH_MILLISECONDS:
        return all(number_of(ms) % TIME_STEP_MS == 0 or not 0 < number_of(ms) < _TIMES_MAX for ms in milliseconds(args))
    if name == b"LPOS":
        return b"-9223372036854775808" not in args
    return True


def milliseconds(args):
    """What may be a time among the arguments of a command with such times."""
    if args[0].upper() not in (b"SET", b"GETEX"):
        return args[2:3]
    return [after for word, after in zip(args, args[1:]) if word.upper() in (b"PX", b"PXAT")]


def is_short_form(name, args):
    if name == b"SET":
        return len(args) == 4 and re.fullmatch(rb"-?\d+", args[3])
    return (name, len(args)) in ((b"KEYS", 1), (b"TTL", 3), (b"LREM", 3))


def number_of(arg):
    try:
        return int(arg)
    except ValueError:
        return 0
