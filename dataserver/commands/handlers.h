// The handlers of the store commands, by file. store_handler (handler.h) chooses among them.
#pragma once

#include "dataserver/commands/handler.h"

namespace ringhold {

// Null for commands that are not on sorted sets.
Handler zset_handler(CommandId id);

}  // namespace ringhold

namespace ringhold::handlers {

// strings.cpp: whole values
void get(CommandContext& context);
void getdel(CommandContext& context);
void getex(CommandContext& context);
void getset(CommandContext& context);
void mget(CommandContext& context);
void mset(CommandContext& context);
void msetnx(CommandContext& context);
void psetex(CommandContext& context);
void set(CommandContext& context);
void setex(CommandContext& context);
void setnx(CommandContext& context);

// string_parts.cpp: parts of values, and numbers
void append(CommandContext& context);
void decr(CommandContext& context);
void decrby(CommandContext& context);
void getrange(CommandContext& context);
void incr(CommandContext& context);
void incrby(CommandContext& context);
void incrbyfloat(CommandContext& context);
void lcs(CommandContext& context);
void setrange(CommandContext& context);
void strlen(CommandContext& context);

// bitmaps.cpp, bitfield.cpp
void bitcount(CommandContext& context);
void bitfield(CommandContext& context);
void bitfield_ro(CommandContext& context);
void bitop(CommandContext& context);
void bitpos(CommandContext& context);
void getbit(CommandContext& context);
void setbit(CommandContext& context);

// lists.cpp, list_moves.cpp, lpos.cpp
void lindex(CommandContext& context);
void linsert(CommandContext& context);
void llen(CommandContext& context);
void lmove(CommandContext& context);
void lmpop(CommandContext& context);
void lpop(CommandContext& context);
void lpos(CommandContext& context);
void lpush(CommandContext& context);
void lpushx(CommandContext& context);
void lrange(CommandContext& context);
void lrem(CommandContext& context);
void lset(CommandContext& context);
void ltrim(CommandContext& context);
void rpop(CommandContext& context);
void rpoplpush(CommandContext& context);
void rpush(CommandContext& context);
void rpushx(CommandContext& context);

// zsets.cpp: single members
void zadd(CommandContext& context);
void zcard(CommandContext& context);
void zincrby(CommandContext& context);
void zmscore(CommandContext& context);
void zrank(CommandContext& context);
void zrem(CommandContext& context);
void zrevrank(CommandContext& context);
void zscore(CommandContext& context);

// zset_ranges.cpp
void zcount(CommandContext& context);
void zlexcount(CommandContext& context);
void zrange(CommandContext& context);
void zrangebylex(CommandContext& context);
void zrangebyscore(CommandContext& context);
void zrangestore(CommandContext& context);
void zremrangebylex(CommandContext& context);
void zremrangebyrank(CommandContext& context);
void zremrangebyscore(CommandContext& context);
void zrevrange(CommandContext& context);
void zrevrangebylex(CommandContext& context);
void zrevrangebyscore(CommandContext& context);

// zset_takes.cpp: the first, the last, random ones
void zmpop(CommandContext& context);
void zpopmax(CommandContext& context);
void zpopmin(CommandContext& context);
void zrandmember(CommandContext& context);
void zscan(CommandContext& context);

// zset_algebra.cpp
void zdiff(CommandContext& context);
void zdiffstore(CommandContext& context);
void zinter(CommandContext& context);
void zintercard(CommandContext& context);
void zinterstore(CommandContext& context);
void zunion(CommandContext& context);
void zunionstore(CommandContext& context);

// hashes.cpp: single fields
void hdel(CommandContext& context);
void hexists(CommandContext& context);
void hget(CommandContext& context);
void hincrby(CommandContext& context);
void hincrbyfloat(CommandContext& context);
void hlen(CommandContext& context);
void hmget(CommandContext& context);
void hmset(CommandContext& context);
void hset(CommandContext& context);
void hsetnx(CommandContext& context);
void hstrlen(CommandContext& context);

// hash_listing.cpp: many fields
void hgetall(CommandContext& context);
void hkeys(CommandContext& context);
void hrandfield(CommandContext& context);
void hscan(CommandContext& context);
void hvals(CommandContext& context);

// sets.cpp: single members
void sadd(CommandContext& context);
void scard(CommandContext& context);
void sismember(CommandContext& context);
void smembers(CommandContext& context);
void smismember(CommandContext& context);
void smove(CommandContext& context);
void srem(CommandContext& context);

// set_algebra.cpp: several sets
void sdiff(CommandContext& context);
void sdiffstore(CommandContext& context);
void sinter(CommandContext& context);
void sintercard(CommandContext& context);
void sinterstore(CommandContext& context);
void sunion(CommandContext& context);
void sunionstore(CommandContext& context);

// set_picks.cpp: random members, a few members
void spop(CommandContext& context);
void srandmember(CommandContext& context);
void sscan(CommandContext& context);

// keys.cpp: keys of any type
void copy(CommandContext& context);
void del(CommandContext& context);
void exists(CommandContext& context);
void rename(CommandContext& context);
void renamenx(CommandContext& context);
void touch(CommandContext& context);
void type(CommandContext& context);

// sort.cpp
void sort(CommandContext& context);
void sort_ro(CommandContext& context);

// expiry.cpp
void expire(CommandContext& context);
void expireat(CommandContext& context);
void expiretime(CommandContext& context);
void persist(CommandContext& context);
void pexpire(CommandContext& context);
void pexpireat(CommandContext& context);
void pexpiretime(CommandContext& context);
void pttl(CommandContext& context);
void ttl(CommandContext& context);

// keyspace.cpp: all keys
void active_expiry(CommandContext& context);  // DEBUG SET-ACTIVE-EXPIRE
void dbsize(CommandContext& context);
void flush(CommandContext& context);
void keys(CommandContext& context);
void randomkey(CommandContext& context);
void scan(CommandContext& context);

// rest.cpp: what HTTP requests become
void rest_delete(CommandContext& context);
void rest_get(CommandContext& context);
void rest_head(CommandContext& context);
void rest_put(CommandContext& context);

// object.cpp: how a key is stored
void memory_usage(CommandContext& context);
void object_encoding(CommandContext& context);
void object_freq(CommandContext& context);
void object_idletime(CommandContext& context);
void object_refcount(CommandContext& context);

}  // namespace ringhold::handlers
