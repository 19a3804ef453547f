// The handlers of the store commands, by file. store_handler (handler.h) chooses among them.
#pragma once

#include "dataserver/commands/handler.h"

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

// keys.cpp: keys of any type
void copy(CommandContext& context);
void del(CommandContext& context);
void exists(CommandContext& context);
void rename(CommandContext& context);
void renamenx(CommandContext& context);
void touch(CommandContext& context);
void type(CommandContext& context);

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

// object.cpp: how a key is stored
void memory_usage(CommandContext& context);
void object_encoding(CommandContext& context);
void object_freq(CommandContext& context);
void object_idletime(CommandContext& context);
void object_refcount(CommandContext& context);

}  // namespace ringhold::handlers
