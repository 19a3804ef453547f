"""Whether two replies that differ are as good as each other: the order of tables, random picks, what Redis leaves open.

Everything else is a difference. What is tolerated because Ringhold answers otherwise on purpose is in
docs/differences-from-redis.md.
"""

from dataclasses import dataclass

from replies import is_error, parse

_PICKS = (b"HRANDFIELD", b"SRANDMEMBER", b"ZRANDMEMBER")


@dataclass
class Exchange:
    """A command and the replies of both sides."""

    args: list
    ours: bytes
    theirs: bytes


def same_reply(exchange, before, after):
    """`before` and `after`: the exchanges around this one, among them its witnesses."""
    name = exchange.args[0].upper()
    ours, theirs = exchange.ours, exchange.theirs
    if is_error(ours) or is_error(theirs):
        return False
    if name.startswith(b"Z") and without_minus_zero(ours) == without_minus_zero(theirs):
        return True
    if name == b"KEYS":
        return same_elements(ours, theirs)
    if name == b"RANDOMKEY":
        return parse(ours) in parse(before.ours) and parse(theirs) in parse(before.theirs)
    if name == b"DBSIZE":  # what has expired, by the clock or by a deadline in the past, may still be counted
        return all(int(e[1:]) >= len(parse(known)) for e, known in ((ours, before.ours), (theirs, before.theirs)))
    if name in (b"HGETALL", b"HKEYS", b"HVALS", b"SMEMBERS"):
        return is_table(exchange, before, after) and same_elements(ours, theirs, 2 if name == b"HGETALL" else 1)
    if name in (b"SINTER", b"SUNION", b"SDIFF"):
        return same_elements(ours, theirs)
    if name == b"SCAN":  # a page; whole iterations are the business of @scan
        return all(set(parse(e)[1]) <= set(parse(known)) for e, known in ((ours, before.ours), (theirs, before.theirs)))
    if name == b"ZSCAN":
        return same_scan(exchange, 2)
    if name in (b"HSCAN", b"SSCAN"):
        return is_table(exchange, before, after) and same_scan(exchange, 2 if name == b"HSCAN" else 1)
    if name in (b"SORT", b"SORT_RO"):
        return same_sort(exchange)
    if name in _PICKS:
        return good_picks(exchange, before)
    if name == b"SPOP":
        return good_pops(exchange, before, after)
    return False


def without_minus_zero(reply):
    """Redis's skiplists keep the sign of a score of minus zero, its listpacks do not; here it is never kept."""
    return reply.replace(b"$2\r\n-0\r\n", b"$1\r\n0\r\n").replace(b",-0\r\n", b",0\r\n")


def is_table(exchange, *witnesses):
    """Whether one of them is the OBJECT ENCODING of the same key, and says so."""
    asked = [b"OBJECT", b"ENCODING", exchange.args[1]]
    return any(w and w.args == asked and parse(w.theirs) == b"hashtable" for w in witnesses)


def grouped(elements, size):
    return sorted(zip(*[iter(elements)] * size))


def same_elements(ours, theirs, size=1):
    """Aggregates of one type with the same elements, or groups of `size` of them, in any order."""
    mine, other = parse(ours), parse(theirs)
    if ours[:1] != theirs[:1] or not isinstance(mine, list) or not isinstance(other, list):
        return False
    return len(mine) == len(other) and grouped(mine, size) == grouped(other, size)


def same_scan(exchange, size):
    """The same elements, unless the page is not the only one: where a page begins and ends is each one's own."""
    mine, other = (parse(without_minus_zero(reply)) for reply in (exchange.ours, exchange.theirs))
    if exchange.args[2] != b"0" or mine[0] != b"0" or other[0] != b"0":
        return True
    return len(mine[1]) == len(other[1]) and grouped(mine[1], size) == grouped(other[1], size)


def same_sort(exchange):
    """Sets that are not sorted, or whose elements compare as equal, come in any order; random_sorts.py names such keys so."""
    of_set = exchange.args[1].endswith((b"s:set", b"s:words", b"s:zset"))
    by = any(arg.upper() == b"BY" for arg in exchange.args)
    return of_set and by and same_elements(exchange.ours, exchange.theirs)


def picks(reply, size):
    """Random picks as a list; pairs where a value (size 2) comes with each, as pairs of their own or one after the other."""
    value = parse(reply)
    if not isinstance(value, list):
        return [value]
    if size == 1:
        return value
    pairs = value if value and isinstance(value[0], list) else zip(value[::2], value[1::2])
    return [(name, number.removeprefix(b",")) for name, number in pairs]


def same_shape(ours, theirs):
    mine, other = parse(ours), parse(theirs)
    if not isinstance(mine, list) or not isinstance(other, list):
        return isinstance(mine, list) == isinstance(other, list) and ours[:1] == theirs[:1]
    nested = lambda value: bool(value) and isinstance(value[0], list)
    return ours[:1] == theirs[:1] and len(mine) == len(other) and nested(mine) == nested(other)


def good_picks(exchange, listing):
    """As many as Redis gives, all of them members, and each once unless the count is negative."""
    args = exchange.args
    size = 2 if len(args) > 3 else 1
    mine = picks(exchange.ours, size)
    # A listing of the key: members, or pairs of them with their values, flat or (sorted sets in RESP3) nested.
    with_values = args[0].upper() != b"SRANDMEMBER"
    content = picks(listing.ours, 2 if with_values else 1)
    known = set(content) if size == 2 or not with_values else {name for name, _ in content}
    repeated = len(args) > 2 and args[2].startswith(b"-")
    return same_shape(exchange.ours, exchange.theirs) and set(mine) <= known and (repeated or len(set(mine)) == len(mine))


def good_pops(exchange, before, after):
    """As many as Redis gives, each a member, and gone afterwards."""
    mine, had, left = (picks(e.ours, 1) for e in (exchange, before, after))
    return same_shape(exchange.ours, exchange.theirs) and len(set(mine)) == len(mine) and sorted(had) == sorted(left + mine)
