"""Commands that are sent around another one, so that its reply can be judged by what they say.

They go out in the same batch: nothing has to be asked later, when what the reply depended on may be gone.
"""

_LISTINGS = {
    b"SPOP": [b"SMEMBERS"],
    b"SRANDMEMBER": [b"SMEMBERS"],
    b"HRANDFIELD": [b"HGETALL"],
    b"ZRANDMEMBER": [b"ZRANGE", b"0", b"-1", b"WITHSCORES"],
}
_IN_ANY_ORDER = (b"HGETALL", b"HKEYS", b"HVALS", b"SMEMBERS", b"HSCAN", b"SSCAN")
_OF_THE_KEYSPACE = (b"RANDOMKEY", b"DBSIZE", b"SCAN")
# Redis's SORT takes an error that strtod reported any time before for one of its own; ZADD clears it.
_CLEARS_ERRNO = [b"ZADD", b"nobody's key", b"XX", b"1", b"x"]


def around(args):
    """The commands to send before and after this one."""
    name = args[0].upper()
    encoding = [b"OBJECT", b"ENCODING", *args[1:2]]
    if name in _LISTINGS and len(args) > 1:
        listing, *options = _LISTINGS[name]
        listing = [listing, args[1], *options]
        return [encoding, listing], [listing, encoding] if name == b"SPOP" else []
    if name in _IN_ANY_ORDER and len(args) > 1:
        return [], [encoding]
    if name in _OF_THE_KEYSPACE:
        return [[b"KEYS", b"*"]], []
    if name.startswith(b"SORT"):
        return [_CLEARS_ERRNO], []
    return [], []
