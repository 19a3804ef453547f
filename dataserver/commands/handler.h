// How a command meets the store.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "common/base/ids.h"
#include "common/command/command_id.h"
#include "common/resp/reply_writer.h"

namespace ringhold {

class Store;

// What a command that works on keys can see. It must be a function of this alone: the same entry is applied
// by every replica, later.
struct CommandContext {
  std::span<const std::string_view> args;  // full form (short forms were rewritten); arity is right
  ReplyWriter& reply;                      // exactly one reply is written
  Store& store;
  UnixMs now;          // the shard's log time: "now" for deadlines
  std::uint64_t seed;  // for random picks
  // There is a topology, by which other keys may be elsewhere: SORT must not look for them.
  bool clustered = false;
};

using Handler = void (*)(CommandContext&);

// The handler of a command on keys (or on the whole keyspace: DBSIZE, KEYS, SCAN, FLUSHALL, RANDOMKEY); null
// for other commands.
Handler store_handler(CommandId id);

}  // namespace ringhold
